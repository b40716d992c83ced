/** group.*: groups of the machine. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { nameList } from '../../shared/schema/collections.ts'
import { accountName, flag, whole } from '../../shared/schema/scalars.ts'
import type { Changer } from '../system/changer.ts'
import type { AccountGroup, Reader } from '../system/reader.ts'
import { withAccountsAfter } from './accounts-after.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
} from './contract.ts'
import { given } from './given.ts'

const presentArguments = v.strictObject({
  name: needed(accountName, 'The group.'),
  gid: optional(whole, 'Its number. Not given: any.'),
  system: defaulted(flag, false, 'A new group gets a number for the system.'),
  members: optional(nameList, 'Exactly these members; an empty list: none.'),
  addusers: optional(nameList, 'Members that have to be in it, among others.'),
  delusers: optional(nameList, 'Users that must not be in it.'),
  non_unique: defaulted(flag, false, 'The number may be that of another group as well.'),
})
type PresentArguments = v.InferOutput<typeof presentArguments>

const present = stateFunction({
  summary: 'Makes sure that a group exists, with this number and these members.',
  args: presentArguments,
  examples: [
    'deploy:\n  group.present:\n    - gid: 2000\n    - addusers: [alice]\n    - delusers: [mallory]\n',
    'app:\n  group.present:\n    - system: True\n',
  ],
  refuse,
  check: checkPresent,
})

function refuse({ members, addusers, delusers }: PresentArguments): ArgumentRefusal | undefined {
  if (members && (addusers || delusers))
    return { argument: 'members', reason: 'it cannot be used together with addusers or delusers' }
  const both = addusers?.find((name) => delusers?.includes(name))
  return both === undefined ? undefined : { argument: 'delusers', reason: `${both} is in addusers as well` }
}

async function checkPresent(wanted: PresentArguments, now: Reader, run: StateRun): Promise<Decision> {
  const look = await withAccountsAfter(now, run)
  const { name } = wanted
  const group = await look.accounts.group(name)
  const taken = await takenBy(wanted, look)
  if (taken !== undefined)
    return failed(
      `Group ${name} is not present but gid ${wanted.gid} is already taken by group ${taken}`,
      'Give another gid, or "non_unique: True" where the two are meant to share it.',
    )
  const members = wantedMembers(wanted, group)
  const strangers = await missingUsers(members ?? [], look, run)
  if (strangers.length > 0)
    return failed(
      `The users ${strangers.join(', ')} do not exist, so they cannot be members of ${name}`,
      'Make them in an earlier state (user.present), and require that.',
    )
  return group ? change(wanted, group, members) : create(wanted, members)
}

async function takenBy(
  { name, gid, non_unique }: PresentArguments,
  look: Reader,
): Promise<string | undefined> {
  if (gid === undefined || non_unique) return undefined
  return (await look.accounts.groups()).find((other) => other.gid === gid && other.name !== name)?.name
}

/** undefined: members are not managed. Sorted. */
function wantedMembers(wanted: PresentArguments, group: AccountGroup | undefined): string[] | undefined {
  if (wanted.members) return [...new Set(wanted.members)].sort()
  if (!wanted.addusers && !wanted.delusers) return undefined
  const members = new Set([...(group?.members ?? []), ...(wanted.addusers ?? [])])
  for (const name of wanted.delusers ?? []) members.delete(name)
  return [...members].sort()
}

async function missingUsers(names: readonly string[], look: Reader, run: StateRun): Promise<string[]> {
  const missing: string[] = []
  for (const name of names) {
    if (await look.accounts.user(name)) continue
    const expected =
      run.test &&
      run.predicted.some(({ state, name: other }) => state === 'pkg' || (state === 'user' && other === name))
    if (!expected) missing.push(name)
  }
  return missing
}

function create(
  { name, gid, system, non_unique }: PresentArguments,
  members: readonly string[] | undefined,
): Decision {
  const changes: Plain = { name, gid, members: members && [...members] }
  return drift(
    changes,
    { would: `Group ${name} set to be added`, done: `New group ${name} created` },
    async (act) => {
      await act.accounts.addGroup(
        name,
        given({ gid, system: system || undefined, nonUnique: non_unique || undefined }),
      )
      if (members && members.length > 0) await act.accounts.changeGroup(name, { members })
    },
  )
}

function change(
  { name, gid, non_unique }: PresentArguments,
  group: AccountGroup,
  members: readonly string[] | undefined,
): Decision {
  const now = [...group.members].sort()
  const wish = given({
    gid: gid === group.gid ? undefined : gid,
    members: members && members.join() !== now.join() ? members : undefined,
  })
  if (Object.keys(wish).length === 0) return inSync(`Group ${name} is present and up to date`)
  const about = Object.entries(wish).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? value.join(', ') : String(value)}`,
  )
  return drift(
    { ...wish },
    {
      would: `The following group attributes are set to be changed:\n${about.join('\n')}`,
      done: `Updated group ${name}`,
    },
    (act) => act.accounts.changeGroup(name, { ...wish, ...(non_unique && { nonUnique: true }) }),
  )
}

const absent = stateFunction({
  summary: 'Makes sure that there is no such group.',
  args: v.strictObject({ name: needed(accountName, 'The group.') }),
  examples: ['games:\n  group.absent: []\n'],
  refuse: ({ name }) =>
    name === 'root' ? { argument: 'name', reason: 'the group root is never removed' } : undefined,
  async check({ name }, now, run) {
    const look = await withAccountsAfter(now, run)
    const group = await look.accounts.group(name)
    if (!group) return inSync('Group not present')
    const primary = (await look.accounts.users()).filter(({ gid }) => gid === group.gid)
    if (primary.length > 0)
      return failed(
        `Group ${name} is the primary group of ${primary.map((user) => user.name).join(', ')}`,
        'Remove the user first (user.absent), or give it another group (user.present: gid).',
      )
    return drift(
      { [name]: '' },
      { would: `Group ${name} is set for removal`, done: `Removed group ${name}` },
      (act: Changer) => act.accounts.removeGroup(name),
    )
  },
})

export const group = stateModule({ summary: 'Groups of the machine.', functions: { present, absent } })
