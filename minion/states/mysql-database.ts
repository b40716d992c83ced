/** mysql_database.*: databases of a MySQL or MariaDB server. */
import * as v from 'valibot'
import { needed, optional } from '../../shared/schema/argument.ts'
import { mysqlName } from '../../shared/schema/database-names.ts'
import { nonEmptyText } from '../../shared/schema/scalars.ts'
import type { Mysql } from '../databases/mysql/client.ts'
import { identifier, literal } from '../databases/mysql/sql-text.ts'
import { type Decision, drift, inSync, stateFunction, stateModule } from './contract.ts'
import { connectionEntries, onMysql } from './mysql-server.ts'

const presentArgs = v.strictObject({
  name: needed(mysqlName, 'Name of the database.'),
  character_set: optional(nonEmptyText, 'Its character set by default: `utf8mb4`.'),
  collate: optional(nonEmptyText, 'Its order of characters by default: `utf8mb4_unicode_ci`.'),
  ...connectionEntries,
})
type Arguments = v.InferOutput<typeof presentArgs>

interface Schema {
  readonly characterSet: string
  readonly collate: string
}

async function databaseNamed(name: string, server: Mysql): Promise<Schema | undefined> {
  const [row] = await server.rows(
    'database',
    `SELECT DEFAULT_CHARACTER_SET_NAME AS cs, DEFAULT_COLLATION_NAME AS co FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${literal(name)}`,
  )
  return row && { characterSet: row.get('cs') ?? '', collate: row.get('co') ?? '' }
}

const clauses = (characterSet: string | undefined, collate: string | undefined): string =>
  [
    characterSet === undefined ? '' : ` CHARACTER SET ${literal(characterSet)}`,
    collate === undefined ? '' : ` COLLATE ${literal(collate)}`,
  ].join('')

/** utf8 is the old name of utf8mb3. */
const modern = (name: string): string => name.toLowerCase().replace(/^utf8(?=_|$)/, 'utf8mb3')
const sameName = (one: string, other: string): boolean => modern(one) === modern(other)

/** What somebody put into it since is not thrown away: the undo fails then, with the reason as the name of a table. */
const dropEmpty = (name: string): string[] => {
  const why = identifier(`${name} has tables by now: dump and drop it by hand`.slice(0, 64))
  return [
    `SET @tables = (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(name)});`,
    `SET @step = IF(@tables = 0, ${literal(`DROP DATABASE IF EXISTS ${identifier(name)}`)}, ${literal(`SELECT * FROM ${identifier('mysql')}.${why}`)});`,
    'PREPARE step FROM @step;',
    'EXECUTE step;',
  ]
}

function alter(wanted: Arguments, now: Schema, server: Mysql): Decision {
  const { name, character_set, collate } = wanted
  const isSet = character_set === undefined || sameName(character_set, now.characterSet)
  const isOrdered = collate === undefined || sameName(collate, now.collate)
  if (isSet && isOrdered) return inSync(`Database ${name} is already present`)
  const what = isSet
    ? `collate ${collate} != ${now.collate}`
    : `character set ${character_set} != ${now.characterSet}`
  const comments = {
    would: `Database ${what} needs to be updated`,
    done: `Database ${name} has been updated; tables that exist keep their own`,
  }
  return drift({ [name]: 'Updated' }, comments, async (act) => {
    const of = `ALTER DATABASE ${identifier(name)}`
    await server.change(act, `${of}${clauses(character_set, collate)};`, [
      `${of}${clauses(now.characterSet, now.collate)};`,
    ])
  })
}

const present = stateFunction({
  summary: 'Makes sure that a database exists, with its character set.',
  args: presentArgs,
  examples: [
    'shop:\n  mysql_database.present: []\n',
    'wiki:\n  mysql_database.present:\n    - character_set: utf8mb4\n    - collate: utf8mb4_unicode_ci\n',
  ],
  check: (wanted, look, run) =>
    onMysql(wanted, look, run, async (server) => {
      const { name, character_set, collate } = wanted
      const now = await databaseNamed(name, server)
      if (now) return alter(wanted, now, server)
      const comments = {
        would: `Database ${name} is not present and needs to be created`,
        done: `The database ${name} has been created`,
      }
      return drift({ [name]: 'Present' }, comments, async (act) => {
        await server.change(
          act,
          `CREATE DATABASE ${identifier(name)}${clauses(character_set, collate)};`,
          dropEmpty(name),
        )
      })
    }),
})

const dropped = 'a database that is dropped is nowhere kept'

const absent = stateFunction({
  summary: 'Makes sure that a database does not exist. What was in it is lost: no undo brings it back.',
  args: v.strictObject({ name: needed(mysqlName, 'Name of the database.'), ...connectionEntries }),
  examples: ['test:\n  mysql_database.absent: []\n'],
  refuse: ({ name }) =>
    ['mysql', 'information_schema', 'performance_schema', 'sys'].includes(name.toLowerCase())
      ? { argument: 'name', reason: 'the server cannot be without it' }
      : undefined,
  check: (wanted, look, run) =>
    onMysql(wanted, look, run, async (server) => {
      const { name } = wanted
      if (!(await databaseNamed(name, server)))
        return inSync(`Database ${name} is not present, so it cannot be removed`)
      const comments = {
        would: `Database ${name} is present and needs to be removed`,
        done: `Database ${name} has been removed`,
      }
      return drift({ [name]: 'Absent' }, comments, async (act) => {
        await server.change(act, `DROP DATABASE ${identifier(name)};`, dropped)
      })
    }),
})

export const mysqlDatabase = stateModule({
  summary: 'Databases of MySQL and MariaDB.',
  functions: { present, absent },
})
