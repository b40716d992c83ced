/** The return of a state run that did not want to wait for its turn (`queue=False`). */
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobId } from '../../shared/ids.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import type { RunningJob } from '../modules/contract.ts'
import { type Call, refusedReturn } from './call.ts'

/** @param before the run that is under way, and all that run here, to tell more of it */
export function busyReturn(
  call: Call,
  before: JobId | undefined,
  running: readonly RunningJob[],
  now: number,
): JobReturn {
  const first = running.find(({ jid }) => jid === before)
  const error = new TsaltError('state-run-busy', {
    fun: first?.fun ?? 'state.apply',
    pid: process.pid,
    started: new Date(first?.started ?? now).toISOString(),
    jid: before ?? '',
  })
  return refusedReturn(call, error, now)
}
