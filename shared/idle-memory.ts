/** After work: caches are dropped and the heap is cleaned, so that a daemon at rest is small. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Milliseconds of rest before it is worth it: jobs often come in a row. */
const rest = 1_500

export class IdleMemory {
  readonly #release: () => void
  readonly #isBusy: () => boolean
  #timer: NodeJS.Timeout | undefined
  #isAtWork = false

  constructor(release: () => void, isBusy: () => boolean) {
    this.#release = release
    this.#isBusy = isBusy
  }

  /** Something begins: until the next rest, speed goes before memory. */
  working(): void {
    // Asked for with each of thousands of returns.
    if (this.#isAtWork) return
    this.#isAtWork = true
    setFlagsFromString('--no-optimize-for-size')
  }

  /** Something ended. */
  rested(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#clean(), rest).unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #clean(): void {
    if (this.#isBusy()) return
    this.#isAtWork = false
    this.#release()
    // Twice: what the first finds only weakly held goes with the second. Made anew each time, because the function
    // would keep the whole context that it comes from.
    const collect = garbageCollector()
    // Pages that are half empty are emptied too, now and in V8's own cleaning some seconds later.
    setFlagsFromString('--optimize-for-size')
    collect()
    collect()
  }
}

/** V8 only gives it to contexts made after the flag was set. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof collect === 'function' ? () => void collect() : () => {}
}
