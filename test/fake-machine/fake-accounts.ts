/** Users and groups of plain data. root is always there. */

import type { AccountChanger, UserOptions } from '../../minion/system/changer.ts'
import type { Account, AccountGroup, AccountReader } from '../../minion/system/reader.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { GroupData, UserData } from './machine-data.ts'

type StoredUser = Omit<Account, 'groups'>

export class FakeAccounts implements AccountReader {
  readonly userTable = new Map<string, StoredUser>()
  readonly groupTable = new Map<string, AccountGroup>()
  readonly busy = new Set<string>()
  readonly homeless = new Set<string>()
  /** The file system's part, where there is one. */
  makeHome: (user: StoredUser) => void = () => undefined

  constructor(users: Readonly<Record<string, UserData>>, groups: Readonly<Record<string, GroupData>>) {
    this.groupTable.set('root', { name: 'root', gid: 0, members: [] })
    for (const [name, { gid, members }] of Object.entries(groups)) {
      this.groupTable.set(name, { name, gid: gid ?? this.freeGid(1000), members: members ?? [] })
    }
    this.#store('root', { uid: 0, gid: 0, home: '/root', shell: '/bin/bash' })
    for (const [name, user] of Object.entries(users)) {
      this.#store(name, user)
      if (user.busy) this.busy.add(name)
      if (user.homeless) this.homeless.add(name)
    }
  }

