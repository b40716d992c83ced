/** What a template hands to functions of the machine: copies, as plain data. */
import type { Key, Value } from '../../data/value.ts'
import {
  PyBytes,
  PyError,
  PyFloat,
  PyObject,
  type RuntimeValue,
  textOf,
  typeName,
  Undefined,
} from './values.ts'

const deepest = 100

/** @throws PyError TypeError for what is no data (a macro, a loop), UndefinedError for what is not there */
export function hostArgument(value: RuntimeValue, depth = 0): Value {
  if (depth > deepest) throw new PyError('LimitError', `data nested more than ${deepest} levels`)
  if (value instanceof Undefined) value.fail()
  const text = textOf(value)
  if (text !== undefined) return text
  if (value instanceof Map)
    return new Map([...value].map(([key, item]) => [hostKey(key), hostArgument(item, depth + 1)]))
  if (Array.isArray(value)) return value.map((item) => hostArgument(item, depth + 1))
  if (value instanceof PyBytes) return Buffer.from(value.bytes).toString('utf8')
  if (!(value instanceof PyObject)) return value
  const items = value.items()
  if (items === undefined) throw new PyError('TypeError', `${typeName(value)} cannot be given to a function`)
  return items.map((item) => hostArgument(item, depth + 1))
}

function hostKey(key: RuntimeValue): Key {
  const plain = hostArgument(key)
  if (plain instanceof PyFloat) return plain.value
  if (typeof plain === 'object' && plain !== null)
    throw new PyError('TypeError', `a ${typeName(key)} as a key cannot be given to a function`)
  return plain
}
