/** postgres_extension.*: extensions of a database. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { postgresName } from '../../shared/schema/database-names.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import type { Postgres } from '../databases/postgres/psql.ts'
import { identifier, literal } from '../databases/postgres/sql-text.ts'
import { type Decision, drift, inSync, type StateRun, stateFunction, stateModule } from './contract.ts'
import { maintenanceDatabase, onPostgres, serverEntries } from './postgres-server.ts'
import { missingUnlessBrought } from './required-program.ts'

const entries = {
  name: needed(postgresName, 'Name of the extension: `pg_trgm`.'),
  ...maintenanceDatabase,
  ...serverEntries,
}
const presentArgs = v.strictObject({
  ...entries,
  schema: optional(postgresName, 'Schema that its objects are in.'),
  ext_version: optional(
    nonEmptyText,
    'Its version. Not given: what the server has by default, and one that exists stays.',
  ),
  from_version: optional(
    nonEmptyText,
    'Version of the loose objects that it takes over (PostgreSQL 12 and older).',
  ),
  if_not_exists: optional(flag, 'Accepted for trees of Salt; what exists is never made again.'),
})
type Arguments = v.InferOutput<typeof presentArgs>

interface Extension {
  readonly version: string
  readonly schema: string
  readonly movable: boolean
}

async function extensionNamed(name: string, server: Postgres): Promise<Extension | undefined> {
  const query = `SELECT e.extversion AS version, n.nspname AS schema, e.extrelocatable AS movable
    FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = ${literal(name)}`
  return (await server.rows('extension', query))[0] as unknown as Extension | undefined
}

async function install(wanted: Arguments, server: Postgres, run: StateRun): Promise<Decision> {
  const { name, schema, ext_version, from_version, maintenance_db } = wanted
  const query = `SELECT version FROM pg_catalog.pg_available_extension_versions WHERE name = ${literal(name)} ORDER BY 1`
  const versions = (await server.rows('versions of the extension', query)).map(({ version }) =>
    String(version),
  )
  if (versions.length === 0 || (ext_version !== undefined && !versions.includes(ext_version)))
    return missingUnlessBrought(
      versions.length === 0
        ? `The server has no extension ${name}`
        : `The server has no version ${ext_version} of the extension ${name}, but ${versions.join(', ')}`,
      'Install the package that brings it in an earlier state (as postgresql-contrib, postgresql-15-postgis-3), and require that.',
      new Set(['pkg', 'cmd', 'archive', 'file']),
      run,
    )
  const clauses = [
    schema === undefined ? '' : ` SCHEMA ${identifier(schema)}`,
    ext_version === undefined ? '' : ` VERSION ${identifier(ext_version)}`,
    from_version === undefined ? '' : ` FROM ${identifier(from_version)}`,
  ]
  const comments = {
    would: `Extension ${name} is set to be installed in database ${maintenance_db ?? server.database}`,
    done: `The extension ${name} has been installed`,
  }
  return drift({ [name]: 'Installed' }, comments, async (act) => {
    await server.change(act, `CREATE EXTENSION ${identifier(name)}${clauses.join('')};`, [
      server.step(`DROP EXTENSION IF EXISTS ${identifier(name)};`),
    ])
  })
}

function upgrade({ name, schema, ext_version }: Arguments, now: Extension, server: Postgres): Decision {
  const of = `ALTER EXTENSION ${identifier(name)}`
  const to: string[] = []
  const back: string[] = []
  if (ext_version !== undefined && ext_version !== now.version) {
    to.push(`${of} UPDATE TO ${identifier(ext_version)};`)
    back.unshift(`${of} UPDATE TO ${identifier(now.version)};`)
  }
  if (schema !== undefined && schema !== now.schema) {
    to.push(`${of} SET SCHEMA ${identifier(schema)};`)
    back.unshift(`${of} SET SCHEMA ${identifier(now.schema)};`)
  }
  if (to.length === 0) return inSync(`Extension ${name} is already present`)
  const comments = {
    would: `Extension ${name} is set to be upgraded`,
    done: `The extension ${name} has been upgraded`,
  }
  return drift({ [name]: 'Upgraded' }, comments, async (act) => {
    await server.change(act, ['BEGIN;', ...to, 'COMMIT;'].join('\n'), [
      server.step(['BEGIN;', ...back, 'COMMIT;'].join('\n')),
    ])
  })
}

const present = stateFunction({
  summary: 'Makes sure that a database has an extension, in its version and schema.',
  args: presentArgs,
  examples: ['pg_trgm:\n  postgres_extension.present:\n    - maintenance_db: shop\n'],
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, async (server) => {
      const now = await extensionNamed(wanted.name, server)
      return now ? upgrade(wanted, now, server) : install(wanted, server, run)
    }),
})

const absent = stateFunction({
  summary: 'Makes sure that a database does not have an extension.',
  args: v.strictObject({
    ...entries,
    cascade: defaulted(flag, false, 'True: with all that depends on it, which no undo brings back.'),
    restrict: optional(flag, 'Accepted for trees of Salt; the server refuses where something depends on it.'),
    if_exists: optional(flag, 'Accepted for trees of Salt; what does not exist is never dropped.'),
  }),
  examples: ['adminpack:\n  postgres_extension.absent:\n    - maintenance_db: shop\n'],
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, async (server) => {
      const { name, cascade } = wanted
      const now = await extensionNamed(name, server)
      if (!now) return inSync(`Extension ${name} is not present, so it cannot be removed`)
      const comments = {
        would: `Extension ${name} is set to be removed`,
        done: `Extension ${name} has been removed`,
      }
      const undo = [
        server.step(
          `CREATE EXTENSION ${identifier(name)} SCHEMA ${identifier(now.schema)} VERSION ${identifier(now.version)};`,
        ),
      ]
      return drift({ [name]: 'Absent' }, comments, async (act) => {
        await server.change(
          act,
          `DROP EXTENSION ${identifier(name)}${cascade ? ' CASCADE' : ''};`,
          cascade ? 'what depended on the extension is nowhere kept' : undo,
        )
      })
    }),
})

export const postgresExtension = stateModule({
  summary: 'Extensions of databases of PostgreSQL.',
  functions: { present, absent },
})
