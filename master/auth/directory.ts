/** Who the operators are: the users of the store, held in memory, for rights are asked for at every door. */
import type { OperatorStore, StoredUser } from '../store/operators.ts'
import { systemGroups } from './system-groups.ts'

export interface Directory {
  /** Of the store; also a disabled one. */
  user(name: string): StoredUser | undefined
  users(): readonly StoredUser[]
  /** Reads the store again. */
  refresh(): Promise<void>
  /** undefined: nobody of that name may do anything. @param name as an Actor has it: `alice`, `pam:bob` */
  groupsOf(name: string): readonly string[] | undefined
}

const pamName = /^pam:(.+)$/s

export async function openDirectory(store: Pick<OperatorStore, 'users'>): Promise<Directory> {
  let users: ReadonlyMap<string, StoredUser> = new Map()
  const refresh = async (): Promise<void> => {
    users = new Map((await store.users()).map((user) => [user.name, user]))
  }
  await refresh()
  return {
    user: (name) => users.get(name),
    users: () => [...users.values()],
    refresh,
    groupsOf(name) {
      const [, outside] = pamName.exec(name) ?? []
      if (outside !== undefined) return systemGroups(outside)
      const user = users.get(name)
      return user === undefined || user.disabled ? undefined : user.groups
    },
  }
}
