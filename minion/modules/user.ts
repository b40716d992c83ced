/** Execution module `user`: accounts of the machine. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { needed } from '../../shared/schema/argument.ts'
import { text } from '../../shared/schema/scalars.ts'
import type { Account, AccountGroup, Reader } from '../system/reader.ts'
import { userChanges } from './account-changes.ts'
import { execFunction, execModule } from './contract.ts'

const args = v.strictObject({ name: needed(text, 'Name of the account.') })
const nothing = v.strictObject({})

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort()

async function groupsOf(look: Reader, account: Account): Promise<string[]> {
  return withPrimary(
    account,
    (await look.accounts.groups()).find(({ gid }) => gid === account.gid),
  )
}

const withPrimary = (account: Account, primary: AccountGroup | undefined): string[] =>
  sorted([...(primary ? [primary.name] : []), ...account.groups])

async function described(look: Reader, account: Account): Promise<Plain> {
  return describedWith(account, await groupsOf(look, account))
}

/** Salt's shape; the comment field of the account is taken apart. */
function describedWith(account: Account, groups: string[]): Plain {
  const [fullname = '', roomnumber = '', workphone = '', homephone = '', ...other] =
    account.fullname.split(',')
  return {
    gid: account.gid,
    groups,
    home: account.home,
    name: account.name,
    passwd: 'x',
    shell: account.shell,
    uid: account.uid,
    fullname,
    roomnumber,
    workphone,
    homephone,
    other: other.join(','),
  }
}

export const userModule = execModule({
  summary: 'Accounts of the machine.',
  functions: {
    ...userChanges,
    info: execFunction({
      summary: 'An account with its ids, home, shell and groups; nothing where there is none.',
      args,
      examples: ["tsalt '*' user.info root"],
      readOnly: true,
      run: async ({ name }, { look }) => {
        const found = await look.accounts.user(name)
        return found ? described(look, found) : {}
      },
      now: ({ name }, { look }) => {
        const found = look.accounts.userNow?.(name)
        return found && describedWith(found, withPrimary(found, look.accounts.groupNow?.(found.gid)))
      },
    }),
    list_users: execFunction({
      summary: 'Names of all accounts.',
      args: nothing,
      examples: ["tsalt '*' user.list_users"],
      readOnly: true,
      run: async (_, { look }) => sorted((await look.accounts.users()).map(({ name }) => name)),
    }),
    list_groups: execFunction({
      summary: 'Names of the groups of an account, the primary one among them.',
      args,
      examples: ["tsalt '*' user.list_groups www-data"],
      readOnly: true,
      run: async ({ name }, { look }) => {
        const found = await look.accounts.user(name)
        return found ? groupsOf(look, found) : []
      },
    }),
    primary_group: execFunction({
      summary: 'Name of the primary group of an account.',
      args,
      examples: ["tsalt '*' user.primary_group www-data"],
      readOnly: true,
      run: async ({ name }, { look }) => {
        const found = await look.accounts.user(name)
        return (await look.accounts.groups()).find(({ gid }) => gid === found?.gid)?.name ?? ''
      },
    }),
    getent: execFunction({
      summary: 'All accounts, as info shows them.',
      args: nothing,
      examples: ["tsalt '*' user.getent"],
      readOnly: true,
      run: async (_, { look }) => {
        const all: Plain[] = []
        for (const account of await look.accounts.users()) all.push(await described(look, account))
        return all
      },
    }),
  },
})
