/** The one queue of a minion: state runs take turns in it, in the order in which they came. */
import type { JobId } from '../../shared/ids.ts'

export interface Position {
  /** How many are before this one, the running one counted. */
  readonly ahead: number
  /** The one that runs now. */
  readonly behind: JobId
}

interface Waiting {
  readonly jid: JobId
  readonly begin: () => void
  readonly moved: (position: Position) => void
}

export class TurnQueue {
  #running: JobId | undefined
  #waiting: Waiting[] = []

  /** The one that runs now. */
  get running(): JobId | undefined {
    return this.#running
  }

  /** How many run or wait. */
  get length(): number {
    return this.#running === undefined ? 0 : 1 + this.#waiting.length
  }

  /**
   * Waits for its turn and runs `work`. `moved` is called with the place in the line, at once and at every change.
   * @returns undefined where `signal` came before its turn
   */
  async take<T>(
    jid: JobId,
    signal: AbortSignal,
    moved: (position: Position) => void,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    if (this.#running === undefined) this.#running = jid
    else if (!(await this.#wait(jid, signal, moved))) return undefined
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  #wait(jid: JobId, signal: AbortSignal, moved: (position: Position) => void): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(false)
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== entry)
        this.#announce()
        resolve(false)
      }
      const begin = (): void => {
        signal.removeEventListener('abort', leave)
        resolve(true)
      }
      const entry: Waiting = { jid, begin, moved }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(entry)
      this.#announce()
    })
  }

  #next(): void {
    const next = this.#waiting.shift()
    this.#running = next?.jid
    next?.begin()
    this.#announce()
  }

  #announce(): void {
    const behind = this.#running
    if (behind === undefined) return
    for (const [index, { moved }] of this.#waiting.entries()) moved({ ahead: index + 1, behind })
  }
}
