/** Where a user's table of jobs is, and writing it as the cron of the system wants it. */
import { dirname } from 'node:path'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { withAccountsAfter } from '../accounts-after.ts'
import { type Decision, failed, type StateRun, unknown } from '../contract.ts'
import { readTextFile, type TextFile, writeTextFile } from '../text-file.ts'
import { type CronTable, parseTable, writeTable } from './table.ts'

/** By os_family; Debian's elsewhere. */
const folders: Readonly<Record<string, string>> = {
  RedHat: '/var/spool/cron',
  Suse: '/var/spool/cron/tabs',
  Arch: '/var/spool/cron',
  Alpine: '/etc/crontabs',
}

export interface Crontab {
  readonly kind: 'crontab'
  readonly file: TextFile
  readonly table: CronTable
}

/** @returns a decision where there is no such user, or no cron */
export async function openCrontab(user: string, now: Reader, run: StateRun): Promise<Crontab | Decision> {
  const folder = folders[String(now.grains.get('os_family') ?? '')] ?? '/var/spool/cron/crontabs'
  const look = await withAccountsAfter(now, run)
  const mayInstall = run.test && run.predicted.some(({ state }) => state === 'pkg' || state === 'cmd')
  if (!(await look.accounts.user(user))) {
    if (mayInstall) return unknown(`the user ${user} does not exist yet; an earlier state may make it`)
    return failed(
      `User ${user} does not exist, so it has no crontab`,
      'Make it in an earlier state (user.present).',
    )
  }
  const file = await readTextFile(`${folder}/${user}`, now)
  if (file.kind !== 'text') return file
  if (!file.info && (await now.files.infoFollowed(folder))?.type !== 'directory') {
    if (mayInstall) return unknown('cron is not installed yet; an earlier state may bring it')
    return failed(
      `There is no cron here: ${folder} does not exist`,
      'Install it in an earlier state (pkg.installed: cron).',
    )
  }
  return { kind: 'crontab', file, table: parseTable(file.text) }
}

/** The daemon looks at the time of the folder, which a replaced file changes. */
export async function saveCrontab(
  user: string,
  { file }: Crontab,
  table: CronTable,
  act: Changer,
): Promise<void> {
  const hasGroup = (await act.look.accounts.group('crontab')) !== undefined
  const owner = hasGroup ? { user, group: 'crontab' } : { user: 'root' }
  const folder = await act.look.files.infoFollowed(dirname(file.path))
  await writeTextFile(file, writeTable(table), act, { mode: 0o600, ...(folder ? owner : {}) })
}
