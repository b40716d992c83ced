/** JSON as Python's `json.dumps` writes it, and Salt's tojson. */
import {
  type CallContext,
  compareValues,
  defineFilter,
  type FilterFunction,
  isFloat,
  isInt,
  iterate,
  numberOf,
  PyError,
  type RuntimeDict,
  type RuntimeValue,
  repr,
  sequenceOf,
  str,
  textOf,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'

export interface JsonLayout {
  readonly sortKeys: boolean
  readonly ensureAscii: boolean
  /** What each level is indented with; undefined: all in one line. */
  readonly indent: string | undefined
  readonly itemSeparator: string
  readonly keySeparator: string
}

const deepest = 200

export const jsonFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('tojson', ['val', ['indent', null], '**options'], (context, value, indent, options) => {
    const given: RuntimeDict = options instanceof Map ? options : new Map()
    return dumpJson(context, value, layoutOf(indent ?? null, given))
      .replaceAll('<', '\\u003c')
      .replaceAll('>', '\\u003e')
      .replaceAll('&', '\\u0026')
      .replaceAll("'", '\\u0027')
  }),
]

/** From the options that Python's json.dumps takes. */
export function layoutOf(indent: RuntimeValue, options: RuntimeDict): JsonLayout {
  for (const key of options.keys())
    if (typeof key !== 'string' || !['sort_keys', 'ensure_ascii', 'separators', 'indent'].includes(key))
      throw new PyError('TypeError', `tojson() got an unexpected keyword argument '${String(key)}'`)
  const separators = iterate(options.get('separators') ?? [])
  const step = indent ?? null
  const text =
    step === null
      ? undefined
      : isInt(step)
        ? ' '.repeat(Math.min(Math.max(Number(step), 0), 1000))
        : textOf(step)
  return {
    sortKeys: truthy(options.get('sort_keys') ?? false),
    ensureAscii: truthy(options.get('ensure_ascii') ?? true),
    indent: text,
    itemSeparator: textOf(separators[0] ?? null) ?? (text === undefined ? ', ' : ','),
    keySeparator: textOf(separators[1] ?? null) ?? ': ',
  }
}

/** @throws PyError TypeError for what JSON does not have */
export function dumpJson(context: CallContext, value: RuntimeValue, layout: JsonLayout): string {
  return new JsonWriter(context, layout).write(value, 0)
}

class JsonWriter {
  private readonly context: CallContext
  private readonly layout: JsonLayout

  constructor(context: CallContext, layout: JsonLayout) {
    this.context = context
    this.layout = layout
  }

  write(value: RuntimeValue, depth: number): string {
    this.context.spend(1)
    const text = textOf(value)
    if (text !== undefined) return jsonText(text, this.layout.ensureAscii)
    if (value === null) return 'null'
    if (typeof value === 'boolean') return String(value)
    if (isInt(value)) return str(value)
    if (isFloat(value)) return jsonFloat(value)
    if (depth > deepest) throw new PyError('LimitError', `data nested more than ${deepest} levels`)
    const items = sequenceOf(value)
    if (items !== undefined)
      return this.group(
        '[',
        items.map((item) => this.write(item, depth + 1)),
        ']',
        depth,
      )
    if (value instanceof Map) return this.group('{', this.members(value, depth), '}', depth)
    if (value instanceof Undefined && value.strict) value.fail()
    throw new PyError('TypeError', `Object of type ${typeName(value)} is not JSON serializable`)
  }

  private members(dict: RuntimeDict, depth: number): string[] {
    const members = [...dict]
    if (this.layout.sortKeys) members.sort(([a], [b]) => compareValues(a, b) ?? 0)
    return members.map(
      ([key, item]) =>
        jsonText(keyText(key), this.layout.ensureAscii) +
        this.layout.keySeparator +
        this.write(item, depth + 1),
    )
  }

  private group(open: string, parts: readonly string[], close: string, depth: number): string {
    if (parts.length === 0) return open + close
    const { indent, itemSeparator } = this.layout
    if (indent === undefined) return open + parts.join(itemSeparator) + close
    const inner = `\n${indent.repeat(depth + 1)}`
    return `${open}${inner}${parts.join(itemSeparator + inner)}\n${indent.repeat(depth)}${close}`
  }
}

function keyText(key: RuntimeValue): string {
  const text = textOf(key)
  if (text !== undefined) return text
  if (key === null) return 'null'
  if (typeof key === 'boolean') return String(key)
  if (isInt(key)) return str(key)
  if (isFloat(key)) return jsonFloat(key)
  throw new PyError('TypeError', `keys must be str, int, float, bool or None, not ${typeName(key)}`)
}

function jsonFloat(value: RuntimeValue): string {
  const number = numberOf(value) ?? 0
  if (Number.isFinite(number)) return repr(value)
  return Number.isNaN(number) ? 'NaN' : number > 0 ? 'Infinity' : '-Infinity'
}

const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
}

function jsonText(text: string, ensureAscii: boolean): string {
  let result = '"'
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    const character = text[at] ?? ''
    const plain = unit >= 32 && unit !== 34 && unit !== 92 && (unit < 127 || !ensureAscii)
    result += plain ? character : (short[character] ?? `\\u${unit.toString(16).padStart(4, '0')}`)
  }
  return `${result}"`
}
