/** postgres_group.*: roles that others are members of. */
import * as v from 'valibot'
import { needed } from '../../shared/schema/argument.ts'
import { postgresName } from '../../shared/schema/database-names.ts'
import { stateFunction, stateModule } from './contract.ts'
import { removeRole } from './postgres-role-absent.ts'
import { ensureRole, roleArguments } from './postgres-role-present.ts'
import { maintenanceDatabase, onPostgres, serverEntries } from './postgres-server.ts'

const present = stateFunction({
  summary: 'Makes sure that a role exists, that it may do what is given, and that it has this password.',
  args: roleArguments,
  examples: [
    'readers:\n  postgres_group.present: []\n',
    'deployers:\n  postgres_group.present:\n    - createdb: True\n',
  ],
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, (server) => ensureRole('Group', wanted, server)),
})

const absent = stateFunction({
  summary: 'Makes sure that a role does not exist.',
  args: v.strictObject({
    name: needed(postgresName, 'Name of the role.'),
    ...maintenanceDatabase,
    ...serverEntries,
  }),
  examples: ['oldgroup:\n  postgres_group.absent: []\n'],
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, (server) => removeRole('Group', wanted.name, server)),
})

export const postgresGroup = stateModule({
  summary: 'Roles of PostgreSQL that others are members of.',
  functions: { present, absent },
})
