/** Minions that the master refuses what they send: faulty ones, or ones that somebody else has got hold of. */
import type { Finding } from './finding.ts'

/** As `manage.refusals` answers. */
export type Refusals = Readonly<
  Record<string, { readonly count: number; readonly last: string; readonly reason: string }>
>

const mostShown = 20
/** Milliseconds. */
const recently = 86_400_000

/** @param now milliseconds since the epoch: what was long ago is history */
export function refusedMinions(refusals: Refusals, now: number): readonly Finding[] {
  const found = Object.entries(refusals).filter(([, { last }]) => now - Date.parse(last) < recently)
  const shown = found.slice(0, mostShown).map(([id, { count, last, reason }]): Finding => {
    const times = count === 1 ? 'once' : `${count} times`
    const problem = `the master refused what ${id} sent ${times} since it started, last at ${last}: ${reason}`
    return { problem, command: 'tsalt-run manage.refusals' }
  })
  const more = found.length - shown.length
  return more === 0
    ? shown
    : [...shown, { problem: `and ${more} further minions`, command: 'tsalt-run manage.refusals' }]
}
