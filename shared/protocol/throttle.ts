/**
 * How fast one peer is read: who sends more than its share is read more slowly, so that its own messages wait and
 * nobody else's. Nothing is lost by it.
 */
import type { Clock } from '../clock.ts'
import type { Kind } from './registry.ts'

export interface ThrottleLimits {
  /** What may be spent in a second on the average, and at once. A message costs one. */
  readonly perSecond: number
  readonly burst: number
  /** Bytes that cost as much as a message. */
  readonly bytes: number
  /** What kinds cost beside that, because they make work. */
  readonly kinds: Partial<Record<Kind, number>>
}

/** Milliseconds: time goes on for the peer's pings, too. */
const longestPause = 5_000

export class Throttle {
  readonly #limits: ThrottleLimits
  readonly #clock: Clock
  readonly #pause: (wanted: boolean) => void
  readonly #slowed: (() => void) | undefined
  #left: number
  #at: number
  #timer: NodeJS.Timeout | undefined

  /**
   * @param slowed called whenever it begins to be read more slowly
   * @param pause stops reading, or goes on
   */
  constructor(
    limits: ThrottleLimits,
    clock: Clock,
    slowed: (() => void) | undefined,
    pause: (wanted: boolean) => void,
  ) {
    this.#limits = limits
    this.#clock = clock
    this.#pause = pause
    this.#slowed = slowed
    this.#left = limits.burst
    this.#at = clock.monotonic()
  }

  /** A frame came. */
  took(bytes: number): void {
    this.#spend(1 + bytes / this.#limits.bytes)
  }

  /** A message is about to be handled. */
  handles(kind: Kind): void {
    const cost = this.#limits.kinds[kind]
    if (cost !== undefined) this.#spend(cost)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #spend(cost: number): void {
    this.#refill()
    this.#left -= cost
    if (this.#left >= 0 || this.#timer !== undefined) return
    this.#slowed?.()
    this.#pause(true)
    this.#wait()
  }

  #refill(): void {
    const now = this.#clock.monotonic()
    const { burst, perSecond } = this.#limits
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond)
    this.#at = now
  }

  #wait(): void {
    // A few at a time: going on for each single one would be work in itself.
    const due = ((this.#limits.perSecond / 10 - this.#left) / this.#limits.perSecond) * 1000
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#refill()
        if (this.#left < 0) this.#wait()
        else this.#pause(false)
      },
      Math.min(longestPause, due),
    )
    this.#timer.unref()
  }
}
