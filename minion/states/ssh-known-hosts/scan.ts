/** Asking a host for its keys, by ssh-keyscan. Nothing tells that the answer is the host's own: a fingerprint does. */
import type { Reader } from '../../system/reader.ts'
import { type HostKey, parseLine } from './known-hosts-line.ts'

export interface ScanWish {
  readonly name: string
  readonly port: number | undefined
  /** `ssh-ed25519`; undefined: all kinds that ssh-keyscan asks for. */
  readonly enc: string | undefined
  /** Seconds. */
  readonly timeout: number
}

const scanWords: Readonly<Record<string, string>> = {
  'ssh-rsa': 'rsa',
  'ssh-dss': 'dsa',
  'ssh-ed25519': 'ed25519',
}

/** @returns what is wrong, as text */
export async function scanKeys(
  { name, port, enc, timeout }: ScanWish,
  look: Reader,
): Promise<HostKey[] | string> {
  const words = [
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(enc === undefined ? [] : ['-t', scanWords[enc] ?? (enc.startsWith('ecdsa') ? 'ecdsa' : enc)]),
    '-T',
    String(timeout),
    '--',
    name,
  ]
  // It asks for each kind of key in turn, and waits that long for each.
  const { code, stdout, stderr } = await look.commands.query(['ssh-keyscan', ...words], {
    timeout: (timeout + 1) * 6_000,
  })
  if (code === 127)
    return 'ssh-keyscan is not installed\n  hint: Install it in an earlier state (openssh-client), or give "key".'
  const keys = stdout.split('\n').flatMap((line) => parseLine(line) ?? [])
  // A host is asked for all kinds at once, and answers in any order.
  const sorted = keys
    .map(({ enc: kind, key }) => ({ enc: kind, key }))
    .sort((one, other) => (one.enc < other.enc ? -1 : 1))
  if (sorted.length > 0) return sorted
  const said = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .at(-1)
  return `Unable to receive remote host keys${said === undefined ? '' : `: ${said.trim()}`}`
}
