/** Filters that go over items: map, select, sort, group and their kin. */

import { addValues } from '../operators.ts'
import {
  type CallContext,
  compareAsItems,
  compareValues,
  defineFilter,
  dictSet,
  equalRuntime,
  type FilterFunction,
  iterate,
  PyBytes,
  PyError,
  PyIterator,
  PyTuple,
  pairsOfDict,
  type RuntimeDict,
  type RuntimeList,
  type RuntimeValue,
  requireHashable,
  sortValues,
  str,
  textOf,
  truthy,
  typeName,
  Undefined,
  walk,
} from '../values.ts'
import { batches, slicesOf } from './slicing.ts'

/** `a.b.0` as a way into each item. */
export function attributeGetter(
  context: CallContext,
  attribute: RuntimeValue,
  options: { post?: (value: RuntimeValue) => RuntimeValue; otherwise?: RuntimeValue | undefined } = {},
): (item: RuntimeValue) => RuntimeValue {
  const steps = stepsOf(attribute)
  return (item) => {
    let value = item
    for (const step of steps) {
      value = context.item(value, step)
      if (value instanceof Undefined && options.otherwise !== undefined) value = options.otherwise
    }
    return options.post === undefined ? value : options.post(value)
  }
}

function stepsOf(attribute: RuntimeValue): RuntimeValue[] {
  if (attribute === null) return []
  const text = textOf(attribute)
  if (text === undefined) return [attribute]
  return text.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

export function ignoreCase(value: RuntimeValue): RuntimeValue {
  return textOf(value)?.toLowerCase() ?? value
}

function keyOf(
  context: CallContext,
  attribute: RuntimeValue,
  caseSensitive: RuntimeValue,
): (item: RuntimeValue) => RuntimeValue {
  return attributeGetter(context, attribute, truthy(caseSensitive) ? {} : { post: ignoreCase })
}

function* mapped(
  context: CallContext,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
): Iterable<RuntimeValue> {
  const [value, name, ...rest] = args
  if (value === undefined || !isPresent(value)) return
  const items = walk(value)
  const attribute = kwargs.get('attribute')
  if (name === undefined && attribute !== undefined) {
    const others = [...kwargs.keys()].filter((key) => key !== 'attribute' && key !== 'default')
    if (others.length > 0)
      throw new PyError('FilterArgumentError', `Unexpected keyword argument '${others[0]}'`)
    const get = attributeGetter(context, attribute, { otherwise: kwargs.get('default') ?? undefined })
    for (const item of items) yield get(item)
    return
  }
  const filter = textOf(name ?? null)
  if (filter === undefined) throw new PyError('FilterArgumentError', 'map requires a filter argument')
  for (const item of items) {
    context.spend(1)
    yield context.filter(filter, [item, ...rest], kwargs)
  }
}

function isPresent(value: RuntimeValue): boolean {
  return value instanceof Undefined ? (value.strict ? value.fail() : false) : truthy(value)
}

function* chosen(
  context: CallContext,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
  how: { keep: boolean; byAttribute: boolean },
): Iterable<RuntimeValue> {
  const [value, ...given] = args
  if (value === undefined || !isPresent(value)) return
  let get = (item: RuntimeValue): RuntimeValue => item
  if (how.byAttribute) {
    const attribute = given.shift()
    if (attribute === undefined)
      throw new PyError('FilterArgumentError', 'Missing parameter for attribute name')
    get = attributeGetter(context, attribute)
  }
  const [name, ...rest] = given
  const test = name === undefined ? undefined : str(name)
  for (const item of walk(value)) {
    context.spend(1)
    const subject = get(item)
    const holds = test === undefined ? truthy(subject) : context.test(test, [subject, ...rest], kwargs)
    if (holds === how.keep) yield item
  }
}

function choosing(name: string, keep: boolean, byAttribute: boolean): [string, FilterFunction] {
  return [
    name,
    (context, args, kwargs) =>
      new PyIterator(chosen(context, args, kwargs, { keep, byAttribute }), 'generator', 'select_or_reject'),
  ]
}

function extreme(name: string, sign: number): [string, FilterFunction] {
  return defineFilter(
    name,
    ['value', ['case_sensitive', false], ['attribute', null]],
    (context, value, caseSensitive, attribute) => {
      const get = keyOf(context, attribute, caseSensitive)
      let best: { item: RuntimeValue; key: RuntimeValue } | undefined
      for (const item of iterate(value)) {
        const key = get(item)
        if (best === undefined || sign * (compareValues(key, best.key) ?? 0) > 0) best = { item, key }
      }
      return best === undefined ? context.undefined('No aggregated item, sequence was empty.') : best.item
    },
  )
}

function sortItems(
  context: CallContext,
  value: RuntimeValue,
  reverse: RuntimeValue,
  caseSensitive: RuntimeValue,
  attribute: RuntimeValue,
): RuntimeValue {
  const items = iterate(value)
  context.spend(items.length)
  const post = truthy(caseSensitive) ? (item: RuntimeValue) => item : ignoreCase
  const attributes = textOf(attribute)?.split(',') ?? [attribute]
  const getters = attributes.map((one) => attributeGetter(context, one, { post }))
  const [only] = getters
  const key =
    getters.length === 1 && only !== undefined
      ? only
      : (item: RuntimeValue) => getters.map((get) => get(item))
  return sortValues(items, key, truthy(reverse), compareAsItems)
}

function dictSort(
  _: CallContext,
  value: RuntimeValue,
  caseSensitive: RuntimeValue,
  by: RuntimeValue,
  reverse: RuntimeValue,
): RuntimeValue {
  if (value instanceof Undefined) value.fail()
  if (!(value instanceof Map))
    throw new PyError('AttributeError', `'${typeName(value)}' object has no attribute 'items'`)
  const index = by === 'key' ? 0 : by === 'value' ? 1 : undefined
  if (index === undefined)
    throw new PyError('FilterArgumentError', 'You can only sort by either "key" or "value"')
  const key = (pair: readonly RuntimeValue[]): RuntimeValue => {
    const part = pair[index] ?? null
    return truthy(caseSensitive) ? part : ignoreCase(part)
  }
  return sortValues(pairsOfDict(value), key, truthy(reverse)).map((pair) => new PyTuple(pair))
}

class Group extends PyTuple {
  override readonly type = 'tuple'
  override attribute(name: string): RuntimeValue | undefined {
    if (name === 'grouper') return this.values[0]
    return name === 'list' ? this.values[1] : undefined
  }
  override names(): readonly string[] {
    return ['grouper', 'list']
  }
}

function groupBy(
  context: CallContext,
  value: RuntimeValue,
  attribute: RuntimeValue,
  otherwise: RuntimeValue,
  caseSensitive: RuntimeValue,
): RuntimeValue {
  const fallback = otherwise === null ? undefined : otherwise
  const plain = attributeGetter(context, attribute, { otherwise: fallback })
  const get = attributeGetter(
    context,
    attribute,
    truthy(caseSensitive) ? { otherwise: fallback } : { otherwise: fallback, post: ignoreCase },
  )
  const groups: { key: RuntimeValue; items: RuntimeList }[] = []
  for (const item of sortValues(iterate(value), get)) {
    const key = get(item)
    const last = groups.at(-1)
    if (last !== undefined && equalRuntime(last.key, key)) last.items.push(item)
    else groups.push({ key, items: [item] })
  }
  return groups.map(({ key, items }) => {
    const [first] = items
    return new Group([truthy(caseSensitive) || first === undefined ? key : plain(first), items])
  })
}

function* uniqueItems(
  context: CallContext,
  value: RuntimeValue,
  caseSensitive: RuntimeValue,
  attribute: RuntimeValue,
): Iterable<RuntimeValue> {
  const get = keyOf(context, attribute, caseSensitive)
  const seen: RuntimeDict = new Map()
  for (const item of walk(value)) {
    const key = get(item)
    requireHashable(key)
    const before = seen.size
    dictSet(seen, key, null)
    if (seen.size > before) yield item
  }
}

function sum(
  context: CallContext,
  value: RuntimeValue,
  attribute: RuntimeValue,
  start: RuntimeValue,
): RuntimeValue {
  const get = attributeGetter(context, attribute)
  if (textOf(start) !== undefined)
    throw new PyError('TypeError', "sum() can't sum strings [use ''.join(seq) instead]")
  if (start instanceof PyBytes)
    throw new PyError('TypeError', "sum() can't sum bytes [use b''.join(seq) instead]")
  return iterate(value).reduce((total, item) => addValues(total, get(item)), start)
}

export const selectingFilters: readonly (readonly [string, FilterFunction])[] = [
  [
    'map',
    (context, args, kwargs) => new PyIterator(mapped(context, args, kwargs), 'generator', 'sync_do_map'),
  ],
  choosing('select', true, false),
  choosing('reject', false, false),
  choosing('selectattr', true, true),
  choosing('rejectattr', false, true),
  extreme('min', -1),
  extreme('max', 1),
  defineFilter(
    'sort',
    ['value', ['reverse', false], ['case_sensitive', false], ['attribute', null]],
    sortItems,
  ),
  defineFilter('dictsort', ['value', ['case_sensitive', false], ['by', 'key'], ['reverse', false]], dictSort),
  defineFilter('groupby', ['value', 'attribute', ['default', null], ['case_sensitive', false]], groupBy),
  defineFilter(
    'unique',
    ['value', ['case_sensitive', false], ['attribute', null]],
    (context, value, caseSensitive, attribute) =>
      new PyIterator(uniqueItems(context, value, caseSensitive, attribute), 'generator', 'do_unique'),
  ),
  defineFilter(
    'batch',
    ['value', 'linecount', ['fill_with', null]],
    (context, value, count, fill) =>
      new PyIterator(batches(context, value, count, fill), 'generator', 'do_batch'),
  ),
  defineFilter(
    'slice',
    ['value', 'slices', ['fill_with', null]],
    (context, value, count, fill) =>
      new PyIterator(slicesOf(context, value, count, fill), 'generator', 'sync_do_slice'),
  ),
  defineFilter('sum', ['iterable', ['attribute', null], ['start', 0]], sum),
]
