/** How often each minion may do something: so many times at once, and so many in a second on the average. */
import type { Clock } from '../../shared/clock.ts'
import type { MinionId } from '../../shared/ids.ts'

interface Allowance {
  left: number
  at: number
}

export class Allowances {
  readonly #clock: Clock
  readonly burst: number
  readonly rate: number
  /** Only those that came lately: a full allowance need not be remembered. */
  readonly #known = new Map<MinionId, Allowance>()

  /** @param burst times at once @param rate times in a second */
  constructor(clock: Clock, burst: number, rate: number) {
    this.#clock = clock
    this.burst = burst
    this.rate = rate
  }

  /** @returns false: it has none left */
  spend(id: MinionId): boolean {
    const now = this.#clock.monotonic()
    const known = this.#known.get(id)
    if (known === undefined && this.#known.size % 256 === 255) this.#forgetFull(now)
    const left = known === undefined ? this.burst : this.#refilled(known, now)
    if (left < 1) return false
    this.#known.set(id, { left: left - 1, at: now })
    return true
  }

  #refilled({ left, at }: Allowance, now: number): number {
    return Math.min(this.burst, left + ((now - at) / 1000) * this.rate)
  }

  #forgetFull(now: number): void {
    for (const [id, allowance] of this.#known)
      if (this.#refilled(allowance, now) >= this.burst) this.#known.delete(id)
  }
}
