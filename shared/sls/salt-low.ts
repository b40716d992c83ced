/**
 * Low data in Salt's own form, in order of execution: what state.show_lowstate shows, and what can be laid beside
 * Salt's. Arguments stand as written; what `_in` requisites ask for stands at their targets as well.
 */
import { type Dict, isList, type Value } from '../data/value.ts'
import type { Argument } from './call.ts'
import type { Declaration } from './document.ts'
import type { Draft } from './draft.ts'
import type { Ordered } from './order.ts'
import { type Turned, turnRound } from './turn-round.ts'

/** @param declarations in the order in which Salt visits them: what includes comes before what is included */
export function saltLow(ordered: readonly Ordered[], declarations: readonly Declaration[]): Dict[] {
  const turned = turnRound(declarations)
  return ordered.map(({ draft, order }) => lowOf(draft, order, turned.get(draft.call)))
}

function lowOf(draft: Draft, order: number, turned: Turned | undefined): Dict {
  const { declaration, call, fun, name, args, requisites } = draft
  const low: Dict = new Map<string, Value>([
    ['state', call.module],
    ['name', name],
    ['__sls__', declaration.sls],
    ['__env__', declaration.environment],
    ['__id__', declaration.id],
  ])
  for (const { name: argument, value } of args.values()) low.set(argument, value)
  const own = new Set<Argument>(call.args)
  // Those of a name stand for themselves: what other states ask for is asked of the whole ID.
  for (const { name: kind, value, adds } of requisites.filter((argument) => own.has(argument))) {
    const written = low.get(kind)
    low.set(kind, adds && isList(written) && isList(value) ? [...written, ...value] : value)
  }
  for (const [kind, items] of turned ?? []) {
    const written = low.get(kind)
    low.set(kind, isList(written) ? [...written, ...items] : [...items])
  }
  for (const argument of requisites) if (!own.has(argument)) low.set(argument.name, argument.value)
  low.set('order', order)
  low.set('fun', fun)
  return low
}
