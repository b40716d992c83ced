/**
 * Puts accounts back: one that was added goes (its home is the journal's of files), one that was changed gets its
 * fields again, one that was removed comes again with its ids, groups and password.
 */
import type { Changer, UserOptions } from './changer.ts'
import type { Account, AccountGroup, Reader } from './reader.ts'
import { type Undoing, undoingOne } from './undo-decision.ts'
import type { AccountItem } from './undo-items.ts'

export function undoingAccount(item: AccountItem, look: Reader): Promise<Undoing> {
  return item.what === 'user' ? undoingUser(item, look) : undoingGroup(item, look)
}

async function undoingUser({ name, before: text, primary }: AccountItem, look: Reader): Promise<Undoing> {
  const what = `user ${name}`
  const now = await look.accounts.user(name)
  if (text === null)
    return now
      ? undoingOne(what, 'restored', 'removed: it did not exist before', (act) =>
          act.accounts.removeUser(name),
        )
      : undoingOne(what, 'same', 'it is gone already')
  const before = JSON.parse(text) as Account
  if (!now)
    return undoingOne(what, 'restored', `added again with the uid ${before.uid}`, (act) =>
      addAgain(before, primary ?? name, act),
    )
  const changed = changedFields(before, now)
  if (changed.length === 0) return undoingOne(what, 'same', 'it is as it was')
  const shown = changed.map((field) => (field === 'passwordHash' ? 'password' : field)).join(', ')
  return undoingOne(what, 'restored', `of before again: ${shown}`, async (act) =>
    act.accounts.changeUser(name, await optionsOf(before, now, changed, act.look)),
  )
}

type Field = Exclude<keyof Account, 'name'>

function changedFields(before: Account, now: Account): Field[] {
  return (Object.keys(before) as (keyof Account)[]).filter(
    (field): field is Field =>
      field !== 'name' && JSON.stringify(before[field]) !== JSON.stringify(now[field]),
  )
}

async function optionsOf(
  before: Account,
  now: Account | undefined,
  fields: readonly Field[],
  look: Reader,
): Promise<UserOptions> {
  const plain = fields.filter((field) => field !== 'gid' && field !== 'groups')
  const groups = fields.includes('groups') ? { groups: await existing(before.groups, look) } : {}
  const primary = fields.includes('gid') ? { primaryGroup: before.gid } : {}
  const home =
    fields.includes('home') && now !== undefined ? { createHome: await moves(before, now, look) } : {}
  return {
    ...Object.fromEntries(plain.map((field) => [field, before[field]])),
    ...groups,
    ...primary,
    ...home,
  }
}

/** The home went with the account when it was changed, and goes back with it. */
async function moves(before: Account, now: Account, look: Reader): Promise<boolean> {
  return (await look.files.info(before.home)) === undefined && (await look.files.info(now.home)) !== undefined
}

async function existing(groups: readonly string[], look: Reader): Promise<string[]> {
  const found = await Promise.all(groups.map((group) => look.accounts.group(group)))
  return groups.filter((_, index) => found[index] !== undefined)
}

async function addAgain(before: Account, primary: string, act: Changer): Promise<void> {
  const groups = await act.look.accounts.groups()
  if (!groups.some(({ gid }) => gid === before.gid)) await act.accounts.addGroup(primary, { gid: before.gid })
  const fields = (Object.keys(before) as (keyof Account)[]).filter(
    (field): field is Field => field !== 'name',
  )
  const options = await optionsOf(before, undefined, fields, act.look)
  await act.accounts.addUser(before.name, { ...options, createHome: false })
}

async function undoingGroup({ name, before: text }: AccountItem, look: Reader): Promise<Undoing> {
  const what = `group ${name}`
  const now = await look.accounts.group(name)
  if (text === null)
    return now
      ? undoingOne(what, 'restored', 'removed: it did not exist before', (act) =>
          act.accounts.removeGroup(name),
        )
      : undoingOne(what, 'same', 'it is gone already')
  const before = JSON.parse(text) as AccountGroup
  if (!now)
    return undoingOne(what, 'restored', `added again with the gid ${before.gid}`, async (act) => {
      await act.accounts.addGroup(name, { gid: before.gid, ...(await sharedNumber(before, act)) })
      await changeMembers(before, act)
    })
  const sameId = now.gid === before.gid
  const sameMembers = sorted(now.members) === sorted(before.members)
  if (sameId && sameMembers) return undoingOne(what, 'same', 'it is as it was')
  const shown = [sameId ? '' : `the gid ${before.gid}`, sameMembers ? '' : 'its members']
    .filter(Boolean)
    .join(', ')
  return undoingOne(what, 'restored', `of before again: ${shown}`, async (act) => {
    if (!sameId)
      await act.accounts.changeGroup(name, { gid: before.gid, ...(await sharedNumber(before, act)) })
    if (!sameMembers) await changeMembers(before, act)
  })
}

/** It had its number beside another group, which still has it. */
async function sharedNumber({ name, gid }: AccountGroup, { look }: Changer): Promise<{ nonUnique?: true }> {
  const others = (await look.accounts.groups()).filter((group) => group.gid === gid && group.name !== name)
  return others.length > 0 ? { nonUnique: true } : {}
}

const sorted = (names: readonly string[]): string => [...names].sort().join(',')

/** Who is gone since is no member. */
async function changeMembers({ name, members }: AccountGroup, act: Changer): Promise<void> {
  const found = await Promise.all(members.map((member) => act.look.accounts.user(member)))
  const there = members.filter((_, index) => found[index] !== undefined)
  const now = (await act.look.accounts.group(name))?.members ?? []
  if (sorted(now) !== sorted(there)) await act.accounts.changeGroup(name, { members: there })
}
