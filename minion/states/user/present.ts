/** user.present: a user with these attributes, groups and password. */
import type { Plain } from '../../../shared/data/value.ts'
import type { UserOptions } from '../../system/changer.ts'
import type { Account, Reader } from '../../system/reader.ts'
import { withAccountsAfter } from '../accounts-after.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
} from '../contract.ts'
import { given } from '../given.ts'
import { fullNameChanges, fullNameField } from './full-name.ts'
import { makeHome, missingHome } from './missing-home.ts'
import { agingChanges, agingOf, setAging, wantedAging } from './password-aging.ts'
import { type PresentArguments, presentArguments } from './present-arguments.ts'
import { missingGroups, wantedGroups } from './wanted-groups.ts'
import { passwordWish } from './wanted-password.ts'

/** Salt's words for a password that changes. */
const hidden = 'XXX-REDACTED-XXX'

export const present = stateFunction({
  summary: 'Makes sure that a user exists, with these attributes, groups and password.',
  args: presentArguments,
  examples: [
    'app:\n  user.present:\n    - system: True\n    - home: /srv/app\n    - shell: /usr/sbin/nologin\n    - usergroup: True\n',
    'alice:\n  user.present:\n    - fullname: Alice Example\n    - shell: /bin/bash\n    - groups: [sudo, adm]\n    - remove_groups: False\n',
  ],
  refuse,
  check,
})

function refuse({
  password,
  empty_password,
  gid,
  usergroup,
  gid_from_name,
  hash_password,
  name,
}: PresentArguments): ArgumentRefusal | undefined {
  if (password !== undefined && empty_password)
    return { argument: 'empty_password', reason: 'it cannot be used together with password' }
  if (hash_password) {
    if (password === undefined) return { argument: 'hash_password', reason: 'there is no password to hash' }
    if (/[\n\0]/.test(password)) return { argument: 'password', reason: 'a password has no line break' }
  } else if (password !== undefined && /[:\n]/.test(password))
    return { argument: 'password', reason: 'a hash as in the shadow file has no colon and no line break' }
  if (!hash_password && password !== undefined && !/^[$!*]|^[./0-9A-Za-z]{13}$|^_|^$/.test(password))
    return {
      argument: 'password',
      reason:
        'it is the hash of a password (openssl passwd -6), not the password itself; give "hash_password: True" to have it hashed here',
    }
  if ((usergroup ?? gid_from_name) && gid !== undefined && gid !== name)
    return { argument: 'gid', reason: 'it cannot be used together with usergroup' }
  return undefined
}

async function check(wanted: PresentArguments, now: Reader, run: StateRun): Promise<Decision> {
  const look = await withAccountsAfter(now, run)
  const { name } = wanted
  const missing = await missingGroups(wanted, look, run)
  if (missing.length > 0)
    return failed(
      `The following group(s) are not present: ${missing.join(',')}`,
      'Make them in an earlier state (group.present), or name them in "optional_groups".',
    )
  const account = await look.accounts.user(name)
  const taken =
    wanted.uid === undefined || !wanted.unique
      ? undefined
      : (await look.accounts.users()).find((other) => other.uid === wanted.uid && other.name !== name)
  if (taken)
    return failed(
      `UID ${wanted.uid} of the user ${name} is already taken by ${taken.name}`,
      'Give another uid, or "unique: False" where the two are meant to share it.',
    )
  return account ? update(wanted, account, look, run) : create(wanted, look, run)
}

async function create(wanted: PresentArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name } = wanted
  const groups = await wantedGroups(wanted, undefined, look, run)
  const fullname = fullNameField(wanted, '')
  const { hash: passwordHash, lock } = passwordWish(wanted, '!')
  const aging = wantedAging(wanted)
  const needsGroup = (wanted.usergroup ?? wanted.gid_from_name) === true
  const primaryGroup = needsGroup ? name : wanted.gid
  const options: UserOptions = given({
    uid: wanted.uid,
    primaryGroup,
    groups: groups && groups.length > 0 ? groups : undefined,
    home: wanted.home,
    shell: wanted.shell,
    fullname,
    passwordHash,
    system: wanted.system || undefined,
    createHome: wanted.createhome,
    nonUnique: wanted.unique ? undefined : true,
    noLogInit: wanted.nologinit || undefined,
  })
  const {
    createHome: _,
    nonUnique: _1,
    noLogInit: _2,
    system: __,
    passwordHash: ___,
    primaryGroup: gid,
    fullname: ____,
    ...shown
  } = options
  const changes: Plain = {
    name,
    ...shown,
    ...fullNameChanges(wanted, ''),
    groups: shown.groups && [...shown.groups],
    gid,
    passwd: passwordHash === undefined ? undefined : hidden,
    password_lock: lock,
    ...aging,
  }
  return drift(
    changes,
    { would: `User ${name} set to be added`, done: `New user ${name} created` },
    async (act) => {
      if (needsGroup && !(await act.look.accounts.group(name)))
        await act.accounts.addGroup(name, given({ system: wanted.system || undefined }))
      await act.accounts.addUser(name, options)
      return setAging(name, aging, undefined, act)
    },
  )
}

