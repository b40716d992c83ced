/** Minion → master: the outcome of a job; resent until the reply says that it is stored. */
import * as v from 'valibot'
import { count, encodedValue, functionName, jobId, shortText, wallTime } from '../fields.ts'

export const outcomes = ['done', 'refused', 'interrupted', 'cancelled', 'expired', 'timeout'] as const
export const Outcome = v.picklist(outcomes)
/**
 * done: the function ran to its end (whatever it answered). refused: not started: unknown function, bad arguments.
 * interrupted: the minion died under it. cancelled: killed by an operator. expired: came too late to be started.
 * timeout: it ran longer than the job's `maxSeconds` and was ended.
 */
export type Outcome = v.InferOutput<typeof Outcome>

export const EndedProcess = v.strictObject({
  pid: count,
  name: shortText,
  signal: v.picklist(['TERM', 'KILL']),
})

export const JobReturn = v.strictObject({
  jid: jobId,
  fun: functionName,
  outcome: Outcome,
  /** Salt's: 0 fine, 1 compile error or failure, 2 a state failed, 5 pillar failed. */
  retcode: count,
  success: v.boolean(),
  /** How a person should read `ret`: `highstate` for a mapping of state results, else `nested`. */
  format: v.picklist(['highstate', 'nested']),
  ret: encodedValue,
  started: wallTime,
  /** Milliseconds. */
  duration: count,
  /** Where the body was too large for the spool and was cut: what was cut. */
  truncated: v.optional(shortText),
  /** Of a job that was ended: the processes that were, with the last signal that each needed. */
  ended: v.optional(v.pipe(v.array(EndedProcess), v.maxLength(100))),
  /** It was one run with this job, whose id the undo journal has. */
  ranAs: v.optional(jobId),
})
export type JobReturn = v.InferOutput<typeof JobReturn>

export const ReturnStored = v.strictObject({ stored: v.literal(true) })
export type ReturnStored = v.InferOutput<typeof ReturnStored>
