/** What becomes of one chunk, by what became of those before it: requisites, prereq, conditions, the call, watch. */
import type { LowChunk } from '../../shared/sls/low.ts'
import type { ModuleContext } from '../modules/contract.ts'
import type { PredictedChange, StateFunction } from '../states/contract.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import {
  type BoundState,
  type CallContext,
  callListener,
  callState,
  finishState,
  refreshState,
  type StateSettings,
} from './call-state.ts'
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
import { type RequisiteStatus, requisiteStatus } from './requisites.ts'

/** The machine as states see it; another once a state asked for fresh grains or pillar. */
export interface RunMachine {
  readonly look: Reader
  /** Absent: a dry run. */
  readonly act: Changer | undefined
  readonly module: ModuleContext
}

export interface CallsInput {
  readonly chunks: readonly LowChunk[]
  readonly graph: ChunkGraph
  readonly finished: ReadonlyMap<number, Finished>
  /** Validated arguments and function of a chunk. */
  bind(chunk: LowChunk): BoundState
  find(chunk: LowChunk): StateFunction | undefined
  readonly settings: StateSettings
  /** Whether the configuration lets a state be called. */
  allowed(chunk: LowChunk): boolean
  readonly test: boolean
  /** Every state says that it was called, and nothing is. */
  readonly mock: boolean
  machine(): RunMachine
  /** In [0, 1). */
  random(): number
}

export class StateCalls {
  readonly #input: CallsInput
  readonly #predicted: PredictedChange[] = []

  /** What states of this run leave for later ones. */
  readonly #memory = new Map<unknown, unknown>()

  constructor(input: CallsInput) {
    this.#input = input
  }

  /** @param act instead of the run's own, where states are called together */
  async outcome(index: number, act?: Changer): Promise<StateOutcome> {
    const chunk = this.#chunk(index)
    const outcome = await this.#called(index, chunk, act)
    const ignored = ignoredArguments(chunk)
    return ignored.length > 0 ? { ...outcome, warnings: [...(outcome.warnings ?? []), ...ignored] } : outcome
  }

  async #called(index: number, chunk: LowChunk, act: Changer | undefined): Promise<StateOutcome> {
    const status = requisiteStatus(chunk, this.#input.finished)
    const kept = keptFromRunning(status) ?? this.#prerequiredFailure(index)
    if (kept) return kept
    if (!this.#input.allowed(chunk)) return conditionsNotMet
    if (this.#input.mock) return fine('Not called, mocked')
    const prereq = await this.#prereqOutcome(chunk)
    if (prereq) return prereq
    const context = this.#context(chunk, act)
    const outcome = await callState(chunk, context)
    if (status.kind !== 'watched-change' || outcome.skipWatch || !this.#refreshes(chunk)) return outcome
    if (outcome.result === false || outcome.unknown !== undefined || hasChanges(outcome)) return outcome
    if (status.unknown.length > 0)
      return cannotTell(`it watches ${names(status.unknown)}, which cannot be told either`)
    return refreshState(chunk, context)
  }

  /** @returns undefined: nothing that the chunk listens to changed */
  async listener(chunk: LowChunk): Promise<StateOutcome | undefined> {
    const heard = chunk.requisites
      .filter(({ kind }) => kind === 'listen')
      .flatMap(({ targets }) => targets.map((target) => this.#input.finished.get(target)))
      .filter((one): one is Finished => one !== undefined)
    if (heard.some((one) => hasChanges(one.outcome))) {
      if (!this.#input.allowed(chunk)) return conditionsNotMet
      return callListener(chunk, this.#context(chunk, undefined))
    }
    const unknown = heard.filter(({ outcome }) => outcome.unknown !== undefined)
    return unknown.length > 0
      ? cannotTell(`it listens to ${names(unknown)}, which cannot be told either`)
      : undefined
  }

  /** What a state that changed something left to the end of the run; undefined: nothing. */
  async left(chunk: LowChunk, outcome: StateOutcome | undefined): Promise<StateOutcome | undefined> {
    if (!outcome || !outcome.ran || !hasChanges(outcome) || !this.#input.find(chunk)?.atEnd) return undefined
    return finishState(chunk, this.#context(chunk, undefined))
  }

  /** A dry run's later states may depend on what this one would change. */
  notePrediction({ chunk: { state, fun, id, name }, outcome }: Finished): void {
    if (this.#input.test && outcome.result === null)
      this.#predicted.push({ state, fun, id, name, changes: outcome.changes })
  }

  #refreshes(chunk: LowChunk): boolean {
    return this.#input.find(chunk)?.refresh !== undefined
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
      const tried = await callState(other, { ...this.#context(other, undefined), act: undefined })
      if (tried.result === false) return failure(`One or more requisite failed: ${nameOf(other)}`)
      if (tried.result === null) wouldChange = true
    }
    return wouldChange ? undefined : fine('No changes detected')
  }

  #context(chunk: LowChunk, act: Changer | undefined): CallContext {
    const { bind, settings, test, random } = this.#input
    const machine = this.#input.machine()
    const required = chunk.requisites
      .filter(({ kind }) => kind === 'require')
      .flatMap(({ targets }) => targets.map((target) => this.#chunk(target)))
    const { signal, stopping } = machine.module.job
    return {
      bind,
      random,
      look: machine.look,
      act: act ?? machine.act,
      module: machine.module,
      settings,
      memory: this.#memory,
      required,
      test,
      predicted: this.#predicted,
      sleep: (time) => sleepUnless(time, stopping ? [signal, stopping] : [signal]),
    }
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

function sleepUnless(milliseconds: number, signals: readonly AbortSignal[]): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => done(true), milliseconds)
    const stop = (): void => done(false)
    function done(whole: boolean): void {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', stop)
      resolve(whole)
    }
    if (signals.some(({ aborted }) => aborted)) done(false)
    else for (const signal of signals) signal.addEventListener('abort', stop)
  })
}
