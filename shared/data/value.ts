/**
 * The data of states, pillars and grains, as YAML and Python know it: ordered mappings, integers apart from
 * floats, exact big integers. Plain objects are not used: they reorder keys that look like integers.
 */

/** A float whose value is integral (`1.0`); every other float is a plain number, as every int up to 2^53 is. */
export class PyFloat {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

export type Scalar = null | boolean | number | bigint | string | PyFloat
/** What a mapping can have as a key. A float key that is integral is held as the int, as in Python `1.0 == 1`. */
export type Key = string | number | bigint | boolean | null
export type Value = Scalar | Value[] | Dict
export interface Dict extends Map<Key, Value> {}

export function isDict(value: unknown): value is Dict {
  return value instanceof Map
}

export function isList(value: unknown): value is Value[] {
  return Array.isArray(value)
}

export function isScalar(value: Value): value is Scalar {
  return !isDict(value) && !isList(value)
}

/** Plain data as a program writes it; `toValue` makes a Value of it. Object keys keep the engine's order. */
export type Plain =
  | Scalar
  | undefined
  | readonly Plain[]
  | { readonly [key: string]: Plain }
  | ReadonlyMap<Key, Plain>

/** Plain objects become Dicts; `undefined` members are left out. */
export function toValue(plain: Plain): Value {
  if (plain === undefined) return null
  if (Array.isArray(plain)) return plain.map(toValue)
  if (plain instanceof Map) return new Map([...plain].map(([key, item]) => [key, toValue(item)]))
  if (plain !== null && typeof plain === 'object' && !(plain instanceof PyFloat)) {
    const dict: Dict = new Map()
    for (const [key, item] of Object.entries(plain)) if (item !== undefined) dict.set(key, toValue(item))
    return dict
  }
  return plain as Scalar
}

/** JSON-like objects with a null prototype; keys become strings, floats and big integers plain numbers. */
export function toPlain(value: Value): unknown {
  if (value instanceof PyFloat) return value.value
  if (typeof value === 'bigint') return Number(value)
  if (isList(value)) return value.map(toPlain)
  if (isDict(value)) {
    const plain: Record<string, unknown> = Object.create(null)
    for (const [key, item] of value) plain[String(key)] = toPlain(item)
    return plain
  }
  return value
}

/** Deep equality as Python has it: 1 == 1.0 == True, mappings regardless of order, lists in order. */
export function equalValues(a: Value, b: Value): boolean {
  if (isList(a))
    return (
      isList(b) && a.length === b.length && a.every((item, index) => equalValues(item, b[index] as Value))
    )
  if (isDict(a)) {
    if (!isDict(b) || a.size !== b.size) return false
    for (const [key, item] of a) {
      const other = b.get(key)
      if (other === undefined || !equalValues(item, other)) return false
    }
    return true
  }
  if (isList(b) || isDict(b)) return false
  return a === b || (numeric(a) !== undefined && numeric(a) === numeric(b))
}

function numeric(value: Scalar): number | undefined {
  if (value instanceof PyFloat) return value.value
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return Number(value)
  return undefined
}

/**
 * Walks `a:b:c` as Salt does: mapping keys, integers as list indices.
 * @returns undefined where a step is missing; null is a value.
 */
export function traverse(value: Value, path: string, delimiter = ':'): Value | undefined {
  let current: Value | undefined = value
  for (const step of path.split(delimiter)) {
    if (current === undefined) return undefined
    current = stepInto(current, step)
  }
  return current
}

/** One step of such a path. */
export function stepInto(value: Value, step: string): Value | undefined {
  if (isDict(value)) return value.get(step) ?? lookNumeric(value, step)
  return isList(value) && /^-?\d+$/.test(step) ? value.at(Number(step)) : undefined
}

function lookNumeric(dict: Dict, step: string): Value | undefined {
  if (dict.has(step)) return dict.get(step)
  return /^-?\d+$/.test(step) ? dict.get(Number(step)) : undefined
}
