/** Who the operators are: the users of the store, held in memory, for rights are asked for at every door. */
import type { OperatorStore, StoredUser } from '../store/operators.ts'
import type { SystemAccounts } from './system-accounts.ts'

export interface Directory {
  /** Of the store; also a disabled one. */
  user(name: string): StoredUser | undefined
  users(): readonly StoredUser[]
  /** Reads the store again. */
  refresh(): Promise<void>
  /**
   * Looks at a user of the system again, where the last look is not quite new, or `anew`; of others it knows at any time.
   * @returns why nobody of that name may do anything any more, or undefined. @throws TsaltError `accounts-unanswered`
   */
  look(name: string, anew?: 'anew'): Promise<string | undefined>
  /**
   * Of a user of the system as the last look has told: none before it.
   * @returns undefined: nobody of that name may do anything. @param name as an Actor has it: `alice`, `pam:bob`
   */
  groupsOf(name: string): readonly string[] | undefined
}

const pamName = /^pam:(.+)$/s

export async function openDirectory(
  store: Pick<OperatorStore, 'users'>,
  accounts: SystemAccounts,
): Promise<Directory> {
  let users: ReadonlyMap<string, StoredUser> = new Map()
  const refresh = async (): Promise<void> => {
    users = new Map((await store.users()).map((user) => [user.name, user]))
  }
  await refresh()
  return {
    user: (name) => users.get(name),
    users: () => [...users.values()],
    refresh,
    async look(name, anew) {
      const [, outside] = pamName.exec(name) ?? []
      return outside === undefined ? undefined : (await accounts.look(outside, anew && 0)).ended
    },
    groupsOf(name) {
      const [, outside] = pamName.exec(name) ?? []
      if (outside !== undefined) {
        const account = accounts.last(outside)
        return account?.ended === undefined ? (account?.groups ?? []) : undefined
      }
      const user = users.get(name)
      return user === undefined || user.disabled ? undefined : user.groups
    },
  }
}
