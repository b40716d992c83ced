/** After work: caches are dropped and the heap is cleaned, so that a daemon at rest is small. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Milliseconds of rest before it is worth it: jobs often come in a row. */
const rest = 1_500
/**
 * Bytes of bytecode that a function runs through before V8 thinks of optimizing it. A job for a whole fleet is over
 * before what V8 would optimize at once has paid for itself (docs/decisions/0236); at rest V8 does as it always does.
 */
const interruptBudget = { atWork: 1_000_000, atRest: 132 * 1024 }

/** Milliseconds between two looks at what a rest with headroom has gathered, and bytes that are worth a cleaning. */
const look = 30_000
const gathered = 12 * 1024 * 1024

export class IdleMemory {
  readonly #release: () => void
  readonly #isBusy: () => boolean
  readonly #headroom: number
  #timer: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #isAtWork = false

  /**
   * @param headroom percent that the heap may grow after a collection before V8 collects again, from the first rest on:
   * so that work does not begin with collections. What gathers at rest is then cleaned by looking. 0: as V8 does.
   */
  constructor(release: () => void, isBusy: () => boolean, headroom = 0) {
    this.#release = release
    this.#isBusy = isBusy
    this.#headroom = headroom
  }

  /** Something begins: until the next rest, speed goes before memory. */
  working(): void {
    // Asked for with each of thousands of returns.
    if (this.#isAtWork) return
    this.#isAtWork = true
    clearInterval(this.#watch)
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
    clearInterval(this.#watch)
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
    if (this.#headroom > 0) setFlagsFromString(`--heap-growing-percent=${this.#headroom}`)
    collect()
    collect()
    if (this.#headroom > 0) this.#lookAgain()
  }

  #lookAgain(): void {
    clearInterval(this.#watch)
    const clean = getHeapStatistics().used_heap_size
    this.#watch = setInterval(() => {
      if (getHeapStatistics().used_heap_size > clean + gathered) this.#clean()
    }, look).unref()
  }
}

/** V8 only gives it to contexts made after the flag was set. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof collect === 'function' ? () => void collect() : () => {}
}
