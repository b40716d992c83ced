/** What a rollout is: how it was asked for, and how far it has come. Schema and type share one name. */
import * as v from 'valibot'
import { count, jobId, minionId, wallTime } from '../../shared/protocol/fields.ts'
import { targetKinds } from '../../shared/targeting/target.ts'

/** So many minions, or a share of all: `5`, `10%`. */
const amount = v.union([
  v.pipe(count, v.minValue(1)),
  v.pipe(
    v.string(),
    v.regex(/^(?:100|[1-9]?\d)(?:\.\d+)?%$/, 'a number of minions or a share such as 10% is wanted'),
  ),
])
const target = v.strictObject({
  kind: v.picklist(targetKinds),
  expression: v.pipe(v.string(), v.maxLength(65_536)),
  delimiter: v.optional(v.pipe(v.string(), v.length(1))),
})

export const RolloutWish = v.strictObject({
  /** At most so many at once. */
  batch: v.optional(amount),
  /** Seconds between the end of one minion and the start of the one that takes its place. */
  batchWait: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(86_400))),
  /** These first: so many, or those of a target. */
  canary: v.optional(v.union([v.pipe(count, v.minValue(1)), target])),
  /** How many have had their turn at the end of each step; the last one is all. */
  steps: v.optional(v.pipe(v.array(amount), v.minLength(1), v.maxLength(100))),
  /** A command or an http address, asked on each minion after it: it has to answer before the next. */
  gate: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(4_096))),
  /** Seconds that a gate has to open. */
  gateTimeout: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(86_400))),
  /** More failures than these stop it; absent: none may fail where there is a canary, step or gate, else any number. */
  maxFail: v.optional(v.union([count, v.string()])),
  /** It stops where one of these reports a change. */
  stopOnChangeIn: v.optional(target),
  /** Between steps: so many seconds, or until somebody resumes it. */
  pauseBetween: v.optional(
    v.union([v.literal(true), v.pipe(v.number(), v.minValue(0), v.maxValue(604_800))]),
  ),
})
export type RolloutWish = v.InferOutput<typeof RolloutWish>

export const rolloutStates = ['running', 'paused', 'stopped', 'done', 'aborted'] as const
export type RolloutState = (typeof rolloutStates)[number]

const Gate = v.strictObject({
  state: v.picklist(['asking', 'open', 'failed']),
  /** The job that asked last. */
  jid: v.optional(jobId),
  /** Since when it is asked. */
  since: wallTime,
  said: v.optional(v.string()),
})
export type Gate = v.InferOutput<typeof Gate>

/** As it is stored. */
export const Rollout = v.strictObject({
  jid: jobId,
  operator: v.string(),
  wish: RolloutWish,
  /** In the order of their turns. */
  order: v.array(minionId),
  /** For each step how many of `order` have had their turn at its end. */
  ends: v.array(count),
  /** More failures than this stop it; absent: no number does. */
  limit: v.optional(count),
  /** Those of `stopOnChangeIn`. */
  guarded: v.array(minionId),
  state: v.picklist(rolloutStates),
  /** From 0. */
  step: count,
  /** When the last step ended, where it waits until the next. */
  stepEnded: v.optional(wallTime),
  reason: v.optional(v.string()),
  /** Failures that somebody saw and resumed in spite of. */
  forgiven: count,
  gates: v.record(v.string(), Gate),
  /** Minions that were not there when their turn came. */
  skipped: v.array(minionId),
  since: wallTime,
})
export type Rollout = v.InferOutput<typeof Rollout>

/** As the command line sees it. */
export const RolloutAccount = v.strictObject({
  jid: jobId,
  state: v.picklist(rolloutStates),
  reason: v.optional(v.string()),
  step: count,
  steps: count,
  total: count,
  held: count,
  underWay: count,
  succeeded: count,
  failed: count,
  offline: count,
  gatesAsked: count,
  since: wallTime,
})
export type RolloutAccount = v.InferOutput<typeof RolloutAccount>
