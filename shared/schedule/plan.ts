/** When an entry of a schedule runs next, and what becomes of a time that has come: the same on minions and master. */
import type { Clock } from '../clock.ts'
import { nextTime } from './next-time.ts'
import type { ScheduledJob } from './scheduled-job.ts'

/** Milliseconds. A time of the clock that was missed by more is left out: the machine slept, or was off. */
export const tolerated = 10 * 60_000

export interface Plan<Job extends ScheduledJob = ScheduledJob> {
  job: Job
  /** Its times as text: with others it begins anew. */
  readonly entry: string
  /** What was due last; at first, when the entry was seen. */
  anchor: number
  due: number | undefined
  /** With splay. */
  at: number | undefined
  /** Runs that go on count, whatever becomes of the entry. */
  readonly runs: { count: number }
}

/** Sets when it is due next. */
export function planNext(plan: Plan, clock: Clock): void {
  const { job, anchor } = plan
  const from = job.timing.kind === 'interval' ? anchor : Math.max(anchor, clock.now() - tolerated)
  plan.due = nextTime(job, from, anchor)
  const { start, end } = job.splay
  plan.at = plan.due === undefined ? undefined : plan.due + Math.floor(start + clock.random() * (end - start))
}

/**
 * Leaves the time behind that has come, and plans the next.
 * @returns true: it comes too late to be run
 */
export function leaveBehind(plan: Plan, clock: Clock): boolean {
  const { job, due = 0, at = 0 } = plan
  const now = clock.now()
  const isLate = job.timing.kind !== 'interval' && now - at > tolerated
  // Of an interval that was missed often, one run makes up for all.
  plan.anchor =
    job.timing.kind === 'interval'
      ? due + Math.floor(Math.max(0, now - due) / job.timing.milliseconds) * job.timing.milliseconds
      : Math.max(due, isLate ? now : due)
  planNext(plan, clock)
  return isLate
}
