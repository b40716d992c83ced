/** Users of a MySQL or MariaDB server: how one logs in, and the SQL that makes it what it is. */
import type { Mysql } from './client.ts'
import { account, literal } from './sql-text.ts'

export interface Account {
  /** `mysql_native_password`, `unix_socket`, `caching_sha2_password`; empty on old servers. */
  readonly plugin: string
  /** The stored form of the password; empty: none. */
  readonly hash: string
}

export async function accountOf(user: string, host: string, server: Mysql): Promise<Account | undefined> {
  const [row] = await server.rows(
    'user',
    `SELECT * FROM mysql.user WHERE User = ${literal(user)} AND Host = ${literal(host)}`,
  )
  if (!row) return undefined
  return {
    plugin: row.get('plugin') ?? '',
    hash: row.get('authentication_string') || row.get('Password') || '',
  }
}

/** `{isMaria: true, version: [10, 11]}` */
export async function flavourOf(
  server: Mysql,
): Promise<{ readonly isMaria: boolean; readonly major: number }> {
  const text = (await server.rows('version', 'SELECT VERSION() AS version'))[0]?.get('version') ?? ''
  return { isMaria: /mariadb/i.test(text), major: Number.parseInt(text, 10) }
}

/** CREATE USER with the password as it is stored. */
export async function creation(user: string, host: string, server: Mysql): Promise<string> {
  const [row] = await server.rows('how it was made', `SHOW CREATE USER ${account(user, host)}`)
  return [...(row?.values() ?? [])].at(-1) ?? ''
}

/** GRANT statements as the server prints them. */
export async function grantsOf(user: string, host: string, server: Mysql): Promise<string[]> {
  const rows = await server.rows('grants', `SHOW GRANTS FOR ${account(user, host)}`)
  return rows.flatMap((row) => [...row.values()].filter((value): value is string => value !== null))
}
