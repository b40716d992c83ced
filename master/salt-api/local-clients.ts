/** `local`, `local_async`, `local_batch`, `local_subset`: jobs for minions, and what they return. */
import * as v from 'valibot'
import { decodeValue, encodeValue } from '../../shared/data/codec.ts'
import type { Plain } from '../../shared/data/value.ts'
import { isTsaltError } from '../../shared/errors/error.ts'
import { isJobId, type JobId, type MinionId } from '../../shared/ids.ts'
import { JobMetadata, type JobSubmission, type TargetAccount } from '../api/schemas.ts'
import type { RouteContext } from '../api/services.ts'
import type { Actor } from '../auth/actor.ts'
import { saltVerdicts } from '../jobs/salt-verdicts.ts'
import { RolloutWish } from '../rollouts/schemas.ts'
import { awaitReturns } from './await-returns.ts'
import { localCall, targetOf } from './calls.ts'
import type { LowChunk } from './low.ts'

/** One command, checked and ready. @returns what stands in the list of the answer for it */
export type Ready = (actor: Actor, signal: AbortSignal) => Promise<readonly Plain[]>

interface JobSubmitted {
  readonly jid: JobId
  readonly targets: readonly MinionId[]
}

type Start = (actor: Actor) => Promise<JobSubmitted>
const longestSilence = 7 * 86_400

export function localClient(chunk: LowChunk, context: RouteContext): Ready {
  const start = starter(chunk, context)
  const wait = waiter(chunk, context)
  return async (actor, signal) => [
    await matched(start(actor), ({ jid, targets }) => wait(jid, targets, signal)),
  ]
}

export function localAsyncClient(chunk: LowChunk, context: RouteContext): Ready {
  const start = starter(chunk, context)
  return async (actor) => [
    await matched(start(actor), async ({ jid, targets }) => ({ jid, minions: [...targets] })),
  ]
}

export function localSubsetClient(chunk: LowChunk, context: RouteContext): Ready {
  const subset = chunk.number(chunk.get('sub') === undefined ? 'subset' : 'sub', 1_000_000) ?? 3
  const start = starter(chunk, context, { subset: Math.max(1, Math.floor(subset)) })
  const wait = waiter(chunk, context)
  return async (actor, signal) => [
    await matched(start(actor), ({ jid, targets }) => wait(jid, targets, signal)),
  ]
}

/** One answer for each minion, as Salt's batches have it. */
export function localBatchClient(chunk: LowChunk, context: RouteContext): Ready {
  const start = starter(chunk, context, { batch: '10%' })
  const wait = waiter(chunk, context)
  return async (actor, signal) => {
    const answer = await matched(start(actor), ({ jid, targets }) => wait(jid, targets, signal))
    return [...(answer as ReadonlyMap<string, Plain>)].map(([id, ret]) => new Map([[id, ret]]))
  }
}

interface Handful {
  /** So many of the minions, by chance. */
  readonly subset?: number
  /** So many at once, where the command does not say it. */
  readonly batch?: string
}

/** Whatever says how many at once is a rollout: Salt's `local` would pass over it, and run on all of them. */
function starter(chunk: LowChunk, { jobs, rollouts }: RouteContext, { subset, batch }: Handful = {}): Start {
  const submission = { ...submissionOf(chunk), ...(subset === undefined ? {} : { subset }) }
  if (subset === undefined)
    for (const name of ['subset', 'sub'])
      if (chunk.get(name) !== undefined)
        throw chunk.wrong(name, 'this client runs on all that the target means', 'local_subset takes it.')
  const wish = rolloutOf(chunk, batch)
  if (wish === undefined) return (actor) => jobs.submit(submission, actor)
  return (actor) => rollouts.submit(submission, wish, actor)
}

function rolloutOf(chunk: LowChunk, usual: string | undefined): RolloutWish | undefined {
  const given = chunk.get('batch') ?? usual
  const rest = chunk.get('batch_wait') === undefined ? undefined : chunk.number('batch_wait', 86_400)
  if (given === undefined) {
    if (rest === undefined) return undefined
    throw chunk.wrong('batch_wait', 'it has no meaning by itself', 'It stands beside "batch".')
  }
  const parsed = v.safeParse(RolloutWish, {
    batch: typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given,
    ...(rest === undefined ? {} : { batchWait: rest }),
    ...(chunk.flag('failhard') ? { maxFail: 0 } : {}),
  })
  if (parsed.success) return parsed.output
  throw chunk.wrong('batch', 'a number of minions or a share such as 10% is wanted')
}

function submissionOf(chunk: LowChunk): Omit<JobSubmission, 'rollout'> {
  const jid = chunk.get('jid')
  if (jid !== undefined && !(typeof jid === 'string' && isJobId(jid)))
    throw chunk.wrong('jid', 'a job id has 20 digits')
  const metadata = metadataOf(chunk)
  return {
    target: targetOf(chunk),
    ...localCall(chunk),
    ...(jid === undefined ? {} : { jid: jid as JobId }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

function metadataOf(chunk: LowChunk): JobMetadata | undefined {
  if (chunk.get('metadata') === undefined) return undefined
  const named = [...chunk.mapping('metadata')].map(([key, value]) => [String(key), encodeValue(value)])
  const parsed = v.safeParse(JobMetadata, Object.fromEntries(named))
  if (!parsed.success) throw chunk.wrong('metadata', parsed.issues[0].message)
  return parsed.output
}

/** Where a target means nobody, Salt's clients are used to an empty answer. */
async function matched<Answer extends Plain>(
  started: Promise<JobSubmitted>,
  then: (submitted: JobSubmitted) => Promise<Answer>,
): Promise<Answer | ReadonlyMap<string, Plain>> {
  let submitted: JobSubmitted
  try {
    submitted = await started
  } catch (error) {
    if (isTsaltError(error) && error.code === 'target-empty') return new Map()
    throw error
  }
  return then(submitted)
}

type Wait = (jid: JobId, ids: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, Plain>>

function waiter(chunk: LowChunk, { jobs, options, clock }: RouteContext): Wait {
  const silence = chunk.number('timeout', longestSilence) ?? options.timeout
  const isFull = chunk.flag('full_return')
  return async (jid, ids, signal) => {
    const found = new Map<string, Plain>()
    for await (const target of awaitReturns(jobs, jid, { silence, signal, clock }))
      found.set(target.id, isFull ? fullReturn(jid, target) : returnOf(target))
    // In the order of the targets; who did not answer is False, as in Salt, and who returned nothing is null.
    return new Map([...ids].map((id) => [id, found.has(id) ? (found.get(id) ?? null) : false]))
  }
}

const returnOf = (target: TargetAccount): Plain => decodeValue(target.return?.ret ?? null)

function fullReturn(jid: JobId, target: TargetAccount): Plain {
  const calls = target.return?.calls
  const { retcode, success } = calls ? saltVerdicts(calls) : (target.return ?? { retcode: 0 })
  return { ret: returnOf(target), retcode, jid, out: target.return?.format, success }
}
