/** How calls of runners are written in an SLS. */
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'

export interface WrittenCall {
  readonly fun: string
  readonly args: readonly Value[]
  readonly kwargs: Dict
}

export const listOf = (value: Value | undefined): readonly Value[] =>
  value === undefined || value === null ? [] : isList(value) ? value : [value]

/** `arg` and `kwarg`, and every other argument beside them, which Salt takes for keywords as well. */
export function writtenCall(
  fun: string,
  { arg, kwarg, others }: { readonly arg?: Value; readonly kwarg?: Dict; readonly others?: Dict },
): WrittenCall {
  return { fun, args: listOf(arg), kwargs: new Map([...(kwarg ?? []), ...(others ?? [])]) }
}

/**
 * One of `salt.parallel_runners`: a mapping, a list of one-key mappings, or nothing where its id is the runner.
 * @returns why it cannot be read, as text
 */
export function parallelCall(id: string, written: Value): WrittenCall | string {
  const given: Dict = new Map()
  for (const item of isDict(written) ? [written] : listOf(written)) {
    if (!isDict(item)) return `${id}: a mapping of name, arg and kwarg is expected`
    for (const [key, value] of item) given.set(key, value)
  }
  for (const key of given.keys())
    if (!['name', 'arg', 'kwarg'].includes(String(key)))
      return `${id}: it takes name, arg and kwarg, not "${key}"`
  const name = given.get('name') ?? id
  const kwarg = given.get('kwarg') ?? null
  if (typeof name !== 'string') return `${id}: its name is no text`
  if (kwarg !== null && !isDict(kwarg)) return `${id}: kwarg is no mapping`
  return { fun: name, args: listOf(given.get('arg')), kwargs: kwarg ?? new Map() }
}
