/** SQL as a user wrote it, with what came of it as Salt's mysql.query tells it. */
import type { Changer } from '../../system/changer.ts'
import type { Mysql } from './client.ts'

export interface QueryResult {
  readonly columns: readonly string[]
  readonly results: readonly (readonly (string | null)[])[]
  /** Of the last statement; -1 where it is one that answers rows. */
  readonly affected: number
}

/** Changes nothing, as far as its first word tells. */
export const onlyLooks = (sql: string): boolean =>
  /^\s*(?:select|show|describe|desc|explain)\b/i.test(sql) &&
  !/;\s*\S/.test(sql) &&
  !/\binto\s+(?:out|dump)file\b/i.test(sql)

/** @param act absent: it only looks */
export async function runQuery(
  sql: string,
  database: string | undefined,
  server: Mysql,
  act?: Changer,
): Promise<QueryResult> {
  const whole = `${sql.trim().replace(/;+$/, '')}\n;\nSELECT ROW_COUNT() AS \`rows affected\`;\n`
  const rows = act ? await server.changeRaw(act, whole, database) : await server.raw(whole, database)
  const affected = Number(rows.pop()?.get('rows affected') ?? -1)
  const columns = [...(rows[0]?.keys() ?? [])]
  return { columns, results: rows.map((row) => [...row.values()]), affected }
}

/** Salt's answer. */
export function told({
  columns,
  results,
  affected,
}: QueryResult): Record<string, number | (string | null)[] | (string | null)[][]> {
  if (columns.length === 0) return { 'rows affected': Math.max(affected, 0) }
  return { columns: [...columns], results: results.map((row) => [...row]), 'rows returned': results.length }
}

export const recordsOf = ({ columns, results }: QueryResult): Record<string, string | null>[] =>
  results.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null])))
