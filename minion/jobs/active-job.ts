/** A job while this process has it in hand: where it is, how it is ended, and why it ended before its time. */
import { type EndedProcess, EndOrder, type EndSignal } from '../../shared/end-order.ts'
import type { JobId } from '../../shared/ids.ts'
import type { JobDelivery } from '../../shared/protocol/messages/job-delivery.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import type { Call, Ending } from './call.ts'
import type { ProgressReport } from './progress-report.ts'

/** How long a job may take to end after TERM (its commands get KILL after ten seconds), and after KILL. */
const usualPatience = { TERM: 12_000, KILL: 2_000 } as const

export class ActiveJob {
  readonly call: Call
  /** As the delivery names them. */
  readonly trees: JobDelivery['trees'] | undefined
  readonly progress: ProgressReport
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly #abort = new AbortController()
  readonly #abandoned: Promise<void>
  #abandon: () => void = () => {}
  #timer: NodeJS.Timeout | undefined
  #limit: NodeJS.Timeout | undefined
  #ending: Ending | undefined
  #order: EndOrder | undefined
  /** The function has been called. */
  running = false
  /** Of several functions: what those returned that are done. */
  readonly done: JobReturn[] = []
  /** Called when it stands in line, or is over without that. */
  placed: () => void = () => {}

  constructor(call: Call & Partial<Pick<JobDelivery, 'trees'>>, progress: ProgressReport, since: number) {
    this.call = call
    this.trees = call.trees
    this.progress = progress
    this.since = since
    this.#abandoned = new Promise((resolve) => {
      this.#abandon = resolve
    })
  }

  get jid(): JobId {
    return this.call.jid
  }

  /** Aborted when the job is to end: commands get TERM. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get ending(): Ending | undefined {
    return this.#ending
  }

  /** Resolves when nobody waits for the function any longer. */
  get abandoned(): Promise<void> {
    return this.#abandoned
  }

  /**
   * @param signal what its commands get
   * @param patience milliseconds until the function is no longer waited for
   */
  end(ending: Ending, signal: EndSignal = 'TERM', patience: number = usualPatience[signal]): void {
    this.#ending ??= ending
    if (this.#order === undefined) {
      this.#order = new EndOrder(signal)
      this.#abort.abort(this.#order)
    } else if (signal === 'KILL') this.#order.harder()
    clearTimeout(this.#timer)
    if (patience === 0) this.#abandon()
    else this.#timer = setTimeout(this.#abandon, patience).unref()
  }

  /** The function is called: from here on its time counts. */
  begin(): void {
    this.running = true
    const { maxSeconds } = this.call
    if (maxSeconds !== undefined)
      this.#limit = setTimeout(() => this.end('timeout'), maxSeconds * 1000).unref()
    this.progress.running()
  }

  /** What its commands have told of their end. */
  get ended(): readonly EndedProcess[] {
    return this.#order?.ended ?? []
  }

  close(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#limit)
    this.placed()
    this.progress.end()
  }
}
