/**
 * Executes compiled chunks in order, pulling requisites forward where they come later (salt-semantics.md 5.4, 5.6,
 * 5.10). One object for one run; it holds what has finished so far.
 */
import type { Clock } from '../../shared/clock.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { ModuleContext } from '../modules/contract.ts'
import type { PredictedChange } from '../states/contract.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import {
  type BoundState,
  type CallContext,
  callState,
  refreshState,
  type StateSettings,
} from './call-state.ts'
import {
  cannotTell,
  type Finished,
  failure,
  fine,
  hasChanges,
  type StateOutcome,
  skipped,
} from './outcome.ts'
import { type RequisiteStatus, requisiteStatus, runsBefore } from './requisites.ts'

export interface ExecutionInput {
  readonly chunks: readonly LowChunk[]
  /** Validated arguments and function of a chunk. */
  bind(chunk: LowChunk): BoundState
  readonly look: Reader
  /** Absent: a dry run. */
  readonly act: Changer | undefined
  readonly module: ModuleContext
  readonly clock: Clock
  /** Stop after the first failure, whatever a state says itself. */
  readonly failhard: boolean
  readonly settings: StateSettings
}

export class Execution {
  readonly #input: ExecutionInput
  readonly #finished = new Map<number, Finished>()
  readonly #order: Finished[] = []
  readonly #predicted: PredictedChange[] = []
  /** Chunk index → chunks that have it as their prereq. */
  readonly #prerequiredBy = new Map<number, number[]>()
  #stoppedBy: Finished | undefined

  constructor(input: ExecutionInput) {
    this.#input = input
    input.chunks.forEach((chunk, index) => {
      for (const { kind, targets } of chunk.requisites) {
        if (kind === 'prereq')
          for (const target of targets) this.#noteList(this.#prerequiredBy, target, index)
      }
    })
  }

