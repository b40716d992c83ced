/** Dicts laid over each other, as config.get does it. */
import { dictGet, dictSet, type RuntimeDict, type RuntimeValue } from '../values.ts'

function deepCopy(value: RuntimeValue): RuntimeValue {
  if (Array.isArray(value)) return value.map(deepCopy)
  if (!(value instanceof Map)) return value
  const copy: RuntimeDict = new Map()
  for (const [key, item] of value) copy.set(key, deepCopy(item))
  return copy
}

/** Recursive merge into a new dict; lists are replaced. */
export function mergeDeep(base: RuntimeValue, over: RuntimeValue): RuntimeDict {
  const merged = base instanceof Map ? new Map(base) : new Map<RuntimeValue, RuntimeValue>()
  if (!(over instanceof Map)) return merged
  for (const [key, value] of over) {
    const before = dictGet(merged, key)
    if (before instanceof Map && value instanceof Map) dictSet(merged, key, mergeDeep(before, value))
    else dictSet(merged, key, deepCopy(value))
  }
  return merged
}
