/** The return of a state run that did not want to wait for its turn (`queue=False`), or not behind so many (`queue=N`). */
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import type { ActiveJob } from './active-job.ts'
import { type Call, refusedReturn } from './call.ts'

export interface Busy {
  /** How many run or wait. */
  readonly length: number
  /** How many may be before it. */
  readonly most: number
}

/** @param before the run that is under way */
export function busyReturn(
  call: Call,
  before: ActiveJob | undefined,
  { length, most }: Busy,
  now: number,
): JobReturn {
  const running = {
    fun: before?.call.fun ?? 'state.apply',
    pid: process.pid,
    started: new Date(before?.since ?? now).toISOString(),
    jid: before?.jid ?? '',
  }
  const error =
    most === 0
      ? new TsaltError('state-run-busy', running)
      : new TsaltError('state-queue-full', { ...running, before: length, most })
  return refusedReturn(call, error, now)
}
