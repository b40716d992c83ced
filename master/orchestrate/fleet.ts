/** Runs a function on minions for one state of an orchestration, as a job or a rollout, and waits for its end. */
import type { Clock } from '../../shared/clock.ts'
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { isDict, type Value } from '../../shared/data/value.ts'
import { isTsaltError } from '../../shared/errors/error.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import { stateResults } from '../../shared/output/state-results.ts'
import type { JobSubmission, TargetAccount } from '../api/schemas.ts'
import { type Actor, trusted } from '../auth/actor.ts'
import type { JobService } from '../jobs/job-service.ts'
import type { OwnJobs } from '../jobs/own.ts'
import type { RolloutService } from '../rollouts/rollout-service.ts'
import type { FleetRequest, FleetResult, MinionEnd, MinionResult } from './fleet-result.ts'
import type { RunEnds } from './run-ends.ts'

export interface FleetParts {
  readonly jobs: Pick<JobService, 'submit' | 'follow' | 'kill'>
  readonly rollouts: Pick<RolloutService, 'submit' | 'act'>
  readonly withdraw: OwnJobs['withdraw']
  readonly clock: Clock
}

/** For one orchestration. */
export interface FleetContext extends FleetParts {
  readonly actor: Actor
  readonly ends: RunEnds
  /** Told of every job before it is waited for. */
  begun(jid: JobId, request: FleetRequest): void
}

/** Bytes of JSON that one state keeps of what minions answered; the jobs have everything. */
const mostKept = 16 * 1024 * 1024
/** Milliseconds that killed minions have to say so. */
const grace = 10_000

export async function runOnFleet(context: FleetContext, request: FleetRequest): Promise<FleetResult> {
  let jid: JobId
  try {
    jid = await submit(context, request)
  } catch (error) {
    if (!isTsaltError(error)) throw error
    if (error.code !== 'target-empty' && error.code !== 'target-unknown') throw error
    return { jid: undefined, nobody: nobodyText(request, error.message, error.code), minions: [] }
  }
  context.begun(jid, request)
  const release = context.ends.whileRunning((signal) => end(context, jid, request, signal))
  try {
    const { kept, cut } = await followed(context, jid, request)
    await context.withdraw(jid)
    return { jid, minions: kept.results(), ...(cut === undefined ? {} : { cut }) }
  } finally {
    release()
  }
}

const nobodyText = ({ target }: FleetRequest, message: string, code: string): string =>
  code === 'target-empty' ? `No minion matches the target "${target.expression}".` : message

async function submit({ jobs, rollouts, actor }: FleetContext, request: FleetRequest): Promise<JobId> {
  const { target, fun, batch, batchWait, subset } = request
  const kwargs: Record<string, Json> = {}
  for (const [key, value] of request.kwargs) kwargs[String(key)] = encodeValue(value)
  const submission: JobSubmission = {
    target,
    fun,
    args: request.args.map(encodeValue),
    kwargs,
    ...(subset === undefined ? {} : { subset }),
  }
  if (batch === undefined) return (await jobs.submit(submission, actor)).jid
  const wish = { batch, ...(batchWait === undefined ? {} : { batchWait }) }
  return (await rollouts.submit(submission, wish, actor)).jid
}

/** The orchestration is killed: so is what it began, whatever rights its user has left. */
async function end(
  { jobs, rollouts, actor }: FleetContext,
  jid: JobId,
  { batch }: FleetRequest,
  signal: 'TERM' | 'KILL',
): Promise<void> {
  const own = trusted(actor.name)
  if (batch !== undefined) await rollouts.act(jid, 'abort', own).catch(isOver)
  await jobs.kill(jid, signal, own)
}

/** It ended in the meantime. */
function isOver(error: unknown): void {
  if (!isTsaltError(error) || error.code !== 'rollout-over') throw error
}

async function followed(
  { jobs, clock, ends }: FleetContext,
  jid: JobId,
  { timeout }: FleetRequest,
): Promise<{ readonly kept: Kept; readonly cut: string | undefined }> {
  const kept = new Kept(jid)
  const enough = new AbortController()
  let cut: string | undefined
  const stop = (why: string): void => {
    cut ??= why
    enough.abort()
  }
  const release = ends.onEnd((why) => {
    if (why === 'stopping') stop('the master stops')
    else setTimeout(() => stop('it was killed'), grace).unref()
  })
  let heard = clock.monotonic()
  try {
    for await (const event of jobs.follow(jid, enough.signal)) {
      if (event.type === 'job') for (const target of event.job.targets) kept.note(target)
      if (event.type === 'target') kept.note(event.target)
      if (event.type !== 'beat') heard = clock.monotonic()
      else if (timeout !== undefined && clock.monotonic() - heard > timeout * 1000) enough.abort()
    }
  } finally {
    release()
  }
  return { kept, cut: cut ?? (ends.killed ? 'it was killed' : undefined) }
}

/** What is known of each minion, no more than so many bytes of it. */
class Kept {
  readonly #jid: JobId
  readonly #minions = new Map<MinionId, MinionResult>()
  #bytes = 0

  constructor(jid: JobId) {
    this.#jid = jid
  }

  note(account: TargetAccount): void {
    this.#minions.set(account.id, this.#result(account))
  }

  results(): MinionResult[] {
    return [...this.#minions.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  #result({ id, status, return: body }: TargetAccount): MinionResult {
    if (status !== 'returned' || body === undefined)
      return { id, end: ends[status] ?? 'silent', ok: false, changed: false, ret: false }
    const ok = body.outcome === 'done' && body.retcode === 0
    const ret = decodeValue(body.ret)
    const changed = body.format === 'nested' || hasChanged(ret)
    const needed = changed || !ok
    return { id, end: 'returned', ok, changed, ret: needed ? this.#bounded(ret, body.ret) : null }
  }

  #bounded(ret: Value, json: Json): Value {
    this.#bytes += JSON.stringify(json).length
    if (this.#bytes <= mostKept) return ret
    return `left out here, for there is too much: tsalt jobs show ${this.#jid}`
  }
}

const ends: Readonly<Record<string, MinionEnd>> = {
  held: 'offline',
  waiting: 'offline',
  expired: 'offline',
  lost: 'lost',
}

function hasChanged(ret: Value): boolean {
  if (!isDict(ret)) return false
  return stateResults(ret)?.some(({ changed }) => changed) ?? false
}
