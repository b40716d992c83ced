/** Says why the master is not reached, once, and not at every attempt of a long night. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { isTsaltError } from '../../shared/errors/error.ts'

const repeatAfter = 600_000

export class FailureLog {
  readonly #logger: Logger
  readonly #clock: Clock
  #last: { readonly text: string; readonly at: number } | undefined

  readonly #message: string

  /** @param message what goes on, without the reason */
  constructor(logger: Logger, clock: Clock, message = 'No connection to the master, will try again') {
    this.#logger = logger
    this.#clock = clock
    this.#message = message
  }

  failed(error: unknown, master: string): void {
    const reason = error instanceof Error ? error.message : String(error)
    const now = this.#clock.monotonic()
    const known = this.#last?.text === reason && now - this.#last.at < repeatAfter
    if (!known) this.#last = { text: reason, at: now }
    const fields = { master, reason, ...(isTsaltError(error) ? { code: error.code, hint: error.hint } : {}) }
    this.#logger[known ? 'debug' : 'warn'](fields, this.#message)
  }

  /** After a success the next failure is news. */
  reset(): void {
    this.#last = undefined
  }
}
