/** Sends where a job is: on every change, at most ten times a second, and after five seconds of silence. */
import type { Clock } from '../../shared/clock.ts'
import type { JobId } from '../../shared/ids.ts'
import type { JobProgress } from '../../shared/protocol/messages/job-progress.ts'
import type { ProgressStep } from '../modules/contract.ts'

const leastPause = 100
const longestSilence = 5_000
/** What takes longer than this is shown as running. */
const firstWord = 500
const longestText = 1024

export class ProgressReport {
  #jid: JobId
  #clock: Clock
  #send: (progress: JobProgress) => void
  #since: number
  #sent = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #state: Pick<JobProgress, 'phase' | 'step'> = { phase: 'preparing' }
  /** Of phase queued: asked each time, because the one before it moves. */
  #place: (() => JobProgress['queue']) | undefined
  #ended = false

  constructor(jid: JobId, clock: Clock, send: (progress: JobProgress) => void) {
    this.#jid = jid
    this.#clock = clock
    this.#send = send
    this.#since = clock.monotonic()
    this.#wait(longestSilence)
  }

  /** @param place where it stands in the queue, asked each time that it is told */
  queued(place: () => JobProgress['queue']): void {
    this.#place = place
    this.#change({ phase: 'queued' })
  }

  /** The state that it is at, and for how many milliseconds it has been running. */
  now(): Pick<JobProgress, 'step' | 'elapsed'> {
    const { step } = this.#state
    const elapsed = Math.round(this.#clock.monotonic() - this.#since)
    return step === undefined ? { elapsed } : { step, elapsed }
  }

  /** Its turn has come; time counts from here. Short functions end before anything is sent. */
  running(): void {
    this.#since = this.#clock.monotonic()
    this.#state = { phase: 'running' }
    this.#wait(firstWord)
  }

  step({ index, total, fun, id, name }: ProgressStep): void {
    const [shortFun, shortId, shortName] = [fun, id, name].map((text) => text.slice(0, longestText))
    const step = { index, total, fun: shortFun ?? '', id: shortId ?? '', name: shortName ?? '' }
    this.#change({ phase: 'running', step })
  }

  /** The next of several functions begins. Nothing is sent of those that end soon, as of a short function. */
  nextFunction(index: number, total: number, fun: string): void {
    if (this.#ended) return
    this.#state = { phase: 'running', step: { index, total, fun, id: '', name: '' } }
    const quiet = this.#clock.monotonic() - Math.max(this.#sent, this.#since)
    this.#wait(Math.max(0, Math.min(firstWord, longestSilence - quiet)))
  }

  /** For a new connection: a master that was started anew does not know of it, and would not hear for five seconds. */
  again(): void {
    if (!this.#ended && this.#sent !== Number.NEGATIVE_INFINITY) this.#flush()
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }

  #change(state: Pick<JobProgress, 'phase' | 'step'>): void {
    if (this.#ended) return
    this.#state = state
    const pause = this.#sent + leastPause - this.#clock.monotonic()
    if (pause <= 0) this.#flush()
    else this.#wait(pause)
  }

  #flush(): void {
    this.#sent = this.#clock.monotonic()
    const place = this.#state.phase === 'queued' ? this.#place?.() : undefined
    const queue = place === undefined ? {} : { queue: place }
    this.#send({ jid: this.#jid, ...this.#state, ...queue, elapsed: Math.round(this.#sent - this.#since) })
    this.#wait(longestSilence)
  }

  #wait(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#flush(), milliseconds)
    this.#timer.unref()
  }
}
