/** Options of /etc/tsalt/minion that states of databases read, with the names that Salt gives them; empty: not said. */
import { option, text } from './option.ts'

const said = (doc: string) => option(text, '', `${doc} The pillar may say it instead.`)

export const databaseOptions = {
  'mysql.host': said('Host of the MySQL or MariaDB server that states and functions ask.'),
  'mysql.port': said('Its port.'),
  'mysql.user': said('User to log in as.'),
  'mysql.pass': said('Its password.'),
  'mysql.db': said('Database to begin with.'),
  'mysql.unix_socket': said('Its socket.'),
  'mysql.default_file': said('Option file of the client, e.g. /etc/mysql/debian.cnf.'),
  'mysql.charset': said('Character set of the connection.'),
  'postgres.host': said(
    'Host of the PostgreSQL server that states and functions ask, or folder of its socket.',
  ),
  'postgres.port': said('Its port.'),
  'postgres.user': said('Role to log in as.'),
  'postgres.pass': said('Its password.'),
  'postgres.maintenance_db': said('Database to ask in.'),
  'postgres.bins_dir': said('Folder of psql and initdb, where they are not in the path.'),
  'redis.host': said('Host of the Redis server that states and functions ask.'),
  'redis.port': said('Its port.'),
  'redis.db': said('Number of the database.'),
  'redis.password': said('Its password.'),
}
