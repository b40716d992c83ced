/**
 * Keys of dicts that are marked as safe. To Python a marked text and the plain one are the same key, and the one that came
 * first stays in the dict. The Map holds the text, by which both find it; here stands which keys show their mark.
 */
import type { RuntimeDict, RuntimeValue } from '../values.ts'
import type { Markup } from './objects.ts'

type Marks = Map<RuntimeValue, Markup>

const marksOf = new WeakMap<ReadonlyMap<RuntimeValue, RuntimeValue>, Marks>()
/** Nearly nobody marks a key: until then nothing is looked up. */
let used = false

/** After the key came into the dict. */
export function markKey(dict: RuntimeDict, key: Markup): void {
  used = true
  const marks: Marks = marksOf.get(dict) ?? new Map()
  marks.set(key.text, key)
  marksOf.set(dict, marks)
}

/** After the key left the dict. */
export function forgetKey(dict: RuntimeDict, key: RuntimeValue): void {
  if (used) marksOf.get(dict)?.delete(key)
}

/** After all keys left the dict. */
export function forgetKeys(dict: RuntimeDict): void {
  if (used) marksOf.delete(dict)
}

/** The keys as templates see them. */
export function keysOf(dict: ReadonlyMap<RuntimeValue, RuntimeValue>): RuntimeValue[] {
  const keys = [...dict.keys()]
  const marks = used ? marksOf.get(dict) : undefined
  return marks === undefined ? keys : keys.map((key) => marks.get(key) ?? key)
}

/** Keys, as templates see them, with their values. */
export function pairsOfDict(
  dict: ReadonlyMap<RuntimeValue, RuntimeValue>,
): (readonly [RuntimeValue, RuntimeValue])[] {
  const pairs = [...dict]
  const marks = used ? marksOf.get(dict) : undefined
  return marks === undefined ? pairs : pairs.map(([key, value]) => [marks.get(key) ?? key, value])
}

/** Calls with each key, as templates see it, and its value. */
export function forEachPair(
  dict: ReadonlyMap<RuntimeValue, RuntimeValue>,
  take: (value: RuntimeValue, key: RuntimeValue) => void,
): void {
  const marks = used ? marksOf.get(dict) : undefined
  if (marks === undefined) dict.forEach(take)
  else
    dict.forEach((value, key) => {
      take(value, marks.get(key) ?? key)
    })
}

/** Another dict of the same keys and values. */
export function copyOfDict(dict: RuntimeDict): RuntimeDict {
  const copy: RuntimeDict = new Map(dict)
  const marks = used ? marksOf.get(dict) : undefined
  if (marks !== undefined) marksOf.set(copy, new Map(marks))
  return copy
}

/** Puts back what `copyOfDict` kept. */
export function restoreDict(dict: RuntimeDict, before: RuntimeDict): void {
  dict.clear()
  for (const [key, value] of before) dict.set(key, value)
  if (!used) return
  const marks = marksOf.get(before)
  if (marks === undefined) marksOf.delete(dict)
  else marksOf.set(dict, marks)
}
