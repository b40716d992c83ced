/** What stands in the return of a job that has no answer of its own. */
import type { JobId } from '../../shared/ids.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { isSeveral } from '../../shared/several-functions.ts'
import type { ActiveJob } from './active-job.ts'
import { closedReturn, type Ending } from './call.ts'
import { severalReturn } from './several-return.ts'
import type { StartedJob } from './spool-entry.ts'

/** Of a job that an earlier process had started. Of several functions with what those returned that were done. */
export function interruptedReturn({ jid, fun, at, parts }: StartedJob & { readonly jid: JobId }): JobReturn {
  const [outcome, text] = ['interrupted', interruptedText(at)] as const
  if (!isSeveral(fun)) return closedReturn({ jid, fun }, outcome, text, at)
  return severalReturn({ jid, fun }, parts, { outcome, text }, at)
}

/** Of a job that is ended before it is done. @param shared the same run goes on for another job */
export function closingReturn(job: ActiveJob, shared: JobId | undefined, now: number): JobReturn {
  const { call, ending = 'cancelled', running, done } = job
  const text = killedText(ending, call.maxSeconds, shared)
  const result =
    running && isSeveral(call.fun)
      ? severalReturn(call, done, { outcome: ending, text }, now)
      : closedReturn(call, ending, text, now)
  return job.ended.length === 0 ? result : { ...result, ended: [...job.ended] }
}

function interruptedText(started: number): string {
  return `The minion went down while this was running (started ${timeText(started)}). What was done until then stays; it is not run again by itself.`
}

export function expiredText(expires: number): string {
  return `Not run: it came to the minion after its expiry (${timeText(expires)}). Nothing was changed.`
}

/** @param maxSeconds of the job @param shared the same run goes on for another job */
function killedText(
  ending: Ending | undefined,
  maxSeconds: number | undefined,
  shared: JobId | undefined,
): string {
  if (shared !== undefined)
    return `Cancelled by an operator. It was one run with job ${shared}, which goes on.`
  switch (ending) {
    case 'interrupted':
      return 'The minion was stopped while this was running. What was done until then stays; it is not run again by itself.'
    case 'timeout':
      return `Ended after ${maxSeconds ?? 0} s: it was not to run longer. What was done until then stays.`
    default:
      return 'Cancelled by an operator. What was done until then stays.'
  }
}

/** @param wallTime milliseconds since the epoch */
function timeText(wallTime: number): string {
  return new Date(wallTime).toISOString()
}
