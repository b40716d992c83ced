/** Values as text of SQL for MySQL and MariaDB. Texts are right where `sql_mode` is what the client sets first. */

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
  "'": "''",
  '\\': '\\\\',
}

/** A text: `'it''s'`. */
export const literal = (text: string): string => `'${[...text].map((one) => escapes[one] ?? one).join('')}'`

/** A name of a database, table or column. */
export function identifier(name: string): string {
  if (name.includes('\0')) throw new RangeError('a NUL in a name for MySQL')
  return `\`${name.replaceAll('`', '``')}\``
}

/** A user at a host: `'app'@'10.0.0.%'`. */
export const account = (user: string, host: string): string => `${literal(user)}@${literal(host)}`

/** Of a whole database in a grant, where `_` and `%` stand for any characters. */
export const pattern = (database: string): string =>
  identifier(database.replace(/[\\_%]/g, (one) => `\\${one}`))
