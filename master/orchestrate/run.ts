/** One orchestration from its SLS to its results: pillar, compilation, all that can be refused, then the states. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, type Plain, toValue } from '../../shared/data/value.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { Redactor } from '../../shared/pillar/redactor.ts'
import type { Outcome } from '../../shared/protocol/messages/job-return.ts'
import { Execution } from '../../shared/run/execution.ts'
import { type Finished, returnOf, type StateOutcome } from '../../shared/run/outcome.ts'
import { retcodeOf } from '../../shared/run/verdict.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import { isGlob } from '../../shared/targeting/glob.ts'
import type { Actor } from '../auth/actor.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { OwnJob } from '../jobs/own.ts'
import type { CallRunner } from '../runners/call.ts'
import type { ResolveTarget } from '../targeting/resolve.ts'
import type { CallWheel } from '../wheel/call-wheel.ts'
import { actingOf, askRunner, lookingOf } from './acting.ts'
import { OrchestrationCaller } from './caller.ts'
import type { CompileOrchestration } from './compile.ts'
import type { FleetParts } from './fleet.ts'
import type { FleetRequest } from './fleet-result.ts'
import type { OrchestrationRequest } from './request.ts'
import type { RunEnds } from './run-ends.ts'

export interface OrchestrationParts extends FleetParts {
  readonly id: MinionId
  readonly actor: Actor
  readonly ends: RunEnds
  readonly clock: Clock
  readonly events: EventBus
  /** Number of the newest event. */
  newestEvent(): Promise<number>
  readonly resolveTarget: ResolveTarget
  readonly callRunner: CallRunner
  readonly callWheel: CallWheel
  readonly compile: CompileOrchestration
  /** Option `failhard`. */
  readonly failhard: boolean
  readonly log: Logger
}

export interface Ended {
  readonly outcome: Outcome
  readonly retcode: number
  readonly ret: Plain
  /** The same, as it is stored. */
  readonly encoded: Json
}

export async function runOrchestration(
  parts: OrchestrationParts,
  request: OrchestrationRequest,
  job: OwnJob,
): Promise<Ended> {
  const { id, actor, ends } = parts
  const compiled = await parts.compile(request, id, (call) => askRunner({ ...parts, actor, ends }, call))
  const { chunks, pillar, functions, redactor } = compiled
  if (compiled.errors.length > 0) return ended('done', compiled.retcode, [...compiled.errors], redactor)
  const acting = {
    ...parts,
    pillar,
    functions,
    begun: (child: JobId, { fun, state }: FleetRequest) =>
      tellJob(parts.events, job.jid, { job: child, fun, id: state }),
  }
  const caller = new OrchestrationCaller({
    chunks,
    look: lookingOf(acting),
    act: request.test ? undefined : actingOf(acting),
    callRunner: (call) => askRunner(acting, call),
    clock: parts.clock,
    ends: ends.signal,
    newestEvent: parts.newestEvent,
  })
  const finished = await new Execution<never>({
    chunks,
    caller,
    clock: parts.clock,
    failhard: parts.failhard,
    test: request.test,
    ends: [ends.signal],
    progress: (step) => job.progress(step),
    eventOf: ({ globals, name }) => stateTag(globals, job.jid, id, name),
    afterwards: async (chunk, outcome) => told(parts.events, job.jid, chunk, outcome, redactor),
  }).run()
  fireWanted(parts.events, finished, redactor)
  return verdictOf(parts, chunks, finished, redactor)
}

/**
 * What would be run, as Salt's high data, or the mistakes. Templates may ask runners, in the name of who asks.
 * Where a glob means the SLS, those of minions are among them.
 */
export async function showOrchestration(
  parts: OrchestrationParts,
  request: OrchestrationRequest,
): Promise<Pick<Ended, 'ret' | 'retcode'>> {
  const { actor, ends } = parts
  const looked = { ...request, amongStates: request.mods.some(isGlob) }
  const compiled = await parts.compile(looked, parts.id, (call) => askRunner({ ...parts, actor, ends }, call))
  const { errors, retcode, redactor } = compiled
  const ret: Plain = errors.length > 0 ? [...errors] : compiled.high()
  return ended('done', errors.length > 0 ? retcode : 0, ret, redactor)
}

function verdictOf(
  { ends }: OrchestrationParts,
  chunks: readonly LowChunk[],
  finished: readonly Finished[],
  redactor: Redactor,
): Ended {
  const ret = returnOf(finished)
  const cut = ends.signal.aborted
  const outcome = !cut ? 'done' : ends.killed ? 'cancelled' : 'interrupted'
  return ended(outcome, cut ? 1 : retcodeOf(finished, chunks), ret, redactor)
}

/** What is secret leaves the run as little as it leaves a minion. */
function ended(outcome: Outcome, retcode: number, ret: Plain, redactor: Redactor): Ended {
  const encoded = redactor.json(encodeValue(toValue(ret)))
  return { outcome, retcode, ret: decodeValue(encoded), encoded }
}

/** So that whoever looks after a crash of the master knows what had been begun. */
function tellJob(
  events: EventBus,
  jid: JobId,
  begun: { readonly job: JobId; readonly fun: string; readonly id: string },
): void {
  events.fire(`salt/run/${jid}/job`, begun)
}

function told(
  events: EventBus,
  jid: JobId,
  chunk: LowChunk,
  outcome: StateOutcome,
  redactor: Redactor,
): StateOutcome {
  const { id, name, state, fun } = chunk
  const { result, comment } = outcome
  events.fire(`salt/run/${jid}/prog`, {
    jid,
    id,
    name,
    fun: `${state}.${fun}`,
    result,
    comment: redactor.text(comment).slice(0, 1000),
  })
  return outcome
}

/** `fire_event`, as states of minions have it. */
function stateTag(globals: Dict, jid: JobId, id: MinionId, name: string): string | undefined {
  const wish = globals.get('fire_event')
  if (wish !== true && typeof wish !== 'string') return undefined
  return `salt/state_result/${jid}/${id}/${wish === true ? name : wish}`
}

function fireWanted(events: EventBus, finished: readonly Finished[], redactor: Redactor): void {
  for (const one of finished)
    if (one.event !== undefined)
      events.fire(
        one.event,
        new Map([['ret', decodeValue(redactor.json(encodeValue(toValue(returnOf([one])))))]]),
      )
}
