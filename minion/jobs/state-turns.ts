/** State runs of this minion: each takes its turn, and what asks for the same as one that waits joins it. */
import type { Clock } from '../../shared/clock.ts'
import type { JobId } from '../../shared/ids.ts'
import type { JobProgress } from '../../shared/protocol/messages/job-progress.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import type { Turn } from '../modules/contract.ts'
import type { ActiveJob } from './active-job.ts'
import type { BoundJob } from './bound-job.ts'
import { busyReturn } from './busy.ts'
import { type Call, refusedReturn } from './call.ts'
import { RunTimes } from './run-times.ts'
import { type Member, SharedRun } from './shared-run.ts'
import { TurnQueue } from './turn-queue.ts'

export interface StateTurnsParts {
  readonly clock: Clock
  /** Notes durably that the job runs. @returns false where it was ended before */
  record(member: Member): Promise<boolean>
  /** Calls the function. @param job whose run it is */
  run(job: ActiveJob, run: SharedRun): Promise<JobReturn>
  /** The return of a job that was ended. @param shared the job that the same run goes on for */
  cancelled(job: ActiveJob, shared: JobId | undefined): JobReturn
}

export class StateTurns {
  #parts: StateTurnsParts
  #queue = new TurnQueue<SharedRun>()
  #joinable = new Map<string, SharedRun>()
  #times = new RunTimes()

  constructor(parts: StateTurnsParts) {
    this.#parts = parts
  }

  /** Nobody begins until the answer is called. */
  hold(): () => void {
    return this.#queue.hold()
  }

  /** Waits for its turn as `turn` says, and runs; or gives up where too many are before it. */
  async take(member: Member, bound: BoundJob, turn: Turn): Promise<JobReturn> {
    const { job } = member
    const busy = this.busy(job.call, turn)
    if (busy) return busy
    const key = member.spooled ? joinKey(job, bound) : undefined
    const waits = key === undefined ? undefined : this.#joinable.get(key)
    if (waits !== undefined && !waits.begun && !waits.signal.aborted) return waits.join(member)
    return this.#newRun(member, bound, key)
  }

  /** The return of a call that has too many before it for what `turn` says. */
  busy(call: Call, turn: Turn): JobReturn | undefined {
    const { running, length } = this.#queue
    if (turn.kind !== 'wait' || turn.most === undefined || length <= turn.most) return undefined
    return busyReturn(call, running?.lead, { length, most: turn.most }, this.#parts.clock.now())
  }

  #newRun(member: Member, bound: BoundJob, key: string | undefined): Promise<JobReturn> {
    const run = new SharedRun(bound, (ahead) => this.#place(ahead), this.#parts.cancelled)
    const result = run.join(member)
    if (key !== undefined) this.#joinable.set(key, run)
    void this.#queue
      .take(run, run.signal, () => this.#begin(run))
      .finally(() => {
        if (key !== undefined && this.#joinable.get(key) === run) this.#joinable.delete(key)
      })
    return result
  }

  async #begin(run: SharedRun): Promise<void> {
    const lead = await run.begin((member) => this.#parts.record(member))
    if (lead === undefined) return
    const { clock } = this.#parts
    const from = clock.monotonic()
    try {
      const result = await this.#parts.run(lead, run)
      if (result.outcome === 'done') this.#times.note(lead.call, clock.monotonic() - from)
      run.settle(result, lead)
    } catch (error) {
      // Nobody may be left waiting.
      run.settle({ ...refusedReturn(lead.call, error, clock.now()), outcome: 'done' }, lead)
    }
  }

  /** Where a run stands that has so many before it. */
  #place(ahead: number): NonNullable<JobProgress['queue']> | undefined {
    const before = this.#queue.running?.lead
    if (before === undefined) return undefined
    const { step, elapsed } = before.progress.now()
    const left = before.running ? this.#times.left(before.call, elapsed, step?.index, step?.total) : undefined
    return {
      ahead,
      behind: before.jid,
      fun: before.call.fun,
      ...(step === undefined ? {} : { index: step.index, total: step.total }),
      ...(left === undefined ? {} : { left }),
    }
  }
}

/**
 * The same run: the same function with the same arguments on the same trees. The pillar is compiled when it runs, for
 * all of them. undefined where each has to run by itself.
 */
function joinKey({ call, trees }: ActiveJob, job: BoundJob): string | undefined {
  if (trees === undefined || call.maxSeconds !== undefined || job.kind !== 'one') return undefined
  const { definition, args } = job.bound
  if (definition.joins?.(args) !== true) return undefined
  const named = Object.entries(call.kwargs).sort(([a], [b]) => (a < b ? -1 : 1))
  const places = Object.entries(trees).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([call.fun, call.args, named, places])
}
