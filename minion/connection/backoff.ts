/** Pauses between attempts: full jitter, so that a thousand minions do not come back in step. */
import type { Clock } from '../../shared/clock.ts'

export class Backoff {
  readonly #clock: Clock
  readonly #base: number
  readonly #longest: number
  #failures = 0

  /** @param base milliseconds of the first pause at most @param longest of any */
  constructor(base: number, longest: number, clock: Clock) {
    this.#base = Math.max(base, 1)
    this.#longest = Math.max(longest, this.#base)
    this.#clock = clock
  }

  /** The next pause in milliseconds: anything between nothing and a bound that doubles each time. */
  next(): number {
    const bound = Math.min(this.#longest, this.#base * 2 ** Math.min(this.#failures, 30))
    this.#failures++
    return this.#clock.random() * bound
  }

  /** After a success. */
  reset(): void {
    this.#failures = 0
  }
}
