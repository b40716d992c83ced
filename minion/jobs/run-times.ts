/** How long runs took last, in memory: what a job that waits behind one is told. */
import type { Call } from './call.ts'

/** Different calls that are remembered. */
const most = 64

export class RunTimes {
  #last = new Map<string, number>()

  /** @param milliseconds of a run that came to its end */
  note(call: Call, milliseconds: number): void {
    const key = keyOf(call)
    this.#last.delete(key)
    this.#last.set(key, milliseconds)
    const [oldest] = this.#last.keys()
    if (this.#last.size > most && oldest !== undefined) this.#last.delete(oldest)
  }

  /**
   * Milliseconds that are left of a run; undefined where nothing tells it, or where it takes longer than last time.
   * @param elapsed milliseconds; `index` from 1: the state that it is at, `total` of them
   */
  left(call: Call, elapsed: number, index?: number, total?: number): number | undefined {
    const last = this.#last.get(keyOf(call))
    if (last !== undefined) return last >= elapsed ? Math.round(last - elapsed) : undefined
    // Too early to tell from the states that are done.
    if (index === undefined || total === undefined || index < 6) return undefined
    return Math.round((elapsed / (index - 1)) * (total - index + 1))
  }
}

const keyOf = ({ fun, args, kwargs }: Call): string => JSON.stringify([fun, args, kwargs])
