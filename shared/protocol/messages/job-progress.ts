/** Minion → master: where a job is. Sent on every change, at most ten a second, and every five seconds of silence. */
import * as v from 'valibot'
import { count, jobId, shortText } from '../fields.ts'

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
  queue: v.optional(v.strictObject({ ahead: count, behind: jobId })),
  /** In a state run: the state that runs now. */
  step: v.optional(step),
  /** Milliseconds since the job (phase queued: since it was received) started. */
  elapsed: count,
})
export type JobProgress = v.InferOutput<typeof JobProgress>
