/** slsutil.merge and defaults.merge: dicts merged by Salt's strategies. */
import {
  bindParameters,
  type CallContext,
  containsValue,
  dictGet,
  dictSet,
  iterate,
  type Parameter,
  PyError,
  type RuntimeDict,
  type RuntimeList,
  type RuntimeValue,
  str,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import type { PureCall, PureFunction } from './registry.ts'

export function deepCopy(value: RuntimeValue): RuntimeValue {
  if (Array.isArray(value)) return value.map(deepCopy)
  if (!(value instanceof Map)) return value
  const copy: RuntimeDict = new Map()
  for (const [key, item] of value) copy.set(key, deepCopy(item))
  return copy
}

/** Recursive merge into a new dict; lists are replaced, or joined with `lists`. */
export function mergeDeep(base: RuntimeValue, over: RuntimeValue, lists = false): RuntimeDict {
  const merged = base instanceof Map ? new Map(base) : new Map<RuntimeValue, RuntimeValue>()
  if (!(over instanceof Map)) return merged
  for (const [key, value] of over) {
    const before = dictGet(merged, key)
    if (before instanceof Map && value instanceof Map) dictSet(merged, key, mergeDeep(before, value, lists))
    else if (lists && Array.isArray(before) && Array.isArray(value))
      dictSet(merged, key, joinLists(before, value))
    else dictSet(merged, key, deepCopy(value))
  }
  return merged
}

function joinLists(before: RuntimeList, value: RuntimeList): RuntimeList {
  return [...before, ...value.filter((item) => !containsValue(before, item))]
}

function mergeBy(strategy: string, a: RuntimeValue, b: RuntimeValue, lists: boolean): RuntimeValue {
  if (a instanceof Undefined) a.fail()
  if (b instanceof Undefined) b.fail()
  if (!(a instanceof Map) || !(b instanceof Map)) {
    if (strategy === 'list' || strategy === 'overwrite') return b
    throw new PyError(
      'TypeError',
      `Cannot update using non-dict types in dictupdate.update() (${typeName(a)} and ${typeName(b)})`,
    )
  }
  switch (strategy) {
    case 'smart':
    case 'recurse':
      return mergeDeep(a, b, lists)
    case 'overwrite':
      return new Map([...a, ...b])
    case 'none':
      return a
    case 'list': {
      const merged: RuntimeDict = new Map(
        [...a].map(([key, value]) => [key, [value]] as [RuntimeValue, RuntimeValue]),
      )
      for (const [key, value] of b) {
        const before = dictGet(merged, key)
        dictSet(merged, key, Array.isArray(before) ? [...before, value] : [value])
      }
      return merged
    }
    default:
      throw new PyError(
        'ValueError',
        `unknown merging strategy '${strategy}'; there are smart, recurse, overwrite, list, none`,
      )
  }
}

function replaceWith(context: CallContext, target: RuntimeDict, source: RuntimeDict): void {
  context.willChange(target)
  target.clear()
  for (const [key, value] of source) target.set(key, value)
}

type Handler = (call: PureCall, ...values: RuntimeValue[]) => RuntimeValue

function define(name: string, parameters: readonly Parameter[], run: Handler): [string, PureFunction] {
  return [name, (call, args, kwargs) => run(call, ...bindParameters(name, parameters, args, kwargs))]
}

const mergeDefaults: Handler = (call, dest, update, mergeLists, inPlace, convertNone) => {
  if (!(dest instanceof Map))
    throw new PyError('TypeError', `defaults.merge takes dicts, not ${typeName(dest)}`)
  if (update === null && truthy(convertNone)) return dest
  const merged = mergeDeep(dest, update, truthy(mergeLists))
  if (!truthy(inPlace)) return merged
  replaceWith(call.context, dest, merged)
  return dest
}

/** Each dict of `dest` over `defaults`. */
const updateDefaults: Handler = (call, dest, defaults, mergeLists, inPlace) => {
  if (!(dest instanceof Map))
    throw new PyError('TypeError', `defaults.update takes dicts, not ${typeName(dest)}`)
  const updated: RuntimeDict = new Map()
  for (const [key, value] of dest) updated.set(key, mergeDeep(deepCopy(defaults), value, truthy(mergeLists)))
  if (!truthy(inPlace)) return updated
  replaceWith(call.context, dest, updated)
  return dest
}

export const mergeFunctions: readonly (readonly [string, PureFunction])[] = [
  define(
    'slsutil.merge',
    ['obj_a', 'obj_b', ['strategy', 'smart'], ['renderer', 'yaml'], ['merge_lists', false]],
    (_, a, b, strategy, _renderer, lists) => mergeBy(str(strategy), a, b, truthy(lists)),
  ),
  define(
    'slsutil.merge_all',
    ['lst', ['strategy', 'smart'], ['renderer', 'yaml'], ['merge_lists', false]],
    (_, items, strategy, _renderer, lists) => {
      let result: RuntimeValue = new Map()
      for (const item of iterate(items)) result = mergeBy(str(strategy), result, item, truthy(lists))
      return result
    },
  ),
  define(
    'slsutil.update',
    ['dest', 'upd', ['recursive_update', true], ['merge_lists', false]],
    (call, dest, update, recursive, lists) => {
      if (!(dest instanceof Map) || !(update instanceof Map))
        throw new PyError('TypeError', 'Cannot update using non-dict types in dictupdate.update()')
      replaceWith(
        call.context,
        dest,
        truthy(recursive) ? mergeDeep(dest, update, truthy(lists)) : new Map([...dest, ...update]),
      )
      return dest
    },
  ),
  define(
    'defaults.merge',
    ['dest', 'upd', ['merge_lists', false], ['in_place', true], ['convert_none', true]],
    mergeDefaults,
  ),
  define(
    'defaults.update',
    ['dest', 'defaults', ['merge_lists', true], ['in_place', true], ['convert_none', true]],
    updateDefaults,
  ),
  define('defaults.deepcopy', ['source'], (_, value) => deepCopy(value)),
]
