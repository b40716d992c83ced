/**
 * What the CLI and the master say to each other over the Unix socket (HTTP, JSON, NDJSON streams). Values travel in
 * the JSON form of shared/data/codec.ts. Schema and type share one name.
 *
 *   POST /api/v1/jobs            JobSubmission → 201 JobSubmitted
 *   GET  /api/v1/jobs?limit=N    → JobAccount[]
 *   GET  /api/v1/job-summaries?function=GLOB&target=GLOB&operator=GLOB&state=…&since=MS&limit=N → JobSummary[]
 *   GET  /api/v1/jobs/JID        → JobAccount, with returns
 *   POST /api/v1/jobs/JID/rerun  RerunRequest → 201 JobSubmitted
 *   GET  /api/v1/jobs/JID/follow → stream of JobEvent, one JSON document a line; ends after `end`
 *   GET  /api/v1/rollouts?limit=N → RolloutAccount[]; GET /api/v1/rollouts/JID → RolloutAccount
 *   POST /api/v1/rollouts/JID    RolloutRequest → RolloutAccount, or JobSubmitted for `retry-failed`
 *   POST /api/v1/jobs/JID/kill   KillRequest → { told: id[] }
 *   GET  /api/v1/keys            → { keys: KeyRow[], masterFingerprint }
 *   GET  /api/v1/keys/public?match=GLOB → PublicKey[]
 *   POST /api/v1/keys/preview    KeyRequest → KeyRow[]
 *   POST /api/v1/keys            KeyRequest → KeyRow[]
 *   POST /api/v1/tokens          TokenRequest → { token, expires }
 *   POST /api/v1/targets         Target → { targets: { id, connected, lastSeen }[] }
 *   GET  /api/v1/events?after=N|since=MS&tag=GLOB&follow=true → stream of BusEvent
 *   GET  /api/v1/minions         → { minions: { id, since, address, clockOffset? }[] }, the connected ones
 *   POST /api/v1/runners         RunnerCall → { ret: Json, retcode }
 *   GET  /api/v1/status          → { version, since, minions: { known, connected }, defaultTarget, timeout, output settings }
 * An error is { code, message, hint?, place? } with its HTTP status.
 */
import * as v from 'valibot'
import {
  count,
  encodedValue,
  functionName,
  jobFunctions,
  jobId,
  minionId,
  wallTime,
} from '../../shared/protocol/fields.ts'
import { maxSeconds } from '../../shared/protocol/messages/job-delivery.ts'
import { JobProgress } from '../../shared/protocol/messages/job-progress.ts'
import { callVerdicts, EndedProcess, Outcome } from '../../shared/protocol/messages/job-return.ts'
import { targetKinds } from '../../shared/targeting/target.ts'
import { RolloutAccount, RolloutWish } from '../rollouts/schemas.ts'
import { callArgs, callKwargs } from './call-words.ts'

export const Target = v.strictObject({
  kind: v.picklist(targetKinds),
  expression: v.pipe(v.string(), v.maxLength(65_536)),
  delimiter: v.optional(v.pipe(v.string(), v.length(1))),
})
export type Target = v.InferOutput<typeof Target>

const mostMetadata = 65_536

/** Kept with a job, which is found by it; minions are not told. */
export const JobMetadata = v.pipe(
  v.record(v.pipe(v.string(), v.maxLength(256)), encodedValue),
  v.check(
    (metadata) => JSON.stringify(metadata).length <= mostMetadata,
    `it has at most ${mostMetadata} characters`,
  ),
)
export type JobMetadata = v.InferOutput<typeof JobMetadata>

