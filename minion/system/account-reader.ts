/** Users and groups of this machine, as states see them. */
import type { AccountFiles, PasswdEntry } from './account-files.ts'
import type { Account, AccountReader } from './reader.ts'

export function osAccountReader(files: AccountFiles): AccountReader {
  const account = (entry: PasswdEntry): Account => {
    const passwordHash = files.passwordHash(entry.name)
    return {
      ...entry,
      groups: files.supplementary(entry.name).map((group) => group.name),
      ...(passwordHash === undefined ? {} : { passwordHash }),
    }
  }
  return {
    user: async (name) => {
      const entry = await files.user(name)
      return entry && account(entry)
    },
    group: async (name) => files.group(name),
    userNow: (name) => {
      const entry = files.allUsers().find((user) => user.name === name)
      return entry && account(entry)
    },
    groupNow: (key) =>
      files.allGroups().find(({ name, gid }) => (typeof key === 'number' ? gid : name) === key),
    users: async () => files.allUsers().map(account),
    groups: async () => [...files.allGroups()],
  }
}
