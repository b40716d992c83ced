/** postgres_database.*: databases of a PostgreSQL server. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { postgresName } from '../../shared/schema/database-names.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import { foreignObjects, ownerChanges } from '../databases/postgres/owned-objects.ts'
import type { Postgres } from '../databases/postgres/psql.ts'
import { identifier, literal, unless } from '../databases/postgres/sql-text.ts'
import type { UndoStep } from '../system/changer.ts'
import { type Decision, drift, failed, inSync, stateFunction, stateModule } from './contract.ts'
import { maintenanceDatabase, onPostgres, serverEntries } from './postgres-server.ts'

const args = v.strictObject({
  name: needed(postgresName, 'Name of the database.'),
  owner: optional(postgresName, 'Role that owns it.'),
  owner_recurse: defaulted(flag, false, 'True: the role owns everything in it as well.'),
  tablespace: optional(postgresName, 'Tablespace that its tables are in by default.'),
  encoding: optional(
    nonEmptyText,
    'Its encoding: `UTF8`. One that exists keeps its own, or the state fails.',
  ),
  lc_collate: optional(nonEmptyText, 'Its order of characters: `de_DE.UTF-8`. The same holds.'),
  lc_ctype: optional(nonEmptyText, 'Its classes of characters. The same holds.'),
  template: optional(
    postgresName,
    'Database that it is made from: `template0` where encoding or locale differ from the usual.',
  ),
  ...maintenanceDatabase,
  ...serverEntries,
})
type Arguments = v.InferOutput<typeof args>

interface Existing {
  readonly owner: string
  readonly tablespace: string
  readonly encoding: string
  readonly isEncoding: boolean
  readonly collate: string
  readonly ctype: string
}

async function existing({ name, encoding }: Arguments, server: Postgres): Promise<Existing | undefined> {
  const query = `SELECT pg_catalog.pg_get_userbyid(d.datdba) AS owner, t.spcname AS tablespace,
    pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
    ${encoding === undefined ? 'true' : `pg_catalog.pg_char_to_encoding(${literal(encoding)}) = d.encoding`} AS "isEncoding",
    d.datcollate AS collate, d.datctype AS ctype
    FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
    WHERE d.datname = ${literal(name)}`
  return (await server.rows('database', query))[0] as unknown as Existing | undefined
}

/** Locales of the system are the same under the names `de_DE.UTF-8` and `de_DE.utf8`. */
const localeKey = (name: string): string =>
  name.replace(/\.(.*)$/, (_, codeset: string) => `.${codeset.toLowerCase().replace(/[^a-z0-9@]/g, '')}`)

/** What cannot be altered, in words; undefined: nothing of it differs. */
function fixedDifference(wanted: Arguments, now: Existing): string | undefined {
  const differences = [
    now.isEncoding ? '' : `its encoding is ${now.encoding}, not ${wanted.encoding}`,
    differs(wanted.lc_collate, now.collate)
      ? `its lc_collate is ${now.collate}, not ${wanted.lc_collate}`
      : '',
    differs(wanted.lc_ctype, now.ctype) ? `its lc_ctype is ${now.ctype}, not ${wanted.lc_ctype}` : '',
  ].filter((text) => text !== '')
  return differences.length === 0 ? undefined : differences.join('; ')
}

const differs = (wanted: string | undefined, now: string): boolean =>
  wanted !== undefined && localeKey(wanted) !== localeKey(now)

function create(wanted: Arguments, server: Postgres): Decision {
  const { name, owner, tablespace, encoding, lc_collate, lc_ctype, template } = wanted
  const clauses = [
    owner === undefined ? '' : ` OWNER ${identifier(owner)}`,
    template === undefined ? '' : ` TEMPLATE ${identifier(template)}`,
    encoding === undefined ? '' : ` ENCODING ${literal(encoding)}`,
    lc_collate === undefined ? '' : ` LC_COLLATE ${literal(lc_collate)}`,
    lc_ctype === undefined ? '' : ` LC_CTYPE ${literal(lc_ctype)}`,
    tablespace === undefined ? '' : ` TABLESPACE ${identifier(tablespace)}`,
  ]
  const comments = {
    would: `Database ${name} is set to be created`,
    done: `The database ${name} has been created`,
  }
  return drift({ [name]: 'Present' }, comments, async (act) => {
    await server.change(
      act,
      `CREATE DATABASE ${identifier(name)}${clauses.join('')};`,
      dropEmpty(name, template, server),
    )
  })
}

