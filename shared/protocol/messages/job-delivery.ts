/** Master → minion: a job to apply, at least once delivered, at most once applied. Answered by `JobAcknowledgement`. */
import * as v from 'valibot'
import {
  count,
  encodedValue,
  environment,
  jobFunctions,
  jobId,
  sha256,
  shortText,
  wallTime,
} from '../fields.ts'

/** Up to 24 days, the longest that a timer of Node.js can wait. */
export const maxSeconds = v.pipe(count, v.minValue(1), v.maxValue(24 * 86_400))

export const JobDelivery = v.strictObject({
  jid: jobId,
  /** Several functions only where both speak version 2; `args` is a list for each of them then. */
  fun: jobFunctions,
  args: v.pipe(v.array(encodedValue), v.maxLength(10_000)),
  kwargs: v.record(shortText, encodedValue),
  /** Not to be started before this, nor (where it was not received by then) after `expires`. Wall time. */
  notBefore: wallTime,
  expires: wallTime,
  /** Hash of each environment's manifest at submission. */
  trees: v.record(environment, sha256),
  /** Who asked for it, for the minion's own log: `root`. */
  operator: shortText,
  /** Seconds that it may run at most; then it is ended with all its commands. Waiting for its turn does not count. */
  maxSeconds: v.optional(maxSeconds),
})
export type JobDelivery = v.InferOutput<typeof JobDelivery>