export const JobSubmission = v.strictObject({
  /** Absent: the configured default_target, or the error `target-missing`. */
  target: v.optional(Target),
  /** Several with commas between them; `args` is then a list for each of them, with keywords as `{"__kwarg__": true, …}`. */
  fun: jobFunctions,
  args: callArgs,
  kwargs: callKwargs,
  /** Minted by the client to make a retry harmless; the master mints one otherwise. */
  jid: v.optional(jobId),
  /** Only so many of the matched minions, chosen by chance, those that are connected first. */
  subset: v.optional(v.pipe(count, v.minValue(1))),
  /** Its targets have their turns one after the other. */
  rollout: v.optional(RolloutWish),
  /** Seconds after which an undelivered job is given up; default from the configuration. */
  expirySeconds: v.optional(v.pipe(count, v.maxValue(7 * 86_400))),
  /** Seconds after which a minion ends it with all its commands; waiting for its turn does not count. */
  maxSeconds: v.optional(maxSeconds),
  metadata: v.optional(JobMetadata),
})
export type JobSubmission = v.InferOutput<typeof JobSubmission>

export const JobSubmitted = v.strictObject({
  jid: jobId,
  targets: v.array(minionId),
  /** True where the target came from default_target. */
  defaulted: v.boolean(),
})
export type JobSubmitted = v.InferOutput<typeof JobSubmitted>

/**
 * held: its turn in a rollout has not come. waiting: committed, not delivered, minion offline. sent: on its way. delivered: in the minion's inbox, not started.
 * queued, running: as progress says. lost: connection lost after delivery; will report when it is back.
 * returned: see outcome. expired: never delivered in time.
 */
export const targetStatuses = [
  'held',
  'waiting',
  'sent',
  'delivered',
  'queued',
  'running',
  'lost',
  'returned',
  'expired',
] as const
export const TargetStatus = v.picklist(targetStatuses)
export type TargetStatus = v.InferOutput<typeof TargetStatus>

export const TargetReturn = v.strictObject({
  outcome: Outcome,
  retcode: count,
  success: v.boolean(),
  format: v.picklist(['highstate', 'nested']),
  ret: encodedValue,
  started: wallTime,
  duration: count,
  /** Where the minion cut the body: what was cut. */
  truncated: v.optional(v.string()),
  /** Of a job that was ended: the processes that were. */
  ended: v.optional(v.array(EndedProcess)),
  /** It was one run with this job. */
  ranAs: v.optional(jobId),
  calls: v.optional(callVerdicts),
})
export type TargetReturn = v.InferOutput<typeof TargetReturn>

export const TargetAccount = v.strictObject({
  id: minionId,
  status: TargetStatus,
  /** Since when it has this status. */
  since: wallTime,
  /** Of `waiting`: when the minion was last connected, 0 for never. */
  lastSeen: v.optional(wallTime),
  progress: v.optional(JobProgress),
  return: v.optional(TargetReturn),
  /** How many further returns differed from this one; they are kept apart. */
  strays: v.optional(count),
})
export type TargetAccount = v.InferOutput<typeof TargetAccount>

export const JobAccount = v.strictObject({
  jid: jobId,
  fun: jobFunctions,
  args: v.array(encodedValue),
  kwargs: v.record(v.string(), encodedValue),
  target: Target,
  operator: v.string(),
  submitted: wallTime,
  expires: wallTime,
  /** Seconds that it may run on a minion. */
  maxSeconds: v.optional(maxSeconds),
  metadata: v.optional(JobMetadata),
  /** Of a job that is followed: what the last ones with the same function and arguments took, in milliseconds. */
  expected: v.optional(v.strictObject({ usual: count, longest: count, runs: count })),
  targets: v.array(TargetAccount),
})
export type JobAccount = v.InferOutput<typeof JobAccount>

/**
 * running: minions are at work on it. waiting: for minions that are offline, lost or whose turn has not come. ok: all
 * that ended did well. The others: that many a target came to it. A job can be several of them at once.
 */
export const jobStates = ['running', 'waiting', 'failed', 'cancelled', 'expired', 'ok'] as const
export const JobState = v.picklist(jobStates)
export type JobState = v.InferOutput<typeof JobState>

