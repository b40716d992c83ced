/** Methods of int and float. */

import { bigOf } from '../values/numbers.ts'
import {
  floatOf,
  intOf,
  isInt,
  isNumber,
  numberOf,
  PyBytes,
  PyError,
  PyTuple,
  type RuntimeValue,
  truthy,
} from '../values.ts'
import { method } from './define.ts'
import type { Method, Methods } from './methods.ts'

function intValue(self: RuntimeValue): bigint {
  return isInt(self) ? bigOf(self) : 0n
}

function floatValue(self: RuntimeValue): number {
  return isNumber(self) ? (numberOf(self) ?? 0) : 0
}

export const intMethods: Methods = new Map<string, Method>([
  method('bit_length', [], (_, self) => {
    const value = intValue(self)
    return value === 0n ? 0 : (value < 0n ? -value : value).toString(2).length
  }),
  method('bit_count', [], (_, self) => {
    const value = intValue(self)
    return (value < 0n ? -value : value).toString(2).replaceAll('0', '').length
  }),
  method('conjugate', [], (_, self) => intOf(intValue(self))),
  method(
    'to_bytes',
    [
      ['length', 1],
      ['byteorder', 'big'],
      ['signed', false],
    ],
    (_, self, length, order, signed) => toBytes(intValue(self), length, order, truthy(signed)),
  ),
  method('as_integer_ratio', [], (_, self) => new PyTuple([intOf(intValue(self)), 1])),
])

export const floatMethods: Methods = new Map<string, Method>([
  method('is_integer', [], (_, self) => Number.isInteger(floatValue(self))),
  method('conjugate', [], (_, self) => floatOf(floatValue(self))),
  method('as_integer_ratio', [], (_, self) => ratio(floatValue(self))),
  method('hex', [], (_, self) => hexText(floatValue(self))),
])

function toBytes(value: bigint, length: RuntimeValue, order: RuntimeValue, signed: boolean): RuntimeValue {
  const size = isInt(length) ? Number(length) : -1
  if (size < 0 || size > 1_000)
    throw new PyError('ValueError', 'length argument must be a small number, not negative')
  if (order !== 'big' && order !== 'little')
    throw new PyError('ValueError', "byteorder must be either 'little' or 'big'")
  const bits = BigInt(size * 8)
  const [least, most] = signed ? [-(1n << bits) / 2n, (1n << bits) / 2n] : [0n, 1n << bits]
  if (value < least || value >= most) throw new PyError('OverflowError', 'int too big to convert')
  const whole = value < 0n ? value + (1n << bits) : value
  const bytes = Uint8Array.from({ length: size }, (_, index) => Number((whole >> BigInt(index * 8)) & 255n))
  return new PyBytes(order === 'big' ? bytes.reverse() : bytes)
}

function ratio(value: number): RuntimeValue {
  if (!Number.isFinite(value)) throw new PyError('OverflowError', 'cannot convert Infinity to integer ratio')
  let numerator = value
  let denominator = 1n
  while (!Number.isInteger(numerator)) {
    numerator *= 2
    denominator *= 2n
  }
  return new PyTuple([intOf(BigInt(numerator)), intOf(denominator)])
}

function hexText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(value))
  const bits = view.getBigUint64(0)
  const exponent = Number(bits >> 52n)
  const fraction = (bits & 0xfffffffffffffn).toString(16).padStart(13, '0')
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (value === 0) return `${sign}0x0.0p+0`
  const power = exponent === 0 ? -1022 : exponent - 1023
  return `${sign}0x${exponent === 0 ? 0 : 1}.${fraction}p${power < 0 ? '' : '+'}${power}`
}
