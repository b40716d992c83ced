/** Refusals cost the peer nothing, so it must not be able to fill the disk with them: beyond a rate they are counted. */
import type { Clock } from '../../shared/clock.ts'

const minute = 60_000
/** Refusals of one actor, and of all but operators, that are written down in a minute. */
export const refusalsPerActor = 120
export const refusalsInAll = 1_200

export class RefusalBudget {
  readonly #clock: Clock
  readonly #written = new Map<string, number>()
  readonly #left = new Map<string, number>()
  #start: number
  #all = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#start = clock.monotonic()
  }

  /** Whether one more refusal of this actor is to be written. */
  allows(actor: string): boolean {
    const count = this.#written.get(actor) ?? 0
    // Operators are few: nobody hides what he tries behind a crowd of strangers.
    const isKnown = actor.startsWith('operator:')
    if (count < refusalsPerActor && (isKnown || this.#all < refusalsInAll)) {
      this.#written.set(actor, count + 1)
      if (!isKnown) this.#all += 1
      return true
    }
    // Addresses are many: who comes when all is spent is counted together.
    const who = this.#left.has(actor) || this.#left.size < refusalsPerActor ? actor : 'others'
    this.#left.set(who, (this.#left.get(who) ?? 0) + 1)
    return false
  }

  /** What was only counted, by actor, once its minute is over. @param ended true: now */
  turn(ended = false): readonly (readonly [actor: string, count: number])[] {
    const now = this.#clock.monotonic()
    if (!ended && now - this.#start < minute) return []
    const left = [...this.#left]
    this.#start = now
    this.#all = 0
    this.#written.clear()
    this.#left.clear()
    return left
  }
}
