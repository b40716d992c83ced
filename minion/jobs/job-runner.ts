/**
 * The jobs of this minion from delivery to result. Applied at most once: `received` is on the disk before the
 * acknowledgement, `started` before the first side effect, the result before it is sent.
 */
import { type JobId, nextJobId } from '../../shared/ids.ts'
import type { JobDelivery } from '../../shared/protocol/messages/job-delivery.ts'
import type { JobProgress } from '../../shared/protocol/messages/job-progress.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { pause, within } from '../connection/pause.ts'
import type { RunningJob } from '../modules/contract.ts'
import { ActiveJob } from './active-job.ts'
import { allBeside, type BoundJob, bindJob, turnOfJob } from './bound-job.ts'
import { type Call, closedReturn, refusedReturn } from './call.ts'
import { closingReturn, expiredText, interruptedReturn } from './closing-words.ts'
import type { JobRunnerParts } from './job-runner-parts.ts'
import { PatientSpool } from './patient-spool.ts'
import { ProgressReport } from './progress-report.ts'
import { ReturnSender } from './return-sender.ts'
import { type RunBoundParts, runBound } from './run-bound.ts'
import type { SharedRun } from './shared-run.ts'
import { Slots } from './slots.ts'
import { StateTurns } from './state-turns.ts'

/** Functions that change something, at once, and those that only look. State runs take turns besides. */
const changing = 32
const looking = 128
/** What a run gets after its grace when the minion stops. */
const stopPause = 3_000
/** For how long the first of the jobs of an earlier process waits for the others to stand in line again. */
const lineUp = 10_000
const longestTimer = 2 ** 31 - 1

export class JobRunner {
  #parts: JobRunnerParts
  #sender: ReturnSender
  #steps: PatientSpool
  #active = new Map<JobId, ActiveJob>()
  #receiving = new Map<JobId, Promise<void>>()
  #turns: StateTurns
  #changing = new Slots(changing)
  #looking = new Slots(looking)
  #stopping = new AbortController()
  #runs: RunBoundParts
  #lastLocal: JobId | undefined

