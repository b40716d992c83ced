/**
 * In a dry run: users and groups as they will be once earlier states of the run have done what they predicted, so
 * that a group knows of the user who leaves before it.
 */
import { type Dict, isDict, isList, toValue, type Value } from '../../shared/data/value.ts'
import type { Account, AccountGroup, AccountReader, Reader } from '../system/reader.ts'
import type { PredictedChange, StateRun } from './contract.ts'
import { readerWith } from './reader-with.ts'

export async function withAccountsAfter(look: Reader, run: StateRun): Promise<Reader> {
  const earlier = run.test ? run.predicted.filter(({ state }) => state === 'user' || state === 'group') : []
  if (earlier.length === 0) return look
  const tables = new Tables(await look.accounts.users(), await look.accounts.groups())
  for (const change of earlier) tables.apply(change)
  return readerWith(look, { accounts: tables.reader(look.accounts) })
}

class Tables {
  readonly #users: Map<string, Account>
  readonly #groups: Map<string, AccountGroup>
  readonly #usersGone = new Set<string>()
  readonly #groupsGone = new Set<string>()
  /** Stands for the numbers that the system will choose; no two are the same. */
  #unknownNumber = -1

  constructor(users: readonly Account[], groups: readonly AccountGroup[]) {
    this.#users = new Map(users.map((user) => [user.name, user]))
    this.#groups = new Map(groups.map((group) => [group.name, group]))
  }

  apply({ state, fun, name, changes }: PredictedChange): void {
    const all = toValue(changes)
    if (!isDict(all)) return
    if (state === 'user') {
      if (fun === 'absent') this.#removeUser(name)
      else this.#putUser(name, all)
    } else if (fun === 'absent') this.#removeGroup(name)
    else this.#putGroup(name, all)
  }

  /** Who is not in the files of the machine is asked of it, as it would be without a prediction. */
  reader(now: AccountReader): AccountReader {
    return {
      user: async (name) => {
        const user = this.#users.get(name)
        if (user) return this.#withGroups(user)
        return this.#usersGone.has(name) ? undefined : now.user(name)
      },
      group: async (name) =>
        this.#groups.get(name) ?? (this.#groupsGone.has(name) ? undefined : now.group(name)),
      users: async () => [...this.#users.values()].map((user) => this.#withGroups(user)),
      groups: async () => [...this.#groups.values()],
    }
  }

  #withGroups(user: Account): Account {
    const own = [...this.#groups.values()].filter(({ members }) => members.includes(user.name))
    return { ...user, groups: own.map(({ name }) => name).sort() }
  }

  #removeUser(name: string): void {
    const user = this.#users.get(name)
    this.#users.delete(name)
    this.#usersGone.add(name)
    this.#setMemberships(name, [])
    const own = this.#groups.get(name)
    if (own && own.gid === user?.gid && own.members.length === 0) this.#removeGroup(name)
  }

  #removeGroup(name: string): void {
    this.#groups.delete(name)
    this.#groupsGone.add(name)
  }

  #putUser(name: string, changes: Dict): void {
    const before = this.#users.get(name)
    const gid = this.#primary(changes.get('gid')) ?? before?.gid ?? this.#ownGroup(name)
    const words = (key: 'home' | 'shell' | 'fullname'): string =>
      textOf(changes.get(key)) ?? before?.[key] ?? ''
    const uid = numberOf(changes.get('uid')) ?? before?.uid ?? this.#unknownNumber--
    this.#users.set(name, {
      ...before,
      ...{ name, uid, gid, groups: [] },
      ...{ home: words('home'), shell: words('shell'), fullname: words('fullname') },
    })
    const named = changes.get('groups')
    if (isList(named)) this.#setMemberships(name, named.map(String))
  }

  #primary(group: Value | undefined): number | undefined {
    if (typeof group !== 'string') return numberOf(group)
    return this.#groups.get(group)?.gid
  }

  #ownGroup(name: string): number {
    const own = this.#groups.get(name) ?? { name, gid: this.#unknownNumber--, members: [] }
    this.#groups.set(name, own)
    return own.gid
  }

  #putGroup(name: string, changes: Dict): void {
    const before = this.#groups.get(name)
    const named = changes.get('members')
    const members = isList(named) ? named.map(String) : (before?.members ?? [])
    const gid = numberOf(changes.get('gid')) ?? before?.gid ?? this.#unknownNumber--
    this.#groups.set(name, { ...before, name, gid, members })
  }

  #setMemberships(user: string, groups: readonly string[]): void {
    for (const [name, group] of this.#groups) {
      const others = group.members.filter((member) => member !== user)
      this.#groups.set(name, { ...group, members: groups.includes(name) ? [...others, user] : others })
    }
  }
}

const textOf = (value: Value | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined
const numberOf = (value: Value | undefined): number | undefined =>
  typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined
