/** What Salt's filters expect of their arguments, with Python's words where it is something else. */
import {
  DictView,
  isInt,
  Markup,
  PyBytes,
  PyError,
  type RuntimeValue,
  textOf,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { PySet } from './sets.ts'

/** @throws PyError: an undefined that is strict, or TypeError */
export function textArgument(value: RuntimeValue, what: string): string {
  const text = textOf(value)
  if (text !== undefined) return text
  if (value instanceof Undefined && value.strict) value.fail()
  throw new PyError('TypeError', `${what}: a text is wanted, not ${typeName(value)}`)
}

/** Text as UTF-8, or bytes as they are. */
export function bytesArgument(value: RuntimeValue): Uint8Array {
  if (value instanceof PyBytes) return value.bytes
  const text = textOf(value)
  if (text !== undefined) return Buffer.from(text, 'utf8')
  if (value instanceof Undefined && value.strict) value.fail()
  throw new PyError('TypeError', `expected str, bytes, or bytearray not ${typeName(value)}`)
}

export function intArgument(value: RuntimeValue, what: string): number {
  if (value instanceof Undefined && value.strict) value.fail()
  if (isInt(value) && typeof value !== 'bigint') return Number(value)
  throw new PyError('TypeError', `${what}: an integer is wanted, not ${typeName(value)}`)
}

/** None and an undefined are no option; everything else counts by its truth. */
export function flagArgument(value: RuntimeValue): boolean {
  return truthy(value)
}

/** Whether Python counts the type as hashable, whatever the value holds. */
export function isHashableType(value: RuntimeValue): boolean {
  if (value instanceof DictView) return value.type === 'dict_values'
  return !Array.isArray(value) && !(value instanceof Map) && !(value instanceof PySet)
}

export function isText(value: RuntimeValue): value is string | Markup {
  return typeof value === 'string' || value instanceof Markup
}
