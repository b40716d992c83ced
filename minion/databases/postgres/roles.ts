/** Roles of a PostgreSQL server: what is known of one. */
import { isTsaltError } from '../../../shared/errors/error.ts'
import type { Postgres, Row } from './psql.ts'
import { literal } from './sql-text.ts'

export interface Role {
  readonly superuser: boolean
  readonly inherit: boolean
  readonly createroles: boolean
  readonly createdb: boolean
  readonly login: boolean
  readonly replication: boolean
  /** As stored; null: none. undefined: it may not be read. */
  readonly password: string | null | undefined
  /** As the server writes it; null: forever. */
  readonly validUntil: string | null
  /** Whether that is the time that was asked for. */
  readonly isValidUntil: boolean
  readonly groups: readonly string[]
}

const columns = (validUntil: string | undefined): string => `rolsuper AS superuser, rolinherit AS inherit,
  rolcreaterole AS createroles, rolcreatedb AS createdb, rolcanlogin AS login, rolreplication AS replication,
  rolvaliduntil::text AS "validUntil",
  ${validUntil === undefined ? 'true' : `coalesce(rolvaliduntil, 'infinity') = ${literal(validUntil)}::timestamptz`} AS "isValidUntil",
  ARRAY(SELECT g.rolname FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
    WHERE m.member = r.oid ORDER BY 1) AS groups`

/**
 * @param options.password whether the stored password is asked for, which only superusers may read
 * @param options.validUntil a time to compare with
 * @returns undefined: there is no such role
 */
export async function roleNamed(
  name: string,
  options: { readonly password: boolean; readonly validUntil?: string | undefined },
  server: Postgres,
): Promise<Role | undefined> {
  const where = `WHERE r.rolname = ${literal(name)}`
  const open = (): Promise<Row[]> =>
    server.rows('role', `SELECT ${columns(options.validUntil)} FROM pg_catalog.pg_roles r ${where}`)
  if (!options.password) return roleOf((await open())[0], undefined)
  try {
    const query = `SELECT ${columns(options.validUntil)}, rolpassword AS password FROM pg_catalog.pg_authid r ${where}`
    const [row] = await server.rows('role with password', query)
    return roleOf(row, (row?.password ?? null) as string | null)
  } catch (error) {
    if (!isTsaltError(error) || !/permission denied/.test(error.message)) throw error
    return roleOf((await open())[0], undefined)
  }
}

function roleOf(row: Row | undefined, password: string | null | undefined): Role | undefined {
  return row === undefined ? undefined : ({ ...row, password } as unknown as Role)
}

/** `md5` or `scram-sha-256`: how the server would store a password itself. */
export async function ownEncryption(server: Postgres): Promise<'md5' | 'scram-sha-256'> {
  const said = (await server.text('SHOW password_encryption;\n')).trim()
  return said === 'scram-sha-256' ? 'scram-sha-256' : 'md5'
}
