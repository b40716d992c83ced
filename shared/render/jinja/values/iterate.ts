/** Iteration and length as Python has them. Strings go by code points. */
import type { RuntimeValue } from '../values.ts'
import { PyError } from './errors.ts'
import { keysOf } from './marked-keys.ts'
import { PyIterator, PyObject, PyTuple } from './objects.ts'
import { typeName } from './truth.ts'

/** All items; a list itself, so that what is appended meanwhile is seen. @throws PyError TypeError */
export function iterate(value: RuntimeValue): readonly RuntimeValue[] {
  if (Array.isArray(value)) return value
  if (value instanceof Map) return keysOf(value)
  if (typeof value === 'string') return [...value]
  const items = value instanceof PyObject ? value.items() : undefined
  if (items === undefined) {
    const hint = value === null ? 'It is none: give it a default, as in pillar.get("name", []).' : undefined
    throw new PyError('TypeError', `'${typeName(value)}' object is not iterable`, hint)
  }
  return items
}

/** The items one by one: of an iterator no more is taken than is asked for. @throws PyError TypeError */
export function walk(value: RuntimeValue): Iterable<RuntimeValue> {
  return value instanceof PyIterator ? rest(value) : iterate(value)
}

function* rest(iterator: PyIterator): Iterable<RuntimeValue> {
  for (let item = iterator.next(); item !== undefined; item = iterator.next()) yield item
}

/** @throws PyError TypeError */
export function lengthOf(value: RuntimeValue): number {
  if (typeof value === 'string') return textLength(value)
  if (Array.isArray(value)) return value.length
  if (value instanceof Map) return value.size
  const size = value instanceof PyObject ? value.size() : undefined
  if (size === undefined) throw new PyError('TypeError', `object of type '${typeName(value)}' has no len()`)
  return size
}

const beyondPlane = /[\uD800-\uDBFF]/

/** In code points. */
export function textLength(text: string): number {
  return beyondPlane.test(text) ? [...text].length : text.length
}

/** The items of a list or tuple; undefined for everything else. */
export function sequenceOf(value: RuntimeValue): readonly RuntimeValue[] | undefined {
  if (Array.isArray(value)) return value
  return value instanceof PyTuple ? value.values : undefined
}
