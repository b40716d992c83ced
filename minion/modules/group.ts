/** Execution module `group`: groups of the machine. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { needed } from '../../shared/schema/argument.ts'
import { text } from '../../shared/schema/scalars.ts'
import type { AccountGroup } from '../system/reader.ts'
import { groupChanges } from './account-changes.ts'
import { execFunction, execModule } from './contract.ts'

const described = ({ name, gid, members }: AccountGroup): Plain => ({
  name,
  passwd: 'x',
  gid,
  members: [...members],
})

export const groupModule = execModule({
  summary: 'Groups of the machine.',
  functions: {
    ...groupChanges,
    info: execFunction({
      summary: 'A group with its id and members; nothing where there is none.',
      args: v.strictObject({ name: needed(text, 'Name of the group.') }),
      examples: ["tsalt '*' group.info adm"],
      readOnly: true,
      run: async ({ name }, { look }) => {
        const found = await look.accounts.group(name)
        return found ? described(found) : {}
      },
      now: ({ name }, { look }) => {
        const found = look.accounts.groupNow?.(name)
        return found && described(found)
      },
    }),
    getent: execFunction({
      summary: 'All groups, as info shows them.',
      args: v.strictObject({}),
      examples: ["tsalt '*' group.getent"],
      readOnly: true,
      run: async (_, { look }) => (await look.accounts.groups()).map(described),
    }),
  },
})
