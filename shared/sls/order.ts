/** Salt's order numbers: what is given, what is automatic, first, last and negative (salt-semantics.md 5.4). */
import type { Draft } from './draft.ts'

export interface Ordered {
  readonly draft: Draft
  readonly order: number
}

const farBehind = 1_000_000

export function orderDrafts(drafts: readonly Draft[]): Ordered[] {
  let cap = 1
  for (const { order, call } of drafts) {
    const given = order ?? call.auto
    if (typeof given === 'number' && Number.isInteger(given) && given > 0 && given > cap - 1)
      cap = given + 100
  }
  const ordered = drafts.map((draft) => ({ draft, order: numberOf(draft, cap) }))
  return ordered.sort((a, b) => a.order - b.order || compareTies(a.draft, b.draft))
}

function compareTies(a: Draft, b: Draft): number {
  const [left, right] = [a.call.module + a.name + a.fun, b.call.module + b.name + b.fun]
  return left < right ? -1 : left > right ? 1 : 0
}

function numberOf({ order, call, nameOrder }: Draft, cap: number): number {
  const given = order ?? call.auto
  if (given === undefined) return cap
  const base = given === 'first' ? 0 : given === 'last' ? cap + farBehind : given
  const number = base + nameOrder / 10_000
  return number < 0 ? cap + farBehind + number : number
}
