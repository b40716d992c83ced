/** The file of known hosts, of a user or of the whole machine: the lines in it, and writing them back. */
import { dirname, join } from 'node:path'
import type * as v from 'valibot'
import { optional } from '../../../shared/schema/argument.ts'
import { accountName, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { withAccountsAfter } from '../accounts-after.ts'
import { type ArgumentRefusal, type Failed, failed, type StateRun } from '../contract.ts'
import { linesOf, readTextFile, type TextFile, textOf, writeTextFile } from '../text-file.ts'
import { fingerprintOf, type HostKey, isOf, lookedFor, parseLine } from './known-hosts-line.ts'

export const portEntry = shaped<number>({
  words: 'port',
  json: { type: 'integer', minimum: 1, maximum: 65_535 },
  read(value) {
    const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value
    return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536
      ? port
      : new Mismatch(`a port is expected, not ${describeValue(value)}`)
  },
})

export const fileEntries = {
  user: optional(accountName, 'Whose SSH knows the host. Not given: that of every user of the machine.'),
  config: optional(
    nonEmptyText,
    'The file, below the home directory; default `.ssh/known_hosts`, without a user `/etc/ssh/ssh_known_hosts`.',
  ),
  port: optional(portEntry, 'Port of the SSH server where it is not 22.'),
  fingerprint_hash_type: optional(text, 'Accepted for trees of Salt: the kind shows in the fingerprint.'),
}
export interface FileWish {
  readonly name: string
  readonly user?: string
  readonly config?: string
  readonly port?: number
}
export type FileEntries = { [Name in keyof typeof fileEntries]: v.InferOutput<(typeof fileEntries)[Name]> }

export function refuseFile({ name, user, config }: FileWish): ArgumentRefusal | undefined {
  if (/^-|[\s,|#*?!]/.test(name)) return { argument: 'name', reason: `"${name}" is no host name or address` }
  return user === undefined && config !== undefined && !config.startsWith('/')
    ? { argument: 'config', reason: 'without a user it has to be an absolute path' }
    : undefined
}

export interface KnownHosts {
  readonly kind: 'known-hosts'
  readonly file: TextFile
  /** As Salt names it in its comments. */
  readonly shown: string
  readonly lines: readonly string[]
  /** Lines of the host, by their numbers. */
  readonly own: ReadonlyMap<number, HostKey>
  readonly owner: { readonly user: string; readonly group: number } | undefined
}

export async function openKnownHosts(
  wanted: FileWish,
  now: Reader,
  run: StateRun,
): Promise<KnownHosts | Failed> {
  const look = await withAccountsAfter(now, run)
  const account = wanted.user === undefined ? undefined : await look.accounts.user(wanted.user)
  if (wanted.user !== undefined && (!account || account.home === ''))
    return failed(`User ${wanted.user} does not exist`, 'Make it in an earlier state (user.present).')
  const shown = wanted.config ?? (account ? '.ssh/known_hosts' : '/etc/ssh/ssh_known_hosts')
  const path = shown.startsWith('/')
    ? shown
    : join(account?.home ?? '/', shown.replace(/^~\//, '').replace(/^%h\//, ''))
  // In a home, a link would lead root to write wherever its user likes.
  if (account && (await now.files.info(path))?.type === 'symlink')
    return failed(`${path} is a symlink, not a file`, 'Name the file that it leads to as "config".')
  const file = await readTextFile(path, now)
  if (file.kind !== 'text') return file
  const lines = linesOf(file.text)
  const host = lookedFor(wanted.name, wanted.port)
  const own = new Map<number, HostKey>()
  for (const [index, line] of lines.entries()) {
    const known = parseLine(line)
    if (known && known.marker === undefined && isOf(known, host))
      own.set(index, { enc: known.enc, key: known.key })
  }
  const owner = account && { user: account.name, group: account.gid }
  return { kind: 'known-hosts', file, shown, lines, own, owner }
}

/** As ssh wants it: the folder is its user's alone, and so is what is in it. */
export async function saveKnownHosts(
  { file, owner }: KnownHosts,
  lines: readonly string[],
  act: Changer,
): Promise<void> {
  const account = owner && (await act.look.accounts.user(owner.user))
  const whose = owner && { user: owner.user, group: account?.gid ?? owner.group }
  const folder = dirname(file.path)
  if (whose && !(await act.look.files.info(folder)))
    await act.files.makeDirectory(folder, { ...whose, mode: 0o700 })
  await writeTextFile(file, textOf(lines), act, { mode: whose ? 0o600 : 0o644, ...whose })
}

/** As Salt tells of keys in its changes. */
export const shownKey = (hostname: string, { enc, key }: HostKey) => ({
  hostname,
  enc,
  key,
  fingerprint: fingerprintOf(key, 'sha256'),
})
