/** Arguments that all functions of `postgres` take: which server, as whom. Salt names them otherwise than states. */
import { optional } from '../../../shared/schema/argument.ts'
import { accountName, text, whole } from '../../../shared/schema/scalars.ts'
import { Postgres, type PostgresCaller } from '../../databases/postgres/psql.ts'
import { given } from '../../states/given.ts'
import type { ModuleContext } from '../contract.ts'

export const callerEntries = {
  user: optional(text, 'Role to log in as. Default: `postgres.user` of configuration or pillar.'),
  host: optional(text, 'Host, or folder of the socket. Default: `postgres.host`, else the socket.'),
  port: optional(whole, 'Port. Default: `postgres.port`, else 5432.'),
  maintenance_db: optional(text, 'Database to ask in. Default: `postgres.maintenance_db`, else `postgres`.'),
  password: optional(text, 'Password. Default: `postgres.pass`.'),
  runas: optional(accountName, 'Account that runs psql. Default: `postgres` through the socket.'),
}

export interface GivenCaller {
  readonly user?: string
  readonly host?: string
  readonly port?: number
  readonly maintenance_db?: string
  readonly password?: string
  readonly runas?: string
}

/** As states name them. */
export const callerOf = ({
  user,
  host,
  port,
  maintenance_db,
  password,
  runas,
}: GivenCaller): PostgresCaller =>
  given({ db_user: user, db_host: host, db_port: port, maintenance_db, db_password: password, user: runas })

export const serverOf = (caller: GivenCaller, { look, config }: ModuleContext): Postgres =>
  new Postgres(callerOf(caller), look, config)
