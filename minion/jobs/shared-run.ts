/**
 * One turn in the queue, for one job or for several that ask for the same run. Whoever joins while it waits gets the
 * same result under its own id; a job that is killed leaves, and the last one to leave ends the run.
 */
import type { JobId } from '../../shared/ids.ts'
import type { JobProgress } from '../../shared/protocol/messages/job-progress.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import type { ProgressStep } from '../modules/contract.ts'
import type { ActiveJob } from './active-job.ts'
import type { BoundJob } from './bound-job.ts'

type Place = NonNullable<JobProgress['queue']>

export interface Member {
  readonly job: ActiveJob
  /** Recorded before it runs. */
  readonly spooled: boolean
}

interface Joined extends Member {
  readonly settle: (result: JobReturn) => void
}

export class SharedRun {
  readonly bound: BoundJob
  /** Those that still want it, in the order in which they came. */
  #members: Joined[] = []
  #abort = new AbortController()
  #abandon: () => void = () => undefined
  /** Resolves when nobody waits for the function any longer. */
  readonly abandoned = new Promise<void>((resolve) => {
    this.#abandon = resolve
  })
  #place: (ahead: number) => Place | undefined
  #cancelled: (job: ActiveJob, shared: JobId | undefined) => JobReturn
  #begun = false
  #ahead = 0

  /** @param place how far it has to go, asked each time that it is told */
  constructor(
    bound: BoundJob,
    place: (ahead: number) => Place | undefined,
    cancelled: (job: ActiveJob, shared: JobId | undefined) => JobReturn,
  ) {
    this.bound = bound
    this.#place = place
    this.#cancelled = cancelled
  }

  /** Of the job whose name it has: the first one that still wants it. */
  get lead(): ActiveJob | undefined {
    return this.#members[0]?.job
  }

  /** Aborted when nobody wants it any more. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Its turn has come: nobody can join it. */
  get begun(): boolean {
    return this.#begun
  }

  /** @returns the return of this job, whatever becomes of the others */
  join(member: Member): Promise<JobReturn> {
    const { job } = member
    return new Promise((resolve) => {
      const joined: Joined = { ...member, settle: resolve }
      this.#members.push(joined)
      const leave = (): void => this.#leave(joined)
      job.signal.addEventListener('abort', leave, { once: true })
      if (job.signal.aborted) leave()
      else if (this.#ahead > 0) this.moved(this.#ahead)
    })
  }

  moved(ahead: number): void {
    this.#ahead = ahead
    for (const { job } of this.#members) {
      const { lead } = this
      job.progress.queued(() => {
        const place = this.#place(this.#ahead)
        return place && lead !== job && lead !== undefined ? { ...place, with: lead.jid } : place
      })
    }
  }

  /** Its turn has come. @param record notes durably that a job runs; false where it was ended before */
  async begin(record: (member: Member) => Promise<boolean>): Promise<ActiveJob | undefined> {
    this.#begun = true
    const recorded = await Promise.all(
      this.#members.map(async (joined) => ({ joined, started: await record(joined) })),
    )
    for (const { joined, started } of recorded) {
      if (started) joined.job.running = true
      // Ended while it was being recorded.
      if (joined.job.signal.aborted) this.#remove(joined, undefined)
      else joined.job.begin()
    }
    return this.lead
  }

  step(step: ProgressStep): void {
    for (const { job } of this.#members) job.progress.step(step)
  }

  /** Everybody who still wants it has it. @param lead whose run it was */
  settle(result: JobReturn, lead: ActiveJob): void {
    for (const { job, settle } of this.#members.splice(0)) {
      const own = { ...result, jid: job.jid }
      settle(job === lead ? own : { ...own, ranAs: lead.jid })
    }
  }

  #leave(joined: Joined): void {
    const running = joined.job.running
    // Between the beginning of its turn and its start it waits for the record, see `begin`.
    if (this.#begun && !running) return
    const last = this.#members.length === 1 && this.#members[0] === joined
    if (!last) this.#remove(joined, running ? this.#otherThan(joined) : undefined)
    if (!last) return
    if (!running) this.#remove(joined, undefined)
    else void joined.job.abandoned.then(this.#abandon)
    this.#abort.abort(joined.job.signal.reason)
  }

  #remove(joined: Joined, shared: JobId | undefined): void {
    const at = this.#members.indexOf(joined)
    if (at === -1) return
    this.#members.splice(at, 1)
    joined.settle(this.#cancelled(joined.job, shared))
    if (at === 0 && !this.#begun && this.#members.length > 0 && this.#ahead > 0) this.moved(this.#ahead)
  }

  #otherThan(joined: Joined): JobId | undefined {
    return this.#members.find((other) => other !== joined)?.job.jid
  }
}
