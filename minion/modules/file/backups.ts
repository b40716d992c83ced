/** Copies that `backup: minion` keeps of replaced files: listed, put back, removed. */
import { posix } from 'node:path'
import type { Dict, Plain } from '../../../shared/data/value.ts'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { whole } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import type { ModuleContext } from '../contract.ts'
import { asking, changing } from '../define.ts'

interface Backup {
  readonly at: string
  /** `20261122040800123000`, in UTC. */
  readonly stamp: string
  readonly size: number
}

const folderOf = (config: Dict): string =>
  posix.join(String(config.get('cachedir') ?? '/var/cache/tsalt/minion'), 'file_backup')

/** Newest first. */
async function backupsOf(path: string, look: Reader, config: Dict): Promise<Backup[]> {
  const kept = posix.join(folderOf(config), posix.normalize(path))
  const folder = posix.dirname(kept)
  const start = `${posix.basename(kept)}_`
  if (look.files.typeOf(folder) !== 'directory') return []
  const found: Backup[] = []
  for (const name of await look.files.list(folder)) {
    const stamp = name.startsWith(start) ? name.slice(start.length) : ''
    if (!/^\d{20}$/.test(stamp)) continue
    const at = posix.join(folder, name)
    const info = await look.files.info(at)
    if (info?.type === 'file') found.push({ at, stamp, size: info.size })
  }
  return found.sort((a, b) => (a.stamp < b.stamp ? 1 : -1))
}

/** `Sun Nov 22 2026 04:08:00.123000` */
function timeOf(stamp: string): string {
  const iso = `${stamp.slice(0, 4)}-${stamp.slice(4, 6)}-${stamp.slice(6, 8)}T${stamp.slice(8, 10)}:${stamp.slice(10, 12)}:${stamp.slice(12, 14)}Z`
  const moment = new Date(iso)
  if (Number.isNaN(moment.getTime())) return stamp
  const [day = '', date, month, year, time] = moment.toUTCString().replace(',', '').split(' ')
  return `${day} ${month} ${date} ${year} ${time}.${stamp.slice(14)}`
}

const shown = ({ at, stamp, size }: Backup): Plain => ({
  'Backup Time': timeOf(stamp),
  Location: at,
  Size: size,
})

const path = needed(absolutePath, 'The file.')
const one = {
  path,
  backup_id: needed(whole, 'Number of the copy, as file.list_backups counts: 0 is the newest.'),
}
const missing = (id: number, file: string): Plain => ({
  result: false,
  comment: `backup_id '${id}' does not exist for ${file}`,
})

async function removeBackup(
  given: { path: string; backup_id: number },
  context: ModuleContext,
): Promise<Plain> {
  const backup = (await backupsOf(given.path, context.look, context.config))[given.backup_id]
  if (!backup) return missing(given.backup_id, given.path)
  await context.act.files.remove(backup.at)
  return { result: true, comment: `Successfully removed ${backup.at}` }
}

export const backups = {
  list_backups: asking(
    'Copies of a file that `backup: minion` keeps, by number, the newest first. Times are UTC.',
    'file.list_backups /etc/redis/redis.conf',
    { path, limit: optional(whole, 'No more than these.') },
    async (given, { look, config }) => {
      const found = (await backupsOf(given.path, look, config)).slice(0, given.limit)
      return new Map(found.map((backup, index) => [index, shown(backup)] as const))
    },
  ),
  list_backups_dir: asking(
    'How many copies are kept of each file of a folder.',
    'file.list_backups_dir /etc/redis',
    { path: needed(absolutePath, 'The folder.') },
    async (given, { look, config }) => {
      const folder = posix.join(folderOf(config), posix.normalize(given.path))
      if (look.files.typeOf(folder) !== 'directory') return {}
      const names = (await look.files.list(folder)).flatMap((name) => /^(.+)_\d{20}$/.exec(name)?.[1] ?? [])
      const counts = new Map<string, number>()
      for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
      return counts
    },
  ),
  restore_backup: changing(
    'Puts a copy of a file back; what is there now is kept as a copy too, its mode and owner stay.',
    'file.restore_backup /etc/redis/redis.conf 0',
    one,
    async ({ path: file, backup_id }, { look, act, config, job }) => {
      const backup = (await backupsOf(file, look, config))[backup_id]
      if (!backup) return missing(backup_id, file)
      const content = await look.files.read(backup.at)
      const isThere = (await look.files.infoFollowed(file)) !== undefined
      const kept = backup.at.replace(/\d{20}$/, job.jid)
      if (isThere) await act.files.write(kept, await look.files.read(file), { mode: 0o600 })
      // A copy may hold secrets: a file that is gone comes back for its owner alone.
      await act.files.write(file, content, isThere ? {} : { mode: 0o600 })
      return { result: true, comment: `Successfully restored ${backup.at} to ${file}` }
    },
  ),
  delete_backup: changing(
    'Removes a copy of a file.',
    'file.delete_backup /etc/redis/redis.conf 0',
    one,
    removeBackup,
  ),
  remove_backup: changing(
    'As file.delete_backup.',
    'file.remove_backup /etc/redis/redis.conf 0',
    one,
    removeBackup,
  ),
}
