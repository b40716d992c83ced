/** How Salt merges dicts for templates: in place, deeper dicts too, lists replaced or joined. */
import {
  type CallContext,
  containsValue,
  dictGet,
  dictHas,
  dictSet,
  PyError,
  type RuntimeDict,
  type RuntimeValue,
  typeName,
  Undefined,
} from '../values.ts'
import { copyDict, deepCopy } from './copies.ts'

export interface UpdateOptions {
  readonly recursive?: boolean
  /** Items of both, those of the first first, none that is in the first already. */
  readonly mergeLists?: boolean
}

/** Changes `into` and gives it back. @throws PyError TypeError where one is no dict */
export function updateInto(
  context: CallContext,
  into: RuntimeValue,
  from: RuntimeValue,
  { recursive = true, mergeLists = false }: UpdateOptions = {},
): RuntimeDict {
  for (const value of [into, from]) if (value instanceof Undefined && value.strict) value.fail()
  if (!(into instanceof Map) || !(from instanceof Map))
    throw new PyError(
      'TypeError',
      `Cannot update using non-dict types in dictupdate.update(): ${typeName(into)} and ${typeName(from)}`,
    )
  context.spend(from.size)
  context.willChange(into)
  for (const [key, value] of from) {
    const old = recursive ? dictGet(into, key) : undefined
    if (old instanceof Map && value instanceof Map) updateInto(context, old, value, { mergeLists })
    else if (mergeLists && Array.isArray(old) && Array.isArray(value))
      dictSet(into, key, joined(context, old, value))
    else dictSet(into, key, value)
  }
  return into
}

/** A new list of both. */
export function joined(
  context: CallContext,
  old: RuntimeValue[],
  more: readonly RuntimeValue[],
): RuntimeValue[] {
  const first = old.map((item) => deepCopy(context, item))
  context.spend(first.length * more.length)
  // What the second list itself holds twice comes twice: it is compared with the first alone.
  return [...first, ...more.filter((item) => !containsValue(first, item))]
}

function dictArgument(value: RuntimeValue): RuntimeDict {
  if (value instanceof Map) return value
  if (value instanceof Undefined && value.strict) value.fail()
  throw new PyError('TypeError', `A dict is wanted for merging, not ${typeName(value)}`)
}

/** One new dict of two by a strategy; `overwrite` changes the first one, as Salt does. */
export function mergeTwo(
  context: CallContext,
  first: RuntimeValue,
  second: RuntimeValue,
  strategy: string,
  mergeLists: boolean,
): RuntimeValue {
  const a = dictArgument(first)
  const b = dictArgument(second)
  switch (strategy) {
    case 'list':
      return mergeAsLists(a, b)
    case 'aggregate':
      return aggregateTop(context, a, b)
    case 'overwrite':
      context.willChange(a)
      for (const [key, value] of b) if (dictHas(a, key)) dictSet(a, key, value)
      return updateInto(context, copyDict(context, a), b, { mergeLists })
    case 'smart':
    case 'recurse':
      return updateInto(context, copyDict(context, a), b, { mergeLists })
    default:
      // "none" and unknown strategies are "recurse" in Salt, without joining lists.
      return updateInto(context, copyDict(context, a), b)
  }
}

/** What templates have is never marked with `!aggregate`: the second's keys win, and none of the first's own goes. */
function aggregateTop(context: CallContext, a: RuntimeDict, b: RuntimeDict): RuntimeDict {
  context.spend(a.size + b.size)
  return new Map([...a, ...b])
}

/** Keys of the first alone; those of both have the two values in a list. */
function mergeAsLists(a: RuntimeDict, b: RuntimeDict): RuntimeDict {
  const merged: RuntimeDict = new Map()
  for (const [key, value] of a) {
    const other = dictGet(b, key)
    dictSet(merged, key, other === undefined ? value : [value, other])
  }
  return merged
}
