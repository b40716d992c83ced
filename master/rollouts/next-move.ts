/** What a rollout does next: a pure table, as this is where one host too many would be touched. */
import type { MinionId } from '../../shared/ids.ts'
import type { Presence } from './rollout-parts.ts'

/** One minion of the rollout. `busy`: under way, or its gate is being asked. `left`: it was aborted before its turn. */
export type Turn = 'held' | 'left' | 'busy' | 'ok' | 'failed' | 'offline' | 'gate-due'

/** How far a rollout has come. */
export interface Place {
  readonly order: readonly MinionId[]
  readonly ends: readonly number[]
  readonly step: number
  readonly turns: ReadonlyMap<MinionId, Turn>
}

export interface Situation extends Place {
  readonly presence: (id: MinionId) => Presence
  /** At most so many at once. */
  readonly window: number
  /** Slots that stay empty for a while (`batchWait`). */
  readonly resting: number
  readonly limit: number | undefined
  readonly forgiven: number
  /** Why one failed, where its gate said it. */
  readonly note: (id: MinionId) => string | undefined
  /** A minion of `stopOnChangeIn` that changed. */
  readonly changed: MinionId | undefined
  readonly pauseBetween: true | number | undefined
  readonly stepEnded: number | undefined
  /** Wall time, milliseconds. */
  readonly now: number
}

export type Move =
  | { readonly kind: 'wait'; readonly until?: number }
  | { readonly kind: 'ask'; readonly ids: readonly MinionId[] }
  | { readonly kind: 'release'; readonly ids: readonly MinionId[]; readonly skip: readonly MinionId[] }
  | { readonly kind: 'step' }
  | { readonly kind: 'step-ended' }
  | { readonly kind: 'pause'; readonly reason: string }
  | { readonly kind: 'stop'; readonly reason: string }
  | { readonly kind: 'done' }

export function nextMove(situation: Situation): Move {
  const stop = whyStop(situation)
  if (stop !== undefined) return { kind: 'stop', reason: stop }
  const { order, ends, step, turns } = situation
  const ids = order.slice(0, ends[step])
  const due = ids.filter((id) => turns.get(id) === 'gate-due')
  if (due.length > 0) return { kind: 'ask', ids: due }
  const held = ids.filter((id) => turns.get(id) === 'held')
  const busy = order.filter((id) => turns.get(id) === 'busy').length
  if (held.length > 0) return release(situation, held, busy)
  if (busy > 0) return { kind: 'wait' }
  return step === ends.length - 1 ? { kind: 'done' } : between(situation)
}

function whyStop({ order, turns, limit, forgiven, changed, note }: Situation): string | undefined {
  if (changed !== undefined) return `${changed} reported a change`
  if (limit === undefined) return undefined
  const failed = order.filter((id) => turns.get(id) === 'failed')
  if (failed.length - forgiven <= limit) return undefined
  const named = failed.slice(0, 5).map((id) => {
    const said = note(id)
    return said === undefined ? id : `${id} (its gate: ${said})`
  })
  const names = named.join(', ') + (failed.length > 5 ? ', …' : '')
  const allowed = limit === 0 ? '' : `, ${limit} are allowed`
  return `${failed.length} of ${order.length} failed${allowed}: ${names}`
}

/** Who is away is passed over and takes no slot; who is expected back keeps its turn. */
function release({ presence, window, resting }: Situation, held: readonly MinionId[], busy: number): Move {
  const free = window - busy - resting
  const ids: MinionId[] = []
  const skip: MinionId[] = []
  for (const id of held) {
    const there = presence(id)
    if (there === 'away') skip.push(id)
    else if (there === 'expected') continue
    else if (ids.length < free) ids.push(id)
    else break
  }
  return ids.length + skip.length === 0 ? { kind: 'wait' } : { kind: 'release', ids, skip }
}

/** Steps but the last whose minions were all offline: there is nothing to go on from. */
export function isUntried({ order, ends, step, turns }: Place): boolean {
  return step < ends.length - 1 && order.slice(0, ends[step]).every((id) => turns.get(id) === 'offline')
}

function whyUntried({ order, ends, step }: Place): string {
  const ids = order.slice(0, ends[step])
  const names = ids.slice(0, 5).join(', ') + (ids.length > 5 ? ', …' : '')
  const words = ids.length === 1 ? 'was to go first and is offline' : 'were to go first and are offline'
  return `${names} ${words}, so nothing was tried`
}

function between(situation: Situation): Move {
  if (isUntried(situation)) return { kind: 'stop', reason: whyUntried(situation) }
  const { pauseBetween, stepEnded, now, step, ends } = situation
  if (pauseBetween === undefined) return { kind: 'step' }
  if (stepEnded === undefined) return { kind: 'step-ended' }
  if (pauseBetween === true) return { kind: 'pause', reason: `step ${step + 1} of ${ends.length} is done` }
  const until = stepEnded + pauseBetween * 1000
  return now >= until ? { kind: 'step' } : { kind: 'wait', until }
}
