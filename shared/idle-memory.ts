/** After work: caches are dropped and the heap is cleaned, so that a daemon at rest is small. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Milliseconds of rest before it is worth it: jobs often come in a row. */
const rest = 1_500
/**
 * Bytes of bytecode that a function runs through before V8 thinks of optimizing it. A job for a whole fleet is over
 * before what V8 would optimize at once has paid for itself (docs/decisions/0236); at rest V8 does as it always does.
 */
const interruptBudget = { atWork: 1_000_000, atRest: 132 * 1024 }

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
    setFlagsFromString(`--interrupt-budget=${interruptBudget.atWork}`)
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
    setFlagsFromString(`--interrupt-budget=${interruptBudget.atRest}`)
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
