/**
 * Accounts of the system as they are now: whether a user is still there, and in which groups; asked of NSS by `id`, so
 * that directory services count as /etc/passwd does. An expired account, or one whose password is locked, is told only where
 * the master may read the shadow file.
 */
import { accessSync, constants } from 'node:fs'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { childEnvironment } from '../../shared/pillar-machine/child-environment.ts'
import { type GroupResult, runGroup } from '../../shared/process-group.ts'

export interface SystemAccount {
  readonly groups: readonly string[]
  /** Why it may do nothing any more: `it is not there`, `it has expired`, `its password is locked`. */
  readonly ended: string | undefined
}

export interface SystemAccounts {
  /** @param oldest milliseconds that the answer may be old; some seconds where absent. @throws TsaltError `accounts-unanswered` */
  look(user: string, oldest?: number): Promise<SystemAccount>
  /** As it was at the last look; undefined: there was none. */
  last(user: string): SystemAccount | undefined
}

export interface AccountPrograms {
  readonly environment: Readonly<Record<string, string>>
  readonly shadow: string
}

interface Seen {
  readonly account: SystemAccount
  /** Milliseconds, monotonic. */
  readonly at: number
}

/** Milliseconds for which a look is good, and for which it still counts where nobody answers. */
const good = 5_000
const stale = 60_000
const most = 10_000
const limits = { maxOutput: 65_536, timeout: 5_000 }
const day = 86_400_000
const standard: AccountPrograms = { environment: childEnvironment, shadow: '/etc/shadow' }

export function openSystemAccounts(
  clock: Pick<Clock, 'now' | 'monotonic'>,
  programs: AccountPrograms = standard,
): SystemAccounts {
  const seen = new Map<string, Seen>()
  const underWay = new Map<string, Promise<SystemAccount>>()

  async function ask(user: string): Promise<SystemAccount> {
    const before = seen.get(user)
    try {
      const account = await accountOf(user, programs, clock.now())
      seen.delete(user)
      if (seen.size >= most) for (const name of [...seen.keys()].slice(0, most / 2)) seen.delete(name)
      seen.set(user, { account, at: clock.monotonic() })
      return account
    } catch (error) {
      if (before !== undefined && clock.monotonic() - before.at < stale) return before.account
      throw error
    }
  }

  return {
    async look(user, oldest = good) {
      const known = seen.get(user)
      if (known !== undefined && clock.monotonic() - known.at < oldest) return known.account
      const asked = underWay.get(user) ?? ask(user).finally(() => underWay.delete(user))
      underWay.set(user, asked)
      return asked
    },
    last: (user) => seen.get(user)?.account,
  }
}

/**
 * A name that could be an option or a number is nobody's: `id 0` would tell of root, and so would `id ' 0'`, as numbers
 * may have spaces in front of them.
 */
const isName = (user: string): boolean =>
  user.length <= 256 && user === user.trim() && /^(?![-+])(?!\d+$)[^\p{Cc}:]+$/u.test(user)

async function accountOf(user: string, programs: AccountPrograms, now: number): Promise<SystemAccount> {
  if (!isName(user)) return { groups: [], ended: 'it is not there' }
  const [groups, ended] = await Promise.all([groupsOf(user, programs), endOf(user, programs, now)])
  return groups === undefined ? { groups: [], ended: 'it is not there' } : { groups, ended }
}

/** undefined: there is no such user. */
async function groupsOf(
  user: string,
  { environment }: AccountPrograms,
): Promise<readonly string[] | undefined> {
  // Names of groups of directory services may have spaces: each ends with a NUL. Busybox has no such option.
  let said = await run(['id', '-Gnz', '--', user], environment)
  let between = '\0'
  if (said.code !== 0 && /(?:invalid|unrecognized|unknown) option/i.test(said.stderr)) {
    said = await run(['id', '-Gn', '--', user], environment)
    between = ' '
  }
  const names = said.stdout
    .replace(/\n$/, '')
    .split(between)
    .filter((name) => name !== '')
  // It fails as well where one group has no name; the others are good.
  if (names.length > 0) return names.filter((name) => !/^\d+$/.test(name))
  if (said.code === 1 && /no such user|unknown user/i.test(said.stderr)) return undefined
  throw unanswered(
    said.timedOut ? 'id took too long' : said.stderr.trim().slice(0, 200) || `id ended with ${said.code}`,
  )
}

/** What its line in the shadow file says; of who has none, or where it may not be read: nothing. */
async function endOf(
  user: string,
  { environment, shadow }: AccountPrograms,
  now: number,
): Promise<string | undefined> {
  try {
    accessSync(shadow, constants.R_OK)
  } catch {
    return undefined
  }
  const said = await run(['getent', 'shadow', '--', user], environment)
  const [name, password = '', , , , , , expires = ''] = said.stdout.trim().split(':')
  if (said.code !== 0 || name !== user) return undefined
  if (/^\d+$/.test(expires) && now >= Number(expires) * day) return 'it has expired'
  // A "!" before a password locks it; alone, or before "*", there never was one.
  return /^!+[^!*]/.test(password) ? 'its password is locked' : undefined
}

async function run(
  argv: readonly string[],
  environment: AccountPrograms['environment'],
): Promise<GroupResult> {
  try {
    return await runGroup(argv, { cwd: '/', env: environment, ...limits })
  } catch (error) {
    throw unanswered(`${argv[0]}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const unanswered = (reason: string): TsaltError => new TsaltError('accounts-unanswered', { reason })
