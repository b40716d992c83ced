/** The return of a state run that did not want to wait for its turn (`queue=False`). */
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import type { ActiveJob } from './active-job.ts'
import { type Call, refusedReturn } from './call.ts'

/** @param before the run that is under way */
export function busyReturn(call: Call, before: ActiveJob | undefined, now: number): JobReturn {
  const error = new TsaltError('state-run-busy', {
    fun: before?.call.fun ?? 'state.apply',
    pid: process.pid,
    started: new Date(before?.since ?? now).toISOString(),
    jid: before?.jid ?? '',
  })
  return refusedReturn(call, error, now)
}
