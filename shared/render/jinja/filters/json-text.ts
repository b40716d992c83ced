/** JSON as Python's `json.dumps` writes it: `, ` and `: ` between, everything beyond ASCII escaped. */

import { floatText } from '../values/text.ts'
import {
  isInt,
  numberOf,
  PyError,
  PyFloat,
  type RuntimeValue,
  repr,
  sequenceOf,
  sortValues,
  str,
  textOf,
  typeName,
  Undefined,
} from '../values.ts'

export interface JsonStyle {
  readonly indent?: number | undefined
  readonly sortKeys?: boolean
}

export function pythonJson(value: RuntimeValue, style: JsonStyle = {}): string {
  return write(value, style, 0)
}

const deepest = 200

function write(value: RuntimeValue, style: JsonStyle, depth: number): string {
  if (depth > deepest) throw new PyError('LimitError', `data nested more than ${deepest} levels`)
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  const text = textOf(value)
  if (text !== undefined) return jsonString(text)
  if (isInt(value)) return value.toString()
  if (typeof value === 'number' || value instanceof PyFloat) return jsonFloat(numberOf(value) ?? 0)
  if (value instanceof Map) return writeDict(value, style, depth)
  const items = sequenceOf(value)
  if (items !== undefined)
    return wrap(
      '[',
      ']',
      items.map((item) => write(item, style, depth + 1)),
      style,
      depth,
    )
  if (value instanceof Undefined) value.fail()
  throw new PyError('TypeError', `Object of type ${typeName(value)} is not JSON serializable`)
}

function writeDict(dict: ReadonlyMap<RuntimeValue, RuntimeValue>, style: JsonStyle, depth: number): string {
  const pairs = style.sortKeys === true ? sortValues([...dict], ([key]) => key) : [...dict]
  return wrap(
    '{',
    '}',
    pairs.map(([key, item]) => `${jsonString(keyText(key))}: ${write(item, style, depth + 1)}`),
    style,
    depth,
  )
}

function keyText(key: RuntimeValue): string {
  if (typeof key === 'string') return key
  if (key === null) return 'null'
  if (typeof key === 'boolean') return String(key)
  if (isInt(key)) return str(key)
  if (typeof key === 'number') return jsonFloat(key)
  throw new PyError(
    'TypeError',
    `keys must be str, int, float, bool or None, not ${typeName(key)} ${repr(key)}`,
  )
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  return floatText(value)
}

function wrap(
  open: string,
  close: string,
  parts: readonly string[],
  style: JsonStyle,
  depth: number,
): string {
  if (parts.length === 0) return open + close
  if (style.indent === undefined) return `${open}${parts.join(', ')}${close}`
  const inner = `\n${' '.repeat(style.indent * (depth + 1))}`
  return `${open}${inner}${parts.join(`,${inner}`)}\n${' '.repeat(style.indent * depth)}${close}`
}

export function jsonString(text: string): string {
  const quoted = JSON.stringify(text)
  return quoted.replace(/[\u007f-\uffff]/g, (unit) =>
    unit === '\u007f' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
