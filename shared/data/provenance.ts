/**
 * Where every value came from. Scalars have no identity, so marks hang on the container (Dict or list) and are
 * found by key or index. They live in a WeakMap: copying a container without its marks loses only positions.
 */
import type { Place } from './place.ts'
import type { Key, Value } from './value.ts'

export interface Marks {
  /** Place of a mapping's key; for a list the place of the item. */
  keyAt(key: Key | number): Place | undefined
  /** Place of the value under a key or index. */
  valueAt(key: Key | number): Place | undefined
  /** Places whose values lost a merge to the one at `valueAt`, latest first. */
  lostAt?(key: Key | number): readonly Place[]
  /** The value was written with `!secret`. */
  secretAt?(key: Key | number): boolean
}

const marks = new WeakMap<object, Marks>()

export function setMarks(container: Value[] | Map<Key, Value>, of: Marks): void {
  marks.set(container, of)
}

export function marksOf(container: unknown): Marks | undefined {
  return typeof container === 'object' && container !== null ? marks.get(container) : undefined
}

export function placeOfKey(container: unknown, key: Key | number): Place | undefined {
  return marksOf(container)?.keyAt(key)
}

export function placeOfValue(container: unknown, key: Key | number): Place | undefined {
  return marksOf(container)?.valueAt(key)
}

/** True for a value written with `!secret`; everything inside it is as secret. */
export function isMarkedSecret(container: unknown, key: Key | number): boolean {
  return marksOf(container)?.secretAt?.(key) ?? false
}
