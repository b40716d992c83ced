/** `--out=profile`: what each state of a run took, the longest last. */
import type { Value } from '../data/value.ts'
import { isDict } from '../data/value.ts'
import { nestedLines } from './nested.ts'
import type { Paint } from './paint.ts'
import { pythonText } from './python-text.ts'
import { stateResults } from './state-results.ts'

const longestName = 60
const head = ['name', 'mod.fun', 'duration (ms)'] as const

/** @param value of one or several hosts, by id; texts must be harmless already */
export function profileLines(value: Value, paint: Paint): string[] {
  if (!isDict(value)) return nestedLines(value, { paint })
  return [...value].flatMap(([host, ret]) => {
    const rows = rowsOf(ret)
    const lines = rows
      ? drawn(rows, paint).map((line) => `    ${line}`)
      : nestedLines(ret, { paint, indent: 4 })
    return [paint('cyan', `${pythonText(host)}:`), ...lines]
  })
}

/** undefined where there are no states. */
function rowsOf(ret: Value): (readonly string[])[] | undefined {
  const results = stateResults(ret)
  if (results === undefined || results.length === 0) return undefined
  return results
    .map((result) => ({ ...result, took: result.duration ?? -1 }))
    .sort((a, b) => a.took - b.took)
    .map(({ name, fun, took }) => [shortened(name.replaceAll('\n', '\\n')), fun, took.toFixed(4)])
}

const shortened = (name: string): string =>
  [...name].length > longestName ? `${[...name].slice(0, longestName - 3).join('')}...` : name

function drawn(rows: readonly (readonly string[])[], paint: Paint): string[] {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => widthOf(row[at] ?? ''))))
  const line = ([name = '', fun = '', took = '']: readonly string[]): string =>
    [padded(name, widths[0]), padded(fun, widths[1]), took.padStart(widths[2] ?? 0)].join('  ')
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width, 4))
  return [paint('cyan', line(head)), rule, ...rows.map(line)]
}

const padded = (text: string, width = 0): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))
const widthOf = (text: string): number => [...text].length
