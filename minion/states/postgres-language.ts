/** postgres_language.*: languages that functions of a database may be written in. */
import * as v from 'valibot'
import { needed } from '../../shared/schema/argument.ts'
import { postgresName } from '../../shared/schema/database-names.ts'
import type { Postgres } from '../databases/postgres/psql.ts'
import { identifier, literal } from '../databases/postgres/sql-text.ts'
import { drift, inSync, stateFunction, stateModule } from './contract.ts'
import { onPostgres, serverEntries } from './postgres-server.ts'

const args = v.strictObject({
  name: needed(postgresName, 'Name of the language: `plpgsql`, `plperl`, `plpython3u`.'),
  maintenance_db: needed(postgresName, 'Database that has it.'),
  ...serverEntries,
})

const isThere = async (name: string, server: Postgres): Promise<boolean> =>
  (
    await server.rows(
      'language',
      `SELECT 1 AS one FROM pg_catalog.pg_language WHERE lanname = ${literal(name)}`,
    )
  ).length > 0

const present = stateFunction({
  summary: 'Makes sure that a database has a language for functions.',
  args,
  examples: ['plperl:\n  postgres_language.present:\n    - maintenance_db: shop\n'],
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, async (server) => {
      const { name } = wanted
      if (await isThere(name, server)) return inSync(`Language ${name} is already installed`)
      const comments = {
        would: `Language ${name} is set to be installed`,
        done: `Language ${name} has been installed`,
      }
      return drift({ [name]: 'Present' }, comments, async (act) => {
        await server.change(act, `CREATE EXTENSION ${identifier(name)};`, [
          server.step(`DROP EXTENSION IF EXISTS ${identifier(name)};`),
        ])
      })
    }),
})

const absent = stateFunction({
  summary: 'Makes sure that a database does not have a language for functions.',
  args,
  examples: ['plperl:\n  postgres_language.absent:\n    - maintenance_db: shop\n'],
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, async (server) => {
      const { name } = wanted
      if (!(await isThere(name, server)))
        return inSync(`Language ${name} is not present so it cannot be removed`)
      const comments = {
        would: `Language ${name} is set to be removed`,
        done: `Language ${name} has been removed`,
      }
      return drift({ [name]: 'Absent' }, comments, async (act) => {
        await server.change(act, `DROP EXTENSION ${identifier(name)};`, [
          server.step(`CREATE EXTENSION ${identifier(name)};`),
        ])
      })
    }),
})

export const postgresLanguage = stateModule({
  summary: 'Languages of databases of PostgreSQL.',
  functions: { present, absent },
})
