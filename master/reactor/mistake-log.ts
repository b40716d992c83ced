/** What the reactor has counted, and its last mistakes, for `tsalt reactor status`. */
import * as v from 'valibot'
import type { Clock } from '../../shared/clock.ts'
import type { Json } from '../../shared/data/codec.ts'
import type { ReactorCounts, ReactorMistake } from './reactor-door.ts'

const kept = 20
const longestText = 2_000

const Kept = v.object({
  counts: v.object({ reactions: v.number(), failed: v.number(), skipped: v.number() }),
  errors: v.array(
    v.object({ at: v.number(), sequence: v.number(), tag: v.string(), code: v.string(), error: v.string() }),
  ),
})

export class MistakeLog {
  readonly #clock: Clock
  readonly #tellSkipped: (count: number, last: number) => void
  #counts: ReactorCounts = { reactions: 0, failed: 0, skipped: 0 }
  #errors: ReactorMistake[] = []
  #newlySkipped = 0
  #telling: NodeJS.Timeout | undefined

  /** @param tellSkipped how many in a row, and the number of the last */
  constructor(clock: Clock, tellSkipped: (count: number, last: number) => void) {
    this.#clock = clock
    this.#tellSkipped = tellSkipped
  }

  get counts(): ReactorCounts {
    return this.#counts
  }

  get errors(): readonly ReactorMistake[] {
    return this.#errors
  }

  reacted(): void {
    this.#counts = { ...this.#counts, reactions: this.#counts.reactions + 1 }
  }

  note(mistake: Omit<ReactorMistake, 'at'>): void {
    this.#counts = { ...this.#counts, failed: this.#counts.failed + 1 }
    const error = mistake.error.slice(0, longestText)
    this.#errors = [...this.#errors, { at: this.#clock.now(), ...mistake, error }].slice(-kept)
  }

  /** Told once for all that come in a second. */
  skipped({ sequence }: { readonly sequence: number }): void {
    this.#counts = { ...this.#counts, skipped: this.#counts.skipped + 1 }
    this.#newlySkipped += 1
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined
      this.#tellSkipped(this.#newlySkipped, sequence)
      this.#newlySkipped = 0
    }, 1_000).unref()
  }

  toJson(): { counts: Json; errors: Json } {
    return { counts: { ...this.#counts }, errors: this.#errors.map((each) => ({ ...each })) }
  }

  /** What an earlier master had kept; anything else is left alone. */
  restore(json: Json | undefined): void {
    const read = v.safeParse(Kept, json)
    if (!read.success) return
    this.#counts = read.output.counts
    this.#errors = read.output.errors
  }
}
