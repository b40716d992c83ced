/**
 * Keeps the mine fresh: after the start, when what is configured changes, after the pillar was refreshed, and every
 * `mine_interval`. What could not be sent is sent after the next connect.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { type Dict, type Plain, toValue } from '../../shared/data/value.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { configuredFunctions, signatureOf } from './definitions.ts'

export interface MineRefresherParts {
  readonly clock: Clock
  readonly log: Logger
  readonly options: Pick<MinionOptions, 'mine_enabled' | 'mine_functions' | 'mine_interval'>
  /** There while the master may hold what the configuration brought. */
  readonly mark: string
  readonly isReady: () => boolean
  /** As compiled last; empty before. */
  readonly pillar: () => Dict
  /** mine.update, as any job. */
  readonly update: () => Promise<JobReturn>
}

/** Milliseconds: a pillar is compiled several times in a moment. */
const settling = 250
const minute = 60_000
/** Of a timer. */
const longest = 2 ** 31 - 1

export class MineRefresher {
  readonly #parts: MineRefresherParts
  readonly #config: Dict
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #updating: Promise<void> | undefined
  /** What the master has been told of. */
  #applied: string | undefined
  /** Whatever has been told: it is told again. */
  #due = false
  #stopped = false

  constructor(parts: MineRefresherParts) {
    this.#parts = parts
    this.#config = new Map([['mine_functions', toValue(parts.options.mine_functions as Plain)]])
  }

  /** After every connect. */
  connected(): void {
    const isFirst = this.#applied === undefined
    // What the pillar names is seen when there is one.
    if (isFirst && this.#signature() === nothing && !existsSync(this.#parts.mark)) return
    this.#look()
  }

  /** A pillar was compiled, which may name other functions. */
  pillarCompiled(): void {
    this.#look()
  }

  due(): void {
    this.#due = true
    this.#look()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    clearTimeout(this.#soon)
  }

  #look(): void {
    if (this.#stopped || this.#soon !== undefined || !this.#parts.options.mine_enabled) return
    this.#soon = setTimeout(() => {
      this.#soon = undefined
      void this.#refresh()
    }, settling).unref()
  }

  #signature(): string {
    try {
      return signatureOf(configuredFunctions(this.#config, this.#parts.pillar()))
    } catch {
      // mine.update says what is wrong.
      return wrong
    }
  }

  async #refresh(): Promise<void> {
    await this.#updating
    const before = this.#signature()
    const known = this.#applied ?? (existsSync(this.#parts.mark) ? undefined : nothing)
    const isNews = before !== known || (this.#due && before !== nothing)
    if (this.#stopped || !isNews || !this.#parts.isReady()) return
    this.#due = false
    this.#updating = this.#update().finally(() => {
      this.#updating = undefined
    })
    await this.#updating
  }

  async #update(): Promise<void> {
    const { log, update, isReady } = this.#parts
    const result = await update()
    // Its call has compiled the pillar where there was none.
    const now = this.#signature()
    const isThrough = result.outcome === 'done' && result.retcode === 0
    if (!isThrough) log.warn({ ret: result.ret }, 'not all of the mine could be brought up to date')
    // Cut off: once more after the next connect. Wrong by itself: not before something changes, or at its time.
    if (isThrough || isReady()) this.#applied = now
    else this.#due = true
    this.#remember(now)
    this.#plan(now)
  }

  #plan(now: string): void {
    clearTimeout(this.#timer)
    const { clock, options } = this.#parts
    if (this.#stopped || options.mine_interval === 0 || now === nothing) return
    const spread = 0.9 + clock.random() * 0.2
    this.#timer = setTimeout(
      () => this.due(),
      Math.min(options.mine_interval * minute * spread, longest),
    ).unref()
  }

  #remember(now: string): void {
    const { mark, log } = this.#parts
    try {
      if (now === nothing) rmSync(mark, { force: true })
      else if (!existsSync(mark)) writeFileSync(mark, '', { mode: 0o600 })
    } catch (error) {
      log.warn({ err: error }, 'what the configuration brought into the mine may stay there after it is gone')
    }
  }
}

const nothing = signatureOf(new Map())
const wrong = 'wrong'
