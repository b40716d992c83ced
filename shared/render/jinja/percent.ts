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
const simple = /^[^%]*$/

interface Source {
  readonly values: readonly RuntimeValue[]
  readonly mapping: RuntimeValue | undefined
  /** The format is marked as safe: what is not is escaped. */
  readonly safe: boolean
  next: number
}

export function formatPercent(format: string, value: RuntimeValue, safe = false): string {
  const isTuple = value instanceof PyTuple
  const mapping = value instanceof Map ? value : undefined
  const source: Source = { values: isTuple ? value.values : [value], mapping, safe, next: 0 }
  const text = simple.test(format)
    ? format
    : format.replace(
        directive,
        (
          whole,
          key?: string,
          flags = '',
          width?: string,
          precision?: string,
          _size?: string,
          kind?: string,
        ) => {
          if (kind === undefined) throw new PyError('ValueError', 'incomplete format')
          return convert(source, { whole, key, flags, width, precision, kind })
        },
      )
  if (source.next < source.values.length && !hasItems(value))
    throw new PyError('TypeError', 'not all arguments converted during string formatting')
  return text
}

/** What has items by a key may be a mapping, and so need not be used up. */
function hasItems(value: RuntimeValue): boolean {
  if (value instanceof Map || Array.isArray(value)) return true
  return value instanceof PyRange || value instanceof PyBytes || value instanceof Undefined
}

interface Directive {
  readonly whole: string
  readonly key: string | undefined
  readonly flags: string
  readonly width: string | undefined
  readonly precision: string | undefined
  readonly kind: string
}

function convert(source: Source, directive: Directive): string {
  const { whole, flags, kind } = directive
  if (kind === '%' && directive.key === undefined) return '%'
  const width = size(source, directive.width)
  const hasPrecision = whole.includes('.', whole.indexOf(')') + 1) && /\.(?:\*|\d*)[hlL]?[\s\S]$/.test(whole)
  const precision = hasPrecision ? (size(source, directive.precision) ?? 0) : undefined
  const value = kind === '%' ? '%' : take(source, directive.key)
  if (kind === '%') return '%'
  const text =
    source.safe && 'sra'.includes(kind)
      ? cut(escapedText(value, kind), precision)
      : converted(value, kind, flags, precision)
  return pad(text, width, flags, kind)
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

function size(source: Source, given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const value = given === '*' ? take(source, undefined) : Number(given)
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
      if (typeof value === 'number' && Number.isInteger(value) && precision === undefined && flags !== '+')
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

function pad(text: string, width: number | undefined, flags: string, kind: string): string {
  if (width === undefined) return text
  const missing = Math.abs(width) - lengthOf(text)
  if (missing <= 0) return text
  if (width < 0 || flags.includes('-')) return text + ' '.repeat(missing)
  if (!flags.includes('0') || !'diuoxXeEfFgG'.includes(kind)) return ' '.repeat(missing) + text
  const sign = /^[-+ ]?(?:0[xXo])?/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}
