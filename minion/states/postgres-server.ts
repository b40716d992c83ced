/** What all states of PostgreSQL share: which server, and as whom. */
import { optional } from '../../shared/schema/argument.ts'
import { postgresName } from '../../shared/schema/database-names.ts'
import { accountName, nonEmptyText, text, whole } from '../../shared/schema/scalars.ts'
import { Postgres, type PostgresCaller } from '../databases/postgres/psql.ts'
import type { Reader } from '../system/reader.ts'
import type { Decision, StateRun } from './contract.ts'
import { withServer } from './database-trouble.ts'

export const serverEntries = {
  user: optional(
    accountName,
    "Account that runs psql. Default: `postgres` where the server is asked through its socket, else the minion's own.",
  ),
  db_user: optional(
    postgresName,
    'Role to log in as. Default: `postgres.user` of configuration or pillar, else as the account.',
  ),
  db_password: optional(text, 'Its password. Default: `postgres.pass` of configuration or pillar.'),
  db_host: optional(
    nonEmptyText,
    'Host, or folder of the socket. Default: `postgres.host`, else the socket.',
  ),
  db_port: optional(whole, 'Port. Default: `postgres.port`, else 5432.'),
}

export const maintenanceDatabase = {
  maintenance_db: optional(
    postgresName,
    'Database to ask in. Default: `postgres.maintenance_db`, else `postgres`.',
  ),
}

export function onPostgres(
  caller: PostgresCaller,
  look: Reader,
  run: StateRun,
  decide: (server: Postgres) => Promise<Decision>,
): Promise<Decision> {
  return withServer(run, () => decide(new Postgres(caller, look, run.config)))
}
