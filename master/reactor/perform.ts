/**
 * Does what a reaction asks for, once: what it is about to do is noted in the store before, so that an event that is
 * worked on again after a crash makes no second job.
 */
import { encodeValue, type Json } from '../../shared/data/codec.ts'
import type { Dict } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { type JobId, parseJobId } from '../../shared/ids.ts'
import type { RunnerCall } from '../api/schemas.ts'
import type { Actor } from '../auth/actor.ts'
import type { JobService } from '../jobs/job-service.ts'
import type { CallRunner } from '../runners/call.ts'
import type { Claim, ConsumerStore } from '../store/consumers.ts'
import type { CallWheel } from '../wheel/call-wheel.ts'
import { type Reaction, reactionName } from './reaction.ts'

export interface PerformParts {
  /** Its name in the store. */
  readonly consumer: string
  readonly claims: Pick<ConsumerStore, 'claim' | 'settle'>
  readonly jobs: Pick<JobService, 'submit' | 'reserveJid'>
  readonly callRunner: CallRunner
  readonly callWheel: CallWheel
}

export interface Occasion {
  /** Of the event. */
  readonly sequence: number
  /** The reaction among all of that event; the same when it is worked on again. */
  readonly part: string
  readonly actor: Actor
  /** Called with the job's id before there is a job. */
  readonly jobComes: (jid: JobId) => void
  /** Told of what refused it for good, before that is written down. */
  readonly failed: (error: unknown) => void
}

/** @returns false: it failed for good, or had ended before. @throws where the machine failed: it may be tried again */
export async function perform(parts: PerformParts, reaction: Reaction, occasion: Occasion): Promise<boolean> {
  const { claims, consumer } = parts
  const { sequence, part } = occasion
  const token = reaction.kind === 'local' ? parts.jobs.reserveJid() : 'begun'
  const wanted: Claim = { sequence, part, token, ended: false }
  const before = await claims.claim(consumer, wanted)
  if (before?.ended === true) return false
  const claim = before ?? wanted
  const end = (): Promise<void> => claims.settle(consumer, { ...claim, ended: true })
  try {
    await begin(parts, reaction, occasion, { token: claim.token, isAgain: before !== undefined })
  } catch (error) {
    // What the machine failed at is tried again, with the same claim; a runner may have done half of its work.
    if (isMachines(error) && reaction.kind !== 'runner') throw error
    occasion.failed(isMachines(error) ? halfDone(reaction, error) : error)
    await end()
    return false
  }
  await end()
  return true
}

/** Whether something failed for which neither the file nor the event is to blame, and that may go by. */
export function isMachines(error: unknown): boolean {
  return !isTsaltError(error) || error.httpStatus === 503
}

async function begin(
  { jobs, callRunner, callWheel }: PerformParts,
  reaction: Reaction,
  { sequence, actor, jobComes }: Occasion,
  { token, isAgain }: { readonly token: string; readonly isAgain: boolean },
): Promise<void> {
  const call = { fun: reaction.fun, ...callArguments(reaction) }
  if (reaction.kind === 'wheel') {
    await callWheel(call, actor)
  } else if (reaction.kind === 'runner') {
    if (isAgain)
      throw new TsaltError('reactor-interrupted', {
        fun: reaction.fun,
        reaction: reaction.id,
        sequence: sequence - 1,
      })
    const { retcode, ret } = await callRunner(unattended(call), actor)
    if (retcode !== 0) throw failed(reaction, retcode, ret)
  } else {
    const jid = parseJobId(token)
    jobComes(jid)
    const { target, subset } = reaction
    try {
      await jobs.submit({ ...call, target, jid, ...(subset === undefined ? {} : { subset }) }, actor)
    } catch (error) {
      // The file says something else now than when its job was made: there is one, and no second comes.
      if (!(isAgain && isTsaltError(error) && error.code === 'jid-taken')) throw error
    }
  }
}

const orchestrations: ReadonlySet<string> = new Set(['state.orchestrate', 'state.orch', 'state.sls'])

/** An orchestration may last for hours and has a job of its own: nothing that comes after it waits for its end. */
const unattended = (call: RunnerCall): RunnerCall =>
  orchestrations.has(call.fun) ? { ...call, kwargs: { attached: false, ...call.kwargs } } : call

const halfDone = (reaction: Reaction, error: unknown): TsaltError =>
  new TsaltError(
    'runner-failed',
    { fun: reactionName(reaction), reason: error instanceof Error ? error.message : String(error) },
    { cause: error },
  )

function failed(reaction: Reaction, retcode: number, ret: Json): TsaltError {
  const said = JSON.stringify(ret).slice(0, 300)
  return new TsaltError('runner-failed', {
    fun: reactionName(reaction),
    reason: `it ended with code ${retcode}: ${said}`,
  })
}

export function callArguments({ args, kwargs }: { args: Reaction['args']; kwargs: Dict }): {
  args: Json[]
  kwargs: Record<string, Json>
} {
  return {
    args: args.map(encodeValue),
    kwargs: Object.fromEntries([...kwargs].map(([key, value]) => [String(key), encodeValue(value)])),
  }
}
