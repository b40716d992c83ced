/** Token buckets by name: so many requests at once, and then so many in a second. */
import type { Clock } from '../../../shared/clock.ts'

interface Bucket {
  tokens: number
  filled: number
}

export interface RateSetup {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly burst: number
  /** In a second. */
  readonly rate: number
  /** Names that are remembered at once. */
  readonly most: number
}

export class RateLimit {
  readonly #buckets = new Map<string, Bucket>()
  readonly #setup: RateSetup

  constructor(setup: RateSetup) {
    this.#setup = setup
  }

  /** @param amount no more than the burst. @returns seconds until there is room again; 0: it was taken */
  take(name: string, amount = 1): number {
    const { rate } = this.#setup
    const bucket = this.#filled(name)
    if (bucket.tokens < amount) return Math.max(1, Math.ceil((amount - bucket.tokens) / rate))
    bucket.tokens -= amount
    return 0
  }

  /** Whether there is room, without taking it. */
  isSpent(name: string): boolean {
    return this.#buckets.has(name) && this.#filled(name).tokens < 1
  }

  #filled(name: string): Bucket {
    const { clock, burst, rate, most } = this.#setup
    const now = clock.monotonic()
    const known = this.#buckets.get(name)
    if (known !== undefined) {
      known.tokens = Math.min(burst, known.tokens + ((now - known.filled) / 1000) * rate)
      known.filled = now
      return known
    }
    if (this.#buckets.size >= most) this.#forgetFull(now)
    // Where all are in use, strangers share one.
    const key = this.#buckets.size >= most ? '' : name
    const bucket = this.#buckets.get(key) ?? { tokens: burst, filled: now }
    this.#buckets.set(key, bucket)
    return bucket
  }

  #forgetFull(now: number): void {
    const { burst, rate } = this.#setup
    for (const [name, { tokens, filled }] of this.#buckets)
      if (tokens + ((now - filled) / 1000) * rate >= burst) this.#buckets.delete(name)
  }
}