  async user(name: string): Promise<Account | undefined> {
    const user = this.userTable.get(name)
    return user && { ...user, groups: this.#groupsOf(name) }
  }

  async group(name: string) {
    return this.groupTable.get(name)
  }

  async users() {
    return [...this.userTable.values()].map((user) => ({ ...user, groups: this.#groupsOf(user.name) }))
  }

  async groups() {
    return [...this.groupTable.values()]
  }

  userName(uid: number): string {
    return [...this.userTable.values()].find((user) => user.uid === uid)?.name ?? String(uid)
  }

  groupName(gid: number): string {
    return [...this.groupTable.values()].find((group) => group.gid === gid)?.name ?? String(gid)
  }

  /** @throws TsaltError `user-unknown` */
  uid(name: string): number {
    const uid = this.userTable.get(name)?.uid
    if (uid !== undefined) return uid
    if (/^\d+$/.test(name)) return Number(name)
    throw new TsaltError('user-unknown', { name })
  }

  /** @throws TsaltError `group-unknown` */
  gid(name: string): number {
    const gid = this.groupTable.get(name)?.gid
    if (gid !== undefined) return gid
    if (/^\d+$/.test(name)) return Number(name)
    throw new TsaltError('group-unknown', { name })
  }

  freeUid(from: number): number {
    const taken = new Set([...this.userTable.values()].map(({ uid }) => uid))
    while (taken.has(from)) from++
    return from
  }

  freeGid(from: number): number {
    const taken = new Set([...this.groupTable.values()].map(({ gid }) => gid))
    while (taken.has(from)) from++
    return from
  }

  #groupsOf(name: string): string[] {
    return [...this.groupTable.values()]
      .filter((group) => group.members.includes(name))
      .map((group) => group.name)
      .sort()
  }

  #store(name: string, user: UserData): void {
    const uid = user.uid ?? this.freeUid(1000)
    const gid = user.gid ?? this.groupTable.get(name)?.gid ?? uid
    if (![...this.groupTable.values()].some((group) => group.gid === gid)) {
      this.groupTable.set(name, { name, gid, members: [] })
    }
    this.userTable.set(name, {
      name,
      uid,
      gid,
      fullname: user.fullname ?? '',
      home: user.home ?? `/home/${name}`,
      shell: user.shell ?? '/bin/sh',
      ...(user.passwordHash === undefined ? {} : { passwordHash: user.passwordHash }),
    })
  }
}

export class FakeAccountChanger implements AccountChanger {
  readonly #accounts: FakeAccounts
  readonly #note: (action: string) => void

  constructor(accounts: FakeAccounts, note: (action: string) => void) {
    this.#accounts = accounts
    this.#note = note
  }

  async addUser(name: string, options: UserOptions): Promise<void> {
    if (this.#accounts.userTable.has(name))
      throw failed('add the user', name, `user '${name}' already exists`)
    const uid = options.uid ?? this.#accounts.freeUid(options.system ? 100 : 1000)
    const gid =
      options.primaryGroup === undefined ? this.#ownGroup(name, uid) : this.#group(options.primaryGroup)
    this.#put(
      name,
      { name, uid, gid, fullname: '', home: `/home/${name}`, shell: '/bin/sh', passwordHash: '!' },
      options,
    )
    const made = this.#accounts.userTable.get(name)
    if (made && options.createHome !== false) this.#accounts.makeHome(made)
    this.#note(`useradd ${name}`)
  }

  async changeUser(name: string, options: UserOptions): Promise<void> {
    const before = this.#accounts.userTable.get(name)
    if (!before) throw new TsaltError('user-unknown', { name })
    const gid = options.primaryGroup === undefined ? before.gid : this.#group(options.primaryGroup)
    this.#put(name, { ...before, gid }, options)
    this.#note(`usermod ${name}`)
  }

  async removeUser(name: string, { force }: { readonly force?: boolean } = {}): Promise<void> {
    const user = this.#accounts.userTable.get(name)
    if (this.#accounts.busy.has(name) && !force)
      throw failed('remove the user', name, `user ${name} is currently used by process 4242`)
    if (!user) throw failed('remove the user', name, `user '${name}' does not exist`)
    this.#accounts.userTable.delete(name)
    this.#setGroups(name, [])
    const own = this.#accounts.groupTable.get(name)
    if (own && own.gid === user.gid && own.members.length === 0) this.#accounts.groupTable.delete(name)
    this.#note(`userdel ${name}`)
  }

  async addGroup(
    name: string,
    options: { readonly gid?: number; readonly system?: boolean; readonly nonUnique?: boolean } = {},
  ): Promise<void> {
    if (this.#accounts.groupTable.has(name))
      throw failed('add the group', name, `group '${name}' already exists`)
    const gid = options.gid ?? this.#accounts.freeGid(options.system ? 100 : 1000)
    this.#refuseTaken(gid, options.nonUnique, 'add the group', name)
    this.#accounts.groupTable.set(name, { name, gid, members: [] })
    this.#note(`groupadd ${name}`)
  }

  #refuseTaken(gid: number, nonUnique: boolean | undefined, doing: string, name: string): void {
    if (!nonUnique && [...this.#accounts.groupTable.values()].some((group) => group.gid === gid))
      throw failed(doing, name, `GID '${gid}' already exists`)
  }

  async changeGroup(
    name: string,
    {
      nonUnique,
      ...options
    }: { readonly gid?: number; readonly members?: readonly string[]; readonly nonUnique?: boolean },
  ) {
    const before = this.#accounts.groupTable.get(name)
    if (!before) throw failed('change the group', name, `group '${name}' does not exist`)
    for (const member of options.members ?? []) this.#accounts.uid(member)
    if (options.gid !== undefined && options.gid !== before.gid)
      this.#refuseTaken(options.gid, nonUnique, 'change the group', name)
    this.#accounts.groupTable.set(name, { ...before, ...options })
    this.#note(`groupmod ${name}`)
  }

  async removeGroup(name: string): Promise<void> {
    const group = this.#accounts.groupTable.get(name)
    if (!group) throw failed('remove the group', name, `group '${name}' does not exist`)
    const user = [...this.#accounts.userTable.values()].find(({ gid }) => gid === group.gid)
    if (user) throw failed('remove the group', name, `cannot remove the primary group of user '${user.name}'`)
    this.#accounts.groupTable.delete(name)
    this.#note(`groupdel ${name}`)
  }

  #put(name: string, base: StoredUser, options: UserOptions): void {
    const { uid, fullname, home, shell, passwordHash } = options
    this.#accounts.userTable.set(name, {
      ...base,
      ...(uid === undefined ? {} : { uid }),
      ...(fullname === undefined ? {} : { fullname }),
      ...(home === undefined ? {} : { home }),
      ...(shell === undefined ? {} : { shell }),
      ...(passwordHash === undefined ? {} : { passwordHash }),
    })
    if (options.groups !== undefined) this.#setGroups(name, options.groups)
  }

  #setGroups(name: string, groups: readonly string[]): void {
    for (const group of groups) this.#group(group)
    for (const group of this.#accounts.groupTable.values()) {
      const others = group.members.filter((member) => member !== name)
      const members = groups.includes(group.name) ? [...others, name] : others
      this.#accounts.groupTable.set(group.name, { ...group, members })
    }
  }

  #group(group: string | number): number {
    return typeof group === 'number' ? group : this.#accounts.gid(group)
  }

  #ownGroup(name: string, uid: number): number {
    const existing = this.#accounts.groupTable.get(name)
    if (existing)
      throw failed(
        'add the user',
        name,
        `group ${name} exists - if you want to add this user to that group, use -g`,
      )
    const gid = this.#accounts.freeGid(uid)
    this.#accounts.groupTable.set(name, { name, gid, members: [] })
    return gid
  }
}

function failed(action: string, name: string, reason: string): TsaltError {
  return new TsaltError('account-failed', { action, name, reason })
}
