/** When a job of the schedule is due next. Times are milliseconds since the epoch. */
import { type Moment, nextMoment } from './moment.ts'
import type { ScheduledJob, Timing } from './scheduled-job.ts'

/** Leaps over closed ranges; each is at least to the next opening, so more are no schedule that comes to anything. */
const leaps = 1_000

/**
 * The first time after `from` that is within `after`, `until` and `range`; splay is not counted. undefined: never.
 * @param anchor intervals are counted from here
 */
export function nextTime(job: ScheduledJob, from: number, anchor: number): number | undefined {
  let at = from
  const begins = job.after && instantOf(job.after)
  if (begins !== undefined && at < begins) at = begins - 1
  const ends = job.until && instantOf(job.until)
  for (let leap = 0; leap < leaps; leap++) {
    const time = candidate(job.timing, at, anchor)
    if (time === undefined || (ends !== undefined && time > ends)) return undefined
    const opens = opening(job.range, time)
    if (opens === time) return time
    if (opens === undefined) return undefined
    at = Math.max(opens - 1, time)
  }
  return undefined
}

function candidate(timing: Timing, after: number, anchor: number): number | undefined {
  if (timing.kind === 'interval') {
    const { milliseconds } = timing
    return anchor + Math.max(1, Math.floor((after - anchor) / milliseconds) + 1) * milliseconds
  }
  if (timing.kind === 'cron') return timing.cron.nextRun(new Date(after))?.getTime()
  if (timing.kind === 'none') return undefined
  const times = timing.moments.flatMap((moment) => nextMoment(moment, after) ?? [])
  return times.length === 0 ? undefined : Math.min(...times)
}

const instantOf = (moment: Moment): number | undefined => nextMoment(moment, Number.NEGATIVE_INFINITY)

/** The time itself where the range is open, else when it opens next; undefined: never again. */
function opening(range: ScheduledJob['range'], time: number): number | undefined {
  if (!range || isInside(range, time) !== range.invert) return time
  if (!range.invert) return nextMoment(range.start, time)
  // The end itself is inside.
  const end = nextMoment(range.end, time - 1)
  return end === undefined ? undefined : end + 1
}

function isInside({ start, end }: NonNullable<ScheduledJob['range']>, time: number): boolean {
  if (start.date) return (instantOf(start) ?? 0) <= time && time <= (instantOf(end) ?? 0)
  const day = new Date(time)
  const at = day.getHours() * 3600 + day.getMinutes() * 60 + day.getSeconds() + day.getMilliseconds() / 1000
  if (start.time <= end.time) return start.time <= at && at <= end.time
  return at >= start.time || at <= end.time
}
