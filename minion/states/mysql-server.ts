/** What all states of MySQL and MariaDB share: which server, and as whom. */
import { optional } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { nonEmptyText, text, whole } from '../../shared/schema/scalars.ts'
import { Mysql, type MysqlCaller } from '../databases/mysql/client.ts'
import type { Reader } from '../system/reader.ts'
import type { Decision, StateRun } from './contract.ts'
import { withServer } from './database-trouble.ts'

export const connectionEntries = {
  connection_host: optional(
    nonEmptyText,
    'Host of the server. Default: `mysql.host` of configuration or pillar, else the socket.',
  ),
  connection_port: optional(whole, 'Its port. Default: `mysql.port`, else 3306.'),
  connection_user: optional(
    nonEmptyText,
    "User to log in as. Default: `mysql.user`, else root through the socket, as Debian's servers let it in.",
  ),
  connection_pass: optional(text, 'Password. Default: `mysql.pass`.'),
  connection_db: optional(nonEmptyText, 'Database to begin with. Default: `mysql.db`.'),
  connection_unix_socket: optional(absolutePath, 'Socket of the server. Default: `mysql.unix_socket`.'),
  connection_default_file: optional(
    absolutePath,
    'Option file of the client, as `/etc/mysql/debian.cnf`. Default: `mysql.default_file`.',
  ),
  connection_default_group: optional(nonEmptyText, 'Suffix of the groups that it reads from option files.'),
  connection_charset: optional(
    nonEmptyText,
    'Character set of the connection. Default: `mysql.charset`, else utf8mb4.',
  ),
  connection_use_unicode: optional(text, 'Accepted for trees of Salt; everything is Unicode.'),
}

export function onMysql(
  caller: MysqlCaller,
  look: Reader,
  run: StateRun,
  decide: (server: Mysql) => Promise<Decision>,
): Promise<Decision> {
  return withServer(run, () => decide(new Mysql(caller, look, run.config)))
}
