/**
 * Orchestrations: states that run on the master and do things on minions. Each is a job of the master itself, so it is
 * listed, followed and killed as any other, and closing a terminal ends nothing. One that was under way when the master
 * ended is told as interrupted and never run again by itself.
 */
import type { Logger } from 'pino'
import type { Json } from '../../shared/data/codec.ts'
import type { Plain } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import { type JobId, type MinionId, parseMinionId } from '../../shared/ids.ts'
import type { Actor } from '../auth/actor.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { OwnJob, OwnJobs } from '../jobs/own.ts'
import type { OrchestrationRequest } from './request.ts'
import { type Ended, type OrchestrationParts, runOrchestration, showOrchestration } from './run.ts'
import { RunEnds } from './run-ends.ts'

export interface Orchestration {
  readonly jid: JobId
  /** The master's name in it: the one key of its answer. */
  readonly id: MinionId
  readonly done: Promise<OrchestrationAnswer>
}

export interface OrchestrationAnswer {
  /** Results of states by tag, or the mistakes that kept it from beginning. */
  readonly ret: Plain
  readonly retcode: number
}

export interface Orchestrator {
  /**
   * @param written as it was asked for, for the job's record
   * @param within aborted where what it is part of is ended
   * @throws TsaltError `store-write-failed`
   */
  start(
    request: OrchestrationRequest,
    written: {
      readonly fun: string
      readonly args: readonly Json[]
      readonly kwargs: Readonly<Record<string, Json>>
    },
    actor: Actor,
    within?: AbortSignal,
  ): Promise<Orchestration>
  /** What would be run, as low data by the master's name; nothing of it is. */
  show(request: OrchestrationRequest, actor: Actor): Promise<OrchestrationAnswer & { readonly id: MinionId }>
  /** What runs on minions goes on there. */
  stop(): Promise<void>
}

export interface OrchestratorParts extends Omit<OrchestrationParts, 'id' | 'actor' | 'ends'> {
  readonly own: OwnJobs
  readonly id: () => MinionId
  readonly log: Logger
}

/** Milliseconds that the end of the master waits for what is under way. */
const longestEnd = 5_000

/** Tells what an earlier life of the master left. */
export async function openOrchestrator(parts: OrchestratorParts): Promise<Orchestrator> {
  for (const left of parts.own.left()) {
    const begun = await begunJobs(parts, left.row.jid, left.row.submitted)
    for (const { jid } of begun) await parts.own.withdraw(jid)
    await left.end(interruptedText(begun))
    const { jid, operator: user, target } = left.row
    tellEnd(parts.events, { jid, user, id: parseMinionId(target.expression) }, false)
    parts.log.warn({ jid: left.row.jid }, 'an orchestration was cut short by the end of the master')
  }
  return new Orchestrations(parts)
}

class Orchestrations implements Orchestrator {
  readonly #parts: OrchestratorParts
  readonly #running = new Map<JobId, { readonly ends: RunEnds; readonly done: Promise<unknown> }>()
  #stopping = false

  constructor(parts: OrchestratorParts) {
    this.#parts = parts
  }

  async start(
    request: OrchestrationRequest,
    written: Parameters<Orchestrator['start']>[1],
    actor: Actor,
    within?: AbortSignal,
  ): Promise<Orchestration> {
    const { own, events, log } = this.#parts
    const id = this.#parts.id()
    const ends = new RunEnds((error) =>
      log.warn({ err: error }, 'what an orchestration began could not be killed'),
    )
    const job = await own.begin({ ...written, id }, actor, (signal) => ends.kill(signal))
    const { jid } = job
    events.fire(`salt/run/${jid}/new`, { jid, fun: `runner.${written.fun}`, user: actor.name })
    const leave = (): void => (this.#stopping ? ends.stop() : ends.kill('TERM'))
    within?.addEventListener('abort', leave, { once: true })
    if (within?.aborted || this.#stopping) leave()
    const done = this.#run(request, job, { ...this.#parts, id, actor, ends }).finally(() => {
      within?.removeEventListener('abort', leave)
      this.#running.delete(jid)
    })
    // Whoever waits for it is told; without anybody it must not end the master.
    done.catch((error: unknown) =>
      log.error({ err: error, jid }, 'the end of an orchestration could not be stored'),
    )
    this.#running.set(jid, { ends, done })
    return { jid, id, done }
  }

  async show(
    request: OrchestrationRequest,
    actor: Actor,
  ): Promise<OrchestrationAnswer & { readonly id: MinionId }> {
    const id = this.#parts.id()
    const ends = new RunEnds(() => undefined)
    const { ret, retcode } = await showOrchestration({ ...this.#parts, id, actor, ends }, request)
    return { id, ret, retcode }
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const running = [...this.#running.values()]
    for (const { ends } of running) ends.stop()
    const all = Promise.allSettled(running.map(({ done }) => done))
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, longestEnd)
    })
    // A runner may take longer than that: the next start of the master tells of what is left then.
    await Promise.race([all, patience])
    clearTimeout(timer)
  }

  async #run(
    request: OrchestrationRequest,
    job: OwnJob,
    parts: OrchestrationParts,
  ): Promise<OrchestrationAnswer> {
    const { log } = this.#parts
    const ended = await runOrchestration(parts, request, job).catch((error: unknown): Ended => {
      log.error({ err: error, jid: job.jid }, 'an orchestration failed')
      return { outcome: 'done', retcode: 1, ret: [describeError(error)], encoded: [describeError(error)] }
    })
    const { outcome, retcode, ret, encoded } = ended
    await job.end({ outcome, retcode, success: retcode === 0, format: 'highstate', ret: encoded })
    tellEnd(parts.events, { jid: job.jid, id: parts.id, user: parts.actor.name }, retcode === 0)
    return { ret, retcode }
  }
}

/** The return itself is added where the event is read (master/events/complete-return.ts). */
function tellEnd(
  events: EventBus,
  { jid, id, user }: { readonly jid: JobId; readonly id: MinionId; readonly user: string },
  success: boolean,
): void {
  events.fire(`salt/run/${jid}/ret`, { jid, id, fun: 'runner.state.orchestrate', user, success })
}

interface BegunJob {
  readonly jid: JobId
  readonly text: string
}

/** Jobs that an orchestration began, by the events that tell of them. */
async function begunJobs({ events }: OrchestratorParts, jid: JobId, since: number): Promise<BegunJob[]> {
  const found: BegunJob[] = []
  const from = await events.before(since)
  const tag = `salt/run/${jid}/job`
  const signal = new AbortController().signal
  for await (const { data } of events.follow({
    since: from,
    matches: (one) => one === tag,
    live: false,
    signal,
  })) {
    const { job, id, fun } = (data ?? {}) as { job?: JobId; id?: string; fun?: string }
    if (job !== undefined) found.push({ jid: job, text: `${id ?? fun}: job ${job}` })
  }
  return found
}

function interruptedText(begun: readonly BegunJob[]): string {
  const first = 'The master ended under this orchestration. It is not run again by itself.'
  if (begun.length === 0) return `${first} It had begun nothing on minions.`
  const jobs = begun.map(({ text }) => `\n  ${text}`).join('')
  return `${first} What it had begun on minions goes on there (tsalt jobs show JID):${jobs}`
}
