/** network.system: the name of the machine. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything, textList } from '../../../shared/schema/collections.ts'
import { inOneLine } from '../../../shared/schema/in-one-line.ts'
import { flag, readText, text } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
} from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { linesOf, readTextFile, type TextFile, textOf, writeTextFile } from '../text-file.ts'

const hostName = shaped<string>({
  words: 'host name',
  json: { type: 'string' },
  read(value) {
    const read = readText(value)
    return read !== undefined &&
      read.length <= 253 &&
      /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63})*\.?$/.test(read)
      ? read.replace(/\.$/, '')
      : new Mismatch(`a host name is expected, not ${describeValue(value)}`)
  },
})

const redHatOnly = 'Only on RedHat, where /etc/sysconfig/network keeps it; nothing elsewhere.'
const args = v.strictObject({
  name: needed(text, 'Name of the state.'),
  hostname: optional(hostName, 'Name of the machine; what stands behind the first dot is the domain.'),
  apply_hostname: defaulted(flag, true, 'False: only from the next start on.'),
  enabled: optional(flag, redHatOnly),
  gateway: optional(inOneLine(text), redHatOnly),
  gatewaydev: optional(inOneLine(text), redHatOnly),
  nozeroconf: optional(flag, redHatOnly),
  nisdomain: optional(inOneLine(text), redHatOnly),
  retain_settings: defaulted(flag, true, 'Accepted for trees of Salt; settings that are not named stay.'),
  require_reboot: optional(flag, redHatOnly),
  search: optional(inOneLine(textList), 'Domains that names are looked up in, in /etc/resolv.conf.'),
  order: optional(anything, 'Accepted for trees of Salt.'),
})
type Arguments = v.InferOutput<typeof args>

export const system = stateFunction({
  summary: 'Makes sure that the machine has this name, now and after the next start.',
  args,
  examples: ['network:\n  network.system:\n    - hostname: web1.example.org\n    - apply_hostname: True\n'],
  check,
})

interface Edit {
  readonly file: TextFile
  readonly text: string
}

async function check(wanted: Arguments, look: Reader, _run: StateRun): Promise<Decision> {
  const isRedHat = look.grains.get('os_family') === 'RedHat'
  const edits: Edit[] = []
  const changes: Record<string, Plain> = {}
  const settings: string[] = []
  for (const planned of [
    await nameEdit(wanted, look),
    await searchEdit(wanted, look),
    isRedHat ? await redHatEdit(wanted, look) : undefined,
  ]) {
    if (planned === undefined) continue
    if (planned.kind === 'failed') return failed(planned.comment)
    if (planned.text === planned.file.text) continue
    edits.push(planned)
    settings.push(...planned.told)
  }
  if (settings.length > 0) changes.network_settings = settings
  const short = wanted.hostname?.split('.')[0]
  const running =
    short === undefined
      ? undefined
      : Buffer.from(await look.files.read('/proc/sys/kernel/hostname'))
          .toString('utf8')
          .trim()
  const renames = wanted.apply_hostname && running !== undefined && running.split('.')[0] !== short
  if (renames) changes.hostname = { old: running ?? '', new: short ?? '' }
  if (Object.keys(changes).length === 0) return inSync('Global network settings are up to date.')
  return drift(
    changes,
    { would: 'Global network settings are set to be updated.', done: 'Global network settings are updated.' },
    async (act): Promise<Applied | undefined> => {
      for (const { file, text: after } of edits) await writeTextFile(file, after, act, { mode: 0o644 })
      return renames ? rename(short ?? '', running ?? '', act) : undefined
    },
  )
}

async function rename(name: string, before: string, act: Changer): Promise<Applied | undefined> {
  const { code, stderr } = await act.commands.run(['hostname', name], {
    undo: [{ argv: ['hostname', before] }],
  })
  return code === 0
    ? undefined
    : { ok: false, comment: `hostname ${name} failed: ${saidBy({ code, stderr })}` }
}

type Planned = { readonly kind: 'edit'; readonly told: readonly string[] } & Edit

async function nameEdit({ hostname }: Arguments, look: Reader) {
  if (hostname === undefined) return undefined
  const file = await readTextFile('/etc/hostname', look)
  if (file.kind !== 'text') return file
  // RedHat keeps the whole name here, others the first part.
  const name = look.grains.get('os_family') === 'RedHat' ? hostname : (hostname.split('.')[0] ?? hostname)
  const now = linesOf(file.text)
    .find((line) => line.trim() !== '' && !line.startsWith('#'))
    ?.trim()
  const after = now === name ? file.text : `${name}\n`
  return { kind: 'edit', file, text: after, told: [`hostname: ${name}`] } satisfies Planned
}

async function searchEdit({ search }: Arguments, look: Reader) {
  if (!search || search.length === 0) return undefined
  const file = await readTextFile('/etc/resolv.conf', look)
  if (file.kind !== 'text') return file
  const line = `search ${search.join(' ')}`
  const lines = linesOf(file.text)
  const at = lines.findLastIndex((one) => /^\s*(?:search|domain)\s/.test(one))
  if (lines[at]?.trim().replace(/\s+/g, ' ') === line) return undefined
  if (file.path.startsWith('/run/'))
    return failed(
      `/etc/resolv.conf is ${file.path}, which another program writes`,
      'Set the domains where that program has them (Domains= in /etc/systemd/resolved.conf).',
    )
  return {
    kind: 'edit',
    file,
    text: textOf(at < 0 ? [...lines, line] : lines.with(at, line)),
    told: [line],
  } satisfies Planned
}

async function redHatEdit(wanted: Arguments, look: Reader) {
  const file = await readTextFile('/etc/sysconfig/network', look)
  if (file.kind !== 'text') return file
  const yes = (value: boolean | undefined): string | undefined =>
    value === undefined ? undefined : value ? 'yes' : 'no'
  const settings = Object.entries({
    NETWORKING: yes(wanted.enabled),
    HOSTNAME: wanted.hostname,
    GATEWAY: wanted.gateway,
    GATEWAYDEV: wanted.gatewaydev,
    NOZEROCONF: yes(wanted.nozeroconf),
    NISDOMAIN: wanted.nisdomain,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined)
  let lines = linesOf(file.text)
  const told: string[] = []
  for (const [key, value] of settings) {
    const line = `${key}=${value}`
    const at = lines.findLastIndex((one) => one.trim().startsWith(`${key}=`))
    if (lines[at]?.trim().replace(/["']/g, '') === line) continue
    lines = at < 0 ? [...lines, line] : lines.with(at, line)
    told.push(line)
  }
  return { kind: 'edit', file, text: told.length > 0 ? textOf(lines) : file.text, told } satisfies Planned
}
