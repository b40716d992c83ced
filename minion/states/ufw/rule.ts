/** A rule of ufw as words, in the order of ufw's full syntax. */
import type { Reader } from '../../system/reader.ts'
import type { RuleArguments } from './ufw.ts'

const unquoted = (value: string | undefined): string | undefined => value?.replace(/^(["'])(.*)\1$/s, '$2')

/** @returns what went wrong, as text */
export async function ruleWords(wanted: RuleArguments, look: Reader): Promise<string[] | string> {
  const app = anyAs(wanted.app)
  const toPort = anyAs(wanted.to_port)
  const from = await addressOf(wanted.from_addr, look)
  if (from === undefined) return `The host ${wanted.from_addr} has no address`
  const to = wanted.to_addr ?? 'any'
  const note = unquoted(wanted.comment)
  const comment = note === undefined || note === '' ? [] : ['comment', note]
  if (app !== undefined) return ['from', from, 'to', to, 'app', app, ...comment]
  if (wanted.interface !== undefined) return ['in', 'on', wanted.interface, ...comment]
  return [
    ...(wanted.protocol === undefined ? [] : ['proto', wanted.protocol]),
    ...['from', from],
    ...(wanted.from_port === undefined ? [] : ['port', wanted.from_port]),
    ...['to', to],
    ...(toPort === undefined ? [] : ['port', toPort]),
    ...comment,
  ]
}

function anyAs(value: string | undefined): string | undefined {
  const plain = unquoted(value)?.trim()
  return plain === '*' || plain === '' ? undefined : plain
}

async function addressOf(host: string | undefined, look: Reader): Promise<string | undefined> {
  if (host === undefined || host === 'any' || /^[0-9:]/.test(host) || /^[0-9a-fA-F]*:/.test(host))
    return host ?? 'any'
  const { code, stdout } = await look.commands.query(['getent', 'ahostsv4', host])
  return code === 0 ? stdout.split(/\s/)[0] : undefined
}
