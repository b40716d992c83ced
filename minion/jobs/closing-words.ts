/** What stands in the return of a job that has no answer of its own. */

export function interruptedText(started: number): string {
  return `The minion went down while this was running (started ${timeText(started)}). What was done until then stays; it is not run again by itself.`
}

export function expiredText(expires: number): string {
  return `Not run: it came to the minion after its expiry (${timeText(expires)}). Nothing was changed.`
}

export function killedText(ending: 'cancelled' | 'interrupted' | undefined): string {
  return ending === 'interrupted'
    ? 'The minion was stopped while this was running. What was done until then stays; it is not run again by itself.'
    : 'Cancelled by an operator. What was done until then stays.'
}

/** @param wallTime milliseconds since the epoch */
function timeText(wallTime: number): string {
  return new Date(wallTime).toISOString()
}
