/**
 * Calls compiled chunks in order, pulling requisites forward where they come later (salt-semantics.md 5.4, 5.6, 5.10).
 * States with `parallel` are begun in their turn and not waited for, but by those that have them as a requisite. One
 * object for one run. What calls a state is a port: the minion's machine, or the master for an orchestration.
 */
import type { Clock } from '../clock.ts'
import type { LowChunk } from '../sls/low.ts'
import { ChunkGraph } from './chunk-graph.ts'
import { listenersInTurn } from './listeners.ts'
import { type Finished, hasChanges, type StateOutcome, skipped } from './outcome.ts'
import type { RunControl } from './run-control.ts'
import type { StateCaller } from './state-caller.ts'
import { StateCalls } from './state-calls.ts'

export interface Step {
  /** From 1. */
  readonly index: number
  readonly total: number
  /** `file.managed` */
  readonly fun: string
  readonly id: string
  readonly name: string
}

export interface RunParts<Act> {
  readonly chunks: readonly LowChunk[]
  readonly caller: StateCaller<Act>
  readonly clock: Clock
  /** Stop after the first failure, unless the state says `failhard: False`. */
  readonly failhard: boolean
  readonly test: boolean
  readonly mock?: boolean
  /** Once one is aborted (killed by an operator, the daemon stops) what runs is finished, and nothing more is begun. */
  readonly ends: readonly AbortSignal[]
  readonly control?: RunControl | undefined
  /** By `global_state_conditions`. Absent: every state may be called. */
  allowed?(chunk: LowChunk): boolean
  /** Before each state. */
  progress(step: Step): void
  /** Tag of the event that a result is. */
  eventOf?(chunk: LowChunk, number: number): string | undefined
  /** What is to be done after a state, whatever it is. */
  afterwards?(chunk: LowChunk, outcome: StateOutcome): Promise<StateOutcome>
  /** States that are called at the same time as the one whose turn has come (`aggregate`). */
  readonly together?: Together<Act>
}

export interface Together<Act> {
  /** @returns more than one where they go together; the first is the one whose turn has come */
  group(index: number, graph: ChunkGraph, open: (index: number) => boolean): readonly number[]
  call(group: readonly number[], call: (index: number, act?: Act) => Promise<void>): Promise<void>
}

/** States with `parallel` that are under way at the same time. */
const parallelLimit = 64

export class Execution<Act> {
  readonly #parts: RunParts<Act>
  readonly #graph: ChunkGraph
  readonly #calls: StateCalls<Act>
  readonly #finished = new Map<number, Finished>()
  readonly #listened: Finished[] = []
  readonly #running = new Map<number, Promise<void>>()
  #number = 0
  /** Why what is left is not run. */
  #stopped: string | undefined

  constructor(parts: RunParts<Act>) {
    this.#parts = parts
    this.#graph = new ChunkGraph(parts.chunks)
    this.#calls = new StateCalls({
      chunks: parts.chunks,
      graph: this.#graph,
      finished: this.#finished,
      caller: parts.caller,
      allowed: (chunk) => parts.allowed?.(chunk) ?? true,
      test: parts.test,
      mock: parts.mock === true,
    })
  }

  /** @returns every chunk, in the order in which it was called; listeners at the end. */
  async run(): Promise<readonly Finished[]> {
    for (let index = 0; index < this.#parts.chunks.length; index++) {
      if (this.#hasToEnd()) break
      await this.#bring(index)
    }
    await Promise.all(this.#running.values())
    if (!this.#hasToEnd()) await this.#listeners()
    await this.#leftovers()
    return [...this.#finished.values(), ...this.#listened].sort((a, b) => a.number - b.number)
  }

  #hasToEnd(): boolean {
    return this.#parts.ends.some(({ aborted }) => aborted)
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
    if (this.#chunk(index).globals.get('parallel') === true) return this.#beginBeside(index)
    await this.#requisitesOf(index)
    const { together } = this.#parts
    const group = together?.group(index, this.#graph, (other) => !this.#begun(other)) ?? []
    if (together === undefined || group.length < 2) return this.#call(index)
    for (const member of group.slice(1))
      for (const target of this.#graph.before(member)) await this.#bring(target)
    const open = group.filter((member) => !this.#begun(member))
    if (!this.#parts.test && open.length > 1) for (const member of open) await this.#requisitesOf(member)
    await together.call(open, (member, act) => this.#call(member, act))
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

  async #call(index: number, act?: Act): Promise<void> {
    const chunk = this.#chunk(index)
    const { control, ends, test } = this.#parts
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
    if (finished.outcome.result === false && !test && this.#isHard(chunk))
      this.#stopped ??= `${chunk.id} failed before and failhard stops the run`
  }

  /** Numbers, progress, time, and what is to be done after a state whatever it is. */
  async #timed(chunk: LowChunk, call: () => Promise<StateOutcome | undefined>): Promise<Finished> {
    const { clock, chunks, progress, afterwards, eventOf } = this.#parts
    const number = this.#number++
    const started = clock.now()
    const from = clock.monotonic()
    const step = { index: number + 1, total: Math.max(chunks.length, number + 1) }
    progress({ ...step, fun: `${chunk.state}.${chunk.fun}`, id: chunk.id, name: chunk.name })
    const called = (await call()) ?? skipped(true, '')
    const outcome = afterwards === undefined ? called : await afterwards(chunk, called)
    const duration = clock.monotonic() - from
    return { chunk, outcome, number, started, duration, event: eventOf?.(chunk, number) }
  }

  #isHard(chunk: LowChunk): boolean {
    const own = chunk.globals.get('failhard')
    return typeof own === 'boolean' ? own : this.#parts.failhard
  }

  /** After all others, once for each state that listens to one that changed; after a failhard stop as well. */
  async #listeners(): Promise<void> {
    const heard = (index: number): boolean => {
      const outcome = this.#finished.get(index)?.outcome
      return outcome !== undefined && (hasChanges(outcome) || outcome.unknown !== undefined)
    }
    for (const chunk of listenersInTurn(this.#parts.chunks, heard)) {
      if (this.#hasToEnd()) return
      const listener: LowChunk = { ...chunk, id: `listener_${chunk.id}`, fun: 'mod_watch' }
      const finished = await this.#timed(listener, () => this.#calls.listener(chunk))
      this.#listened.push(finished)
    }
  }

  /** What states left to the end, such as reading unit files again; states that listen have been called by then. */
  async #leftovers(): Promise<void> {
    for (const [index, chunk] of this.#parts.chunks.entries()) {
      if (this.#hasToEnd()) return
      const outcome = await this.#calls.left(chunk, this.#finished.get(index)?.outcome)
      if (outcome === undefined) continue
      const leftover: LowChunk = { ...chunk, id: `listener_${chunk.id}`, fun: 'mod_watch' }
      this.#listened.push(await this.#timed(leftover, () => Promise.resolve(outcome)))
    }
  }

  #chunk(index: number): LowChunk {
    const chunk = this.#parts.chunks[index]
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
