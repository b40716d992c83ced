/** ssh_known_hosts.absent: a host is not known. */
import * as v from 'valibot'
import { needed } from '../../../shared/schema/argument.ts'
import { nonEmptyText } from '../../../shared/schema/scalars.ts'
import { drift, inSync, stateFunction } from '../contract.ts'
import { fileEntries, openKnownHosts, refuseFile, saveKnownHosts, shownKey } from './known-hosts-file.ts'

export const absent = stateFunction({
  summary: 'Makes sure that SSH of a user does not know a host.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'Host name or address, as it is given to ssh.'),
    ...fileEntries,
  }),
  examples: ['old.example.org:\n  ssh_known_hosts.absent:\n    - user: deploy\n'],
  refuse: refuseFile,
  async check(wanted, look, run) {
    const now = await openKnownHosts(wanted, look, run)
    if (now.kind !== 'known-hosts') return now
    if (now.own.size === 0) return inSync('Host is already absent')
    const { name } = wanted
    return drift(
      { old: [...now.own.values()].map((one) => shownKey(name, one)), new: null },
      {
        would: `Key for ${name} is set to be removed from ${now.shown}`,
        done: `${name} was removed from ${now.shown}`,
      },
      (act) =>
        saveKnownHosts(
          now,
          now.lines.filter((_, index) => !now.own.has(index)),
          act,
        ),
    )
  },
})
