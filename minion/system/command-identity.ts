/** As whom a command runs: ids, supplementary groups and the environment that belongs to the user. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { AccountFiles, PasswdEntry } from './account-files.ts'
import type { CommandOptions } from './reader.ts'

export const standardPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface CommandIdentity {
  /** Absent: the command runs as this process does. */
  readonly ids?: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] }
  /** HOME, USER, LOGNAME, SHELL. */
  readonly environment: Readonly<Record<string, string>>
}

/** @throws TsaltError `command-user-unknown`, `command-needs-root` */
export async function commandIdentity(
  shown: string,
  options: CommandOptions,
  accounts: AccountFiles,
): Promise<CommandIdentity> {
  const own = process.geteuid?.() ?? 0
  const account = await accounts.user(options.runas ?? own)
  if (options.runas !== undefined && !account) {
    throw new TsaltError('command-user-unknown', { command: shown, user: options.runas, kind: 'user' })
  }
  const environment = userEnvironment(account)
  const uid = account?.uid ?? own
  const gid = await primaryGroup(shown, options, account, accounts)
  if (uid === own && gid === (process.getegid?.() ?? 0)) return { environment }
  if (own !== 0) {
    throw new TsaltError('command-needs-root', { command: shown, user: options.runas ?? options.group ?? '' })
  }
  const groups = account ? accounts.supplementary(account.name).map((group) => group.gid) : []
  return { ids: { uid, gid, groups: groups.filter((group) => group !== gid) }, environment }
}

async function primaryGroup(
  shown: string,
  options: CommandOptions,
  account: PasswdEntry | undefined,
  accounts: AccountFiles,
): Promise<number> {
  if (options.group === undefined) {
    return options.runas === undefined ? (process.getegid?.() ?? 0) : (account?.gid ?? 0)
  }
  const group = await accounts.group(options.group)
  if (group) return group.gid
  throw new TsaltError('command-user-unknown', { command: shown, user: options.group, kind: 'group' })
}

function userEnvironment(account: PasswdEntry | undefined): Readonly<Record<string, string>> {
  if (!account) return { HOME: '/' }
  const shell = account.shell || '/bin/sh'
  return { HOME: account.home || '/', USER: account.name, LOGNAME: account.name, SHELL: shell }
}
