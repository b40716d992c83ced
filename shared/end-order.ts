/**
 * Why the signal of a job was aborted: how its commands are to end. It can get harder later, which an AbortSignal
 * alone cannot say, and commands tell it what they ended.
 */
export type EndSignal = 'TERM' | 'KILL'

/** A process that was ended, and the last signal that it needed. */
export interface EndedProcess {
  readonly pid: number
  /** The program's own name, never its arguments: those may hold secrets. */
  readonly name: string
  readonly signal: EndSignal
}

/** Further ones are not noted: a fork bomb must not fill the return. */
const mostNoted = 100

export class EndOrder {
  #signal: EndSignal
  #listeners = new Set<() => void>()
  readonly #ended: EndedProcess[] = []

  constructor(signal: EndSignal) {
    this.#signal = signal
  }

  get signal(): EndSignal {
    return this.#signal
  }

  get ended(): readonly EndedProcess[] {
    return this.#ended
  }

  /** From TERM to KILL, at once. */
  harder(): void {
    if (this.#signal === 'KILL') return
    this.#signal = 'KILL'
    for (const listener of [...this.#listeners]) listener()
  }

  /** @returns how to stop listening */
  onHarder(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  note(processes: readonly EndedProcess[]): void {
    this.#ended.push(...processes.slice(0, mostNoted - this.#ended.length))
  }
}

/** What a signal was aborted with: an order, or the word alone. */
export function endSignalOf(reason: unknown): EndSignal {
  if (reason instanceof EndOrder) return reason.signal
  return reason === 'KILL' ? 'KILL' : 'TERM'
}
