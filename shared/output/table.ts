/** `--out=table`: mappings and lists of the same shape as rows below one another; what has no rows stays nested. */
import { type Dict, isDict, isList, type Value } from '../data/value.ts'
import { nestedLines } from './nested.ts'
import type { Paint } from './paint.ts'
import { pythonRepr, pythonText, sortedKeys } from './python-text.ts'

interface Table {
  readonly head: readonly string[] | undefined
  readonly rows: readonly (readonly string[])[]
}

/** @param value of one or several hosts, by id; texts must be harmless already */
export function tableLines(value: Value, paint: Paint): string[] {
  if (!isDict(value)) return shown(value, paint, 0)
  return sortedKeys(value.keys()).flatMap((host) => [
    `${paint('cyan', pythonText(host))}:`,
    ...shown(value.get(host) ?? null, paint, 4),
  ])
}

function shown(value: Value, paint: Paint, indent: number): string[] {
  const table = tableOf(value)
  if (table === undefined) return nestedLines(value, { paint, indent })
  const margin = ' '.repeat(indent)
  return drawn(table, paint).map((line) => margin + line)
}

function tableOf(value: Value): Table | undefined {
  if (isDict(value)) {
    if (value.size === 0) return undefined
    const keys = sortedKeys(value.keys())
    const members = keys.map((key) => value.get(key) ?? null)
    if (!members.every(isDict))
      return { head: undefined, rows: keys.map((key, at) => [cell(key), cell(members[at])]) }
    const columns = columnsOf(members)
    const rows = members.map((member, at) => [cell(keys[at]), ...rowOf(member, columns)])
    return { head: ['', ...columns], rows }
  }
  if (!isList(value) || value.length === 0) return undefined
  if (value.every(isDict)) {
    const columns = columnsOf(value)
    return { head: columns, rows: value.map((member) => rowOf(member, columns)) }
  }
  if (!value.every(isList)) return undefined
  const width = Math.max(...value.map((row) => row.length))
  return {
    head: undefined,
    rows: value.map((row) => Array.from({ length: width }, (_, at) => cell(row[at]))),
  }
}

/** In the order in which they first turn up. */
const columnsOf = (members: readonly Dict[]): string[] => [
  ...new Set(members.flatMap((member) => [...member.keys()].map(cell))),
]

function rowOf(member: Dict, columns: readonly string[]): string[] {
  const byName = new Map([...member].map(([key, item]) => [cell(key), item]))
  return columns.map((column) => cell(byName.get(column)))
}

/** On one line; absent is empty. */
function cell(value: Value | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value.trimEnd().replaceAll('\n', '\\n') : pythonRepr(value)
}

function drawn({ head, rows }: Table, paint: Paint): string[] {
  const all = head === undefined ? rows : [head, ...rows]
  const widths = (all[0] ?? []).map((_, at) => Math.max(...all.map((row) => widthOf(row[at] ?? ''))))
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 3, 1))
  const line = (row: readonly string[], isHead: boolean): string => {
    const cells = widths.map((width, at) => {
      const text = row[at] ?? ''
      return (text === '' ? '' : paint(isHead ? 'cyan' : 'green', text)) + ' '.repeat(width - widthOf(text))
    })
    return `| ${cells.join(' | ')} |`
  }
  return [
    rule,
    ...(head === undefined ? [] : [line(head, true), rule]),
    ...rows.map((row) => line(row, false)),
    rule,
  ]
}

const widthOf = (text: string): number => [...text].length
