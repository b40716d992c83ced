/** How much one beacon may tell: what the master takes of a minion is limited, and one beacon must not use it up. */
import type { Clock } from '../../shared/clock.ts'

/** Events at once, and in a second on the average. */
export const sightBurst = 100
export const sightsPerSecond = 2

export class Allowance {
  readonly #clock: Clock
  #left = sightBurst
  #at: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#at = clock.monotonic()
  }

  /** @returns false where it has told too much */
  spend(): boolean {
    const now = this.#clock.monotonic()
    this.#left = Math.min(sightBurst, this.#left + ((now - this.#at) / 1000) * sightsPerSecond)
    this.#at = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
