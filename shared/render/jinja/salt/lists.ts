/** Filters over lists: sets of items, extremes, flattening, counts of true items. */
import {
  add,
  type CallContext,
  compareValues,
  containsValue,
  defineFilter,
  divide,
  equalRuntime,
  type FilterFunction,
  floatOf,
  isInt,
  isNumber,
  iterate,
  lengthOf,
  numberOf,
  PyError,
  PyIterator,
  PyTuple,
  type RuntimeList,
  type RuntimeValue,
  requireHashable,
  sortValues,
  textOf,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { flagArgument, intArgument, isHashableType, isText, textArgument } from './arguments.ts'
import { PySet } from './sets.ts'

export const listFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('unique', ['values'], (context, values) => unique(context, values)),
  defineFilter('union', ['lst1', 'lst2'], (context, a, b) => union(context, a, b)),
  defineFilter('intersect', ['lst1', 'lst2'], (context, a, b) => select(context, a, b, true)),
  defineFilter('difference', ['lst1', 'lst2'], (context, a, b) => select(context, a, b, false)),
  defineFilter('symmetric_difference', ['lst1', 'lst2'], symmetricDifference),
  defineFilter('min', ['obj'], (context, values) => extreme(context, values, 'min')),
  defineFilter('max', ['obj'], (context, values) => extreme(context, values, 'max')),
  defineFilter('avg', ['lst'], average),
  defineFilter('sequence', ['data'], (_context, data) =>
    Array.isArray(data) || data instanceof Map || data instanceof PyTuple || data instanceof PySet
      ? data
      : [data],
  ),
  defineFilter('is_list', ['value'], (_context, value) => Array.isArray(value)),
  defineFilter('is_iter', ['thing', ['ignore', null]], (_context, thing) => isIterable(thing)),
  defineFilter(
    'flatten',
    ['data', ['levels', null], ['preserve_nulls', false]],
    (context, data, levels, nulls) =>
      flatten(context, data, {
        levels: levels === null ? null : intArgument(levels, 'flatten(levels)'),
        preserveNulls: flagArgument(nulls),
        above: [],
      }),
  ),
  defineFilter('exactly_n_true', ['iterable', ['amount', 1]], (context, values, amount) =>
    exactly(context, values, intArgument(amount, 'exactly_n_true(amount)')),
  ),
  defineFilter('exactly_one_true', ['iterable'], (context, values) => exactly(context, values, 1)),
  defineFilter('sorted_ignorecase', ['to_sort'], (context, values) =>
    sortValues(spent(context, values), (item) => textArgument(item, 'sorted_ignorecase').toLowerCase()),
  ),
  defineFilter('substring_in_list', ['string_to_search_for', 'list_to_search'], (context, needle, texts) =>
    spent(context, texts).some((text) => containsValue(text, needle)),
  ),
  defineFilter(
    'compare_lists',
    [
      ['old', null],
      ['new', null],
    ],
    compareLists,
  ),
]

/** Items, counted against the budget. */
function spent(context: CallContext, values: RuntimeValue): readonly RuntimeValue[] {
  const items = iterate(values)
  context.spend(items.length)
  return items
}

/** Hashable items are looked up, all others compared one by one. */
class Seen {
  /** Comparing with one that is strict fails: then every item is compared, as Python does. */
  private readonly all: RuntimeList = []
  private hasUndefined = false
  private readonly context: CallContext
  private readonly hashable = new Map<RuntimeValue, true>()
  private readonly others: RuntimeList = []

  constructor(context: CallContext) {
    this.context = context
  }

  has(value: RuntimeValue): boolean {
    if (this.hasUndefined || value instanceof Undefined) {
      this.context.spend(this.all.length)
      return this.all.some((other) => other === value || equalRuntime(other, value))
    }
    const key = keyOf(value)
    if (key !== undefined) return this.hashable.has(key)
    this.context.spend(this.others.length)
    return this.others.some((other) => equalRuntime(other, value))
  }

  add(value: RuntimeValue): void {
    this.all.push(value)
    if (value instanceof Undefined) this.hasUndefined = true
    const key = keyOf(value)
    if (key === undefined) this.others.push(value)
    else this.hashable.set(key, true)
  }
}

/** Texts and numbers have a key under which all their equals are; undefined: compare. */
function keyOf(value: RuntimeValue): RuntimeValue | undefined {
  const text = textOf(value)
  if (text !== undefined) return text
  if (isNumber(value)) return numberKey(value)
  return value === null ? null : undefined
}

/** A float and an int that no double holds are equal where the float is that int. */
function numberKey(value: RuntimeValue): RuntimeValue | undefined {
  const number = numberOf(value)
  if (number === undefined || Number.isSafeInteger(number) || !Number.isFinite(number)) return number
  if (typeof value === 'bigint') return value
  return Number.isInteger(number) ? BigInt(number) : number
}

function unique(context: CallContext, values: RuntimeValue): RuntimeValue {
  if (isHashableType(values)) return new PySet(spent(context, values))
  return uniqueItems(context, spent(context, values))
}

function uniqueItems(context: CallContext, values: readonly RuntimeValue[]): RuntimeList {
  const seen = new Seen(context)
  const kept: RuntimeList = []
  for (const value of values) {
    if (seen.has(value)) continue
    seen.add(value)
    kept.push(value)
  }
  return kept
}

