/** Functions of `postgres` that tell what there is. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed } from '../../../shared/schema/argument.ts'
import { flag, text } from '../../../shared/schema/scalars.ts'
import type { Row } from '../../databases/postgres/psql.ts'
import { literal } from '../../databases/postgres/sql-text.ts'
import { type ExecFunction, execFunction, type ModuleContext } from '../contract.ts'
import { callerEntries, type GivenCaller, serverOf } from './caller.ts'

type Table = Record<string, Record<string, Plain>>

/** Rows by their column `key`, which is left out of them. */
function byKey(rows: readonly Row[], key: string): Table {
  return Object.fromEntries(rows.map(({ [key]: name, ...others }) => [String(name), others]))
}

const databases = `SELECT d.datname AS key, pg_catalog.pg_get_userbyid(d.datdba) AS "Owner",
  pg_catalog.pg_encoding_to_char(d.encoding) AS "Encoding", d.datcollate AS "Collate", d.datctype AS "Ctype",
  coalesce(d.datacl::text, '') AS "Access privileges", t.spcname AS "Tablespace"
  FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace ORDER BY 1`
const roles = (table: string, password: string): string => `SELECT r.rolname AS key, rolsuper AS superuser,
  rolinherit AS "inherits privileges", rolcreaterole AS "can create roles", rolcreatedb AS "can create databases",
  rolcanlogin AS "can login", rolreplication AS replication,
  CASE WHEN rolconnlimit < 0 THEN NULL ELSE rolconnlimit END AS connections, rolvaliduntil::text AS "expiry time",
  (SELECT s.rolconfig FROM pg_catalog.pg_roles s WHERE s.oid = r.oid) AS "defaults variables",
  ARRAY(SELECT g.rolname FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
    WHERE m.member = r.oid ORDER BY 1) AS groups${password} FROM pg_catalog.${table} r ORDER BY 1`
const schemas = `SELECT nspname AS key, nspname AS name, pg_catalog.pg_get_userbyid(nspowner) AS owner,
  coalesce(nspacl::text, '') AS acl FROM pg_catalog.pg_namespace ORDER BY 1`
const tablespaces = `SELECT spcname AS key, spcname AS "Name", pg_catalog.pg_get_userbyid(spcowner) AS "Owner",
  coalesce(spcacl::text, '') AS "ACL", coalesce(spcoptions::text, '') AS "Opts",
  pg_catalog.pg_tablespace_location(oid) AS "Location" FROM pg_catalog.pg_tablespace ORDER BY 1`
const installed = `SELECT e.extname AS key, e.extname, e.extversion, n.nspname AS schema_name, e.extrelocatable,
  pg_catalog.pg_get_userbyid(e.extowner) AS extowner
  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace ORDER BY 1`
const available = `SELECT name AS key, name, default_version, installed_version, comment
  FROM pg_catalog.pg_available_extensions ORDER BY 1`
const languages = 'SELECT lanname AS key, lanname AS name FROM pg_catalog.pg_language ORDER BY 1'

async function listed(
  label: string,
  query: string,
  caller: GivenCaller,
  context: ModuleContext,
): Promise<Table> {
  return byKey(await serverOf(caller, context).rows(label, query), 'key')
}

function list(name: string, what: string, query: string): Record<string, ExecFunction> {
  return {
    [name]: execFunction({
      summary: `${what}, by name.`,
      args: v.strictObject(callerEntries),
      examples: [`tsalt db1 postgres.${name}`],
      readOnly: true,
      run: async (args, context) => listed(name, query, args, context),
    }),
  }
}

function exists(name: string, what: string, query: string): Record<string, ExecFunction> {
  return {
    [name]: execFunction({
      summary: `Whether there is ${what} of this name.`,
      args: v.strictObject({ name: needed(text, 'The name.'), ...callerEntries }),
      examples: [`tsalt db1 postgres.${name} shop`],
      readOnly: true,
      run: async (args, context) => Object.hasOwn(await listed(name, query, args, context), args.name),
    }),
  }
}

const return_password = defaulted(
  flag,
  false,
  'True: with the password as it is stored, which only superusers may read.',
)

const rolesOf = (withPassword: boolean): string =>
  withPassword ? roles('pg_authid', ', rolpassword AS password') : roles('pg_roles', '')

