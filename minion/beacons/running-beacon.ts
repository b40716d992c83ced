/** One beacon that watches: its looks at their times, what it tells, and what goes wrong with it. */
import type { Dict } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import { Allowance } from './allowance.ts'
import type { Sight, Surroundings, Watch } from './contract.ts'
import type { BeaconEntry } from './entry.ts'

export interface BeaconState {
  /** Milliseconds since the epoch. */
  readonly lastLook: number | undefined
  readonly told: number
  /** Sights that were too many, or for which there was no room. */
  readonly dropped: number
  /** Why the last look failed, or what it saw could not be told. */
  readonly trouble: string | undefined
}

/** @throws TsaltError `event-too-large`, `event-outbox-full`, of the disk */
export type Tell = (beacon: string, tag: string, data: Dict) => void

export class RunningBeacon {
  readonly entry: BeaconEntry
  readonly #around: Surroundings
  readonly #tell: Tell
  readonly #watch: Watch
  readonly #allowance: Allowance
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #lastLook: number | undefined
  #told = 0
  #dropped = 0
  /** Of those, how many the master was not told of yet. */
  #untold = 0
  #trouble: string | undefined

  /** @throws Error where it cannot begin to watch */
  constructor(entry: BeaconEntry, around: Surroundings, tell: Tell) {
    this.entry = entry
    this.#around = around
    this.#tell = tell
    this.#watch = entry.open(around)
    this.#allowance = new Allowance(around.clock)
  }

  start(): void {
    void this.#round()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#watch.close?.()
  }

  get state(): BeaconState {
    const [lastLook, told, dropped, trouble] = [this.#lastLook, this.#told, this.#dropped, this.#trouble]
    return { lastLook, told, dropped, trouble }
  }

  async #round(): Promise<void> {
    const { clock } = this.#around
    const { interval, runOnce } = this.entry
    const began = clock.monotonic()
    const trouble = await this.#look()
    if (this.#stopped) return
    this.#lastLook = clock.now()
    this.#note(trouble)
    if (runOnce) return this.#watch.close?.()
    // A look that takes long does not bring the next one nearer.
    const next = Math.max(interval / 10, interval - (clock.monotonic() - began))
    this.#timer = setTimeout(() => void this.#round(), next).unref()
  }

  /** @returns what went wrong */
  async #look(): Promise<string | undefined> {
    if (this.#around.isHeld()) {
      this.#watch.skip?.()
      return undefined
    }
    try {
      const sights = await this.#watch.look()
      if (this.#stopped) return undefined
      this.#drop(this.#watch.lost?.() ?? 0)
      return this.#tellAll(sights)
    } catch (error) {
      return describeError(error)
    }
  }

  #tellAll(sights: readonly Sight[]): string | undefined {
    let trouble: string | undefined
    for (const { tag = '', data } of sights) {
      if (!this.#allowance.spend()) this.#drop(1)
      else trouble = this.#tellOne(tag, data) ?? trouble
    }
    if (this.#untold > 0 && this.#allowance.spend()) {
      const failed = this.#tellOne('overflow', new Map([['dropped', this.#untold]]))
      if (failed === undefined) this.#untold = 0
    }
    return trouble
  }

  #tellOne(tag: string, data: Dict): string | undefined {
    try {
      this.#tell(this.entry.name, tag, data)
      this.#told += 1
      return undefined
    } catch (error) {
      this.#drop(1)
      return describeError(error)
    }
  }

  #drop(count: number): void {
    this.#dropped += count
    this.#untold += count
  }

  /** The log is told once of each trouble, and when it is over. */
  #note(trouble: string | undefined): void {
    if (trouble === this.#trouble) return
    const { log } = this.#around
    const { name } = this.entry
    if (trouble !== undefined) log.error({ beacon: name }, `the beacon "${name}" could not look: ${trouble}`)
    else log.info({ beacon: name }, `the beacon "${name}" works again`)
    this.#trouble = trouble
  }
}