const bothHashable = (a: RuntimeValue, b: RuntimeValue): boolean => isHashableType(a) && isHashableType(b)

function union(context: CallContext, a: RuntimeValue, b: RuntimeValue): RuntimeValue {
  if (bothHashable(a, b)) return new PySet([...spent(context, a), ...spent(context, b)])
  if (Array.isArray(a) && Array.isArray(b))
    return uniqueItems(context, [...spent(context, a), ...spent(context, b)])
  for (const value of [a, b]) if (value instanceof Undefined && value.strict) value.fail()
  throw new PyError(
    'TypeError',
    `union: two lists are wanted, not ${typeName(a)} and ${typeName(b)}`,
    'Make lists of them first: value | list.',
  )
}

/** Items of the first that are, or are not, in the second. */
function select(context: CallContext, a: RuntimeValue, b: RuntimeValue, wanted: boolean): RuntimeValue {
  const areSets = bothHashable(a, b)
  if (areSets) {
    const first = new PySet(spent(context, a))
    const isInSecond = membership(context, new PySet(spent(context, b)))
    return new PySet(first.items().filter((item) => isInSecond(item) === wanted))
  }
  const isMember = membership(context, b)
  return uniqueItems(
    context,
    spent(context, a).filter((item) => isMember(item) === wanted),
  )
}

function membership(context: CallContext, values: RuntimeValue): (item: RuntimeValue) => boolean {
  if (isText(values) || values instanceof PyIterator) return (item) => containsValue(values, item)
  const seen = new Seen(context)
  for (const value of spent(context, values)) seen.add(value)
  return (item) => {
    if (values instanceof Map) requireHashable(item)
    return seen.has(item)
  }
}

function symmetricDifference(context: CallContext, a: RuntimeValue, b: RuntimeValue): RuntimeValue {
  const rest = select(context, union(context, a, b), select(context, a, b, true), false)
  return bothHashable(a, b) ? new PySet(iterate(rest)) : rest
}

function extreme(context: CallContext, values: RuntimeValue, name: 'min' | 'max'): RuntimeValue {
  const [first, ...others] = spent(context, values)
  if (first === undefined) throw new PyError('ValueError', `${name}() arg is an empty sequence`)
  const sign = name === 'min' ? '<' : '>'
  return others.reduce<RuntimeValue>((best, item) => {
    const order = compareValues(item, best, sign) ?? 0
    return (name === 'min' ? order < 0 : order > 0) ? item : best
  }, first)
}

function average(context: CallContext, values: RuntimeValue): RuntimeValue {
  if (isHashableType(values)) {
    const number = isNumber(values) ? numberOf(values) : Number.NaN
    const text = textOf(values)
    const float = text === undefined || text.trim() === '' ? number : Number(text)
    if (float === undefined || (Number.isNaN(float) && !isNumber(values)))
      throw new PyError('TypeError', `avg: a list or a number is wanted, not ${typeName(values)}`)
    return floatOf(float)
  }
  let sum: RuntimeValue = 0
  for (const item of spent(context, values)) {
    const next = add(sum, item)
    if (next === undefined)
      throw new PyError('TypeError', `unsupported operand type(s) for +: 'int' and '${typeName(item)}'`)
    sum = next
  }
  const quotient = divide(sum, lengthOf(values)) ?? 0
  return isInt(quotient) ? floatOf(Number(quotient)) : quotient
}

export function isIterable(value: RuntimeValue): boolean {
  if (isText(value) || isNumber(value) || value === null) return false
  // Asking a generator for its items would use them up.
  if (Array.isArray(value) || value instanceof Map || value instanceof PyIterator) return true
  return value.items() !== undefined
}

interface Flattening {
  readonly levels: number | null
  readonly preserveNulls: boolean
  /** The lists around this one. */
  readonly above: readonly RuntimeValue[]
}

const isNullText = (value: RuntimeValue): boolean => {
  const text = textOf(value)
  return value === null || text === 'None' || text === 'null'
}

function flatten(context: CallContext, data: RuntimeValue, flattening: Flattening): RuntimeList {
  if (flattening.above.includes(data)) throw new PyError('RuntimeError', 'flatten: the list stands in itself')
  const above = [...flattening.above, data]
  const flat: RuntimeList = []
  const { levels } = flattening
  for (const item of spent(context, data)) {
    if (!flattening.preserveNulls && isNullText(item)) continue
    if (isIterable(item) && (levels === null || levels >= 1)) {
      const inner = flatten(context, item, {
        ...flattening,
        above,
        levels: levels === null ? null : levels - 1,
      })
      for (const one of inner) flat.push(one)
    } else flat.push(item)
  }
  return flat
}

function exactly(context: CallContext, values: RuntimeValue, amount: number): boolean {
  return spent(context, values).filter(truthy).length === Math.max(0, amount)
}

function compareLists(context: CallContext, old: RuntimeValue, now: RuntimeValue): RuntimeValue {
  const changes = new Map<RuntimeValue, RuntimeValue>()
  const wasThere = membership(context, old)
  const isThere = membership(context, now)
  const added = spent(context, now).filter((item) => !wasThere(item))
  const removed = spent(context, old).filter((item) => !isThere(item))
  if (added.length > 0) changes.set('new', added)
  if (removed.length > 0) changes.set('old', removed)
  return changes
}
