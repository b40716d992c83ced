/**
 * What to do about an open target when its minion has connected. A pure table, because this is where jobs would be
 * lost or run twice. Reasons: docs/decisions/0020-acknowledged-jobs-are-not-redelivered.md.
 */
import type { KillSignal } from '../store/jobs.ts'

export interface OpenTarget {
  readonly state: 'pending' | 'delivered'
  readonly generation: number
  readonly killed: KillSignal | undefined
}

export interface Arrival {
  readonly generation: number
  /** The minion has received the job and not yet returned it. */
  readonly unfinished: boolean
  /** The job's expiry has passed. */
  readonly expired: boolean
}

/**
 * adopt: it is under way there. deliver: send it (again). expire, cancel: the minion does not have it and shall not.
 * missing: it had acknowledged it and does not know of it; `interrupted` if no return follows soon. orphan: it was
 * delivered to a minion of this name that has been deleted since. leave: not this connection's.
 */
export type Verdict = 'adopt' | 'deliver' | 'expire' | 'cancel' | 'missing' | 'orphan' | 'leave'

export function judge(target: OpenTarget, arrival: Arrival): Verdict {
  if (target.generation > arrival.generation) return 'leave'
  if (target.generation < arrival.generation) {
    if (target.state === 'delivered') return 'orphan'
    return target.killed ? 'cancel' : 'expire'
  }
  if (arrival.unfinished) return 'adopt'
  if (target.state === 'delivered') return 'missing'
  if (target.killed) return 'cancel'
  return arrival.expired ? 'expire' : 'deliver'
}
