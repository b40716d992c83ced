/** user.absent: no such user. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { accountName, flag } from '../../../shared/schema/scalars.ts'
import { withAccountsAfter } from '../accounts-after.ts'
import { drift, inSync, stateFunction } from '../contract.ts'

export const absent = stateFunction({
  summary: 'Makes sure that there is no such user.',
  args: v.strictObject({
    name: needed(accountName, 'The user.'),
    purge: defaulted(flag, false, 'Remove the home directory with it.'),
    force: defaulted(flag, false, 'Also while the user is logged in.'),
    local: optional(flag, 'Accepted for trees of Salt; users are always in the files of the machine.'),
  }),
  examples: ['mallory:\n  user.absent:\n    - purge: True\n'],
  refuse: ({ name }) =>
    name === 'root' ? { argument: 'name', reason: 'the user root is never removed' } : undefined,
  async check({ name, purge, force }, now, run) {
    const look = await withAccountsAfter(now, run)
    const account = await look.accounts.user(name)
    if (!account) return inSync(`User ${name} is not present`)
    return drift(
      { [name]: 'removed' },
      { would: `User ${name} set for removal`, done: `Removed user ${name}` },
      (act) => act.accounts.removeUser(name, { purge, force }),
    )
  },
})
