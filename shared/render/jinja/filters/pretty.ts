/** `pprint`: data over several lines once it is wider than 80 characters, dicts sorted, as Python's pprint has it. */
import { splitLines } from '../methods/text-parts.ts'
import { work } from '../values/work.ts'
import {
  compareValues,
  lengthOf,
  PyError,
  PyTuple,
  pairsOfDict,
  type RuntimeDict,
  type RuntimeValue,
  repr,
  typeName,
} from '../values.ts'

const width = 80

/** Where a value stands: `indent` columns before it, `allowance` characters behind it on its line. */
interface Room {
  readonly indent: number
  readonly allowance: number
}

export function pretty(value: RuntimeValue): string {
  // Data that is too deep ends here.
  repr(value)
  return formatted(value, { indent: 0, allowance: 0 }, true)
}

/** The containers that are being written. */
const open: RuntimeValue[] = []

/** What stands in itself is only hinted at. */
function inside(value: RuntimeValue, write: () => string): string {
  if (open.includes(value)) return `<Recursion on ${typeName(value)} with id=${0x7f0000000000}>`
  open.push(value)
  try {
    return write()
  } finally {
    open.pop()
  }
}

function formatted(value: RuntimeValue, room: Room, isOutermost = false): string {
  const flat = flatText(value)
  if (lengthOf(flat) <= width - room.indent - room.allowance) return flat
  return isContainer(value)
    ? inside(value, () => overLines(value, room, false))
    : overLines(value, room, isOutermost)
}

function overLines(value: RuntimeValue, room: Room, isOutermost: boolean): string {
  if (typeof value === 'string') return textLines(value, room, isOutermost)
  if (Array.isArray(value)) return `[${itemLines(value, room, 1)}]`
  if (isPlainTuple(value)) {
    const end = value.values.length === 1 ? ',)' : ')'
    return `(${itemLines(value.values, room, end.length)}${end}`
  }
  return value instanceof Map ? dictLines(value, room) : repr(value)
}

const isContainer = (value: RuntimeValue): boolean =>
  Array.isArray(value) || value instanceof Map || isPlainTuple(value)

function flatText(value: RuntimeValue): string {
  work(1)
  return isContainer(value) ? inside(value, () => flatContainer(value)) : repr(value)
}

function flatContainer(value: RuntimeValue): string {
  if (Array.isArray(value)) return `[${value.map(flatText).join(', ')}]`
  if (isPlainTuple(value))
    return `(${value.values.map(flatText).join(', ')}${value.values.length === 1 ? ',' : ''})`
  if (value instanceof Map)
    return `{${sorted(value)
      .map(([key, item]) => `${flatText(key)}: ${flatText(item)}`)
      .join(', ')}}`
  return repr(value)
}

/** What groupby makes has a repr of its own, and that is what pprint shows. */
const isPlainTuple = (value: RuntimeValue): value is PyTuple =>
  value instanceof PyTuple && value.constructor === PyTuple

function itemLines(items: readonly RuntimeValue[], room: Room, behind: number): string {
  const indent = room.indent + 1
  const last = items.length - 1
  return items
    .map((item, index) =>
      formatted(item, { indent, allowance: index === last ? room.allowance + behind : 1 }),
    )
    .join(`,\n${' '.repeat(indent)}`)
}

function dictLines(dict: RuntimeDict, room: Room): string {
  const indent = room.indent + 1
  const pairs = sorted(dict).map(([key, item], index) => {
    const name = `${flatText(key)}: `
    const allowance = index === dict.size - 1 ? room.allowance + 1 : 1
    return name + formatted(item, { indent: indent + lengthOf(name), allowance })
  })
  return `{${pairs.join(`,\n${' '.repeat(indent)}`)}}`
}

/** Keys that have no order stand by the names of their types. */
function sorted(dict: RuntimeDict): (readonly [RuntimeValue, RuntimeValue])[] {
  return pairsOfDict(dict).sort(([a], [b]) => {
    try {
      return compareValues(a, b) ?? 0
    } catch (error) {
      if (!(error instanceof PyError) || error.kind !== 'TypeError') throw error
      return typeName(a) < typeName(b) ? -1 : 1
    }
  })
}

/** A long text as literals under one another, cut behind lines and words. */
function textLines(text: string, room: Room, isOutermost: boolean): string {
  const indent = room.indent + (isOutermost ? 1 : 0)
  const allowance = room.allowance + (isOutermost ? 1 : 0)
  const most = width - indent
  const lines = splitLines(text, true)
  const chunks = lines.flatMap((line, index) => {
    const behind = index === lines.length - 1 ? allowance : 0
    const whole = repr(line)
    return lengthOf(whole) <= most - behind ? [whole] : wordLines(line, most, behind)
  })
  if (chunks.length === 1) return repr(lines.at(-1) ?? '')
  const joined = chunks.join(`\n${' '.repeat(indent)}`)
  return isOutermost ? `(${joined})` : joined
}

function wordLines(line: string, most: number, behind: number): string[] {
  const words = line.match(/\S+\s*|^\s+/gu) ?? []
  const chunks: string[] = []
  let current = ''
  for (const [index, word] of words.entries()) {
    const room = index === words.length - 1 ? most - behind : most
    if (lengthOf(repr(current + word)) <= room) current += word
    else {
      if (current !== '') chunks.push(repr(current))
      current = word
    }
  }
  if (current !== '') chunks.push(repr(current))
  return chunks
}
