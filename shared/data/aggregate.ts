/**
 * Salt's aggregation, which the tags `!aggregate` and `!reset` of the renderer yamlex steer: of two values only those
 * grow together that both are marked, and what is not marked is replaced.
 */
import { BorrowedMarks } from './marks.ts'
import { copyMarks, isMarkedSecret, markSecret, marksOf, setMarks } from './provenance.ts'
import { type Dict, equalValues, isDict, isList, type Key, type Value } from './value.ts'

const aggregated = new WeakSet<object>()

export function markAggregated(container: Value[] | Dict): void {
  aggregated.add(container)
}

export function isAggregated(value: Value): boolean {
  return typeof value === 'object' && value !== null && aggregated.has(value)
}

/** A marked copy: of a mapping or list itself, of anything else the list that holds it. */
export function asAggregate(value: Value): Value {
  if (isAggregated(value)) return value
  const copy = isDict(value) ? new Map(value) : isList(value) ? [...value] : [value]
  if (isDict(value) || isList(value)) copyMarks(value, copy)
  aggregated.add(copy)
  return copy
}

/**
 * `update` over `old`; neither is changed.
 * @param levels so many levels count as marked, whatever they are
 */
export function aggregate(old: Value, update: Value, levels = 0): Value {
  const [a, b] = levels > 0 ? [asAggregate(old), asAggregate(update)] : [old, update]
  if (isDict(a) && isDict(b)) return aggregateDicts(a, b, levels - 1)
  if (isList(a) && isList(b) && isAggregated(a) && isAggregated(b)) return joinLists(a, b)
  return b
}

function aggregateDicts(old: Dict, update: Dict, levels: number): Dict {
  const grows = isAggregated(old) && isAggregated(update)
  const result: Dict = new Map()
  const marks = new BorrowedMarks()
  const secrets: Key[] = []
  if (grows)
    for (const [key, value] of old) {
      result.set(key, value)
      marks.borrow(key, old)
    }
  for (const [key, value] of update) {
    const before = old.get(key)
    const both = before === undefined ? value : aggregate(before, value, levels)
    const lost = before === undefined ? undefined : [{ marks: marksOf(old), key }]
    result.set(key, both)
    marks.borrow(key, update, key, lost)
    if (both !== value && isMarkedSecret(old, key)) secrets.push(key)
  }
  setMarks(result, marks)
  for (const key of secrets) markSecret(result, key)
  if (isAggregated(update)) aggregated.add(result)
  return result
}

/** What the second list itself holds twice comes twice: Salt compares with the first alone. */
function joinLists(old: Value[], more: Value[]): Value[] {
  const joined = [...old]
  const marks = new BorrowedMarks()
  for (const index of old.keys()) marks.borrow(index, old)
  for (const [index, item] of more.entries()) {
    if (old.some((known) => equalValues(known, item))) continue
    marks.borrow(joined.length, more, index)
    joined.push(item)
  }
  setMarks(joined, marks)
  aggregated.add(joined)
  return joined
}
