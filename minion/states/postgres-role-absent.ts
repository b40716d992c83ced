/** A role that is dropped, and how it comes back: with its password, settings, groups and members. */
import { isTsaltError } from '../../shared/errors/error.ts'
import type { Postgres } from '../databases/postgres/psql.ts'
import { identifier, literal } from '../databases/postgres/sql-text.ts'
import { type Decision, drift, inSync } from './contract.ts'

const word = (column: string, name: string): string =>
  `CASE WHEN ${column} THEN '${name}' ELSE 'NO${name}' END`
const words = [
  word('rolsuper', 'SUPERUSER'),
  word('rolcreatedb', 'CREATEDB'),
  word('rolcreaterole', 'CREATEROLE'),
  word('rolinherit', 'INHERIT'),
  word('rolcanlogin', 'LOGIN'),
  word('rolreplication', 'REPLICATION'),
].join(', ')

const grants = (granted: string, to: string, of: string): string => `ARRAY(SELECT format('GRANT %I TO %I%s;',
  ${granted}, ${to}, CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END)
  FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles o ON o.oid = ${of === 'member' ? 'm.roleid' : 'm.member'}
  WHERE m.${of} = r.oid ORDER BY 1)`

/** Settings that are lists of names are kept as SQL already. */
const settings = `ARRAY(SELECT format('ALTER ROLE %I SET %I TO %s;', r.rolname, split_part(c, '=', 1),
  CASE WHEN split_part(c, '=', 1) IN ('search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries')
    THEN substr(c, strpos(c, '=') + 1) ELSE quote_literal(substr(c, strpos(c, '=') + 1)) END)
  FROM unnest(r.rolconfig) AS c)`

/** SQL that makes the role what it is. */
const made = (name: string): string => `SELECT ARRAY[
  format('CREATE ROLE %I WITH %s %s %s %s %s %s CONNECTION LIMIT %s%s;', rolname, ${words}, rolconnlimit,
    CASE WHEN rolvaliduntil IS NULL THEN '' ELSE format(' VALID UNTIL %L', rolvaliduntil::text) END)]
  || ${grants('o.rolname', 'r.rolname', 'member')}
  || ${grants('r.rolname', 'o.rolname', 'roleid')}
  || ${settings} AS made
  FROM pg_catalog.pg_roles r WHERE rolname = ${literal(name)}`

/** @param what as comments call it: `User`, `Group` */
export async function removeRole(what: 'User' | 'Group', name: string, server: Postgres): Promise<Decision> {
  const [role] = await server.rows('role to drop', made(name))
  if (!role) return inSync(`${what} ${name} is not present, so it cannot be removed`)
  const comments = {
    would: `${what} ${name} is set to be removed`,
    done: `${what} ${name} has been removed`,
  }
  return drift({ [name]: 'Absent' }, comments, async (act) => {
    const back = [...(role.made as string[]), ...(await password(name, server))].join('\n')
    await server.change(act, `DROP ROLE ${identifier(name)};`, [server.step(back)])
  })
}

async function password(name: string, server: Postgres): Promise<string[]> {
  try {
    const query = `SELECT rolpassword AS stored FROM pg_catalog.pg_authid WHERE rolname = ${literal(name)}`
    const stored = (await server.rows('password of the role', query))[0]?.stored
    return typeof stored === 'string' ? [`ALTER ROLE ${identifier(name)} PASSWORD ${literal(stored)};`] : []
  } catch (error) {
    // Only superusers may read it: the role comes back without.
    if (isTsaltError(error) && error.code === 'database-refused') return []
    throw error
  }
}
