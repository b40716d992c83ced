/** Who may do what with the objects of a PostgreSQL database: what a role has, and the SQL that gives and takes. */
import type { Postgres } from './psql.ts'
import { identifier, literal } from './sql-text.ts'

export const objectTypes = [
  'table',
  'sequence',
  'schema',
  'database',
  'tablespace',
  'language',
  'function',
  'group',
] as const
export type ObjectType = (typeof objectTypes)[number]

/** Type → the privileges that it knows; PostgreSQL 17 added MAINTAIN. */
const known: Readonly<Record<Exclude<ObjectType, 'group'>, readonly string[]>> = {
  table: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'],
  sequence: ['USAGE', 'SELECT', 'UPDATE'],
  schema: ['CREATE', 'USAGE'],
  database: ['CREATE', 'CONNECT', 'TEMPORARY'],
  tablespace: ['CREATE'],
  language: ['USAGE'],
  function: ['EXECUTE'],
}

/** The privileges of a list as the server names them; the first that the type does not know. */
export function readPrivileges(
  type: Exclude<ObjectType, 'group'>,
  given: readonly string[],
): string[] | { unknown: string } {
  const names = given.map((name) =>
    name
      .trim()
      .toUpperCase()
      .replace(/^TEMP$/, 'TEMPORARY')
      .replace(/^ALL PRIVILEGES$/, 'ALL'),
  )
  if (names.includes('ALL')) return ['ALL']
  const unknown = names.find((name) => !known[type].includes(name))
  return unknown === undefined ? [...new Set(names)] : { unknown }
}

export const privilegesOf = (type: Exclude<ObjectType, 'group'>): readonly string[] => known[type]

export interface ObjectName {
  readonly type: Exclude<ObjectType, 'group'>
  /** `ALL`: every table, sequence or function of the schema. */
  readonly name: string
  readonly schema: string
}

export interface HeldPrivileges {
  /** As GRANT names it: `TABLE "public"."a"`. */
  readonly object: string
  /** All that its owner has by default: what ALL stands for. */
  readonly all: readonly string[]
  readonly held: readonly string[]
  /** Those among them that may be passed on. */
  readonly grantable: readonly string[]
}

interface Catalog {
  readonly from: string
  readonly acl: string
  readonly owner: string
  readonly kind: string
  readonly object: string
  readonly where: string
}

const named = (column: string, name: string): string => `${column} = ${literal(name)}`

function catalogOf({ type, name, schema }: ObjectName): Catalog {
  const inSchema = 'JOIN pg_catalog.pg_namespace n ON n.oid = o.relnamespace'
  const relation = (kind: string, word: string, kinds: string): Catalog => ({
    from: `pg_catalog.pg_class o ${inSchema}`,
    acl: 'o.relacl',
    owner: 'o.relowner',
    kind,
    object: `format('${word} %I.%I', n.nspname, o.relname)`,
    where: `${named('n.nspname', schema)} AND o.relkind IN (${kinds})${name === 'ALL' ? '' : ` AND ${named('o.relname', name)}`}`,
  })
  const simple = (table: string, column: string, prefix: string, kind: string, word: string): Catalog => ({
    from: `pg_catalog.${table} o`,
    acl: `o.${prefix}acl`,
    owner: column === 'datname' ? 'o.datdba' : `o.${prefix}owner`,
    kind,
    object: `format('${word} %I', o.${column})`,
    where: named(`o.${column}`, name),
  })
  switch (type) {
    case 'table':
      return relation('r', 'TABLE', "'r', 'v', 'm', 'f', 'p'")
    case 'sequence':
      return relation('s', 'SEQUENCE', "'S'")
    case 'schema':
      return simple('pg_namespace', 'nspname', 'nsp', 'n', 'SCHEMA')
    case 'database':
      return simple('pg_database', 'datname', 'dat', 'd', 'DATABASE')
    case 'tablespace':
      return simple('pg_tablespace', 'spcname', 'spc', 't', 'TABLESPACE')
    case 'language':
      return simple('pg_language', 'lanname', 'lan', 'l', 'LANGUAGE')
    case 'function':
      return {
        from: 'pg_catalog.pg_proc o JOIN pg_catalog.pg_namespace n ON n.oid = o.pronamespace',
        acl: 'o.proacl',
        owner: 'o.proowner',
        kind: 'f',
        object: "format('FUNCTION %s', o.oid::regprocedure)",
        where: `${named('n.nspname', schema)}${name === 'ALL' ? '' : ` AND o.oid = to_regprocedure(${literal(signature(name, schema))})`}`,
      }
  }
}

/** `total(integer)` with its schema, as the server reads it. */
const signature = (name: string, schema: string): string => {
  const [, own = name, rest = '()'] = /^([^(]*)(\(.*\))$/s.exec(name) ?? []
  return `${identifier(schema)}.${identifier(own.trim())}${rest}`
}

/** @param role `public` stands for everybody */
export async function heldPrivileges(
  wanted: ObjectName,
  role: string,
  server: Postgres,
): Promise<HeldPrivileges[]> {
  const { from, acl, owner, kind, object, where } = catalogOf(wanted)
  const grantee =
    role.toLowerCase() === 'public'
      ? '0'
      : `(SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${literal(role)})`
  const effective = `pg_catalog.aclexplode(coalesce(${acl}, pg_catalog.acldefault('${kind}', ${owner})))`
  const query = `SELECT ${object} AS object,
    ARRAY(SELECT privilege_type FROM pg_catalog.aclexplode(pg_catalog.acldefault('${kind}', ${owner})) WHERE grantee = ${owner}) AS "all",
    ARRAY(SELECT privilege_type FROM ${effective} WHERE grantee = ${grantee}) AS held,
    ARRAY(SELECT privilege_type FROM ${effective} WHERE grantee = ${grantee} AND is_grantable) AS grantable
    FROM ${from} WHERE ${where} ORDER BY 1`
  return (await server.rows('privileges', query)) as unknown as HeldPrivileges[]
}

/** @returns undefined: there is no such role */
export async function membershipOf(
  group: string,
  member: string,
  server: Postgres,
): Promise<{ readonly member: boolean; readonly admin: boolean } | undefined> {
  const query = `SELECT EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.roleid = g.oid AND m.member = u.oid) AS member,
    EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.roleid = g.oid AND m.member = u.oid AND m.admin_option) AS admin
    FROM pg_catalog.pg_roles g, pg_catalog.pg_roles u WHERE g.rolname = ${literal(group)} AND u.rolname = ${literal(member)}`
  const [row] = await server.rows('member', query)
  return row === undefined ? undefined : { member: row.member === true, admin: row.admin === true }
}

export const grantee = (role: string): string =>
  role.toLowerCase() === 'public' ? 'PUBLIC' : identifier(role)

export const grant = (
  privileges: readonly string[],
  object: string,
  role: string,
  withOption: boolean,
): string =>
  `GRANT ${privileges.join(', ')} ON ${object} TO ${grantee(role)}${withOption ? ' WITH GRANT OPTION' : ''};`

export const revoke = (
  privileges: readonly string[],
  object: string,
  role: string,
  optionOnly = false,
): string =>
  `REVOKE ${optionOnly ? 'GRANT OPTION FOR ' : ''}${privileges.join(', ')} ON ${object} FROM ${grantee(role)};`
