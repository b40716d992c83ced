/** postgres.psql_query: any SQL. */
import * as v from 'valibot'
import { isTsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import { csvRecords } from '../../databases/csv.ts'
import { execFunction } from '../contract.ts'
import { callerEntries, serverOf } from './caller.ts'

export const psqlQuery = execFunction({
  summary: 'Rows that a SELECT answers, each with its values as text by name of the column.',
  args: v.strictObject({
    query: needed(
      nonEmptyText,
      'The SELECT; what it changes (`WITH … UPDATE … RETURNING`) needs write=True.',
    ),
    ...callerEntries,
    write: defaulted(flag, false, 'True: it may change something.'),
  }),
  examples: ["tsalt db1 postgres.psql_query 'select datname from pg_database' maintenance_db=shop"],
  readOnly: false,
  whileRendering: ({ write }) => !write,
  async run({ query, write, ...caller }, context) {
    const server = serverOf(caller, context)
    const inner = query.trim().replace(/;+$/, '')
    // A comment at the end of the query must not swallow the rest.
    const copy = `COPY (${inner}\n) TO STDOUT WITH CSV HEADER;`
    const sql = `SET datestyle = 'ISO, MDY'; BEGIN READ ${write ? 'WRITE' : 'ONLY'}; ${copy} COMMIT;\n`
    if (write) return csvRecords(await server.change(context.act, sql, 'a query of the user ran'))
    return csvRecords(await (context.rendering ? unlessUnanswered(server.text(sql)) : server.text(sql)))
  },
})

const noAnswer: ReadonlySet<string> = new Set(['database-unreachable', 'database-refused'])

/** Templates ask before there is a database, and take no rows for "not yet", as in Salt. */
async function unlessUnanswered(text: Promise<string>): Promise<string> {
  try {
    return await text
  } catch (error) {
    if (isTsaltError(error) && noAnswer.has(error.code)) return ''
    throw error
  }
}
