/** `tsalt auth user`: who may log in. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { AuthSession } from './auth-program.ts'
import { minuteOf, showTable } from './auth-table.ts'
import { readNewPassword } from './read-password.ts'

interface User {
  readonly name: string
  readonly groups: readonly string[]
  readonly disabled: boolean
  readonly made: number
  readonly changed: number
  readonly [field: string]: string | number | boolean | readonly string[]
}

const verbs = 'list, add, passwd, groups, disable, enable, delete'

export async function authUser(session: AuthSession, words: readonly string[]): Promise<number> {
  const { client, console, options } = session
  const [verb = 'list', name, ...more] = words
  if (verb === 'list') {
    const users = await client.get<User[]>('/auth/users')
    showTable(console, options, users, {
      empty: 'There are no operators beside root. Add one: tsalt auth user add NAME',
      heads: ['NAME', 'GROUPS', 'STATE', 'SINCE'],
      cells: (user) => [
        user.name,
        user.groups.join(', ') || '-',
        user.disabled ? 'disabled' : 'active',
        minuteOf(user.made),
      ],
    })
    return 0
  }
  if (name === undefined || (more.length > 0 && verb !== 'groups'))
    throw wrong(name === undefined ? `"user ${verb}" takes a name` : `"user ${verb}" takes one name`)
  const path = `/auth/users/${encodeURIComponent(name)}`
  if (verb === 'delete') await client.remove(path)
  else if (verb === 'add') return add(session, name)
  else await client.post(path, await changeOf(session, verb, name, more))
  console.out(`${name} ${doneWords[verb] ?? 'is changed'}.\n`)
  return 0
}

const doneWords: Readonly<Record<string, string>> = {
  passwd: 'has a new password, and earlier logins are over',
  groups: 'is in these groups now',
  disable: 'may not come in any more, and logins are over',
  enable: 'may come in again',
  delete: 'is gone, with tokens and certificates',
}

async function add({ client, console, options }: AuthSession, name: string): Promise<number> {
  const password = options.password ? await readNewPassword(console, name) : undefined
  const { mayAct } = await client.post<{ mayAct: boolean }>('/auth/users', {
    name,
    groups: options.group ?? [],
    ...(password === undefined ? {} : { password }),
  })
  const rights = mayAct
    ? `; rules of the master let ${name} act already`
    : '; until a rule names this user or a group of theirs, nothing is allowed'
  console.out(`${name} is added${rights}.\n`)
  return 0
}

async function changeOf(
  { console }: AuthSession,
  verb: string,
  name: string,
  groups: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  if (verb === 'passwd') return { password: await readNewPassword(console, name) }
  if (verb === 'disable' || verb === 'enable') return { disabled: verb === 'disable' }
  if (verb === 'groups') return { groups: groups.flatMap((group) => group.split(',')) }
  throw wrong(`There is no "tsalt auth user ${verb}"`)
}

const wrong = (reason: string): TsaltError =>
  new TsaltError('usage-wrong', { reason }, { hint: `tsalt auth user: ${verbs}` })
