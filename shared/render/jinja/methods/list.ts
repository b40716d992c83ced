/** Methods of list and tuple. */
import {
  type CallContext,
  equalRuntime,
  isInt,
  iterate,
  numberOf,
  PyError,
  PyRange,
  type RuntimeList,
  type RuntimeValue,
  repr,
  sortValues,
  truthy,
  typeName,
} from '../values.ts'
import { method } from './define.ts'
import type { Method, Methods } from './methods.ts'

function listOf(self: RuntimeValue): RuntimeList {
  if (Array.isArray(self)) return self
  throw new PyError('TypeError', `expected a list, got ${typeName(self)}`)
}

function indexOf(value: RuntimeValue): number {
  if (!isInt(value))
    throw new PyError('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`)
  return numberOf(value) ?? 0
}

const reading: readonly [string, Method][] = [
  method(
    'count',
    ['value'],
    (_, self, value) => iterate(self).filter((item) => equalRuntime(item, value)).length,
  ),
  method('index', ['value', ['start', 0], ['stop', 9007199254740991]], (_, self, value, start, stop) => {
    if (self instanceof PyRange && (start !== 0 || indexOf(stop) !== Number.MAX_SAFE_INTEGER))
      throw new PyError('TypeError', 'range.index() takes exactly one argument')
    const items = iterate(self)
    const place = (bound: number): number => Math.max(0, bound < 0 ? bound + items.length : bound)
    const last = Math.min(items.length, place(indexOf(stop)))
    for (let index = place(indexOf(start)); index < last; index++)
      if (equalRuntime(items[index] ?? null, value)) return index
    const isList = Array.isArray(self)
    throw new PyError(
      'ValueError',
      isList ? `${repr(value)} is not in list` : 'tuple.index(x): x not in tuple',
    )
  }),
]

export const tupleMethods: Methods = new Map(reading)

const sorting = method(
  'sort',
  [
    ['key', null],
    ['reverse', false],
  ],
  (context, self, key, reverse) => {
    const list = listOf(self)
    const sorted = sortValues(
      list,
      (item) => (key === null ? item : context.call(key, [item])),
      truthy(reverse),
    )
    context.willChange(list)
    list.length = 0
    for (const item of sorted) list.push(item)
    return null
  },
)[1]

/** Its arguments have names. */
function sortInPlace(
  context: CallContext,
  self: RuntimeValue,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
): RuntimeValue {
  if (args.length > 0) throw new PyError('TypeError', 'sort() takes no positional arguments')
  return sorting(context, self, args, kwargs)
}

export const listMethods: Methods = new Map<string, Method>([
  ...reading,
  method('append', ['item'], (context, self, item) => {
    context.willChange(listOf(self))
    listOf(self).push(item)
    return null
  }),
  method('extend', ['items'], (context, self, items) => {
    const added = [...iterate(items)]
    context.spend(added.length)
    context.willChange(listOf(self))
    for (const item of added) listOf(self).push(item)
    return null
  }),
  method('insert', ['index', 'item'], (context, self, index, item) => {
    context.willChange(listOf(self))
    if (Math.abs(indexOf(index)) >= 2 ** 63)
      throw new PyError('OverflowError', 'Python int too large to convert to C ssize_t')
    listOf(self).splice(indexOf(index), 0, item)
    return null
  }),
  method('pop', [['index', -1]], (context, self, index) => {
    const list = listOf(self)
    const at = indexOf(index) < 0 ? indexOf(index) + list.length : indexOf(index)
    if (list.length === 0) throw new PyError('IndexError', 'pop from empty list')
    if (at < 0 || at >= list.length) throw new PyError('IndexError', 'pop index out of range')
    context.willChange(list)
    return list.splice(at, 1)[0] ?? null
  }),
  method('remove', ['value'], (context, self, value) => {
    const list = listOf(self)
    const at = list.findIndex((item) => equalRuntime(item, value))
    if (at === -1) throw new PyError('ValueError', 'list.remove(x): x not in list')
    context.willChange(list)
    list.splice(at, 1)
    return null
  }),
  method('clear', [], (context, self) => {
    context.willChange(listOf(self))
    listOf(self).length = 0
    return null
  }),
  method('copy', [], (_, self) => [...listOf(self)]),
  method('reverse', [], (context, self) => {
    context.willChange(listOf(self))
    listOf(self).reverse()
    return null
  }),
  ['sort', sortInPlace],
])
