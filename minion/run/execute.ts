/**
 * Calls compiled chunks in order, pulling requisites forward where they come later (salt-semantics.md 5.4, 5.6, 5.10).
 * States with `parallel` are begun in their turn and not waited for, but by those that have them as a requisite. One
 * object for one run.
 */
import type { Clock } from '../../shared/clock.ts'
import type { Value } from '../../shared/data/value.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { StateFunction } from '../states/contract.ts'
import type { Changer } from '../system/changer.ts'
import { aggregates, companions } from './aggregate.ts'
import { askAhead } from './ahead.ts'
import type { BoundState, StateSettings } from './call-state.ts'
import { ChunkGraph } from './chunk-graph.ts'
import { Gathering } from './gathered-changer.ts'
import { listenersInTurn } from './listeners.ts'
import { type Finished, hasChanges, type StateOutcome, skipped } from './outcome.ts'
import type { RunControl } from './run-control.ts'
import { type RunMachine, StateCalls } from './state-calls.ts'

export interface ExecutionInput {
  readonly chunks: readonly LowChunk[]
  /** Validated arguments and function of a chunk. */
  bind(chunk: LowChunk): BoundState
  find(chunk: LowChunk): StateFunction | undefined
  readonly machine: RunMachine
  readonly clock: Clock
  /** Stop after the first failure, unless the state says `failhard: False`. */
  readonly failhard: boolean
  readonly settings: StateSettings
  /** True, or the modules whose states are called together. */
  readonly aggregate?: Value
  /** Every result is an event. */
  readonly events?: boolean
  readonly mock?: boolean
  /** By `global_state_conditions`. Absent: every state may be called. */
  allowed?(chunk: LowChunk): boolean
  readonly control?: RunControl
  /** The machine with fresh grains or pillar. @throws TsaltError where they can't be had */
  reload?(what: { readonly grains: boolean; readonly pillar: boolean }): Promise<RunMachine>
}

/** States with `parallel` that are under way at the same time. */
const parallelLimit = 64

export class Execution {
  readonly #input: ExecutionInput
  readonly #graph: ChunkGraph
  readonly #calls: StateCalls
  readonly #finished = new Map<number, Finished>()
  readonly #listened: Finished[] = []
  readonly #running = new Map<number, Promise<void>>()
  #machine: RunMachine
  #number = 0
  /** Why what is left is not run. */
  #stopped: string | undefined

