/** How an orchestration is ended from outside: killed by an operator, or by the end of the master. */
import type { KillSignal } from '../store/jobs.ts'

export type WhyEnded = 'killed' | 'stopping'

export class RunEnds {
  readonly #controller = new AbortController()
  readonly #running = new Set<(signal: KillSignal) => Promise<void>>()
  readonly #told = new Set<(why: WhyEnded) => void>()
  readonly #failed: (error: unknown) => void
  #why: WhyEnded | undefined

  /** @param failed told where something that runs could not be killed */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  /** Once it is aborted nothing more is begun. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get killed(): boolean {
    return this.#why === 'killed'
  }

  get stopping(): boolean {
    return this.#why === 'stopping'
  }

  /** Again with KILL, where TERM was not enough. */
  kill(signal: KillSignal): void {
    this.#end('killed')
    for (const end of this.#running) end(signal).catch(this.#failed)
  }

  /** What runs on minions goes on there. */
  stop(): void {
    this.#end('stopping')
  }

  /** @returns to be called when it no longer runs */
  whileRunning(kill: (signal: KillSignal) => Promise<void>): () => void {
    this.#running.add(kill)
    if (this.killed) kill('TERM').catch(this.#failed)
    return () => this.#running.delete(kill)
  }

  onEnd(told: (why: WhyEnded) => void): () => void {
    this.#told.add(told)
    if (this.#why !== undefined) told(this.#why)
    return () => this.#told.delete(told)
  }

  #end(why: WhyEnded): void {
    this.#why ??= why
    this.#controller.abort()
    for (const told of this.#told) told(why)
  }
}