/** What somebody put into it since is not thrown away: then the undo stops here and says so. */
function dropEmpty(name: string, template: string | undefined, server: Postgres): UndoStep[] {
  const drop = server.step(`DROP DATABASE IF EXISTS ${identifier(name)};`)
  if (template !== undefined && !['template0', 'template1'].includes(template)) return [drop]
  const empty = `NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'))`
  const guard = unless(empty, `the database ${name} has tables by now: dump and drop it by hand`)
  return [server.inDatabase(name).step(guard), drop]
}

async function alter(wanted: Arguments, now: Existing, server: Postgres): Promise<Decision> {
  const { name, owner, tablespace } = wanted
  const fixed = fixedDifference(wanted, now)
  if (fixed !== undefined)
    return failed(
      `Database ${name} has wrong parameters which couldn't be changed on fly: ${fixed}`,
      'Dump it, drop it and have it made again, or correct the arguments.',
    )
  const newOwner = owner !== undefined && owner !== now.owner
  const moves = tablespace !== undefined && tablespace !== now.tablespace
  const inside = server.inDatabase(name)
  const foreign = owner !== undefined && wanted.owner_recurse ? await foreignObjects(owner, inside) : []
  if (!newOwner && !moves && foreign.length === 0) return inSync(`Database ${name} is already present`)
  const comments = {
    would: `Database ${name} exists, but parameters need to be changed`,
    done: `Parameters for database ${name} have been changed`,
  }
  return drift({ [name]: 'Parameters changed' }, comments, async (act) => {
    const set = async (to: string, back: string): Promise<void> => {
      const of = `ALTER DATABASE ${identifier(name)}`
      await server.change(act, `${of} ${to};`, [server.step(`${of} ${back};`)])
    }
    if (newOwner) await set(`OWNER TO ${identifier(owner)}`, `OWNER TO ${identifier(now.owner)}`)
    if (moves)
      await set(`SET TABLESPACE ${identifier(tablespace)}`, `SET TABLESPACE ${identifier(now.tablespace)}`)
    if (owner !== undefined && foreign.length > 0) {
      const { to, back } = ownerChanges(foreign, owner)
      await inside.change(act, to, [inside.step(back)])
    }
  })
}

const present = stateFunction({
  summary: 'Makes sure that a database exists, with its owner and tablespace.',
  args,
  examples: [
    'shop:\n  postgres_database.present:\n    - owner: shop\n',
    'archive:\n  postgres_database.present:\n    - encoding: UTF8\n    - lc_collate: C.UTF-8\n    - lc_ctype: C.UTF-8\n    - template: template0\n    - owner: shop\n    - owner_recurse: True\n',
  ],
  refuse: ({ owner, owner_recurse }) =>
    owner_recurse && owner === undefined
      ? { argument: 'owner_recurse', reason: 'it needs "owner", the role that is to own everything' }
      : undefined,
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, async (server) => {
      const now = await existing(wanted, server)
      return now ? alter(wanted, now, server) : create(wanted, server)
    }),
})

const dropped = 'a database that is dropped is nowhere kept'

const absent = stateFunction({
  summary: 'Makes sure that a database does not exist. What was in it is lost: no undo brings it back.',
  args: v.strictObject({
    name: needed(postgresName, 'Name of the database.'),
    ...maintenanceDatabase,
    ...serverEntries,
  }),
  examples: ['old:\n  postgres_database.absent: []\n'],
  refuse: ({ name, maintenance_db = 'postgres' }) =>
    name === maintenance_db
      ? { argument: 'name', reason: 'it is the database to ask in; name another as "maintenance_db"' }
      : undefined,
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, async (server) => {
      const { name } = wanted
      const query = `SELECT 1 AS one FROM pg_catalog.pg_database WHERE datname = ${literal(name)}`
      if ((await server.rows('database to drop', query)).length === 0)
        return inSync(`Database ${name} is not present, so it cannot be removed`)
      const comments = {
        would: `Database ${name} is set to be removed`,
        done: `Database ${name} has been removed`,
      }
      return drift({ [name]: 'Absent' }, comments, async (act) => {
        await server.change(act, `DROP DATABASE ${identifier(name)};`, dropped)
      })
    }),
})

export const postgresDatabase = stateModule({
  summary: 'Databases of PostgreSQL.',
  functions: { present, absent },
})
