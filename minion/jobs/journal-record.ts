/** The records of the job journal. WHEN YOU CHANGE ONE: journals written by older minions must still be read. */
import * as v from 'valibot'
import { count, jobFunctions, jobId, wallTime } from '../../shared/protocol/fields.ts'
import { JobDelivery } from '../../shared/protocol/messages/job-delivery.ts'
import { JobReturn } from '../../shared/protocol/messages/job-return.ts'

export const JournalRecord = v.variant('is', [
  /** Durable before the acknowledgement. `offset`: what to add to this clock to have the master's, in ms. */
  v.strictObject({
    is: v.literal('received'),
    job: JobDelivery,
    at: wallTime,
    offset: v.pipe(v.number(), v.safeInteger()),
  }),
  /** Durable before the first side effect. */
  v.strictObject({
    is: v.literal('started'),
    jid: jobId,
    fun: jobFunctions,
    expires: wallTime,
    at: wallTime,
    /** Of several functions: those that are done. */
    parts: v.optional(v.array(JobReturn)),
  }),
  /** One of several functions is done. Durable before the next one begins. */
  v.strictObject({ is: v.literal('part'), result: JobReturn }),
  /** Durable before it is sent. */
  v.strictObject({ is: v.literal('finished'), result: JobReturn, expires: wallTime }),
  /** The master has it. Kept until `until` so that a delivery that comes again is known. */
  v.strictObject({ is: v.literal('stored'), jid: jobId, until: count }),
])
export type JournalRecord = v.InferOutput<typeof JournalRecord>