  constructor(parts: JobRunnerParts) {
    this.#parts = parts
    this.#sender = new ReturnSender(parts)
    this.#steps = new PatientSpool(parts)
    const { open, clock, secrets } = parts
    const done: RunBoundParts['done'] = (result, signal) => this.#steps.part(result, signal)
    this.#runs = { open, clock, ...(secrets && { secrets }), stopping: this.#stopping.signal, done }
    this.#turns = new StateTurns({
      clock,
      record: async ({ job, spooled }) => (spooled ? this.#steps.start(job) : !job.signal.aborted),
      run: (job, run) => this.#untilAbandoned(job, run.bound, run),
      cancelled: (job, shared) => this.#cancelled(job, shared),
    })
  }

  /** What an earlier process had started is reported interrupted. Once, at start. */
  async recover(): Promise<void> {
    const { spool } = this.#parts
    for (const job of spool.started()) {
      // A full disk must not keep the minion from starting: this one is reported as soon as there is room.
      const result = interruptedReturn(job)
      await spool.finish(result).catch(() => void this.#finish(result))
    }
  }

  /** What an earlier process had received and not started runs. Once, when the master can be asked for files. */
  async resume(): Promise<void> {
    const { spool, clock } = this.#parts
    // They stood in line before; when all do again, those that are the same are one run again.
    const [release, placed]: [() => void, Promise<void>[]] = [this.#turns.hold(), []]
    for (const { job, offset } of spool.received()) {
      if (this.#active.has(job.jid)) continue
      if (clock.now() + offset > job.expires) await this.#finish(this.#expired(job))
      else placed.push(new Promise((resolve) => void this.#work(job, resolve)))
    }
    void within(lineUp, Promise.all(placed), this.#stopping.signal).then(release)
  }

  /** After every connect. */
  connected(): void {
    for (const { progress } of this.#active.values()) progress.again()
    void this.#sender.sendAll()
  }

  /** A delivery, perhaps not the first one of this job. Acknowledged once it is on the disk. */
  async receive(job: JobDelivery): Promise<void> {
    if (this.#stopping.signal.aborted) return
    const { spool, link, log } = this.#parts
    const { jid } = job
    const underWay = this.#receiving.get(jid)
    if (underWay !== undefined) return underWay
    const phase = spool.phase(jid)
    if (phase !== undefined) {
      link.acknowledge(jid)
      if (phase === 'finished') void this.#sender.send(jid)
      return
    }
    const receiving = this.#receiveNew(job).catch((error: unknown) => {
      log.error({ err: error, jid }, 'the job could not be stored and is not acknowledged')
    })
    this.#receiving.set(jid, receiving)
    await receiving.finally(() => this.#receiving.delete(jid))
  }

  /** A call from this machine: takes its turn with the others, is not spooled. Aborting `signal` cancels it. */
  async call(
    call: Omit<Call, 'jid'>,
    signal: AbortSignal,
    report: (progress: JobProgress) => void,
  ): Promise<JobReturn> {
    const { clock } = this.#parts
    this.#lastLocal = nextJobId(clock.now(), this.#lastLocal)
    const whole: Call = { ...call, jid: this.#lastLocal }
    const job = this.#begin(whole, report)
    const cancel = (): void => job.end('cancelled')
    signal.addEventListener('abort', cancel, { once: true })
    if (signal.aborted) cancel()
    try {
      return await this.#execute(job, false)
    } finally {
      signal.removeEventListener('abort', cancel)
      this.#end(job)
    }
  }

  running(): RunningJob[] {
    return [...this.#active.values()]
      .filter(({ running }) => running)
      .map(({ call, since }) => ({
        jid: call.jid,
        fun: call.fun,
        args: call.args,
        pid: process.pid,
        started: since,
      }))
  }

  /** @returns false where no such job is in hand. */
  kill(jid: JobId, signal: 'TERM' | 'KILL'): boolean {
    const job = this.#active.get(jid)
    job?.end('cancelled', signal)
    return job !== undefined
  }

  get busy(): boolean {
    return this.#active.size > 0
  }

  /**
   * Takes no more jobs, gives what runs `grace` milliseconds, then ends it as interrupted. What waits in the queue
   * stays in the inbox for the next start.
   */
  async stop(grace: number): Promise<void> {
    this.#stopping.abort()
    this.#sender.stop()
    for (const job of this.#active.values()) if (!job.running) job.end('interrupted', 'TERM', 0)
    await this.#emptied(grace)
    for (const job of this.#active.values()) job.end('interrupted', 'TERM', stopPause)
    await this.#emptied(stopPause + 1_000)
  }

  async #receiveNew(job: JobDelivery): Promise<void> {
    const { spool, link, clock } = this.#parts
    const now = clock.now()
    const offset = Math.round(link.offset())
    await spool.receive(job, now, offset)
    link.acknowledge(job.jid)
    if (now + offset > job.expires) await this.#finish(this.#expired(job))
    else void this.#work(job)
  }

  /** A spooled job to its stored result. */
  async #work(delivery: JobDelivery, placed = (): void => {}): Promise<void> {
    const { link, log } = this.#parts
    const job = this.#begin(delivery, (progress) => link.progress(progress))
    job.placed = placed
    try {
      await this.#until(delivery.notBefore, job.signal)
      const result = await this.#execute(job, true)
      const leftForNextStart = job.ending === 'interrupted' && !job.running
      if (!leftForNextStart) await this.#finish(result)
    } catch (error) {
      log.error({ err: error, jid: delivery.jid }, 'the job ended without a result')
    } finally {
      this.#end(job)
    }
  }

  #begin(call: Call, report: (progress: JobProgress) => void): ActiveJob {
    const { clock, secrets } = this.#parts
    secrets?.learn(call)
    const tell = secrets ? (progress: JobProgress) => report(secrets.progress(progress)) : report
    const job = new ActiveJob(call, new ProgressReport(call.jid, clock, tell), clock.now())
    this.#active.set(call.jid, job)
    return job
  }

  #end(job: ActiveJob): void {
    job.close()
    this.#active.delete(job.jid)
    if (this.#active.size === 0) this.#parts.idle?.()
  }

  async #execute(job: ActiveJob, spooled: boolean): Promise<JobReturn> {
    const result = await this.#bindAndRun(job, spooled)
    return this.#parts.secrets?.result(result, spooled ? 'master' : 'here') ?? result
  }

  async #bindAndRun(job: ActiveJob, spooled: boolean): Promise<JobReturn> {
    const { clock, functions, stateTurn } = this.#parts
    let found: BoundJob
    try {
      const first = this.#parts.prepare?.(job.call, job.trees)
      if (first !== undefined) await first
      found = bindJob(job.call, functions, clock.now())
    } catch (error) {
      return refusedReturn(job.call, error, clock.now())
    }
    const { job: bound, turn } = turnOfJob(found, stateTurn, (call, wanted) => this.#turns.busy(call, wanted))
    if (turn !== undefined) {
      const result = this.#turns.take({ job, spooled }, bound, turn)
      job.placed()
      return result
    }
    job.placed()
    const slots = allBeside(bound) ? this.#looking : this.#changing
    return slots.run(() => this.#run(job, bound, spooled))
  }

  async #run(job: ActiveJob, bound: BoundJob, spooled: boolean): Promise<JobReturn> {
    if (job.signal.aborted) return this.#cancelled(job)
    if (spooled && !allBeside(bound) && !(await this.#steps.start(job))) return this.#cancelled(job)
    job.running = true
    if (job.signal.aborted) return this.#cancelled(job)
    job.begin()
    return this.#untilAbandoned(job, bound, undefined)
  }

  /** @param shared its turn, which it may have with others */
  #untilAbandoned(job: ActiveJob, bound: BoundJob, shared: SharedRun | undefined): Promise<JobReturn> {
    const abandoned = (shared ?? job).abandoned.then(() => this.#cancelled(shared?.lead ?? job))
    return Promise.race([runBound(this.#runs, job, bound, shared), abandoned])
  }

  /** Stores a result, then sends it. */
  async #finish(result: JobReturn): Promise<void> {
    await this.#steps.finish(result)
    void this.#sender.send(result.jid)
  }

  async #until(notBefore: number, signal: AbortSignal): Promise<void> {
    const { clock, link } = this.#parts
    await pause(Math.min(longestTimer, Math.max(0, notBefore - clock.now() - link.offset())), signal)
  }

  async #emptied(patience: number): Promise<void> {
    const end = this.#parts.clock.monotonic() + patience
    while (this.#active.size > 0 && this.#parts.clock.monotonic() < end)
      await new Promise((resolve) => setTimeout(resolve, 20))
  }

  #cancelled = (job: ActiveJob, shared?: JobId): JobReturn =>
    closingReturn(job, shared, this.#parts.clock.now())

  #expired = (job: JobDelivery): JobReturn =>
    closedReturn(job, 'expired', expiredText(job.expires), this.#parts.clock.now())
}
