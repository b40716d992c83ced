/** JSON as Python's `json.dumps` writes it. */
import { floatText } from '../values/text.ts'
import { work } from '../values/work.ts'
import {
  isFloat,
  isInt,
  numberOf,
  PyError,
  PyFloat,
  type RuntimeDict,
  type RuntimeValue,
  repr,
  sequenceOf,
  sortValues,
  str,
  textOf,
  typeName,
  Undefined,
} from '../values.ts'

/** The options of Python's function, with its defaults. */
export interface JsonStyle {
  /** What each level is indented with, spaces or a text; undefined: all in one line. */
  readonly indent?: number | string | undefined
  readonly sortKeys?: boolean
  /** False: what lies beyond ASCII stands as it is. */
  readonly ensureAscii?: boolean
  readonly separators?: readonly [item: string, key: string] | undefined
}

const deepest = 200
const widestIndent = 1000

/** @throws PyError for what JSON does not have */
export function pythonJson(value: RuntimeValue, style: JsonStyle = {}): string {
  return new JsonWriter(style).write(value, 0)
}

class JsonWriter {
  private readonly sortKeys: boolean
  private readonly ensureAscii: boolean
  private readonly indent: string | undefined
  private readonly between: string
  private readonly afterKey: string

  constructor({ indent, sortKeys = false, ensureAscii = true, separators }: JsonStyle) {
    this.sortKeys = sortKeys
    this.ensureAscii = ensureAscii
    this.indent =
      typeof indent === 'number' ? ' '.repeat(Math.min(Math.max(indent, 0), widestIndent)) : indent
    this.between = separators?.[0] ?? (indent === undefined ? ', ' : ',')
    this.afterKey = separators?.[1] ?? ': '
  }

  write(value: RuntimeValue, depth: number): string {
    work(1)
    if (depth > deepest) throw new PyError('LimitError', `data nested more than ${deepest} levels`)
    if (value === null) return 'null'
    if (typeof value === 'boolean') return String(value)
    const text = textOf(value)
    if (text !== undefined) return this.text(text)
    if (isInt(value)) return value.toString()
    if (typeof value === 'number' || value instanceof PyFloat) return jsonFloat(numberOf(value) ?? 0)
    if (value instanceof Map) return this.dict(value, depth)
    const items = sequenceOf(value)
    if (items !== undefined)
      return this.group(
        '[',
        items.map((item) => this.write(item, depth + 1)),
        ']',
        depth,
      )
    if (value instanceof Undefined) value.fail()
    throw new PyError('TypeError', `Object of type ${typeName(value)} is not JSON serializable`)
  }

  private dict(dict: RuntimeDict, depth: number): string {
    const pairs = this.sortKeys ? sortValues([...dict], ([key]) => key) : [...dict]
    const members = pairs.map(
      ([key, item]) => this.text(keyText(key)) + this.afterKey + this.write(item, depth + 1),
    )
    return this.group('{', members, '}', depth)
  }

  private group(open: string, parts: readonly string[], close: string, depth: number): string {
    if (parts.length === 0) return open + close
    if (this.indent === undefined) return open + parts.join(this.between) + close
    const inner = `\n${this.indent.repeat(depth + 1)}`
    return `${open}${inner}${parts.join(this.between + inner)}\n${this.indent.repeat(depth)}${close}`
  }

  private text(text: string): string {
    return this.ensureAscii ? jsonString(text) : rawJsonString(text)
  }
}

function keyText(key: RuntimeValue): string {
  const text = textOf(key)
  if (text !== undefined) return text
  if (key === null) return 'null'
  if (typeof key === 'boolean') return String(key)
  if (isInt(key)) return str(key)
  if (isFloat(key)) return jsonFloat(numberOf(key) ?? 0)
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

/** Everything beyond ASCII escaped. */
export function jsonString(text: string): string {
  const quoted = JSON.stringify(text)
  return quoted.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** JSON.stringify, but for halves of surrogate pairs, which Python leaves as they are. */
function rawJsonString(text: string): string {
  return JSON.stringify(text).replace(
    /(?<!\\)((?:\\\\)*)\\u(d[89a-f][0-9a-f]{2})/g,
    (_, before: string, code: string) => before + String.fromCharCode(Number.parseInt(code, 16)),
  )
}
