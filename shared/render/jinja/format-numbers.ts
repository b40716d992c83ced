/** Numbers as `%` and `str.format` write them. */
import { PyError } from './values.ts'

export interface NumberStyle {
  readonly plus: '+' | '-' | ' '
  readonly precision?: number | undefined
  /** `0x` and the like before. */
  readonly prefix?: boolean
  readonly alternate?: boolean
}

export function floatToBig(value: number): bigint {
  if (Number.isNaN(value)) throw new PyError('ValueError', 'cannot convert float NaN to integer')
  if (!Number.isFinite(value)) throw new PyError('OverflowError', 'cannot convert float infinity to integer')
  return BigInt(Math.trunc(value))
}

function signed(isNegative: boolean, text: string, plus: NumberStyle['plus']): string {
  return `${isNegative ? '-' : plus === '-' ? '' : plus}${text}`
}

const bases: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, x: 16, X: 16 }

export function formatInteger(value: bigint, kind: string, style: NumberStyle): string {
  const digits = (value < 0n ? -value : value).toString(bases[kind] ?? 10).padStart(style.precision ?? 0, '0')
  const prefix = style.prefix === true && kind !== 'd' ? `0${kind}` : ''
  return signed(value < 0n, prefix + (kind === 'X' ? digits.toUpperCase() : digits), style.plus)
}

/** `e`, `f`, `g` and their capitals. */
export function formatFloat(value: number, kind: string, precision: number, style: NumberStyle): string {
  const isNegative = value < 0 || Object.is(value, -0)
  const size = Math.abs(value)
  const lower = kind.toLowerCase()
  let text: string
  if (Number.isNaN(value)) text = 'nan'
  else if (!Number.isFinite(value)) text = 'inf'
  else if (lower === 'f') text = fixed(size, precision)
  else if (lower === 'e') text = exponential(size, precision)
  else text = general(size, precision, style.alternate ?? false)
  if (style.alternate === true && lower !== 'g' && precision === 0 && Number.isFinite(value))
    text = text.includes('e') ? text.replace('e', '.e') : `${text}.`
  return signed(isNegative && !Number.isNaN(value), kind === lower ? text : text.toUpperCase(), style.plus)
}

/** Exact decimals of the float, rounded half to even, of any length. */
export function fixed(size: number, precision: number): string {
  const { digits, scale } = exactDecimal(size)
  if (scale <= precision) return place(digits * 10n ** BigInt(precision - scale), precision)
  return place(halfEven(digits, 10n ** BigInt(scale - precision)), precision)
}

/** The exact value to the next multiple of 10^zeros, half to even. */
export function roundedTo(size: number, zeros: number): bigint {
  const { digits, scale } = exactDecimal(size)
  const unit = 10n ** BigInt(zeros)
  return halfEven(digits, unit * 10n ** BigInt(scale)) * unit
}

function halfEven(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  const twice = (value % divisor) * 2n
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient
}

function place(digits: bigint, precision: number): string {
  const text = digits.toString().padStart(precision + 1, '0')
  return precision === 0 ? text : `${text.slice(0, -precision)}.${text.slice(-precision)}`
}

/** The float is digits / 10^scale, exactly. */
function exactDecimal(size: number): { digits: bigint; scale: number } {
  let whole = size
  let power = 0
  while (!Number.isInteger(whole)) {
    whole *= 2
    power += 1
  }
  return { digits: BigInt(whole) * 5n ** BigInt(power), scale: power }
}

function exponential(size: number, precision: number): string {
  // toExponential rounds half up on the exact value and knows at most 100 digits.
  const text = exactExponential(size, precision)
  const [digits = '', exponent = '+0'] = text.split('e')
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
}

function exactExponential(size: number, precision: number): string {
  if (size === 0) return `${place(0n, precision)}e+0`
  const { digits, scale } = exactDecimal(size)
  const length = digits.toString().length
  let exponent = length - 1 - scale
  const cut = length - 1 - precision
  let kept = digits
  if (cut <= 0) kept = digits * 10n ** BigInt(-cut)
  else {
    kept = halfEven(digits, 10n ** BigInt(cut))
    if (kept.toString().length > precision + 1) {
      kept /= 10n
      exponent += 1
    }
  }
  return `${place(kept, precision)}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
}

function general(size: number, given: number, alternate: boolean): string {
  const precision = given === 0 ? 1 : given
  const text = exponential(size, precision - 1)
  const exponent = Number(text.split('e')[1])
  if (exponent < -4 || exponent >= precision) {
    const [digits = '', power = ''] = text.split('e')
    return `${alternate ? pointed(digits) : trimZeros(digits)}e${power}`
  }
  const plain = fixed(size, precision - 1 - exponent)
  return alternate ? pointed(plain) : trimZeros(plain)
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

const pointed = (digits: string): string => (digits.includes('.') ? digits : `${digits}.`)
