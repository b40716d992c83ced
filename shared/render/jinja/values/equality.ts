/** `==`, `<` and `in` as Python has them. */
import { PyFloat } from '../../../data/value.ts'
import type { RuntimeValue } from '../values.ts'
import { dictGet, dictHas } from './dicts.ts'
import { PyError } from './errors.ts'
import { isNumber, numberOf } from './numbers.ts'
import {
  DictView,
  Markup,
  Namespace,
  PyBytes,
  PyIterator,
  PyObject,
  PyRange,
  PyTuple,
  Undefined,
} from './objects.ts'
import { typeName } from './truth.ts'
import { work } from './work.ts'

export function equalRuntime(a: RuntimeValue, b: RuntimeValue): boolean {
  if (typeof a === 'string') return a === b || (b instanceof Markup && b.text === a) || strictly(b)
  // NaN is not equal to itself; a list that holds it is, by identity, but nobody counts on that.
  if (a === b && typeof a !== 'object') return true
  if (isNumber(a)) {
    strictly(b)
    return isNumber(b) && equalNumbers(a, b)
  }
  if (a === null || b === null) return a === b || strictly(a) || strictly(b)
  if (Array.isArray(a)) return Array.isArray(b) ? equalItems(a, b) : strictly(b)
  if (a instanceof Map) return b instanceof Map ? equalDicts(a, b) : strictly(b)
  return equalObjects(a, b)
}

/** Comparing with a strict undefined is an error. */
function strictly(value: RuntimeValue): false {
  if (value instanceof Undefined && value.strict) value.fail()
  return false
}

function equalObjects(a: Exclude<RuntimeValue, null | string>, b: RuntimeValue): boolean {
  if (a instanceof Undefined) return strictly(a) || b instanceof Undefined
  strictly(b)
  if (a instanceof PyTuple) return b instanceof PyTuple && equalTuples(a.values, b.values)
  if (a instanceof Markup) return b instanceof Markup ? a.text === b.text : a.text === b
  if (a instanceof PyBytes) return b instanceof PyBytes && equalItems(a.items(), b.items())
  if (a instanceof PyRange) return b instanceof PyRange && equalItems(a.items(), b.items())
  if (a instanceof DictView && b instanceof DictView && a.type !== 'dict_values' && b.type === a.type)
    return a.size() === b.size() && a.items().every((item) => containsValue(b, item))
  if (a instanceof Namespace) return a === b
  return a === b
}

function equalNumbers(
  a: number | bigint | boolean | PyFloat,
  b: number | bigint | boolean | PyFloat,
): boolean {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a === b
  if (typeof a === 'bigint') return bigEquals(a, b)
  if (typeof b === 'bigint') return bigEquals(b, a)
  return numberOf(a) === numberOf(b)
}

function bigEquals(big: bigint, other: number | bigint | boolean | PyFloat): boolean {
  return other instanceof PyFloat && BigInt(other.value) === big
}

/** Lists of unequal length are unequal at once; of tuples Python compares the items all the same, which may fail. */
function equalTuples(a: readonly RuntimeValue[], b: readonly RuntimeValue[]): boolean {
  const least = Math.min(a.length, b.length)
  if (a.length !== b.length && !equalItems(a.slice(0, least), b.slice(0, least))) return false
  return equalItems(a, b)
}

function equalItems(a: readonly RuntimeValue[], b: readonly RuntimeValue[]): boolean {
  work(1 + (a.length >> 6))
  return (
    a.length === b.length &&
    a.every((item, index) => item === b[index] || equalRuntime(item, b[index] ?? null))
  )
}

function equalDicts(a: ReadonlyMap<RuntimeValue, RuntimeValue>, b: Map<RuntimeValue, RuntimeValue>): boolean {
  if (a.size !== b.size) return false
  work(1 + a.size)
  for (const [key, value] of a) {
    const other = dictGet(b, key)
    if (other === undefined || !equalRuntime(value, other)) return false
  }
  return true
}

/** Negative, 0 or positive; NaN compares as nothing: undefined. @throws PyError TypeError where there is no order */
export function compareValues(a: RuntimeValue, b: RuntimeValue, sign = '<'): number | undefined {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b)
  const left = a instanceof Markup ? a.text : a
  const right = b instanceof Markup ? b.text : b
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right)
  if (Array.isArray(left) && Array.isArray(right)) return compareItems(left, right, sign)
  if (left instanceof PyTuple && right instanceof PyTuple)
    return compareItems(left.values, right.values, sign)
  if (left instanceof PyBytes && right instanceof PyBytes)
    return compareItems(left.items(), right.items(), sign)
  if (
    left instanceof DictView &&
    right instanceof DictView &&
    left.type !== 'dict_values' &&
    right.type !== 'dict_values'
  )
    return compareSets(left, right)
  // There is no order, even where an undefined is allowed.
  if (left instanceof Undefined) left.fail()
  if (right instanceof Undefined) right.fail()
  throw new PyError(
    'TypeError',
    `'${sign}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`,
  )
}

