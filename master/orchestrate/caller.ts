/** Calls the states of one orchestration, for the engine of shared/run: guards, retries, dry or real. */
import type { Clock } from '../../shared/clock.ts'
import { describeError } from '../../shared/errors/error.ts'
import { failure, fine, type StateOutcome } from '../../shared/run/outcome.ts'
import { retryOf, withRetry } from '../../shared/run/retry.ts'
import { sleepUnless } from '../../shared/run/sleep-unless.ts'
import type { CallManner, StateCaller } from '../../shared/run/state-caller.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import { bindCall } from './catalog.ts'
import type { Acting, Looking, RunnerResult, StateCall } from './contract.ts'
import { guardOutcome } from './guards.ts'
import type { WrittenCall } from './runner-words.ts'

export interface CallerParts {
  readonly chunks: readonly LowChunk[]
  readonly look: Looking
  /** Absent: a dry run. */
  readonly act: Acting | undefined
  /** Asked by guards. */
  callRunner(call: WrittenCall): Promise<RunnerResult>
  readonly clock: Clock
  readonly ends: AbortSignal
  /** Number of the newest event. */
  newestEvent(): Promise<number>
}

export class OrchestrationCaller implements StateCaller<never> {
  readonly #parts: CallerParts
  /** Number of the newest event when a state was begun. */
  readonly #begun = new Map<LowChunk, number>()
  #last = 0

  constructor(parts: CallerParts) {
    this.#parts = parts
  }

  async call(chunk: LowChunk, { tried }: CallManner<never>): Promise<StateOutcome> {
    const { act, clock, ends } = this.#parts
    const call = await this.#stateCall(chunk)
    const dry = tried === true || act === undefined
    const once = (): Promise<StateOutcome> => this.#attempt(chunk, call, dry)
    const retry = retryOf(chunk)
    if (!retry || tried) return once()
    const sleep = (time: number): Promise<boolean> => sleepUnless(time, [ends])
    return withRetry(retry, dry, once, sleep, () => clock.random())
  }

  async refresh(chunk: LowChunk): Promise<StateOutcome> {
    return bindCall(chunk).definition.refresh?.(this.#parts.act === undefined) ?? fine('Nothing to refresh')
  }

  canRefresh(chunk: LowChunk): boolean {
    return bindCall(chunk).definition.refresh !== undefined
  }

  async listen(chunk: LowChunk): Promise<StateOutcome> {
    return (await this.#guarded(chunk, this.#parts.act === undefined)) ?? this.refresh(chunk)
  }

  async finish(): Promise<undefined> {}

  async #attempt(chunk: LowChunk, call: StateCall, dry: boolean): Promise<StateOutcome> {
    try {
      const held = await this.#guarded(chunk, dry)
      if (held) return held
      const { definition, args } = bindCall(chunk)
      const { act, look } = this.#parts
      return dry || act === undefined
        ? await definition.predict(args, look, call)
        : await definition.run(args, act, call)
    } catch (error) {
      return failure(describeError(error))
    }
  }

  async #guarded(chunk: LowChunk, test: boolean): Promise<StateOutcome | undefined> {
    if (!chunk.globals.has('onlyif') && !chunk.globals.has('unless')) return undefined
    return guardOutcome(chunk, { test, callRunner: (call) => this.#parts.callRunner(call) })
  }

  /** Noted before anything of the state is begun. */
  async #stateCall(chunk: LowChunk): Promise<StateCall> {
    const { chunks, newestEvent } = this.#parts
    const now = await newestEvent()
    if (this.#begun.size === 0) this.#last = now
    const before = chunk.requisites
      .flatMap(({ targets }) => targets.map((target) => chunks[target]))
      .flatMap((other) => (other === undefined ? [] : (this.#begun.get(other) ?? [])))
    const listenFrom = before.length > 0 ? Math.min(...before) : this.#last
    this.#begun.set(chunk, now)
    this.#last = now
    return { id: chunk.id, listenFrom }
  }
}
