/** postgres_tablespace.*: places where a PostgreSQL server keeps tables. */
import * as v from 'valibot'
import type { Plain, Value } from '../../shared/data/value.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { mapping } from '../../shared/schema/collections.ts'
import { postgresName } from '../../shared/schema/database-names.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { readText } from '../../shared/schema/scalars.ts'
import type { Postgres } from '../databases/postgres/psql.ts'
import { identifier, literal } from '../databases/postgres/sql-text.ts'
import { type Decision, drift, failed, inSync, stateFunction, stateModule } from './contract.ts'
import { maintenanceDatabase, onPostgres, serverEntries } from './postgres-server.ts'

const optionNames = [
  'seq_page_cost',
  'random_page_cost',
  'effective_io_concurrency',
  'maintenance_io_concurrency',
]

const entries = {
  name: needed(postgresName, 'Name of the tablespace.'),
  ...maintenanceDatabase,
  ...serverEntries,
}
const presentArgs = v.strictObject({
  ...entries,
  directory: needed(absolutePath, "Where it is: an empty directory that belongs to the server's account."),
  owner: optional(postgresName, 'Role that owns it.'),
  options: optional(mapping, `Its settings: ${optionNames.join(', ')}.`),
})
type Arguments = v.InferOutput<typeof presentArgs>

interface Tablespace {
  readonly owner: string
  readonly location: string
  /** `seq_page_cost=1.1` */
  readonly options: readonly string[]
}

async function tablespaceNamed(name: string, server: Postgres): Promise<Tablespace | undefined> {
  const query = `SELECT pg_catalog.pg_get_userbyid(spcowner) AS owner, pg_catalog.pg_tablespace_location(oid) AS location,
    coalesce(spcoptions, '{}') AS options FROM pg_catalog.pg_tablespace WHERE spcname = ${literal(name)}`
  return (await server.rows('tablespace', query))[0] as unknown as Tablespace | undefined
}

const settingsOf = ({ options }: Arguments): [string, string][] =>
  [...(options ?? [])].map(([name, value]: [unknown, Value]) => [String(name), readText(value) ?? ''])

const set = (settings: readonly [string, string][]): string =>
  settings.map(([name, value]) => `${name} = ${value}`).join(', ')

function alter(wanted: Arguments, now: Tablespace, server: Postgres): Decision {
  const { name, directory, owner } = wanted
  if (now.location !== directory.replace(/(.)\/+$/, '$1'))
    return failed(
      `Tablespace ${name} is not at the right location, but at ${now.location}`,
      'The server cannot move it: drop it and have it made again, or correct "directory".',
    )
  const before = new Map(now.options.map((one) => one.split('=', 2) as [string, string]))
  const settings = settingsOf(wanted).filter(([key, value]) => Number(before.get(key)) !== Number(value))
  const newOwner = owner !== undefined && owner !== now.owner
  if (!newOwner && settings.length === 0) return inSync(`Tablespace ${name} is already present`)
  const of = `ALTER TABLESPACE ${identifier(name)}`
  const kept = settings
    .filter(([key]) => before.has(key))
    .map(([key]): [string, string] => [key, before.get(key) ?? ''])
  const fresh = settings.map(([key]) => key).filter((key) => !before.has(key))
  const to = [
    newOwner ? `${of} OWNER TO ${identifier(owner)};` : '',
    settings.length > 0 ? `${of} SET (${set(settings)});` : '',
  ]
  const back = [
    newOwner ? `${of} OWNER TO ${identifier(now.owner)};` : '',
    kept.length > 0 ? `${of} SET (${set(kept)});` : '',
    fresh.length > 0 ? `${of} RESET (${fresh.join(', ')});` : '',
  ]
  const changes: Record<string, Plain> = {}
  if (newOwner) changes.owner = owner
  if (settings.length > 0) changes.options = Object.fromEntries(settings)
  const comments = {
    would: `Tablespace ${name} is set to be altered`,
    done: `Tablespace ${name} has been altered`,
  }
  const sql = (statements: readonly string[]): string =>
    ['BEGIN;', ...statements.filter(Boolean), 'COMMIT;'].join('\n')
  return drift({ [name]: changes }, comments, async (act) => {
    await server.change(act, sql(to), [server.step(sql(back))])
  })
}

const present = stateFunction({
  summary: 'Makes sure that a tablespace exists, with its owner and settings.',
  args: presentArgs,
  examples: [
    'fast:\n  postgres_tablespace.present:\n    - directory: /srv/postgresql/fast\n    - owner: shop\n    - options:\n        random_page_cost: 1.1\n',
  ],
  refuse: (wanted) => {
    const wrong = settingsOf(wanted).find(
      ([key, value]) => !optionNames.includes(key) || !/^\d+(?:\.\d+)?$/.test(value),
    )
    return (
      wrong && {
        argument: 'options',
        reason: `${wrong[0]}: numbers for ${optionNames.join(', ')} are expected`,
      }
    )
  },
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, async (server) => {
      const { name, directory, owner } = wanted
      const now = await tablespaceNamed(name, server)
      if (now) return alter(wanted, now, server)
      const settings = settingsOf(wanted)
      const comments = {
        would: `Tablespace ${name} is set to be created`,
        done: `The tablespace ${name} has been created`,
      }
      const clauses = [
        owner === undefined ? '' : ` OWNER ${identifier(owner)}`,
        ` LOCATION ${literal(directory)}`,
        settings.length === 0 ? '' : ` WITH (${set(settings)})`,
      ]
      return drift({ [name]: 'Present' }, comments, async (act) => {
        await server.change(act, `CREATE TABLESPACE ${identifier(name)}${clauses.join('')};`, [
          server.step(`DROP TABLESPACE IF EXISTS ${identifier(name)};`),
        ])
      })
    }),
})

const absent = stateFunction({
  summary: 'Makes sure that a tablespace does not exist. One with something in it is refused by the server.',
  args: v.strictObject(entries),
  examples: ['slow:\n  postgres_tablespace.absent: []\n'],
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, async (server) => {
      const { name } = wanted
      const now = await tablespaceNamed(name, server)
      if (!now) return inSync(`Tablespace ${name} is not present, so it cannot be removed`)
      const comments = {
        would: `Tablespace ${name} is set to be removed`,
        done: `Tablespace ${name} has been removed`,
      }
      const options = now.options.length === 0 ? '' : ` WITH (${now.options.join(', ')})`
      const back = `CREATE TABLESPACE ${identifier(name)} OWNER ${identifier(now.owner)} LOCATION ${literal(now.location)}${options};`
      return drift({ [name]: 'Absent' }, comments, async (act) => {
        await server.change(act, `DROP TABLESPACE ${identifier(name)};`, [server.step(back)])
      })
    }),
})

export const postgresTablespace = stateModule({
  summary: 'Places where a PostgreSQL server keeps tables.',
  functions: { present, absent },
})
