/** Runs what an entry of the master's schedule is for, and tells of it: a runner, or a job of minions. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import type { Plain } from '../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../shared/errors/error.ts'
import { parseJobId } from '../../shared/ids.ts'
import type { Access } from '../auth/access.ts'
import { type Actor, trusted } from '../auth/actor.ts'
import type { Events } from '../events/event-bus.ts'
import type { JobService } from '../jobs/job-service.ts'
import type { CallRunner } from '../runners/call.ts'
import type { MasterEntry } from './master-entry.ts'

export interface RunParts {
  readonly jobs: Pick<JobService, 'submit' | 'follow'>
  readonly callRunner: CallRunner
  readonly access: Pick<Access, 'actor'>
  readonly events: Events
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** Milliseconds between attempts where the store has trouble. */
const pauses = [1_000, 5_000, 15_000]

/** `salt/schedule/NAME/ret` */
export const scheduleTag = (name: string, what: 'new' | 'ret'): string =>
  `salt/schedule/${name.replace(/[^\w.@-]+/g, '_').slice(0, 200)}/${what}`

/** Resolves when it has ended, however. @param begun called when a crash would not lose it any more */
export async function runEntry(
  parts: RunParts,
  entry: MasterEntry,
  token: string,
  begun: () => void,
): Promise<void> {
  const { events, clock, log, access, signal } = parts
  const actor = entry.as === undefined ? trusted('schedule') : access.actor(entry.as)
  const started = clock.now()
  const head = headOf(entry)
  try {
    if (entry.target === undefined) await callIt(parts, entry, actor)
    else await submitIt(parts, entry, { actor, token, begun })
  } catch (error) {
    if (signal.aborted) return
    const text = describeError(error)
    log.error({ err: error, schedule: entry.name }, 'a scheduled job failed')
    const code = isTsaltError(error) ? error.code : 'internal'
    const duration = clock.now() - started
    events.fire(scheduleTag(entry.name, 'ret'), {
      ...head,
      started,
      duration,
      success: false,
      code,
      return: text,
    })
  }
}

function headOf({ name, fun, args, metadata }: MasterEntry): Record<string, Plain> {
  return { schedule: name, fun, fun_args: [...args], ...(metadata === null ? {} : { metadata }) }
}

function wordsOf({ fun, args, kwargs }: MasterEntry): {
  fun: string
  args: Json[]
  kwargs: Record<string, Json>
} {
  const named = [...kwargs].map(([key, value]) => [String(key), encodeValue(value)] as const)
  return { fun, args: args.map(encodeValue), kwargs: Object.fromEntries(named) }
}

async function callIt(
  { callRunner, events, clock }: RunParts,
  entry: MasterEntry,
  actor: Actor,
): Promise<void> {
  const started = clock.now()
  events.fire(scheduleTag(entry.name, 'new'), headOf(entry))
  const { ret, retcode } = await callRunner(wordsOf(entry), actor)
  if (!entry.returnJob) return
  events.fire(scheduleTag(entry.name, 'ret'), {
    ...headOf(entry),
    started,
    duration: clock.now() - started,
    retcode,
    success: retcode === 0,
    return: decodeValue(ret),
  })
}

interface Submission {
  readonly actor: Actor
  readonly token: string
  readonly begun: () => void
}

/** Until all minions are done with it: it counts as running so long. */
async function submitIt(
  parts: RunParts,
  entry: MasterEntry,
  { actor, token, begun }: Submission,
): Promise<void> {
  const { jobs, events, signal } = parts
  const { target } = entry
  if (target === undefined) return
  const jid = parseJobId(token)
  const minions = await persistently(signal, async () => {
    const { targets } = await jobs.submit({ ...wordsOf(entry), target, jid }, actor)
    return targets
  })
  begun()
  const about = { ...headOf(entry), ...(entry.jidInclude ? { jid } : {}), minions: [...minions] }
  events.fire(scheduleTag(entry.name, 'new'), about)
  // Its returns are events of their own; only the end counts here.
  for await (const _ of jobs.follow(jid, signal));
}

async function persistently<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const wait = pauses[attempt]
      if (signal.aborted || wait === undefined || (isTsaltError(error) && error.httpStatus !== 503))
        throw error
      await pause(wait, undefined, { signal, ref: false })
    }
  }
}
