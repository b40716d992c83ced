/** A comparison as people read it. */
import type { Value } from '../../shared/data/value.ts'
import type { Paint } from '../../shared/output/paint.ts'
import { pythonRepr } from '../../shared/output/python-text.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { ChunkDifference, LowComparison } from './compare-low.ts'

const longest = 300

export function comparisonText(name: string, found: LowComparison, paint: Paint, all: boolean): string {
  const { equal, salt, tsalt, different, onlySalt, onlyTsalt, moved } = found
  const isSame = isEqual(found)
  const order = moved === undefined ? 'in the same order' : 'in another order'
  const lines = [
    paint(isSame ? 'lightGreen' : 'lightYellow', `${name}: ${equal} of ${salt} states are equal, ${order}`),
    ...(isSame ? [] : [`tsalt has ${tsalt} states`]),
    ...(found.hidden === 0 ? [] : [`${found.hidden} values are secret and were not compared`]),
    ...section('differ', different, paint, all, valueLines),
    ...section('are in Salt alone', onlySalt, paint, all, () => []),
    ...section('are in tsalt alone', onlyTsalt, paint, all, () => []),
  ]
  if (moved !== undefined)
    lines.push(
      '',
      paint('lightYellow', 'The order differs first here'),
      `  Salt:  ${moved.salt}`,
      `  tsalt: ${moved.tsalt}`,
    )
  return `${lines.map(harmless(paint)).join('\n')}\n`
}

export function isEqual({ different, onlySalt, onlyTsalt, moved }: LowComparison): boolean {
  return different.length + onlySalt.length + onlyTsalt.length === 0 && moved === undefined
}

/** Colours are ours; what comes from a tree is not. */
const harmless = (paint: Paint) => (line: string) => (paint.on ? line : harmlessLine(line))

const mostShown = 50

function section(
  words: string,
  all: readonly ChunkDifference[],
  paint: Paint,
  everything: boolean,
  more: (one: ChunkDifference, paint: Paint) => string[],
): string[] {
  if (all.length === 0) return []
  const shown = everything ? all : all.slice(0, mostShown)
  const lines = shown.flatMap((one) => [
    `  ${harmlessLine(one.tag)}  ${paint('dim', `in ${harmlessLine(one.sls)}`)}`,
    ...more(one, paint),
  ])
  const left = all.length - shown.length
  return [
    '',
    paint('lightYellow', `${all.length} ${words}`),
    ...lines,
    ...(left > 0 ? [`  … ${left} more (--all)`] : []),
  ]
}

function valueLines({ path, salt, tsalt }: ChunkDifference, paint: Paint): string[] {
  return [
    `      ${paint('cyan', harmlessLine(path))}`,
    `        Salt:  ${shown(salt)}`,
    `        tsalt: ${shown(tsalt)}`,
  ]
}

function shown(value: Value | undefined): string {
  if (value === undefined) return '(not there)'
  const text = harmlessLine(pythonRepr(value))
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
