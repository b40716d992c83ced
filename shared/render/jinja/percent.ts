/** `'%s' % value`, as Python formats. */
import { escapeHtml } from './escape.ts'
import { floatToBig, formatFloat, formatInteger } from './format-numbers.ts'
import { checkRepeated } from './limits.ts'
import { bigOf } from './values/numbers.ts'
import { ascii } from './values/text.ts'
import {
  dictGet,
  isFloat,
  isInt,
  isNumber,
  lengthOf,
  Markup,
  numberOf,
  PyBytes,
  PyError,
  PyRange,
  PyTuple,
  type RuntimeValue,
  repr,
  str,
  textOf,
  typeName,
  Undefined,
} from './values.ts'

const directive = /%(?:\(((?:[^()]|\([^()]*\))*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([hlL])?([\s\S])?/g

interface Source {
  readonly values: readonly RuntimeValue[]
  readonly mapping: RuntimeValue | undefined
  /** The format is marked as safe: what is not is escaped. */
  readonly safe: boolean
  next: number
}

export function formatPercent(format: string, value: RuntimeValue, safe = false): string {
  const mapping = value instanceof Map ? value : undefined
  const source: Source = { values: value instanceof PyTuple ? value.values : [value], mapping, safe, next: 0 }
  let text = ''
  for (const part of partsOf(format)) text += typeof part === 'string' ? part : convert(source, part)
  if (source.next < source.values.length && !hasItems(value))
    throw new PyError('TypeError', 'not all arguments converted during string formatting')
  return text
}

const known = new Map<string, readonly (string | Directive)[]>()
const mostKnown = 200

/** The parts of a format, kept: templates use the same few again and again. */
function partsOf(format: string): readonly (string | Directive)[] {
  const found = known.get(format)
  if (found !== undefined) return found
  const made = split(format)
  if (known.size >= mostKnown) known.clear()
  if (format.length <= mostKnown) known.set(format, made)
  return made
}

function split(format: string): (string | Directive)[] {
  const made: (string | Directive)[] = []
  let end = 0
  for (const match of format.matchAll(directive)) {
    const [whole, key, flags = '', width, precision, , kind] = match
    if (match.index > end) made.push(format.slice(end, match.index))
    end = match.index + whole.length
    const hasPrecision = /\.(?:\*|\d*)[hlL]?[\s\S]$/.test(whole.slice(whole.indexOf(')') + 1))
    made.push({
      key,
      flags,
      width: sizeIn(width),
      precision: hasPrecision ? (sizeIn(precision) ?? 0) : undefined,
      kind,
      bare: whole.length === 1 + (kind?.length ?? 0),
    })
  }
  if (end < format.length) made.push(format.slice(end))
  return made
}

const sizeIn = (text: string | undefined): number | '*' | undefined =>
  text === undefined || text === '*' ? text : Number(text)

/** What has items by a key may be a mapping, and so need not be used up. */
function hasItems(value: RuntimeValue): boolean {
  if (value instanceof Map || Array.isArray(value)) return true
  return value instanceof PyRange || value instanceof PyBytes || value instanceof Undefined
}

interface Directive {
  readonly key: string | undefined
  readonly flags: string
  /** `*`: the next value. */
  readonly width: number | '*' | undefined
  readonly precision: number | '*' | undefined
  /** undefined: the format ends before it. */
  readonly kind: string | undefined
  /** Nothing stands before it: only `%%` is a sign of its own, as of Python 3.11. */
  readonly bare: boolean
}

function convert(source: Source, { key, flags, width, precision, kind, bare }: Directive): string {
  if (kind === undefined) throw new PyError('ValueError', 'incomplete format')
  if (kind === '%' && bare) return '%'
  const columns = width === undefined ? undefined : size(source, width)
  const digits = precision === undefined ? undefined : size(source, precision)
  const value = take(source, key)
  const text =
    source.safe && 'srac'.includes(kind)
      ? cut(escapedText(value, kind), digits)
      : converted(value, kind, flags, digits)
  return columns === undefined ? text : pad(text, columns, flags, kind)
}

function take(source: Source, key: string | undefined): RuntimeValue {
  if (key !== undefined) {
    if (source.mapping === undefined) throw new PyError('TypeError', 'format requires a mapping')
    const found = source.mapping instanceof Map ? dictGet(source.mapping, key) : undefined
    if (found === undefined) throw new PyError('KeyError', repr(key))
    return found
  }
  const value = source.values[source.next]
  source.next += 1
  if (value === undefined) throw new PyError('TypeError', 'not enough arguments for format string')
  return value
}

function size(source: Source, given: number | '*'): number {
  const value = given === '*' ? take(source, undefined) : given
  if (!isInt(value)) throw new PyError('TypeError', '* wants int')
  const number = numberOf(value) ?? 0
  checkRepeated(Math.abs(number))
  return number
}

function converted(value: RuntimeValue, kind: string, flags: string, precision: number | undefined): string {
  // Its repr is that of any object.
  if (value instanceof Undefined && value.strict && kind !== 'r' && kind !== 'a') value.fail()
  switch (kind) {
    case 's':
      return cut(str(value), precision)
    case 'r':
      return cut(repr(value), precision)
    case 'a':
      return cut(ascii(value), precision)
    case 'c':
      return character(value)
    case 'd':
    case 'i':
    case 'u':
      if (
        typeof value === 'number' &&
        Number.isInteger(value) &&
        precision === undefined &&
        !flags.includes('+')
      )
        return signOf(flags) === '-' || value < 0 ? String(value) : ` ${value}`
      return formatInteger(whole(value, kind), 'd', { plus: signOf(flags), precision })
    case 'x':
    case 'X':
    case 'o':
      if (!isInt(value))
        throw new PyError('TypeError', `%${kind} format: an integer is required, not ${typeName(value)}`)
      return formatInteger(bigOf(value), kind, {
        plus: signOf(flags),
        precision,
        prefix: flags.includes('#'),
      })
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      if (!isNumber(value)) throw new PyError('TypeError', `must be real number, not ${typeName(value)}`)
      return formatFloat(numberOf(value) ?? 0, kind, precision ?? 6, {
        plus: signOf(flags),
        alternate: flags.includes('#'),
      })
    default:
      throw new PyError(
        'ValueError',
        `unsupported format character '${kind}' (0x${(kind.codePointAt(0) ?? 0).toString(16)})`,
      )
  }
}

function escapedText(value: RuntimeValue, kind: string): string {
  // What is escaped while it is put in is neither.
  if (kind === 'c') throw new PyError('TypeError', '%c requires int or char')
  return kind === 's' && value instanceof Markup
    ? value.text
    : escapeHtml(converted(value, kind, '', undefined))
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('')
}

function signOf(flags: string): '+' | ' ' | '-' {
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '-'
}

function whole(value: RuntimeValue, kind: string): bigint {
  if (isInt(value)) return bigOf(value)
  if (isFloat(value)) return floatToBig(numberOf(value) ?? 0)
  throw new PyError('TypeError', `%${kind} format: a real number is required, not ${typeName(value)}`)
}

function character(value: RuntimeValue): string {
  const text = textOf(value)
  if (text !== undefined && lengthOf(text) === 1) return text
  if (isInt(value)) {
    const code = numberOf(value) ?? 0
    if (code < 0 || code > 0x10ffff) throw new PyError('OverflowError', '%c arg not in range(0x110000)')
    return String.fromCodePoint(code)
  }
  throw new PyError('TypeError', '%c requires int or char')
}

function pad(text: string, width: number, flags: string, kind: string): string {
  const missing = Math.abs(width) - lengthOf(text)
  if (missing <= 0) return text
  if (width < 0 || flags.includes('-')) return text + ' '.repeat(missing)
  if (!flags.includes('0') || !'diuoxXeEfFgG'.includes(kind)) return ' '.repeat(missing) + text
  const sign = /^[-+ ]?(?:0[xXo])?/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}