  constructor(input: ExecutionInput) {
    this.#input = input
    this.#machine = input.machine
    this.#graph = new ChunkGraph(input.chunks)
    this.#calls = new StateCalls({
      chunks: input.chunks,
      graph: this.#graph,
      finished: this.#finished,
      bind: input.bind,
      find: input.find,
      settings: input.settings,
      allowed: (chunk) => input.allowed?.(chunk) ?? true,
      test: input.machine.act === undefined,
      mock: input.mock === true,
      machine: () => this.#machine,
      random: () => input.clock.random(),
    })
  }

  /** @returns every chunk, in the order in which it was called; listeners at the end. */
  async run(): Promise<readonly Finished[]> {
    await askAhead(this.#input.chunks, this.#machine.look)
    for (let index = 0; index < this.#input.chunks.length; index++) {
      if (this.#hasToEnd()) break
      await this.#bring(index)
    }
    await Promise.all(this.#running.values())
    if (!this.#hasToEnd()) await this.#listeners()
    await this.#leftovers()
    return [...this.#finished.values(), ...this.#listened].sort((a, b) => a.number - b.number)
  }

  /** Killed by an operator, or the minion stops: what runs is finished, nothing more is begun. */
  #hasToEnd(): boolean {
    const { signal, stopping } = this.#machine.module.job
    return signal.aborted || stopping?.aborted === true
  }

  readonly #begun = (index: number): boolean => this.#finished.has(index) || this.#running.has(index)

  /** Begins a chunk after its requisites. Iterative, so that a chain of thousands needs no deep stack. */
  async #bring(first: number): Promise<void> {
    const pending = [first]
    const waiting = new Set(pending)
    while (pending.length > 0) {
      const index = pending.at(-1) as number
      const next = this.#begun(index) ? undefined : this.#firstBefore(index, waiting)
      if (next !== undefined) {
        pending.push(next)
        waiting.add(next)
        continue
      }
      pending.pop()
      waiting.delete(index)
      if (!this.#begun(index)) await this.#begin(index)
    }
  }

  #firstBefore(index: number, waiting: ReadonlySet<number>): number | undefined {
    return this.#graph.before(index).find((target) => !this.#begun(target) && !waiting.has(target))
  }

  async #begin(index: number): Promise<void> {
    const chunk = this.#chunk(index)
    if (chunk.globals.get('parallel') === true) return this.#beginBeside(index)
    await this.#requisitesOf(index)
    if (!aggregates(chunk, this.#input.aggregate ?? null)) return this.#call(index)
    const group = companions(index, this.#input.chunks, this.#graph, (other) => !this.#begun(other))
    for (const member of group.slice(1))
      for (const target of this.#graph.before(member)) await this.#bring(target)
    await this.#callTogether(group.filter((member) => !this.#begun(member)))
  }

  async #beginBeside(index: number): Promise<void> {
    while (this.#running.size >= parallelLimit) await Promise.race(this.#running.values())
    const task = this.#requisitesOf(index)
      .then(() => this.#call(index))
      .finally(() => this.#running.delete(index))
    this.#running.set(index, task)
    // Whoever waits for it sees the error; without anybody it must not end the process.
    task.catch(() => undefined)
  }

  async #requisitesOf(index: number): Promise<void> {
    if (this.#running.size === 0) return
    await Promise.all(this.#graph.before(index).map((target) => this.#running.get(target)))
  }

  async #callTogether(group: readonly number[]): Promise<void> {
    const { act } = this.#machine
    if (act === undefined || group.length < 2) {
      for (const member of group) await this.#call(member)
      return
    }
    for (const member of group) await this.#requisitesOf(member)
    const gathering = new Gathering(act, group.length)
    await Promise.all(
      group.map((index) => {
        const member = gathering.member()
        return this.#call(index, member.act).finally(member.done)
      }),
    )
  }

  async #call(index: number, act?: Changer): Promise<void> {
    const chunk = this.#chunk(index)
    const { control } = this.#input
    const { signal, stopping } = this.#machine.module.job
    const ends = stopping ? [signal, stopping] : [signal]
    if (control && this.#stopped === undefined && !(await control.mayCall(chunk.id, ends)))
      this.#stopped = 'the run was ended by state.soft_kill'
    if (this.#hasToEnd()) return
    const finished = await this.#timed(chunk, () =>
      this.#stopped === undefined
        ? this.#calls.outcome(index, act)
        : Promise.resolve(skipped(false, `Not run: ${this.#stopped}`)),
    )
    this.#finished.set(index, finished)
    this.#calls.notePrediction(finished)
    if (finished.outcome.result === false && this.#machine.act && this.#isHard(chunk))
      this.#stopped ??= `${chunk.id} failed before and failhard stops the run`
  }

  /** Numbers, progress, time, and what is to be done after a state whatever it is. */
  async #timed(chunk: LowChunk, call: () => Promise<StateOutcome | undefined>): Promise<Finished> {
    const { clock, chunks } = this.#input
    const { job } = this.#machine.module
    const number = this.#number++
    const started = clock.now()
    const from = clock.monotonic()
    const step = { index: number + 1, total: Math.max(chunks.length, number + 1) }
    job.progress({ ...step, fun: `${chunk.state}.${chunk.fun}`, id: chunk.id, name: chunk.name })
    const outcome = await this.#reloaded(chunk, (await call()) ?? skipped(true, ''))
    const duration = clock.monotonic() - from
    return { chunk, outcome, number, started, duration, event: this.#eventOf(chunk, number) }
  }

  async #reloaded(chunk: LowChunk, outcome: StateOutcome): Promise<StateOutcome> {
    const grains = chunk.globals.get('reload_grains') === true
    const pillar = chunk.globals.get('reload_pillar') === true
    if (!outcome.ran || !(grains || pillar) || !this.#input.reload) return outcome
    try {
      this.#machine = await this.#input.reload({ grains, pillar })
      return outcome
    } catch (error) {
      const what = [grains ? 'grains' : '', pillar ? 'pillar' : ''].filter(Boolean).join(' and ')
      const why = error instanceof Error ? error.message : String(error)
      return {
        ...outcome,
        result: false,
        comment: `${outcome.comment}\n${what} could not be reloaded: ${why}`,
      }
    }
  }

  #isHard(chunk: LowChunk): boolean {
    const own = chunk.globals.get('failhard')
    return typeof own === 'boolean' ? own : this.#input.failhard
  }

  /** As Salt names events of states. */
  #eventOf(chunk: LowChunk, number: number): string | undefined {
    const wish = chunk.globals.get('fire_event')
    const { job, id } = this.#machine.module
    if (wish === true || typeof wish === 'string')
      return `salt/state_result/${job.jid}/${id}/${wish === true ? chunk.name : wish}`
    return this.#input.events === true ? `salt/job/${job.jid}/prog/${id}/${number}` : undefined
  }

  /** After all others, once for each state that listens to one that changed; after a failhard stop as well. */
  async #listeners(): Promise<void> {
    const heard = (index: number): boolean => {
      const outcome = this.#finished.get(index)?.outcome
      return outcome !== undefined && (hasChanges(outcome) || outcome.unknown !== undefined)
    }
    for (const chunk of listenersInTurn(this.#input.chunks, heard)) {
      if (this.#hasToEnd()) return
      const listener: LowChunk = { ...chunk, id: `listener_${chunk.id}`, fun: 'mod_watch' }
      const finished = await this.#timed(listener, () => this.#calls.listener(chunk))
      this.#listened.push(finished)
    }
  }

  /** What states left to the end, such as reading unit files again; states that listen have been called by then. */
  async #leftovers(): Promise<void> {
    for (const [index, chunk] of this.#input.chunks.entries()) {
      if (this.#hasToEnd()) return
      const outcome = await this.#calls.left(chunk, this.#finished.get(index)?.outcome)
      if (outcome === undefined) continue
      const leftover: LowChunk = { ...chunk, id: `listener_${chunk.id}`, fun: 'mod_watch' }
      this.#listened.push(await this.#timed(leftover, () => Promise.resolve(outcome)))
    }
  }

  #chunk(index: number): LowChunk {
    const chunk = this.#input.chunks[index]
    if (!chunk) throw new RangeError(`no chunk ${index}`)
    return chunk
  }
}

/** Drops the requisites that the option `disabled_requisites` names. */
export function withoutRequisites(
  chunks: readonly LowChunk[],
  disabled: readonly string[],
): readonly LowChunk[] {
  if (disabled.length === 0) return chunks
  return chunks.map((chunk) => ({
    ...chunk,
    requisites: chunk.requisites.filter(({ kind }) => !disabled.includes(kind)),
  }))
}
