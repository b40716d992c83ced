/** Methods of int and float. */

import { bigOf } from '../values/numbers.ts'
import { floatOf, intOf, isInt, isNumber, numberOf, PyError, PyTuple, type RuntimeValue } from '../values.ts'
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
  method('as_integer_ratio', [], (_, self) => new PyTuple([intOf(intValue(self)), 1])),
])

export const floatMethods: Methods = new Map<string, Method>([
  method('is_integer', [], (_, self) => Number.isInteger(floatValue(self))),
  method('conjugate', [], (_, self) => floatOf(floatValue(self))),
  method('as_integer_ratio', [], (_, self) => ratio(floatValue(self))),
  method('hex', [], (_, self) => hexText(floatValue(self))),
])

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
