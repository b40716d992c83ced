/** Methods of dict. */
import { isOrdered, markOrdered } from '../../ordered.ts'
import {
  type CallContext,
  copyOfDict,
  DictView,
  dictDelete,
  dictGet,
  dictSet,
  forEachPair,
  forgetKeys,
  iterate,
  PyError,
  PyTuple,
  pairsOfDict,
  type RuntimeDict,
  type RuntimeValue,
  repr,
  sequenceOf,
  typeName,
  Undefined,
} from '../values.ts'
import { method } from './define.ts'
import type { Method, Methods } from './methods.ts'

const absent = new PyTuple([])

function dictOf(self: RuntimeValue): RuntimeDict {
  if (self instanceof Map) return self
  throw new PyError('TypeError', `expected a dict, got ${typeName(self)}`)
}

/** Pairs of a mapping or of a list of pairs. */
export function pairsOf(value: RuntimeValue): readonly (readonly [RuntimeValue, RuntimeValue])[] {
  if (value instanceof Map) return pairsOfDict(value)
  if (value instanceof Undefined) value.fail()
  return iterate(value).map((pair, index) => {
    const items = sequenceOf(pair) ?? iterate(pair)
    const [key, item] = items
    if (items.length !== 2 || key === undefined || item === undefined)
      throw new PyError(
        'ValueError',
        `dictionary update sequence element #${index} has length ${items.length}; 2 is required`,
      )
    return [key, item] as const
  })
}

function addPairs(dict: RuntimeDict, from: RuntimeDict): void {
  forEachPair(from, (value, key) => {
    if (typeof key === 'string') dict.set(key, value)
    else dictSet(dict, key, value)
  })
}

const get: Method = Object.assign(
  (
    _: CallContext,
    self: RuntimeValue,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
  ): RuntimeValue => {
    const [key, otherwise] = args
    if (key === undefined || args.length > 2)
      throw new PyError('TypeError', `get expected at least 1 argument, got ${args.length}`)
    if (kwargs.size > 0) throw new PyError('TypeError', 'dict.get() takes no keyword arguments')
    return valueAt(_, self, key, otherwise)
  },
  { byCount: [undefined, valueAt, valueAt] },
)

function valueAt(
  _: CallContext,
  self: RuntimeValue,
  key: RuntimeValue = null,
  otherwise: RuntimeValue = null,
): RuntimeValue {
  const found = dictGet(dictOf(self), key)
  return found === undefined ? otherwise : found
}

export const dictMethods: Methods = new Map<string, Method>([
  ['get', get],
  method('keys', [], (_, self) => new DictView('dict_keys', dictOf(self))),
  method('values', [], (_, self) => new DictView('dict_values', dictOf(self))),
  method('items', [], (_, self) => new DictView('dict_items', dictOf(self))),
  method('copy', [], (_, self) => {
    const copy = copyOfDict(dictOf(self))
    return isOrdered(dictOf(self)) ? markOrdered(copy) : copy
  }),
  method('clear', [], (context, self) => {
    context.willChange(dictOf(self))
    dictOf(self).clear()
    forgetKeys(dictOf(self))
    return null
  }),
  method('update', [['other', null], '**others'], (context, self, other, others) => {
    const dict = dictOf(self)
    context.willChange(dict)
    if (other instanceof Map) addPairs(dict, other)
    else if (other !== null) for (const [key, value] of pairsOf(other)) dictSet(dict, key, value)
    if (others instanceof Map && others.size > 0) addPairs(dict, others)
    return null
  }),
  method('setdefault', ['key', ['default', null]], (context, self, key, otherwise) => {
    const dict = dictOf(self)
    const found = dictGet(dict, key)
    if (found !== undefined) return found
    context.willChange(dict)
    dictSet(dict, key, otherwise)
    return otherwise
  }),
  method('pop', ['key', ['default', absent]], (context, self, key, otherwise) => {
    const dict = dictOf(self)
    const found = dictGet(dict, key)
    if (found === undefined) {
      if (otherwise === absent) throw new PyError('KeyError', repr(key))
      return otherwise
    }
    context.willChange(dict)
    dictDelete(dict, key)
    return found
  }),
  method('popitem', [], (context, self) => {
    const dict = dictOf(self)
    const last = pairsOfDict(dict).at(-1)
    if (last === undefined) throw new PyError('KeyError', "'popitem(): dictionary is empty'")
    context.willChange(dict)
    dictDelete(dict, last[0])
    return new PyTuple(last)
  }),
  method('fromkeys', ['keys', ['value', null]], (_, _self, keys, value) => {
    const dict: RuntimeDict = new Map()
    for (const key of iterate(keys)) dictSet(dict, key, value)
    return dict
  }),
])
