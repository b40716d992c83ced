/** Pauses and ends state runs from outside, between two states: `state.pause`, `state.resume`, `state.soft_kill`. */
import type { JobId } from '../ids.ts'

const everyState = '__all__'

interface Hold {
  /** Milliseconds of a monotonic clock; undefined: until resumed. */
  readonly until: number | undefined
}

export class RunControl {
  readonly #now: () => number
  readonly #holds = new Map<string, Hold>()
  readonly #ends = new Set<string>()
  #wake: (() => void)[] = []

  /** @param now milliseconds of a monotonic clock */
  constructor(now: () => number) {
    this.#now = now
  }

  /** @param id of the state that waits; absent: the next one. @param seconds absent: until resumed */
  pause(id: string | undefined, seconds: number | undefined): void {
    this.#holds.set(id ?? everyState, {
      until: seconds === undefined ? undefined : this.#now() + seconds * 1000,
    })
  }

  /** @returns false where nothing was paused */
  resume(id: string | undefined): boolean {
    const held = this.#holds.delete(id ?? everyState)
    this.#rouse()
    return held
  }

  /** The run ends before this state, or before the next one. */
  softKill(id: string | undefined): void {
    this.#ends.add(id ?? everyState)
    this.#rouse()
  }

  /** Called before each state. @param ends end a pause too @returns false: the run ends here */
  async mayCall(id: string, ends: readonly AbortSignal[]): Promise<boolean> {
    if (this.#holds.size === 0 && this.#ends.size === 0) return true
    for (;;) {
      if (this.#ends.has(everyState) || this.#ends.has(id)) return false
      const held = [everyState, id].map((name) => this.#holds.get(name)).find((one) => one !== undefined)
      if (held === undefined || ends.some(({ aborted }) => aborted)) return true
      const left = held.until === undefined ? undefined : held.until - this.#now()
      if (left !== undefined && left <= 0) {
        this.#holds.delete(this.#holds.get(id) === held ? id : everyState)
        continue
      }
      await this.#rest(left, ends)
    }
  }

  #rest(milliseconds: number | undefined, ends: readonly AbortSignal[]): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(done, milliseconds)
      function done(): void {
        clearTimeout(timer)
        for (const signal of ends) signal.removeEventListener('abort', done)
        resolve()
      }
      for (const signal of ends) signal.addEventListener('abort', done)
      this.#wake.push(done)
    })
  }

  #rouse(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}

/** The runs under way on this minion. */
export class RunControls {
  readonly #controls = new Map<JobId, RunControl>()

  begin(jid: JobId, now: () => number): { readonly control: RunControl; end(): void } {
    const control = new RunControl(now)
    this.#controls.set(jid, control)
    return { control, end: () => void this.#controls.delete(jid) }
  }

  find(jid: string): RunControl | undefined {
    return this.#controls.get(jid as JobId)
  }
}
