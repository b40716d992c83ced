/** Choosing from a dict by a grain or by a target: grains.filter_by, match.filter_by and their relatives. */
import { compileGlob } from '../../../targeting/glob.ts'
import {
  type CallContext,
  dictGet,
  PyError,
  type RuntimeDict,
  type RuntimeValue,
  str,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { copyDict } from './copies.ts'
import { updateInto } from './merge-dicts.ts'

export interface Choice {
  readonly lookup: RuntimeValue
  /** The grain's value; a list: each of its items. */
  readonly found: RuntimeValue
  readonly merge: RuntimeValue
  readonly fallback: RuntimeValue
  readonly base: RuntimeValue
}

/** Keys of the lookup are globs for the values of the grain. What is chosen is changed by the merge, as in Salt. */
export function filterByGrain(context: CallContext, choice: Choice): RuntimeValue {
  const lookup = lookupDict(choice.lookup, 'filter_by')
  let chosen = firstMatch(lookup, Array.isArray(choice.found) ? choice.found : [choice.found])
  chosen ??= dictGet(lookup, choice.fallback) ?? null
  const base = truthy(choice.base) ? dictGet(lookup, choice.base) : undefined
  if (base !== undefined) chosen = onBase(context, base, chosen)
  return truthy(choice.merge) ? merged(context, chosen, choice.merge, false) : chosen
}

/** None where nothing fits, and where what fits is None. */
function firstMatch(lookup: RuntimeDict, values: readonly RuntimeValue[]): RuntimeValue {
  for (const value of values) {
    const text = str(value)
    for (const [key, item] of lookup) {
      if (!compileGlob(str(key))(text)) continue
      if (item !== null) return item
      break
    }
  }
  return null
}

function onBase(context: CallContext, base: RuntimeValue, chosen: RuntimeValue): RuntimeValue {
  if (chosen === null) return base
  if (!(base instanceof Map)) return chosen
  if (!(chosen instanceof Map))
    throw new PyError('ValueError', 'filter_by default and look-up values must both be dictionaries.')
  return updateInto(context, copyDict(context, base), chosen)
}

function merged(
  context: CallContext,
  chosen: RuntimeValue,
  merge: RuntimeValue,
  mergeLists: boolean,
): RuntimeValue {
  if (!(merge instanceof Map))
    throw new PyError(
      'ValueError',
      'filter_by merge argument must be a dictionary.',
      `It is ${typeName(merge)}: look at the pillar or the default that it comes from.`,
    )
  if (chosen === null) return merge
  updateInto(context, chosen, copyDict(context, merge), { mergeLists })
  return chosen
}

function lookupDict(value: RuntimeValue, name: string): RuntimeDict {
  if (value instanceof Map) return value
  if (value instanceof Undefined && value.strict) value.fail()
  throw new PyError('TypeError', `${name}: the look-up must be a dict, not ${typeName(value)}`)
}

export interface TargetChoice {
  readonly lookup: RuntimeValue
  readonly merge: RuntimeValue
  readonly mergeLists: boolean
  readonly fallback: RuntimeValue
  readonly matches: (target: RuntimeValue) => boolean
}

/** Keys of the lookup are targets. */
export function filterByTarget(context: CallContext, choice: TargetChoice): RuntimeValue {
  const lookup = lookupDict(choice.lookup, 'match.filter_by')
  for (const [key, item] of lookup) {
    if (!choice.matches(key)) continue
    return truthy(choice.merge) ? merged(context, item, choice.merge, choice.mergeLists) : item
  }
  return dictGet(lookup, choice.fallback) ?? null
}