/** A job without its targets, which are counted. */
export const JobSummary = v.strictObject({
  jid: jobId,
  fun: jobFunctions,
  args: v.array(encodedValue),
  kwargs: v.record(v.string(), encodedValue),
  metadata: v.optional(JobMetadata),
  target: Target,
  operator: v.string(),
  submitted: wallTime,
  /** When the last return ended; absent while something is open. */
  ended: v.optional(wallTime),
  states: v.array(JobState),
  targets: count,
  /** `ok`, `failed`, an outcome, or a status → how many. */
  counts: v.record(v.string(), count),
})
export type JobSummary = v.InferOutput<typeof JobSummary>

export const RerunRequest = v.strictObject({
  /** failed: those that returned without success. missing: those that never had it. all: every one. */
  which: v.pipe(v.array(v.picklist(['all', 'failed', 'missing'])), v.minLength(1)),
  /** Minted by the client to make a retry harmless. */
  jid: v.optional(jobId),
})
export type RerunRequest = v.InferOutput<typeof RerunRequest>

/** First a `job`, then a `target` for each change of one target, then (when nothing is under way any more) `end`. */
export const JobEvent = v.variant('type', [
  v.strictObject({ type: v.literal('job'), job: JobAccount }),
  v.strictObject({ type: v.literal('target'), target: TargetAccount }),
  /** Of a job that is a rollout: at the beginning, and where it pauses, stops, goes on or enters a step. */
  v.strictObject({ type: v.literal('rollout'), rollout: RolloutAccount }),
  /** So that a silent stream is told apart from a dead one; every five seconds. */
  v.strictObject({ type: v.literal('beat') }),
  v.strictObject({ type: v.literal('end') }),
])
export type JobEvent = v.InferOutput<typeof JobEvent>

/** Of the event bus. */
export const BusEvent = v.variant('type', [
  v.strictObject({
    type: v.literal('event'),
    /** Later events have greater ones. */
    sequence: count,
    tag: v.string(),
    at: wallTime,
    data: encodedValue,
  }),
  /** Every five seconds of silence. */
  v.strictObject({ type: v.literal('beat') }),
])
export type BusEvent = v.InferOutput<typeof BusEvent>

export const RolloutRequest = v.strictObject({
  action: v.picklist(['pause', 'resume', 'abort', 'retry-failed']),
})

export const KillRequest = v.strictObject({ signal: v.picklist(['TERM', 'KILL']) })
export const RunnerCall = v.strictObject({
  fun: functionName,
  args: callArgs,
  kwargs: callKwargs,
})
export type RunnerCall = v.InferOutput<typeof RunnerCall>
export const RunnerReturn = v.strictObject({ ret: encodedValue, retcode: count })

export const ConnectedMinion = v.strictObject({
  id: minionId,
  since: wallTime,
  address: v.string(),
  /** Milliseconds that its clock is ahead of the master's. */
  clockOffset: v.optional(v.number()),
})

export const MinionAccount = v.strictObject({
  id: minionId,
  connected: v.boolean(),
  /** 0: never. */
  lastSeen: wallTime,
  version: v.optional(v.string()),
  address: v.optional(v.string()),
  grains: v.optional(encodedValue),
})

export const Status = v.strictObject({
  version: v.string(),
  since: wallTime,
  minions: v.strictObject({ known: count, connected: count }),
  defaultTarget: v.string(),
  /** Seconds. */
  timeout: count,
  /** Form of the output; empty: as what is shown wants it. */
  output: v.string(),
  summary: v.boolean(),
  stateOutput: v.string(),
  stateVerbose: v.boolean(),
  stateLook: v.strictObject({ times: v.boolean(), shares: v.boolean(), columns: v.boolean() }),
  color: v.boolean(),
})

/** Every refusal. */
export const Refusal = v.strictObject({
  /** A code of docs/reference/errors.md. */
  code: v.string(),
  message: v.string(),
  hint: v.optional(v.string()),
  /** Where in a text of the user's the mistake is. */
  place: v.optional(v.looseObject({ file: v.string(), line: count, column: count })),
})
