/** Master → minion: a job to apply, at least once delivered, at most once applied. Answered by `JobAcknowledgement`. */
import * as v from 'valibot'
import { encodedValue, environment, functionName, jobId, sha256, shortText, wallTime } from '../fields.ts'

export const JobDelivery = v.strictObject({
  jid: jobId,
  fun: functionName,
  args: v.pipe(v.array(encodedValue), v.maxLength(10_000)),
  kwargs: v.record(shortText, encodedValue),
  /** Not to be started before this, nor (where it was not received by then) after `expires`. Wall time. */
  notBefore: wallTime,
  expires: wallTime,
  /** Hash of each environment's manifest at submission. */
  trees: v.record(environment, sha256),
  /** Who asked for it, for the minion's own log: `root`. */
  operator: shortText,
})
export type JobDelivery = v.InferOutput<typeof JobDelivery>