  #noteList(map: Map<number, number[]>, key: number, value: number): void {
    const list = map.get(key)
    if (list) list.push(value)
    else map.set(key, [value])
  }

  /** @returns every chunk, in the order in which it was called; listeners at the end. */
  async run(): Promise<readonly Finished[]> {
    for (let index = 0; index < this.#input.chunks.length; index++) {
      if (this.#hasToStop()) break
      await this.#call(index)
    }
    if (!this.#hasToStop()) await this.#listeners()
    return this.#order
  }

  /** Killed by an operator, or the minion stops: what runs is finished, nothing more is begun. */
  #hasToStop(): boolean {
    const { signal, stopping } = this.#input.module.job
    return signal.aborted || stopping?.aborted === true
  }

  /** Iterative over the chain of requisites, so that a chain of thousands needs no deep stack. */
  async #call(first: number): Promise<void> {
    const pending = [first]
    const waiting = new Set(pending)
    while (pending.length > 0) {
      const index = pending.at(-1) as number
      const next = this.#finished.has(index) ? undefined : this.#firstUnfinishedTarget(index, waiting)
      if (next !== undefined) {
        pending.push(next)
        waiting.add(next)
        continue
      }
      pending.pop()
      waiting.delete(index)
      if (!this.#finished.has(index)) await this.#callNow(index)
    }
  }

  #firstUnfinishedTarget(index: number, waiting: ReadonlySet<number>): number | undefined {
    const chunk = this.#chunk(index)
    for (const requisite of chunk.requisites) {
      if (!runsBefore(requisite)) continue
      for (const target of requisite.targets) {
        if (target !== index && !this.#finished.has(target) && !waiting.has(target)) return target
      }
    }
    return this.#prerequiredBy.get(index)?.find((other) => !this.#finished.has(other) && !waiting.has(other))
  }

  async #callNow(index: number): Promise<void> {
    const chunk = this.#chunk(index)
    const { clock, module } = this.#input
    const started = clock.now()
    const from = clock.monotonic()
    const step = { index: this.#order.length + 1, total: this.#input.chunks.length }
    module.job.progress({ ...step, fun: `${chunk.state}.${chunk.fun}`, id: chunk.id, name: chunk.name })
    const outcome = this.#stoppedBy
      ? skipped(false, `Not run: ${this.#stoppedBy.chunk.id} failed before and failhard stops the run`)
      : await this.#outcome(index, chunk)
    this.#finish(index, {
      chunk,
      outcome,
      number: this.#order.length,
      started,
      duration: clock.monotonic() - from,
    })
  }

  #finish(index: number, finished: Finished): void {
    this.#finished.set(index, finished)
    this.#order.push(finished)
    const { chunk, outcome } = finished
    if (outcome.result === null) {
      this.#predicted.push({
        state: chunk.state,
        fun: chunk.fun,
        id: chunk.id,
        name: chunk.name,
        changes: outcome.changes,
      })
    }
    const failhard = this.#input.failhard || chunk.globals.get('failhard') === true
    if (outcome.result === false && failhard && this.#input.act && !this.#stoppedBy)
      this.#stoppedBy = finished
  }

  async #outcome(index: number, chunk: LowChunk): Promise<StateOutcome> {
    const status = requisiteStatus(chunk, this.#finished)
    const kept = keptFromRunning(status) ?? this.#prerequiredFailure(index)
    if (kept) return kept
    const prereq = await this.#prereqOutcome(chunk)
    if (prereq) return prereq
    const bound = this.#input.bind(chunk)
    const outcome = await callState(chunk, bound, this.#context(chunk))
    if (status.kind !== 'watched-change' || outcome.skipWatch || !bound.definition.refresh) return outcome
    if (outcome.result === false || outcome.unknown !== undefined || hasChanges(outcome)) return outcome
    if (status.unknown.length > 0)
      return cannotTell(`it watches ${names(status.unknown)}, which cannot be told either`)
    return refreshState(chunk, bound, this.#context(chunk))
  }

  #prerequiredFailure(index: number): StateOutcome | undefined {
    const failed = (this.#prerequiredBy.get(index) ?? [])
      .map((other) => this.#finished.get(other))
      .filter((one): one is Finished => one?.outcome.result === false)
    return failed.length > 0 ? requisiteFailure(failed) : undefined
  }

  /** A prereq target is tried dry: only if it would change does the chunk run. */
  async #prereqOutcome(chunk: LowChunk): Promise<StateOutcome | undefined> {
    const targets = chunk.requisites
      .filter(({ kind }) => kind === 'prereq')
      .flatMap((requisite) => requisite.targets)
    if (targets.length === 0) return undefined
    let wouldChange = false
    for (const target of targets) {
      const other = this.#chunk(target)
      const tried = await callState(other, this.#input.bind(other), {
        ...this.#context(other),
        act: undefined,
      })
      if (tried.result === false) return failure(`One or more requisite failed: ${nameOf(other)}`)
      if (tried.result === null) wouldChange = true
    }
    return wouldChange ? undefined : fine('No changes detected')
  }

  /** After all others, once for each state that listens to one that changed. */
  async #listeners(): Promise<void> {
    for (const chunk of this.#input.chunks) {
      const targets = chunk.requisites
        .filter(({ kind }) => kind === 'listen')
        .flatMap((requisite) => requisite.targets)
      const heard = targets
        .map((target) => this.#finished.get(target))
        .filter((one): one is Finished => one !== undefined)
      if (!heard.some((one) => hasChanges(one.outcome))) continue
      const { clock } = this.#input
      const [started, from] = [clock.now(), clock.monotonic()]
      const bound = this.#input.bind(chunk)
      const outcome = await refreshState(chunk, bound, this.#context(chunk))
      const listener: LowChunk = { ...chunk, id: `listener_${chunk.id}`, fun: 'mod_watch' }
      this.#order.push({
        chunk: listener,
        outcome,
        number: this.#order.length,
        started,
        duration: clock.monotonic() - from,
      })
    }
  }

  #context(chunk: LowChunk): CallContext {
    const { look, act, module, settings } = this.#input
    const required = chunk.requisites
      .filter(({ kind }) => kind === 'require')
      .flatMap(({ targets }) => targets.map((target) => this.#chunk(target)))
    const sleep = (time: number): Promise<void> => sleepUnless(time, module.job.signal)
    return { look, act, module, settings, required, predicted: this.#predicted, sleep }
  }

  #chunk(index: number): LowChunk {
    const chunk = this.#input.chunks[index]
    if (!chunk) throw new RangeError(`no chunk ${index}`)
    return chunk
  }
}

function keptFromRunning(status: RequisiteStatus): StateOutcome | undefined {
  if (status.kind === 'failed') return requisiteFailure(status.by)
  if (status.kind === 'onfail-not-met')
    return skipped(true, 'State was not run because onfail req did not change')
  if (status.kind === 'onchanges-not-met') {
    return skipped(true, 'State was not run because none of the onchanges reqs changed')
  }
  if (status.kind === 'onchanges-unknown') {
    return cannotTell(`it runs on changes of ${names(status.by)}, which cannot be told either`)
  }
  return undefined
}

function requisiteFailure(by: readonly Finished[]): StateOutcome {
  const named = [...new Set(by.map(({ chunk }) => nameOf(chunk)))].join(', ')
  return failure(`One or more requisite failed: ${named}`)
}

const nameOf = (chunk: LowChunk): string => `${chunk.sls}.${chunk.id}`
const names = (finished: readonly Finished[]): string =>
  [...new Set(finished.map(({ chunk }) => chunk.id))].join(', ')

function sleepUnless(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    if (signal.aborted) done()
    else signal.addEventListener('abort', done)
  })
}
