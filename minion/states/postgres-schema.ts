/** postgres_schema.*: schemas in a database. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { postgresName } from '../../shared/schema/database-names.ts'
import { flag } from '../../shared/schema/scalars.ts'
import type { Postgres } from '../databases/postgres/psql.ts'
import { identifier, literal } from '../databases/postgres/sql-text.ts'
import { type Decision, drift, inSync, stateFunction, stateModule } from './contract.ts'
import { onPostgres, serverEntries } from './postgres-server.ts'

const entries = {
  name: needed(postgresName, 'Name of the schema.'),
  dbname: needed(postgresName, 'Database that it is in.'),
  ...serverEntries,
}

const ownerOf = async (name: string, server: Postgres): Promise<string | undefined> => {
  const query = `SELECT pg_catalog.pg_get_userbyid(nspowner) AS owner FROM pg_catalog.pg_namespace WHERE nspname = ${literal(name)}`
  const owner = (await server.rows('schema', query))[0]?.owner
  return owner === undefined ? undefined : String(owner)
}

const present = stateFunction({
  summary: 'Makes sure that a schema exists, with its owner.',
  args: v.strictObject({ ...entries, owner: optional(postgresName, 'Role that owns it.') }),
  examples: ['sales:\n  postgres_schema.present:\n    - dbname: shop\n    - owner: shop\n'],
  check: ({ name, dbname, owner, ...caller }, look, run) =>
    onPostgres({ ...caller, maintenance_db: dbname }, look, run, async (server): Promise<Decision> => {
      const now = await ownerOf(name, server)
      const schema = identifier(name)
      if (now === undefined) {
        const comments = {
          would: `Schema ${name} is set to be created in database ${dbname}.`,
          done: `Schema ${name} has been created in database ${dbname}`,
        }
        const authorization = owner === undefined ? '' : ` AUTHORIZATION ${identifier(owner)}`
        // Without CASCADE: what somebody put into it since stays, and the undo says so.
        return drift({ [name]: 'Present' }, comments, async (act) => {
          await server.change(act, `CREATE SCHEMA ${schema}${authorization};`, [
            server.step(`DROP SCHEMA IF EXISTS ${schema};`),
          ])
        })
      }
      if (owner === undefined || owner === now)
        return inSync(`Schema ${name} already exists in database ${dbname}`)
      const comments = {
        would: `Schema ${name} in database ${dbname} is set to get the owner ${owner}`,
        done: `Schema ${name} in database ${dbname} has the owner ${owner}`,
      }
      return drift({ [name]: { owner: { old: now, new: owner } } }, comments, async (act) => {
        await server.change(act, `ALTER SCHEMA ${schema} OWNER TO ${identifier(owner)};`, [
          server.step(`ALTER SCHEMA ${schema} OWNER TO ${identifier(now)};`),
        ])
      })
    }),
})

const absent = stateFunction({
  summary:
    'Makes sure that a schema does not exist. One with something in it is refused by the server, unless `cascade` is given.',
  args: v.strictObject({
    ...entries,
    cascade: defaulted(flag, false, 'True: with all that is in it, which no undo brings back.'),
  }),
  examples: ['old:\n  postgres_schema.absent:\n    - dbname: shop\n'],
  check: ({ name, dbname, cascade, ...caller }, look, run) =>
    onPostgres({ ...caller, maintenance_db: dbname }, look, run, async (server): Promise<Decision> => {
      const owner = await ownerOf(name, server)
      if (owner === undefined)
        return inSync(`Schema ${name} is not present in database ${dbname}, so it cannot be removed`)
      const comments = {
        would: `Schema ${name} is set to be removed from database ${dbname}`,
        done: `Schema ${name} has been removed from database ${dbname}`,
      }
      const schema = identifier(name)
      const undo = [server.step(`CREATE SCHEMA ${schema} AUTHORIZATION ${identifier(owner)};`)]
      return drift({ [name]: 'Absent' }, comments, async (act) => {
        await server.change(
          act,
          `DROP SCHEMA ${schema}${cascade ? ' CASCADE' : ''};`,
          cascade ? 'what was in the schema is nowhere kept' : undo,
        )
      })
    }),
})

export const postgresSchema = stateModule({
  summary: 'Schemas in databases of PostgreSQL.',
  functions: { present, absent },
})
