/** The first message of an accepted minion: what it is. Answered by `Welcome`. */
import * as v from 'valibot'
import { count, encodedValue, jobId, shortText, wallTime } from '../fields.ts'

export const Hello = v.strictObject({
  version: shortText,
  protocol: v.strictObject({ oldest: count, newest: count }),
  /** The minion's grains, a mapping. */
  grains: encodedValue,
  /** Jobs received and not yet returned, so that the master knows what is still under way. */
  unfinished: v.pipe(v.array(jobId), v.maxLength(10_000)),
  /** The minion's wall clock, so that the offset is known. */
  wallTime,
})
export type Hello = v.InferOutput<typeof Hello>

export const Welcome = v.strictObject({
  version: shortText,
  /** The version that both speak from here on. */
  protocol: count,
  wallTime,
  /** How many minions with this id have been before; caches of an older generation are worthless. */
  generation: count,
})
export type Welcome = v.InferOutput<typeof Welcome>
