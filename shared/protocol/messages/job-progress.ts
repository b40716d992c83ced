/** Minion → master: where a job is. Sent on every change, at most ten a second, and every five seconds of silence. */
import * as v from 'valibot'
import { count, jobFunctions, jobId, shortText } from '../fields.ts'

const step = v.strictObject({
  /** From 1. */
  index: count,
  total: count,
  /** `pkg.installed` */
  fun: shortText,
  id: shortText,
  name: shortText,
})

export const JobProgress = v.strictObject({
  jid: jobId,
  phase: v.picklist(['queued', 'preparing', 'running']),
  /** In the queue: how many are ahead, and the one that runs now. */
  queue: v.optional(
    v.strictObject({
      ahead: count,
      behind: jobId,
      /** What the one that runs is, and the state that it is at. */
      fun: v.optional(jobFunctions),
      index: v.optional(count),
      total: v.optional(count),
      /** Milliseconds until it is done, going by its last run or by the states that it has done. */
      left: v.optional(count),
      /** The same run was asked for before and waits as well: both are one run. */
      with: v.optional(jobId),
    }),
  ),
  /** In a state run: the state that runs now. */
  step: v.optional(step),
  /** Milliseconds since the job (phase queued: since it was received) started. */
  elapsed: count,
})
export type JobProgress = v.InferOutput<typeof JobProgress>