async function update(
  wanted: PresentArguments,
  account: Account,
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  const { name } = wanted
  const primary = await primaryGroupChange(wanted, account, look)
  const numbers = numberObstacle(wanted, account, primary)
  if (numbers !== undefined) return failed(numbers)
  const groups = await wantedGroups(wanted, account, look)
  const fullname = fullNameField(wanted, account.fullname)
  const password = passwordWish(wanted, account.passwordHash ?? '')
  const before = await agingOf(name, look)
  const aging = agingChanges(wantedAging(wanted), before)
  const options = given({
    uid: wanted.uid === account.uid ? undefined : wanted.uid,
    primaryGroup: primary,
    groups: groups && groups.join() !== [...account.groups].sort().join() ? groups : undefined,
    home: wanted.home === account.home ? undefined : wanted.home,
    shell: wanted.shell === account.shell ? undefined : wanted.shell,
    fullname,
    passwordHash: password.hash,
  })
  const missing = await missingHome(wanted.home ?? account.home, wanted, look, run)
  if (Object.keys({ ...options, ...aging }).length === 0 && missing === undefined)
    return inSync(`User ${name} is present and up to date`)
  const { passwd, ...others } = shownChanges(options)
  const changes = {
    ...others,
    ...(passwd !== undefined && password.changes && { passwd }),
    ...(password.lock !== undefined && { password_lock: password.lock }),
    ...fullNameChanges(wanted, account.fullname),
    ...aging,
    ...(missing !== undefined && { homeDoesNotExist: missing }),
  }
  const about = Object.entries(changes).map(([key, value]) => `${key}: ${String(value)}`)
  return drift(
    changes,
    {
      would: `The following user attributes are set to be changed:\n${about.join('\n')}`,
      done: `Updated user ${name}`,
    },
    async (act) => {
      const numbered = options.uid !== undefined && !wanted.unique ? { ...options, nonUnique: true } : options
      if (Object.keys(options).length > 0) await act.accounts.changeUser(name, numbered)
      if (missing !== undefined) await makeHome(name, missing, act)
      return setAging(name, aging, before, act)
    },
  )
}

function shownChanges({
  primaryGroup,
  passwordHash,
  groups,
  fullname: _,
  ...rest
}: UserOptions): Record<string, Plain> {
  return {
    ...rest,
    ...(primaryGroup !== undefined && { gid: primaryGroup }),
    ...(groups !== undefined && { groups: [...groups] }),
    ...(passwordHash !== undefined && { passwd: hidden }),
  }
}

/** The primary group to change to; undefined: it is right, or nobody asked. */
async function primaryGroupChange(
  wanted: PresentArguments,
  account: Account,
  look: Reader,
): Promise<string | number | undefined> {
  const wish = (wanted.usergroup ?? wanted.gid_from_name) ? wanted.name : wanted.gid
  if (wish === undefined || wish === account.gid) return undefined
  const group = await look.accounts.group(String(wish))
  return group?.gid === account.gid ? undefined : wish
}

/** Numbers own files: a change of one has to be asked for by name. */
function numberObstacle(
  wanted: PresentArguments,
  account: Account,
  primary: string | number | undefined,
): string | undefined {
  const changes: string[] = []
  if (wanted.uid !== undefined && wanted.uid !== account.uid && !wanted.allow_uid_change)
    changes.push(`uid ${account.uid} to ${wanted.uid} (allow_uid_change: True)`)
  if (primary !== undefined && !wanted.allow_gid_change)
    changes.push(`gid ${account.gid} to ${primary} (allow_gid_change: True)`)
  if (changes.length === 0) return undefined
  return `Changing ${changes.join(', ')} of the user ${wanted.name} is not permitted: files keep the old number`
}