/** One that holds the other is the greater. */
function compareSets(a: DictView, b: DictView): number | undefined {
  const [few, many] = a.size() <= b.size() ? [a, b] : [b, a]
  return few.items().every((item) => containsValue(many, item)) ? a.size() - b.size() : undefined
}

function compareNumbers(
  a: number | bigint | boolean | PyFloat,
  b: number | bigint | boolean | PyFloat,
): number | undefined {
  const left = typeof a === 'bigint' ? a : (numberOf(a) ?? 0)
  const right = typeof b === 'bigint' ? b : (numberOf(b) ?? 0)
  if (left < right) return -1
  if (left > right) return 1
  return Number.isNaN(left) || Number.isNaN(right) ? undefined : 0
}

/** By code points, as Python; JavaScript's own order is by UTF-16 units. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left === right) continue
    // A surrogate stands for a character beyond all others.
    const high = isSurrogate(left)
    return high === isSurrogate(right) ? left - right : high ? 1 : -1
  }
  return a.length - b.length
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}

function compareItems(
  a: readonly RuntimeValue[],
  b: readonly RuntimeValue[],
  sign: string,
): number | undefined {
  const length = Math.min(a.length, b.length)
  work(1 + (length >> 6))
  for (let index = 0; index < length; index++) {
    const left = a[index] ?? null
    const right = b[index] ?? null
    if (left !== right && !equalRuntime(left, right)) return compareValues(left, right, sign)
  }
  return a.length - b.length
}

/** As lists of one item compare: what is equal needs no order. */
export function compareAsItems(a: RuntimeValue, b: RuntimeValue): number | undefined {
  const isPlain = (typeof a === 'string' || typeof a === 'number') && typeof a === typeof b
  return !isPlain && (a === b || equalRuntime(a, b)) ? 0 : compareValues(a, b)
}

/** A stable sort by Python's `<`. */
export function sortValues<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => RuntimeValue,
  reverse = false,
  compare: (a: RuntimeValue, b: RuntimeValue) => number | undefined = compareValues,
): Item[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }))
  const factor = reverse ? -1 : 1
  let compared = 0
  keyed.sort((a, b) => {
    compared += 1
    if (compared % 256 === 0) work(16)
    return factor * (compare(a.key, b.key) ?? 0)
  })
  return keyed.map(({ item }) => item)
}

/** `needle in haystack` */
export function containsValue(haystack: RuntimeValue, needle: RuntimeValue): boolean {
  if (haystack instanceof Map) return dictHas(haystack, needle)
  const text = haystack instanceof Markup ? haystack.text : haystack
  if (typeof text === 'string') return containsText(text, needle)
  if (haystack instanceof DictView && haystack.type !== 'dict_values') return viewHolds(haystack, needle)
  if (haystack instanceof PyIterator) return comesIn(haystack, needle)
  const answer = haystack instanceof PyObject ? haystack.contains(needle) : undefined
  if (answer !== undefined) return answer
  const items = Array.isArray(haystack)
    ? haystack
    : haystack instanceof PyObject
      ? haystack.items()
      : undefined
  if (items === undefined)
    throw new PyError('TypeError', `argument of type '${typeName(haystack)}' is not iterable`)
  work(1 + (items.length >> 6))
  return items.some((item) => item === needle || equalRuntime(item, needle))
}

/** What comes before the item is gone then. */
function comesIn(iterator: PyIterator, needle: RuntimeValue): boolean {
  for (let item = iterator.next(); item !== undefined; item = iterator.next()) {
    work(1)
    if (item === needle || equalRuntime(item, needle)) return true
  }
  return false
}

/** Of keys and items: the key is looked up as in the dict itself. @throws PyError TypeError where it is not hashable */
function viewHolds({ type, of }: DictView, needle: RuntimeValue): boolean {
  if (type === 'dict_keys') return dictHas(of, needle)
  if (!(needle instanceof PyTuple) || needle.values.length !== 2) return false
  const [key = null, value = null] = needle.values
  const found = dictGet(of, key)
  return found !== undefined && equalRuntime(found, value)
}

function containsText(text: string, needle: RuntimeValue): boolean {
  work(1 + (text.length >> 8))
  if (needle instanceof Markup) return text.includes(needle.text)
  if (typeof needle === 'string') return text.includes(needle)
  strictly(needle)
  throw new PyError('TypeError', `'in <string>' requires string as left operand, not ${typeName(needle)}`)
}
