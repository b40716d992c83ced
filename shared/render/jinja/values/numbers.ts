/** Python's arithmetic: ints of any size apart from floats, true and floor division, modulo with the divisor's sign. */
import { PyFloat } from '../../../data/value.ts'
import type { RuntimeValue } from '../values.ts'
import { PyError } from './errors.ts'
import { exactPower } from './exact-power.ts'
import { typeName } from './truth.ts'

/** Integers of more digits than this are refused: they would hold the process. */
const mostBits = 100_000

/** An int in its one form: a number up to 2^53, else a bigint. */
export function intOf(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
}

/** A float in its one form. */
export function floatOf(value: number): number | PyFloat {
  return Number.isInteger(value) ? new PyFloat(value) : value
}

/** bool counts, as in Python. */
export function isInt(value: RuntimeValue): value is number | bigint | boolean {
  return (
    (typeof value === 'number' && Number.isInteger(value)) ||
    typeof value === 'bigint' ||
    typeof value === 'boolean'
  )
}

export function isFloat(value: RuntimeValue): value is number | PyFloat {
  return value instanceof PyFloat || (typeof value === 'number' && !Number.isInteger(value))
}

export function isNumber(value: RuntimeValue): value is number | bigint | boolean | PyFloat {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'boolean' ||
    value instanceof PyFloat
  )
}

/** As a JavaScript number; undefined: not a number. */
export function numberOf(value: RuntimeValue): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return Number(value)
  return value instanceof PyFloat ? value.value : undefined
}

export function bigOf(value: number | bigint | boolean): bigint {
  return typeof value === 'bigint' ? value : BigInt(value)
}

interface Operation {
  readonly sign: string
  readonly ints: (a: bigint, b: bigint) => RuntimeValue
  readonly floats: (a: number, b: number) => RuntimeValue
}

/** undefined: these are not numbers. */
function arithmetic(a: RuntimeValue, b: RuntimeValue, operation: Operation): RuntimeValue | undefined {
  if (!isNumber(a) || !isNumber(b)) return undefined
  if (isInt(a) && isInt(b)) return operation.ints(bigOf(a), bigOf(b))
  return operation.floats(asFloat(a), asFloat(b))
}

function asFloat(value: number | bigint | boolean | PyFloat): number {
  const float = numberOf(value) ?? 0
  if (typeof value === 'bigint' && !Number.isFinite(float))
    throw new PyError('OverflowError', 'int too large to convert to float')
  return float
}

export function unsupported(sign: string, a: RuntimeValue, b: RuntimeValue): PyError {
  return new PyError(
    'TypeError',
    `unsupported operand type(s) for ${sign}: '${typeName(a)}' and '${typeName(b)}'`,
  )
}

function bounded(value: bigint): number | bigint {
  if (value > 9007199254740991n || value < -9007199254740991n) {
    if (value.toString(16).length * 4 > mostBits)
      throw new PyError('LimitError', `an integer of more than ${mostBits} bits`)
    return value
  }
  return Number(value)
}

const adding: Operation = { sign: '+', ints: (a, b) => bounded(a + b), floats: (a, b) => floatOf(a + b) }
const subtracting: Operation = { sign: '-', ints: (a, b) => bounded(a - b), floats: (a, b) => floatOf(a - b) }
const multiplying: Operation = { sign: '*', ints: (a, b) => bounded(a * b), floats: (a, b) => floatOf(a * b) }

/** Numbers only; the rest of `+` is in operators.ts. */
export function add(a: RuntimeValue, b: RuntimeValue): RuntimeValue | undefined {
  return arithmetic(a, b, adding)
}

export function subtract(a: RuntimeValue, b: RuntimeValue): RuntimeValue | undefined {
  return arithmetic(a, b, subtracting)
}

export function multiply(a: RuntimeValue, b: RuntimeValue): RuntimeValue | undefined {
  return arithmetic(a, b, multiplying)
}

/** Rounded right for large ints too: the quotient of bigints is exact before it becomes a float. */
function trueQuotient(a: bigint, b: bigint): RuntimeValue {
  if (b === 0n) throw new PyError('ZeroDivisionError', 'division by zero')
  const plain = intOf(a)
  const divisor = intOf(b)
  if (typeof plain === 'number' && typeof divisor === 'number') return floatOf(plain / divisor)
  const size = a < 0n ? -a : a
  const by = b < 0n ? -b : b
  const shift = BigInt(Math.max(0, by.toString(2).length - size.toString(2).length + 66))
  const scaled = (size << shift) / by
  // What the division leaves over decides where the digits alone stand half way.
  const rest = scaled * by === size << shift ? 0n : 1n
  const quotient = Number((scaled << 1n) | rest) / 2 / 2 ** Number(shift)
  const value = a < 0n === b < 0n ? quotient : -quotient
  if (!Number.isFinite(value))
    throw new PyError('OverflowError', 'integer division result too large for a float')
  return floatOf(value)
}

