/** What becomes of one chunk, by what became of those before it: requisites, prereq, conditions, the call, watch. */
import type { LowChunk } from '../sls/low.ts'
import type { ChunkGraph } from './chunk-graph.ts'
import { ignoredArguments } from './ignored-arguments.ts'
import {
  cannotTell,
  type Finished,
  failure,
  fine,
  hasChanges,
  type StateOutcome,
  skipped,
} from './outcome.ts'
import type { PredictedChange } from './related-state.ts'
import { type RequisiteStatus, requisiteStatus } from './requisites.ts'
import type { CallManner, StateCaller } from './state-caller.ts'

export interface CallsInput<Act> {
  readonly chunks: readonly LowChunk[]
  readonly graph: ChunkGraph
  readonly finished: ReadonlyMap<number, Finished>
  readonly caller: StateCaller<Act>
  /** Whether the configuration lets a state be called. */
  allowed(chunk: LowChunk): boolean
  readonly test: boolean
  /** Every state says that it was called, and nothing is. */
  readonly mock: boolean
}

export class StateCalls<Act> {
  readonly #input: CallsInput<Act>
  readonly #predicted: PredictedChange[] = []

  constructor(input: CallsInput<Act>) {
    this.#input = input
  }

  /** @param act instead of the run's own, where states are called together */
  async outcome(index: number, act?: Act): Promise<StateOutcome> {
    const chunk = this.#chunk(index)
    const outcome = await this.#called(index, chunk, act)
    const ignored = ignoredArguments(chunk)
    return ignored.length > 0 ? { ...outcome, warnings: [...(outcome.warnings ?? []), ...ignored] } : outcome
  }

  async #called(index: number, chunk: LowChunk, act: Act | undefined): Promise<StateOutcome> {
    const status = requisiteStatus(chunk, this.#input.finished)
    const kept = keptFromRunning(status) ?? this.#prerequiredFailure(index)
    if (kept) return kept
    if (!this.#input.allowed(chunk)) return conditionsNotMet
    if (this.#input.mock) return fine('Not called, mocked')
    const prereq = await this.#prereqOutcome(chunk)
    if (prereq) return prereq
    const { caller } = this.#input
    const manner = this.#manner(chunk, act)
    const outcome = await caller.call(chunk, manner)
    if (status.kind !== 'watched-change' || outcome.skipWatch || !caller.canRefresh(chunk)) return outcome
    if (outcome.result === false || outcome.unknown !== undefined || hasChanges(outcome)) return outcome
    if (status.unknown.length > 0)
      return cannotTell(`it watches ${names(status.unknown)}, which cannot be told either`)
    return caller.refresh(chunk, manner)
  }

  /** @returns undefined: nothing that the chunk listens to changed */
  async listener(chunk: LowChunk): Promise<StateOutcome | undefined> {
    const heard = chunk.requisites
      .filter(({ kind }) => kind === 'listen')
      .flatMap(({ targets }) => targets.map((target) => this.#input.finished.get(target)))
      .filter((one): one is Finished => one !== undefined)
    if (heard.some((one) => hasChanges(one.outcome))) {
      if (!this.#input.allowed(chunk)) return conditionsNotMet
      return this.#input.caller.listen(chunk, this.#manner(chunk, undefined))
    }
    const unknown = heard.filter(({ outcome }) => outcome.unknown !== undefined)
    return unknown.length > 0
      ? cannotTell(`it listens to ${names(unknown)}, which cannot be told either`)
      : undefined
  }

  /** What a state that changed something left to the end of the run; undefined: nothing. */
  async left(chunk: LowChunk, outcome: StateOutcome | undefined): Promise<StateOutcome | undefined> {
    if (!outcome?.ran || !hasChanges(outcome)) return undefined
    return this.#input.caller.finish(chunk, this.#manner(chunk, undefined))
  }

  /** A dry run's later states may depend on what this one would change. */
  notePrediction({ chunk: { state, fun, id, name }, outcome }: Finished): void {
    if (this.#input.test && outcome.result === null)
      this.#predicted.push({ state, fun, id, name, changes: outcome.changes })
  }

  #prerequiredFailure(index: number): StateOutcome | undefined {
    const failed = this.#input.graph
      .prerequiredBy(index)
      .map((other) => this.#input.finished.get(other))
      .filter((one): one is Finished => one?.outcome.result === false)
    return failed.length > 0 ? requisiteFailure(failed) : undefined
  }

  /** A prereq target is tried dry: only if one would change does the chunk run. */
  async #prereqOutcome(chunk: LowChunk): Promise<StateOutcome | undefined> {
    const targets = chunk.requisites
      .filter(({ kind }) => kind === 'prereq')
      .flatMap((requisite) => requisite.targets)
    if (targets.length === 0) return undefined
    let wouldChange = false
    for (const target of targets) {
      const other = this.#chunk(target)
      const tried = await this.#input.caller.call(other, { ...this.#manner(other, undefined), tried: true })
      if (tried.result === false) return failure(`One or more requisite failed: ${nameOf(other)}`)
      if (tried.result === null) wouldChange = true
    }
    return wouldChange ? undefined : fine('No changes detected')
  }

  #manner(chunk: LowChunk, act: Act | undefined): CallManner<Act> {
    const required = chunk.requisites
      .filter(({ kind }) => kind === 'require')
      .flatMap(({ targets }) => targets.map((target) => this.#chunk(target)))
    return { act, required, predicted: this.#predicted }
  }

  #chunk(index: number): LowChunk {
    const chunk = this.#input.chunks[index]
    if (!chunk) throw new RangeError(`no chunk ${index}`)
    return chunk
  }
}

const conditionsNotMet: StateOutcome = {
  result: null,
  comment: 'Failed to meet global state conditions. State not called.',
  changes: {},
  ran: false,
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
