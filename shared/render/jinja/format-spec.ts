/** `format(value, spec)`: fill, align, sign, width, grouping, precision, kind. */
import { fixed, formatFloat, formatInteger } from './format-numbers.ts'
import { checkRepeated } from './limits.ts'
import { bigOf } from './values/numbers.ts'
import { floatText } from './values/text.ts'
import {
  isFloat,
  isInt,
  isNumber,
  lengthOf,
  numberOf,
  PyError,
  PyObject,
  type RuntimeValue,
  str,
  textOf,
  typeName,
  Undefined,
} from './values.ts'

const grammar = /^(?:([\s\S])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u

interface Spec {
  readonly fill: string
  readonly align: string
  readonly sign: '+' | '-' | ' '
  /** A sign is asked for. */
  readonly signed: boolean
  readonly alternate: boolean
  readonly width: number
  readonly grouping: string
  readonly precision: number | undefined
  readonly kind: string
}

export function formatSpec(value: RuntimeValue, text: string): string {
  if (value instanceof Undefined && value.strict) value.fail()
  if (text === '') return str(value)
  const spec = parse(text, value)
  checkRepeated(spec.width + (spec.precision ?? 0))
  if (isNumber(value)) return padNumber(formatNumber(value, spec), spec)
  const plain = textOf(value)
  if (plain === undefined) {
    const isObject =
      value === null || Array.isArray(value) || value instanceof Map || value instanceof PyObject
    if (isObject)
      throw new PyError('TypeError', `unsupported format string passed to ${typeName(value)}.__format__`)
  }
  return padText(plain ?? str(value), spec)
}

function parse(text: string, value: RuntimeValue): Spec {
  const match = grammar.exec(text)
  if (match === null)
    throw new PyError(
      'ValueError',
      `Invalid format specifier '${text}' for object of type '${typeName(value)}'`,
    )
  const [, fill, align, sign, , alternate, zero, width, grouping, precision, kind] = match
  if (grouping !== undefined && (kind === 'n' || (grouping === ',' && /[boxX]/.test(kind ?? ''))))
    throw new PyError('ValueError', `Cannot specify '${grouping}' with '${kind}'.`)
  return {
    fill: fill ?? (zero === undefined ? ' ' : '0'),
    align: align ?? (zero !== undefined && isNumber(value) ? '=' : ''),
    signed: sign !== undefined,
    sign: sign === '+' || sign === ' ' ? sign : '-',
    alternate: alternate !== undefined,
    width: Number(width ?? 0),
    grouping: grouping ?? '',
    precision: precision === undefined ? undefined : Number(precision),
    kind: kind ?? '',
  }
}

function padText(text: string, spec: Spec): string {
  if (spec.kind !== '' && spec.kind !== 's')
    throw new PyError('ValueError', `Unknown format code '${spec.kind}' for object of type 'str'`)
  if (spec.signed) throw new PyError('ValueError', 'Sign not allowed in string format specifier')
  if (spec.alternate)
    throw new PyError('ValueError', 'Alternate form (#) not allowed in string format specifier')
  if (spec.align === '=')
    throw new PyError('ValueError', "'=' alignment not allowed in string format specifier")
  if (spec.grouping !== '') throw new PyError('ValueError', `Cannot specify '${spec.grouping}' with 's'.`)
  const cut = spec.precision === undefined ? text : [...text].slice(0, spec.precision).join('')
  return align(cut, spec, spec.align === '' ? '<' : spec.align)
}

function align(text: string, spec: Spec, how: string): string {
  const missing = spec.width - lengthOf(text)
  if (missing <= 0) return text
  const left = how === '<' ? 0 : how === '^' ? missing >> 1 : missing
  return spec.fill.repeat(left) + text + spec.fill.repeat(missing - left)
}

function padNumber(text: string, spec: Spec): string {
  if (spec.align !== '=') return align(text, spec, spec.align === '' ? '>' : spec.align)
  const sign = /^[-+ ]?(?:0[xXob](?=.))?/.exec(text)?.[0] ?? ''
  if (spec.fill !== '0' || spec.grouping === '') {
    const missing = Math.max(0, spec.width - text.length)
    return sign + spec.fill.repeat(missing) + text.slice(sign.length)
  }
  // Zeros are grouped too.
  const [whole = '', rest = ''] = text.slice(sign.length).split(/(?=[.e%])/s)
  const tail = text.slice(sign.length + whole.length)
  let digits = whole.replaceAll(spec.grouping, '')
  while (sign.length + group(digits, spec.grouping, 3).length + tail.length < spec.width)
    digits = `0${digits}`
  return sign + group(digits, spec.grouping, 3) + (tail || rest.slice(rest.length))
}

function group(digits: string, separator: string, size: number): string {
  const groups: string[] = []
  for (let end = digits.length; end > 0; end -= size)
    groups.unshift(digits.slice(Math.max(0, end - size), end))
  return groups.join(separator)
}

function formatNumber(
  value: Exclude<RuntimeValue, string | null | PyObject | unknown[] | Map<unknown, unknown>>,
  spec: Spec,
): string {
  const { kind } = spec
  if (isInt(value) && (kind === '' || 'bcdoxXn'.includes(kind))) return integer(bigOf(value), spec)
  const float = numberOf(value) ?? 0
  if (kind === '' && isFloat(value)) return grouped(shortest(float, spec), spec)
  if (kind === '%')
    return `${grouped(formatFloat(float * 100, 'f', spec.precision ?? 6, { plus: spec.sign }), spec)}%`
  if (!'eEfFgGn'.includes(kind))
    throw new PyError('ValueError', `Unknown format code '${kind}' for object of type '${typeName(value)}'`)
  const style = { plus: spec.sign, alternate: spec.alternate }
  return grouped(formatFloat(float, kind === 'n' ? 'g' : kind, spec.precision ?? 6, style), spec)
}

function integer(value: bigint, spec: Spec): string {
  if (spec.precision !== undefined)
    throw new PyError('ValueError', 'Precision not allowed in integer format specifier')
  if (spec.kind === 'c') return String.fromCodePoint(Number(value))
  const kind = spec.kind === '' || spec.kind === 'n' ? 'd' : spec.kind
  const text = formatInteger(value, kind, { plus: spec.sign, prefix: spec.alternate })
  if (spec.grouping === '' || kind === 'd') return grouped(text, spec)
  const sign = /^[-+ ]?(?:0[xXob])?/.exec(text)?.[0] ?? ''
  return sign + group(text.slice(sign.length), spec.grouping, 4)
}

function grouped(text: string, spec: Spec): string {
  if (spec.grouping === '') return text
  return text.replace(
    /^([-+ ]?)(\d+)/,
    (_, sign: string, digits: string) => sign + group(digits, spec.grouping, 3),
  )
}

/** Without a kind a float is as `str` writes it, with a precision as `g` but for at least one decimal. */
function shortest(value: number, spec: Spec): string {
  const isNegative = value < 0 || Object.is(value, -0)
  const sign = isNegative ? '-' : spec.sign === '-' ? '' : spec.sign
  const size = Math.abs(value)
  if (spec.precision === undefined || !Number.isFinite(size)) return sign + floatText(size)
  const text = formatFloat(size, 'g', spec.precision, { plus: '-' })
  if (/[.e]/.test(text)) return sign + text
  // As `g`, but what looks like an int gets its ".0" where there is room, else an exponent.
  return spec.precision > text.length ? `${sign}${text}.0` : `${sign}${exponentForm(size, text)}`
}

function exponentForm(size: number, text: string): string {
  const digits = fixed(size, 0)
  if (digits === '0') return '0e+00'
  const [first = '', ...rest] = text
  const tail = rest.join('').replace(/0+$/, '')
  return `${first}${tail === '' ? '' : `.${tail}`}e+${String(text.length - 1).padStart(2, '0')}`
}
