/** mysql_query.*: SQL that is run, its answer kept in a file or grain. */
import * as v from 'valibot'
import { type Dict, isDict, type Plain, toPlain, toValue, type Value } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { mysqlName } from '../../shared/schema/database-names.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import type { Mysql } from '../databases/mysql/client.ts'
import { type QueryResult, recordsOf, runQuery } from '../databases/mysql/run-query.ts'
import { literal } from '../databases/mysql/sql-text.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
} from './contract.ts'
import { madeEarlier } from './database-trouble.ts'
import { connectionEntries, onMysql } from './mysql-server.ts'
import { missingUnlessBrought } from './required-program.ts'

const entries = {
  name: needed(nonEmptyText, 'Any name.'),
  database: needed(mysqlName, 'Database that it is run in.'),
  output: optional(
    nonEmptyText,
    'Where the answer is kept: the path of a file, or `grain`. Not given: in the comment.',
  ),
  grain: optional(nonEmptyText, 'With `output: grain`: the grain.'),
  key: optional(nonEmptyText, 'The grain is a mapping, and the answer is kept in it under this key.'),
  overwrite: defaulted(flag, true, 'False: where the file or grain is there already, nothing is run.'),
  check_db_exists: defaulted(flag, true, 'False: do not look first whether the database exists.'),
  ...connectionEntries,
}
const runArgs = v.strictObject({
  ...entries,
  query: needed(nonEmptyText, 'The SQL.'),
  client_flags: optional(anything, 'Accepted for trees of Salt; several statements may stand in one query.'),
})
const fileArgs = v.strictObject({
  ...entries,
  query_file: needed(nonEmptyText, 'The file of SQL: `salt://…`, `http(s)://…` or a path on the minion.'),
})
type Arguments = Omit<v.InferOutput<typeof runArgs>, 'query' | 'client_flags'>

const refuse = ({ output, grain, key }: Arguments): ArgumentRefusal | undefined => {
  if (output === 'grain')
    return grain === undefined ? { argument: 'grain', reason: 'needed with "output: grain"' } : undefined
  if (grain !== undefined || key !== undefined)
    return { argument: grain === undefined ? 'key' : 'grain', reason: 'it needs "output: grain"' }
  return output === undefined || output.startsWith('/')
    ? undefined
    : { argument: 'output', reason: 'an absolute path, or grain, is expected' }
}

/** Where the answer goes, in words of the changes; empty: into the comment. */
const destination = ({ output, grain, key }: Arguments): string => {
  if (output === undefined) return ''
  return output === 'grain' ? `grain: ${grain}${key === undefined ? '' : `:${key}`}` : output
}

async function isKept({ output, grain = '', key }: Arguments, look: Reader): Promise<boolean> {
  if (output === undefined) return false
  if (output !== 'grain') return (await look.files.infoFollowed(output)) !== undefined
  const now = look.grains.get(grain)
  return key === undefined ? now !== undefined : isDict(now) && now.has(key)
}

const lineOf = (record: Record<string, string | null>): string =>
  Object.entries(record)
    .map(([column, value]) => `${column}:${value ?? 'NULL'}\n`)
    .join('')

const answerOf = (result: QueryResult): Plain =>
  result.columns.length === 0
    ? { 'rows affected': Math.max(result.affected, 0) }
    : { columns: [...result.columns], results: recordsOf(result), 'rows returned': result.results.length }

async function keep(wanted: Arguments, result: QueryResult, act: Changer, run: StateRun): Promise<void> {
  const { output, grain = '', key } = wanted
  if (output === undefined) return
  if (output !== 'grain') {
    const text =
      result.columns.length > 0
        ? recordsOf(result).map(lineOf).join('')
        : `rows affected:${Math.max(result.affected, 0)}\n`
    return act.files.write(output, Buffer.from(text))
  }
  const answer = toValue(answerOf(result))
  const before = act.look.grains.get(grain)
  const value: Value =
    key === undefined
      ? answer
      : new Map<string, Value>([...(isDict(before) ? (before as Dict) : []), [key, answer]] as [
          string,
          Value,
        ][])
  await run.functions?.call('grains.set', [grain, value], new Map([['force', true]]), act)
}

async function decide(
  wanted: Arguments,
  sql: () => Promise<string>,
  server: Mysql,
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  const { database } = wanted
  if (wanted.check_db_exists) {
    const found = await server.rows(
      'database',
      `SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${literal(database)}`,
    )
    if (found.length === 0)
      return missingUnlessBrought(
        `Database ${database} is not present`,
        'Make it in an earlier state (mysql_database.present), and require that.',
        madeEarlier('mysql'),
        run,
      )
  }
  const where = destination(wanted)
  if (!wanted.overwrite && (await isKept(wanted, look)))
    return inSync(
      `No execution needed. ${wanted.output === 'grain' ? 'Grain' : 'File'} ${where.replace(/^grain: /, '')} already set`,
    )
  const query = await sql()
  const comments = {
    would:
      where === ''
        ? 'Query would execute, not storing result'
        : `Query would execute, storing result in ${where}`,
    done: 'Executed',
  }
  const changes = { query: where === '' ? 'Executed' : `Executed. Output into ${where}` }
  return drift(changes, comments, async (act) => {
    const result = await runQuery(query, database, server, act)
    await keep(wanted, result, act, run)
    const text = JSON.stringify(toPlain(toValue(answerOf(result))))
    return { comment: text.length > 10_000 ? `${text.slice(0, 10_000)}…` : text }
  })
}

const run = stateFunction({
  summary:
    'Runs SQL, at every run; what it answers is told, or kept in a file or grain. An undo does not take it back.',
  args: runArgs,
  examples: [
    'count articles:\n  mysql_query.run:\n    - database: shop\n    - query: SELECT count(*) AS articles FROM articles\n    - output: /var/lib/shop/articles.txt\n    - overwrite: False\n',
  ],
  refuse,
  repeats: true,
  check: ({ query, client_flags: _flags, ...wanted }, look, state) =>
    onMysql(wanted, look, state, (server) => decide(wanted, async () => query, server, look, state)),
})

const run_file = stateFunction({
  summary: 'Runs a file of SQL, at every run; otherwise as mysql_query.run.',
  args: fileArgs,
  examples: [
    'tables of the shop:\n  mysql_query.run_file:\n    - database: shop\n    - query_file: salt://shop/schema.sql\n    - output: /var/lib/shop/schema.done\n    - overwrite: False\n',
  ],
  refuse,
  repeats: true,
  check: ({ query_file, ...wanted }, look, state) =>
    onMysql(wanted, look, state, (server) =>
      decide(wanted, async () => sqlFile(query_file, look, state), server, look, state),
    ),
})

async function sqlFile(path: string, look: Reader, state: StateRun): Promise<string> {
  if (path.startsWith('/')) return Buffer.from(await look.files.read(path, 64 * 1_048_576)).toString('utf8')
  const { content } = /^https?:/.test(path)
    ? await look.sources.download(path)
    : await look.sources.fetch(path, state.environment)
  return Buffer.from(content).toString('utf8')
}

export const mysqlQuery = stateModule({
  summary: 'SQL that is run in databases of MySQL and MariaDB.',
  functions: { run, run_file },
})
