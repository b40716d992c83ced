/** The one queue of a minion: state runs take turns in it, in the order in which they came. */

interface Waiting<Run> {
  readonly run: Run
  readonly begin: () => void
}

/** What stands in the queue says which run it is, and hears of its place. */
export interface Queued {
  /** @param ahead how many are before this one, the running one counted */
  moved(ahead: number): void
}

export class TurnQueue<Run extends Queued> {
  #running: Run | undefined
  #waiting: Waiting<Run>[] = []
  #held = false

  /** The one that runs now. */
  get running(): Run | undefined {
    return this.#running
  }

  /** How many run or wait. */
  get length(): number {
    return this.#running === undefined ? 0 : 1 + this.#waiting.length
  }

  /**
   * Waits for its turn and runs `work`. `moved` is called at once where it has to wait, and at every change.
   * @returns undefined where `signal` came before its turn
   */
  async take<T>(run: Run, signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#running === undefined && !this.#held) this.#running = run
    else if (!(await this.#wait(run, signal))) return undefined
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  /** Nobody begins until the answer is called: what comes meanwhile stands in line. */
  hold(): () => void {
    this.#held = true
    return () => {
      this.#held = false
      if (this.#running === undefined) this.#next()
    }
  }

  #wait(run: Run, signal: AbortSignal): Promise<boolean> {
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
      const entry: Waiting<Run> = { run, begin }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(entry)
      this.#announce()
    })
  }

  #next(): void {
    const next = this.#held ? undefined : this.#waiting.shift()
    this.#running = next?.run
    next?.begin()
    this.#announce()
  }

  #announce(): void {
    for (const [index, { run }] of this.#waiting.entries()) run.moved(index + 1)
  }
}