export const listFunctions: Readonly<Record<string, ExecFunction>> = {
  ...list('db_list', 'Databases with owner, encoding, locale and tablespace', databases),
  ...exists('db_exists', 'a database', databases),
  ...list('tablespace_list', 'Tablespaces with owner, settings and place', tablespaces),
  ...exists('tablespace_exists', 'a tablespace', tablespaces),
  ...list('available_extensions', 'Extensions that the server can install', available),
  ...exists('is_available_extension', 'an extension to install', available),
  ...list('installed_extensions', 'Extensions of a database (maintenance_db)', installed),
  ...exists('is_installed_extension', 'an extension in the database', installed),
  user_list: execFunction({
    summary: 'Roles by name, with what they may do and their groups.',
    args: v.strictObject({ ...callerEntries, return_password }),
    examples: ['tsalt db1 postgres.user_list'],
    readOnly: true,
    run: async (args, context) => listed('user_list', rolesOf(args.return_password), args, context),
  }),
  role_get: execFunction({
    summary: 'What a role may do, and its groups; nothing where there is no such role.',
    args: v.strictObject({ name: needed(text, 'Name of the role.'), ...callerEntries, return_password }),
    examples: ['tsalt db1 postgres.role_get app'],
    readOnly: true,
    run: async (args, context) => {
      const found = await listed('role_get', rolesOf(args.return_password), args, context)
      return Object.hasOwn(found, args.name) ? (found[args.name] ?? null) : null
    },
  }),
  ...exists('user_exists', 'a role', roles('pg_roles', '')),
  schema_list: execFunction({
    summary: 'Schemas of a database by name, with owner.',
    args: v.strictObject({ dbname: needed(text, 'The database.'), ...callerEntries }),
    examples: ['tsalt db1 postgres.schema_list shop'],
    readOnly: true,
    run: async ({ dbname, ...caller }, context) =>
      listed('schema_list', schemas, { ...caller, maintenance_db: dbname }, context),
  }),
  schema_exists: execFunction({
    summary: 'Whether a database has a schema of this name.',
    args: v.strictObject({
      dbname: needed(text, 'The database.'),
      name: needed(text, 'The schema.'),
      ...callerEntries,
    }),
    examples: ['tsalt db1 postgres.schema_exists shop sales'],
    readOnly: true,
    run: async ({ dbname, name, ...caller }, context) =>
      Object.hasOwn(
        await listed('schema_list', schemas, { ...caller, maintenance_db: dbname }, context),
        name,
      ),
  }),
  language_list: execFunction({
    summary: 'Languages for functions that a database (maintenance_db) has.',
    args: v.strictObject(callerEntries),
    examples: ['tsalt db1 postgres.language_list maintenance_db=shop'],
    readOnly: true,
    run: async (args, context) =>
      Object.fromEntries(
        Object.keys(await listed('language_list', languages, args, context)).map((name) => [name, name]),
      ),
  }),
  ...exists('language_exists', 'a language for functions in the database', languages),
  version: execFunction({
    summary: 'Version of the server: `15.6 (Debian 15.6-0+deb12u1)`.',
    args: v.strictObject(callerEntries),
    examples: ['tsalt db1 postgres.version'],
    readOnly: true,
    run: async (args, context) => (await serverOf(args, context).text('SHOW server_version;\n')).trim(),
  }),
  get_max_connections: execFunction({
    summary: 'How many connections the server lets in at once.',
    args: v.strictObject(callerEntries),
    examples: ['tsalt db1 postgres.get_max_connections'],
    readOnly: true,
    run: async (args, context) => Number(await serverOf(args, context).text('SHOW max_connections;\n')),
  }),
  schema_get: execFunction({
    summary: 'Owner and rights of a schema; nothing where there is none.',
    args: v.strictObject({
      dbname: needed(text, 'The database.'),
      name: needed(text, 'The schema.'),
      ...callerEntries,
    }),
    examples: ['tsalt db1 postgres.schema_get shop sales'],
    readOnly: true,
    run: async ({ dbname, name, ...caller }, context) => {
      const query = `SELECT * FROM (${schemas}) AS s WHERE key = ${literal(name)}`
      return (await listed('schema_get', query, { ...caller, maintenance_db: dbname }, context))[name] ?? null
    },
  }),
}
