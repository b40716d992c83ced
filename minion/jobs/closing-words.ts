/** What stands in the return of a job that has no answer of its own. */
import type { JobId } from '../../shared/ids.ts'
import type { Ending } from './call.ts'

export function interruptedText(started: number): string {
  return `The minion went down while this was running (started ${timeText(started)}). What was done until then stays; it is not run again by itself.`
}

export function expiredText(expires: number): string {
  return `Not run: it came to the minion after its expiry (${timeText(expires)}). Nothing was changed.`
}

/** @param maxSeconds of the job @param shared the same run goes on for another job */
export function killedText(
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
