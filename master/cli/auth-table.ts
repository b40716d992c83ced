/** Rows as a table, or as a document where --out asks for one. */

import { toValue } from '../../shared/data/value.ts'
import { formatValue, isDocument } from '../../shared/output/format.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import { answerSettings } from './answer-settings.ts'
import type { OutputOptions } from './command-line.ts'
import type { Console } from './console.ts'
import { openOutput } from './output-file.ts'

export type Row = Readonly<Record<string, string | number | boolean | readonly string[]>>

export interface Table<Entry extends Row> {
  readonly empty: string
  readonly heads: readonly string[]
  readonly cells: (entry: Entry) => readonly string[]
}

export function showTable<Entry extends Row>(
  console: Console,
  options: OutputOptions,
  entries: readonly Entry[],
  { empty, heads, cells }: Table<Entry>,
): void {
  const settings = answerSettings(console, options)
  const output = openOutput(console, options)
  if (isDocument(settings))
    output.write(formatValue(toValue(entries.map((entry) => ({ ...entry }))), settings))
  else if (entries.length === 0) output.write(`${empty}\n`)
  else {
    const rows = [heads, ...entries.map((entry) => cells(entry).map(harmlessLine))]
    const widths = heads.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
    for (const row of rows)
      output.write(
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
      )
  }
  output.close()
}

/** `2026-11-22 14:05`, in local time. */
export function minuteOf(at: number): string {
  const date = new Date(at)
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}
