/** Python's iterators that combine lists: zip, product, permutations. Each yields tuples, lazily and within the budget. */
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  iterate,
  PyError,
  PyIterator,
  PyTuple,
  type RuntimeDict,
  type RuntimeList,
  type RuntimeValue,
  truthy,
  walk,
} from '../values.ts'
import { intArgument } from './arguments.ts'

type Items = readonly RuntimeValue[]

export const combiningFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('zip', ['*iterables', '**options'], (context, ...values) => {
    const { iterables, option } = split(values, 'zip', ['strict'])
    const isStrict = truthy(option('strict') ?? false)
    return combine(context, 'zip', zipped(iterables.map(sourceOf), isStrict))
  }),
  defineFilter('zip_longest', ['*iterables', '**options'], (context, ...values) => {
    const { iterables, option } = split(values, 'zip_longest', ['fillvalue'])
    const rows = filledUp(iterables.map(sourceOf), option('fillvalue') ?? null)
    return combine(context, 'itertools.zip_longest', rows)
  }),
  defineFilter('product', ['*iterables', '**options'], (context, ...values) => {
    const { iterables, option } = split(values, 'product', ['repeat'])
    const lists = iterables.map((one) => [...iterate(one)])
    const given = option('repeat')
    const repeat = given === undefined ? 1 : intArgument(given, 'product(repeat)')
    if (repeat < 0) throw new PyError('ValueError', 'repeat argument cannot be negative')
    context.spend(repeat)
    return combine(context, 'itertools.product', products(Array.from({ length: repeat }, () => lists).flat()))
  }),
  defineFilter('permutations', ['iterable', ['r', null]], (context, values, r) => {
    const items = [...iterate(values)]
    const size = r === null ? items.length : sizeOf(r)
    return combine(
      context,
      'itertools.permutations',
      chosen(items, size, (index, taken) => !taken.includes(index)),
    )
  }),
  defineFilter('combinations', ['iterable', 'r'], (context, values, r) =>
    combine(
      context,
      'itertools.combinations',
      chosen([...iterate(values)], sizeOf(r), (index, taken) => index > (taken.at(-1) ?? -1)),
    ),
  ),
  defineFilter('combinations_with_replacement', ['iterable', 'r'], (context, values, r) =>
    combine(
      context,
      'itertools.combinations_with_replacement',
      chosen([...iterate(values)], sizeOf(r), (index, taken) => index >= (taken.at(-1) ?? 0)),
    ),
  ),
  defineFilter(
    'compress',
    ['data', 'selectors'],
    (context, data, selectors) =>
      new PyIterator(compressed(context, sourceOf(data), sourceOf(selectors)), 'itertools.compress'),
  ),
]

interface Split {
  readonly iterables: Items
  readonly option: (name: string) => RuntimeValue | undefined
}

function split(values: readonly RuntimeValue[], name: string, known: readonly string[]): Split {
  const [iterables = null, given = null] = values
  const options: RuntimeDict = given instanceof Map ? given : new Map()
  for (const key of options.keys())
    if (typeof key !== 'string' || !known.includes(key))
      throw new PyError('TypeError', `${name}() got an unexpected keyword argument '${String(key)}'`)
  return { iterables: iterate(iterables), option: (key) => options.get(key) }
}

function sizeOf(value: RuntimeValue): number {
  const size = intArgument(value, 'r')
  if (size < 0) throw new PyError('ValueError', 'r must be non-negative')
  return size
}

function combine(context: CallContext, type: string, source: Iterable<Items>): PyIterator {
  return new PyIterator(counted(context, source), type)
}

function* counted(context: CallContext, source: Iterable<Items>): Generator<RuntimeValue> {
  for (const items of source) {
    context.spend(1 + items.length)
    yield new PyTuple(items)
  }
}

/** The next item of something; undefined: no more. */
type Source = () => RuntimeValue | undefined

function sourceOf(value: RuntimeValue): Source {
  const iterator = walk(value)[Symbol.iterator]()
  return () => {
    const step = iterator.next()
    return step.done === true ? undefined : step.value
  }
}

function* zipped(sources: readonly Source[], isStrict: boolean): Generator<Items> {
  if (sources.length === 0) return
  for (;;) {
    const row: RuntimeList = []
    for (const next of sources) {
      const item = next()
      if (item !== undefined) row.push(item)
      else if (isStrict && (row.length > 0 || sources.slice(1).some((other) => other() !== undefined)))
        throw new PyError('ValueError', 'zip(): the lists are of different lengths')
      else return
    }
    yield row
  }
}

function* filledUp(given: readonly Source[], fill: RuntimeValue): Generator<Items> {
  const sources: (Source | undefined)[] = [...given]
  let active = sources.length
  while (active > 0) {
    const row: RuntimeList = []
    for (const [index, next] of sources.entries()) {
      const item = next?.()
      if (item === undefined && next !== undefined) {
        sources[index] = undefined
        active -= 1
        if (active === 0) return
      }
      row.push(item === undefined ? fill : item)
    }
    yield row
  }
}

function* compressed(context: CallContext, data: Source, selectors: Source): Generator<RuntimeValue> {
  for (;;) {
    const item = data()
    const wanted = item === undefined ? undefined : selectors()
    if (item === undefined || wanted === undefined) return
    context.spend(1)
    if (truthy(wanted)) yield item
  }
}

function* products(lists: readonly Items[]): Generator<Items> {
  if (lists.some(({ length }) => length === 0)) return
  const at = lists.map(() => 0)
  for (;;) {
    yield lists.map((list, index) => list[at[index] ?? 0] ?? null)
    let place = lists.length - 1
    for (; place >= 0; place--) {
      const next = (at[place] ?? 0) + 1
      at[place] = next < (lists[place]?.length ?? 0) ? next : 0
      if (at[place] !== 0) break
    }
    if (place < 0) return
  }
}

/** Every choice of `size` items in the order of their places; `fits` says whether a place may follow the taken ones. */
function* chosen(
  items: Items,
  size: number,
  fits: (index: number, taken: readonly number[]) => boolean,
): Generator<Items> {
  // More than there are, without repetition: no choice at all.
  if (size > items.length && !(items.length > 0 && fits(0, [0]))) return
  const taken: number[] = []
  let index = 0
  for (;;) {
    if (taken.length === size) {
      yield taken.map((place) => items[place] ?? null)
      const last = taken.pop()
      if (last === undefined) return
      index = last + 1
    } else if (index >= items.length) {
      const last = taken.pop()
      if (last === undefined) return
      index = last + 1
    } else if (fits(index, taken)) {
      taken.push(index)
      index = 0
    } else index += 1
  }
}
