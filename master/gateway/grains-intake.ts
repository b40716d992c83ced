/** Grains that a connected minion finds anew. One that finds others without end has the last of them stored now and then. */
import type { Clock } from '../../shared/clock.ts'
import type { Json } from '../../shared/data/codec.ts'
import { grainsBurst, grainsPause } from './limits.ts'

export class GrainsIntake {
  readonly #clock: Clock
  readonly #store: (grains: Json) => Promise<void>
  readonly #slowed: () => void
  #left = grainsBurst
  #at: number
  #waiting: { grains: Json } | undefined

  /** @param slowed called whenever some begin to wait */
  constructor(clock: Clock, store: (grains: Json) => Promise<void>, slowed: () => void) {
    this.#clock = clock
    this.#store = store
    this.#slowed = slowed
    this.#at = clock.monotonic()
  }

  /** Resolves when they are stored, or wait to be. */
  async take(grains: Json): Promise<void> {
    if (this.#waiting) {
      this.#waiting.grains = grains
      return
    }
    const now = this.#clock.monotonic()
    this.#left = Math.min(grainsBurst, this.#left + (now - this.#at) / grainsPause)
    this.#at = now
    if (this.#left >= 1) {
      this.#left -= 1
      return this.#store(grains)
    }
    this.#slowed()
    setTimeout(() => {
      const last = this.#waiting?.grains ?? null
      this.#waiting = undefined
      // A failure is the store's, which says so; the next `hello` brings them again.
      this.#store(last).catch(() => undefined)
    }, grainsPause).unref()
    this.#waiting = { grains }
  }
}
