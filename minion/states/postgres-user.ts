/** postgres_user.*: roles that log in. */
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
    'app:\n  postgres_user.present:\n    - password: change-me\n',
    'reports:\n  postgres_user.present:\n    - password: md5c3fcd3d76192e4007dfb496cca67e13b\n    - createdb: False\n    - superuser: False\n    - groups: [readers]\n    - valid_until: 2030-01-01\n    - require:\n      - postgres_group: readers\nreaders:\n  postgres_group.present: []\n',
  ],
  check: (wanted, look, run) => onPostgres(wanted, look, run, (server) => ensureRole('User', wanted, server)),
})

const absent = stateFunction({
  summary: 'Makes sure that a role does not exist.',
  args: v.strictObject({
    name: needed(postgresName, 'Name of the role.'),
    ...maintenanceDatabase,
    ...serverEntries,
  }),
  examples: ['olduser:\n  postgres_user.absent: []\n'],
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, (server) => removeRole('User', wanted.name, server)),
})

export const postgresUser = stateModule({
  summary: 'Roles of PostgreSQL that log in.',
  functions: { present, absent },
})
