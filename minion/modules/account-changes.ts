/** What `user` and `group` change: accounts of the machine, through the changer that can take it back. */
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { nameList } from '../../shared/schema/collections.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { account, accountName, flag, text, whole } from '../../shared/schema/scalars.ts'
import type { UserOptions } from '../system/changer.ts'
import type { Account, AccountGroup, Reader } from '../system/reader.ts'
import type { ModuleContext } from './contract.ts'
import { changing } from './define.ts'

const name = needed(accountName, 'Name of the account.')
const groupName = needed(accountName, 'Name of the group.')

async function theUser(user: string, look: Reader): Promise<Account> {
  const found = await look.accounts.user(user)
  if (!found) throw new TsaltError('user-unknown', { name: user })
  return found
}

async function theGroup(group: string, look: Reader): Promise<AccountGroup> {
  const found = await look.accounts.group(group)
  if (!found) throw new TsaltError('group-unknown', { name: group })
  return found
}

/** True where it is so afterwards, as Salt answers. */
async function change(user: string, options: UserOptions, { look, act }: ModuleContext): Promise<boolean> {
  await theUser(user, look)
  await act.accounts.changeUser(user, options)
  return true
}

/** @param part of the comment field: full name, room, work phone, home phone, other */
const gecos = (fun: string, argument: string, part: number, summary: string) =>
  changing(
    summary,
    `user.${fun} deploy 'Some text'`,
    { name, [argument]: needed(text, 'The text.') },
    async (given, context) => {
      const { fullname } = await theUser(String(given.name), context.look)
      const parts = [...fullname.split(','), '', '', '', ''].slice(0, Math.max(5, fullname.split(',').length))
      const said = String((given as Record<string, unknown>)[argument])
      if (said.includes(','))
        throw new TsaltError('function-failed', { fun: `user.${fun}`, reason: 'it has a comma' })
      const changed = parts.with(part, said).join(',').replace(/,+$/, '')
      return change(String(given.name), { fullname: changed }, context)
    },
  )

export const userChanges = {
  add: changing(
    'Adds an account.',
    'user.add deploy home=/srv/deploy shell=/bin/bash',
    {
      name,
      uid: optional(whole, 'Id.'),
      gid: optional(account, 'Primary group.'),
      groups: optional(nameList, 'Further groups.'),
      home: optional(absolutePath, 'Home directory.'),
      shell: optional(text, 'Shell.'),
      system: defaulted(flag, false, 'An id of those for the system.'),
      fullname: defaulted(text, '', 'Full name.'),
      createhome: defaulted(flag, true, 'Make the home directory.'),
    },
    async ({ name: user, gid, createhome, ...options }, { act }) => {
      await act.accounts.addUser(user, {
        ...options,
        createHome: createhome,
        ...(gid === undefined ? {} : { primaryGroup: gid }),
      })
      return true
    },
  ),
  delete: changing(
    'Removes an account.',
    'user.delete deploy remove=True',
    {
      name,
      remove: defaulted(flag, false, 'Its home directory goes too.'),
      force: defaulted(flag, false, 'Also where it is logged in.'),
    },
    async (given, { look, act }) => {
      await theUser(given.name, look)
      await act.accounts.removeUser(given.name, { purge: given.remove, force: given.force })
      return true
    },
  ),
  chuid: changing(
    'Changes the id of an account.',
    'user.chuid deploy 4242',
    { name, uid: needed(whole, 'Id.') },
    ({ name: user, uid }, context) => change(user, { uid }, context),
  ),
  chgid: changing(
    'Changes the primary group of an account.',
    'user.chgid deploy www-data',
    { name, gid: needed(account, 'Group.') },
    ({ name: user, gid }, context) => change(user, { primaryGroup: gid }, context),
  ),
  chshell: changing(
    'Changes the shell of an account.',
    'user.chshell deploy /bin/zsh',
    { name, shell: needed(absolutePath, 'Shell.') },
    ({ name: user, shell }, context) => change(user, { shell }, context),
  ),
  chhome: changing(
    'Changes the home directory of an account.',
    'user.chhome deploy /srv/deploy persist=True',
    {
      name,
      home: needed(absolutePath, 'Directory.'),
      persist: defaulted(flag, false, 'What is in the old one moves there.'),
    },
    ({ name: user, home, persist }, context) => change(user, { home, createHome: persist }, context),
  ),
  chgroups: changing(
    'Changes the further groups of an account.',
    'user.chgroups deploy wheel,www-data append=True',
    {
      name,
      groups: needed(nameList, 'Groups.'),
      append: defaulted(flag, false, 'Those that it is in stay.'),
    },
    async ({ name: user, groups, append }, context) => {
      const now = append ? (await theUser(user, context.look)).groups : []
      return change(user, { groups: [...new Set([...now, ...groups])] }, context)
    },
  ),
  chfullname: gecos('chfullname', 'fullname', 0, 'Changes the full name of an account.'),
  chroomnumber: gecos('chroomnumber', 'roomnumber', 1, 'Changes the room of an account.'),
  chworkphone: gecos('chworkphone', 'workphone', 2, 'Changes the phone at work of an account.'),
  chhomephone: gecos('chhomephone', 'homephone', 3, 'Changes the phone at home of an account.'),
  chother: gecos('chother', 'other', 4, 'Changes the rest of the comment of an account.'),
}

export const groupChanges = {
  add: changing(
    'Adds a group.',
    'group.add deploy 3456',
    {
      name: groupName,
      gid: optional(whole, 'Id.'),
      system: defaulted(flag, false, 'An id of those for the system.'),
    },
    async ({ name: group, gid, system }, { act }) => {
      await act.accounts.addGroup(group, { system, ...(gid === undefined ? {} : { gid }) })
      return true
    },
  ),
  delete: changing(
    'Removes a group.',
    'group.delete deploy',
    { name: groupName },
    async (given, { look, act }) => {
      await theGroup(given.name, look)
      await act.accounts.removeGroup(given.name)
      return true
    },
  ),
  chgid: changing(
    'Changes the id of a group.',
    'group.chgid deploy 4376',
    { name: groupName, gid: needed(whole, 'Id.') },
    async ({ name: group, gid }, { look, act }) => {
      await theGroup(group, look)
      await act.accounts.changeGroup(group, { gid })
      return true
    },
  ),
  adduser: changing(
    'Adds an account to a group.',
    'group.adduser deploy jenny',
    { name: groupName, username: name },
    async ({ name: group, username }, { look, act }) => {
      const { members } = await theGroup(group, look)
      if (!members.includes(username))
        await act.accounts.changeGroup(group, { members: [...members, username] })
      return true
    },
  ),
  deluser: changing(
    'Takes an account from a group.',
    'group.deluser deploy jenny',
    { name: groupName, username: name },
    async ({ name: group, username }, { look, act }) => {
      const { members } = await theGroup(group, look)
      if (members.includes(username))
        await act.accounts.changeGroup(group, { members: members.filter((member) => member !== username) })
      return true
    },
  ),
  members: changing(
    'Sets who is in a group.',
    'group.members deploy jenny,ben',
    { name: groupName, members_list: needed(nameList, 'Accounts.') },
    async ({ name: group, members_list }, { look, act }) => {
      await theGroup(group, look)
      await act.accounts.changeGroup(group, { members: members_list })
      return true
    },
  ),
}
