/** How often whom something was refused since the master started: what an operator looks at first. */
import type { AuditEntry } from './audit-log.ts'

export interface RefusalCount {
  /** `minion:web1`, `address:10.0.0.7`, `operator:ann`. */
  readonly actor: string
  readonly count: number
  /** Of the last one: milliseconds since the epoch, what it was, and why. */
  readonly last: number
  readonly kind: string
  readonly reason: string
}

/** Actors that are remembered; of more, those whose last refusal is the oldest go. */
const most = 2_000

export class RefusalTally {
  readonly #counts = new Map<string, RefusalCount>()

  note({ actor, kind, reason = '' }: Omit<AuditEntry, 'verdict'>, at: number): void {
    const before = this.#counts.get(actor)
    // Again at the end: the first is the one that was refused nothing for the longest time.
    this.#counts.delete(actor)
    this.#counts.set(actor, { actor, count: (before?.count ?? 0) + 1, last: at, kind, reason })
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > most && oldest !== undefined) this.#counts.delete(oldest)
  }

  /** Most first. */
  counts(): readonly RefusalCount[] {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count || (a.actor < b.actor ? -1 : 1))
  }
}
