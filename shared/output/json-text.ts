/** JSON as Python's json module writes it: order of keys kept, `1.0` stays a float, big integers exact. */
import { isDict, isList, PyFloat, type Value } from '../data/value.ts'
import { pythonFloat } from './python-text.ts'

/** @param indent spaces for each level; negative: everything on one line */
export function jsonText(value: Value, indent = 4): string {
  return write(value, indent, 0)
}

function write(value: Value, indent: number, depth: number): string {
  if (isList(value)) {
    const items = value.map((item) => write(item, indent, depth + 1))
    return wrap('[', ']', items, indent, depth)
  }
  if (isDict(value)) {
    const members = [...value].map(
      ([key, item]) => `${textJson(String(key))}: ${write(item, indent, depth + 1)}`,
    )
    return wrap('{', '}', members, indent, depth)
  }
  if (typeof value === 'string') return textJson(value)
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof PyFloat) return floatJson(value.value)
  return typeof value === 'number' && !Number.isInteger(value) ? floatJson(value) : JSON.stringify(value)
}

function wrap(open: string, close: string, items: string[], indent: number, depth: number): string {
  if (items.length === 0) return open + close
  if (indent < 0) return open + items.join(', ') + close
  const inner = ' '.repeat(indent * (depth + 1))
  return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${' '.repeat(indent * depth)}${close}`
}

/** Escapes DEL, C1 and the reordering marks too, so that JSON on a terminal is as harmless as everything else. */
function textJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** JSON has no word for them; null keeps the document readable for every parser. */
const floatJson = (number: number): string => (Number.isFinite(number) ? pythonFloat(number) : 'null')
