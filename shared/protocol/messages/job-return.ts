/** Minion → master: the outcome of a job; resent until the reply says that it is stored. */
import * as v from 'valibot'
import { mostFunctions } from '../../several-functions.ts'
import { count, encodedValue, functionName, jobFunctions, jobId, shortText, wallTime } from '../fields.ts'

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

const format = v.picklist(['highstate', 'nested'])

/** How one of several functions came out. `refused`: this one could not be called, the others were. */
export const CallVerdict = v.strictObject({
  fun: functionName,
  outcome: Outcome,
  retcode: count,
  success: v.boolean(),
  /** How a person should read its part of `ret`. */
  format,
})
export type CallVerdict = v.InferOutput<typeof CallVerdict>
export const callVerdicts = v.pipe(v.array(CallVerdict), v.minLength(2), v.maxLength(mostFunctions))

export const JobReturn = v.strictObject({
  jid: jobId,
  fun: jobFunctions,
  outcome: Outcome,
  /** Salt's: 0 fine, 1 compile error or failure, 2 a state failed, 5 pillar failed. Of several functions the highest. */
  retcode: count,
  success: v.boolean(),
  /** How a person should read `ret`: `highstate` for a mapping of state results, else `nested`. */
  format,
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
  /** Of several functions, in their order; `ret` is a mapping of what each returned, see shared/several-functions.ts. */
  calls: v.optional(callVerdicts),
})
export type JobReturn = v.InferOutput<typeof JobReturn>

export const ReturnStored = v.strictObject({ stored: v.literal(true) })
export type ReturnStored = v.InferOutput<typeof ReturnStored>