export function divide(a: RuntimeValue, b: RuntimeValue): RuntimeValue | undefined {
  return arithmetic(a, b, {
    sign: '/',
    ints: trueQuotient,
    floats: (x, y) => {
      if (y === 0) throw new PyError('ZeroDivisionError', 'float division by zero')
      return floatOf(x / y)
    },
  })
}

function floorBig(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}

export function floorDivide(a: RuntimeValue, b: RuntimeValue): RuntimeValue | undefined {
  return arithmetic(a, b, {
    sign: '//',
    ints: (x, y) => {
      if (y === 0n) throw new PyError('ZeroDivisionError', 'integer division or modulo by zero')
      return intOf(floorBig(x, y))
    },
    floats: (x, y) => {
      if (y === 0) throw new PyError('ZeroDivisionError', 'float floor division by zero')
      return floatOf(floorFloats(x, y))
    },
  })
}

/** As CPython: through C's remainder, so that the two agree. */
function floorFloats(a: number, b: number): number {
  const remainder = a % b
  const toZero = (a - remainder) / b
  const quotient = remainder !== 0 && b < 0 !== remainder < 0 ? toZero - 1 : toZero
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0
  const floor = Math.floor(quotient)
  return quotient - floor > 0.5 ? floor + 1 : floor
}

function moduloFloats(a: number, b: number): number {
  const remainder = a % b
  if (remainder === 0) return b < 0 ? -0 : 0
  return remainder < 0 !== b < 0 ? remainder + b : remainder
}

export function modulo(a: RuntimeValue, b: RuntimeValue): RuntimeValue | undefined {
  return arithmetic(a, b, {
    sign: '%',
    ints: (x, y) => {
      if (y === 0n) throw new PyError('ZeroDivisionError', 'integer modulo by zero')
      return intOf(x - floorBig(x, y) * y)
    },
    floats: (x, y) => {
      if (y === 0) throw new PyError('ZeroDivisionError', 'float modulo')
      return floatOf(moduloFloats(x, y))
    },
  })
}

/** One division is right to the last bit while the power is whole in a float; JavaScript's 10 ** -4 is not 0.0001. */
function inversePower(base: bigint, exponent: bigint): number {
  const size = exponent <= 53n ? Number(base ** exponent) : 0
  return Math.abs(size) <= Number.MAX_SAFE_INTEGER && size !== 0
    ? 1 / size
    : exactPower(Number(base), -Number(exponent))
}

export function power(a: RuntimeValue, b: RuntimeValue): RuntimeValue | undefined {
  return arithmetic(a, b, {
    sign: '** or pow()',
    ints: (x, y) => {
      if (y < 0n) {
        if (x === 0n) throw new PyError('ZeroDivisionError', '0.0 cannot be raised to a negative power')
        return floatOf(inversePower(x, -y))
      }
      if (BigInt(x.toString(2).length) * y > BigInt(mostBits) && x !== 0n && x !== 1n && x !== -1n)
        throw new PyError('LimitError', `an integer of more than ${mostBits} bits`)
      return intOf(x ** y)
    },
    floats: (x, y) => {
      if (x === 0 && y < 0) throw new PyError('ZeroDivisionError', '0.0 cannot be raised to a negative power')
      if (x < 0 && !Number.isInteger(y)) throw new PyError('TypeError', 'complex numbers are not supported')
      if (x === 1 || y === 0) return floatOf(1)
      const value = exactPower(x, y)
      if (!Number.isFinite(value) && Number.isFinite(x) && Number.isFinite(y))
        throw new PyError('OverflowError', "(34, 'Numerical result out of range')")
      return floatOf(value)
    },
  })
}

export function negate(value: RuntimeValue): RuntimeValue | undefined {
  if (value instanceof PyFloat) return new PyFloat(-value.value)
  if (typeof value === 'number') return value === 0 ? 0 : -value
  if (typeof value === 'boolean') return value ? -1 : 0
  return typeof value === 'bigint' ? intOf(-value) : undefined
}
