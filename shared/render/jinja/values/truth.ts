/** Truth and type names as Python has them. */
import { PyFloat } from '../../../data/value.ts'
import type { RuntimeValue } from '../values.ts'
import { PyObject } from './objects.ts'

export function truthy(value: RuntimeValue): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value.length > 0
  if (value === null) return false
  // NaN is true in Python.
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'bigint') return value !== 0n
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Map) return value.size > 0
  if (value instanceof PyFloat) return value.value !== 0
  return value.truth()
}

/** The value, or another where there is none; null is a value. */
export function given(value: RuntimeValue | undefined, otherwise: RuntimeValue): RuntimeValue {
  return value === undefined ? otherwise : value
}

/** `type(value).__name__` */
export function typeName(value: RuntimeValue): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (typeof value === 'bigint') return 'int'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Map) return 'dict'
  return value instanceof PyObject ? value.type : 'float'
}
