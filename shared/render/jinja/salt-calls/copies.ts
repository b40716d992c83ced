/** Deep copies of runtime values, as Python's `copy.deepcopy`. */
import { isOrdered, markOrdered } from '../../ordered.ts'
import {
  type CallContext,
  dictSet,
  PyTuple,
  pairsOfDict,
  type RuntimeDict,
  type RuntimeValue,
} from '../values.ts'

export function deepCopy(context: CallContext, value: RuntimeValue): RuntimeValue {
  context.spend(1)
  if (Array.isArray(value)) return value.map((item) => deepCopy(context, item))
  if (value instanceof PyTuple) return new PyTuple(value.values.map((item) => deepCopy(context, item)))
  return value instanceof Map ? copyDict(context, value) : value
}

export function copyDict(context: CallContext, dict: RuntimeDict): RuntimeDict {
  const copy: RuntimeDict = isOrdered(dict) ? markOrdered(new Map()) : new Map()
  for (const [key, item] of pairsOfDict(dict)) dictSet(copy, key, deepCopy(context, item))
  return copy
}
