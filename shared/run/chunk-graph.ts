/** Which chunks have to be done before which others; made once for a run, in time linear to its requisites. */
import type { LowChunk, Requisite, RequisiteKind } from '../sls/low.ts'
import { runsBefore } from './requisites.ts'

/** In which order Salt brings forward what a state asks for, whatever the order in which it is written. */
const turns: readonly RequisiteKind[] = [
  'require',
  'require_any',
  'watch',
  'watch_any',
  'prereq',
  'onfail',
  'onfail_any',
  'onchanges',
  'onchanges_any',
]
function turnOf({ kind }: Requisite): number {
  const turn = turns.indexOf(kind)
  return turn === -1 ? turns.length : turn
}

const inTurn = (requisites: readonly Requisite[]): readonly Requisite[] =>
  requisites.length < 2 ? requisites : requisites.toSorted((a, b) => turnOf(a) - turnOf(b))

export class ChunkGraph {
  /** Chunk → chunks that are done before it, in the order of its requisites. */
  readonly #before: readonly (readonly number[])[]
  readonly #after: readonly (readonly number[])[]
  /** Chunk → chunks that have it as their prereq. */
  readonly #prerequiredBy = new Map<number, number[]>()

  constructor(chunks: readonly LowChunk[]) {
    const before: number[][] = chunks.map(() => [])
    const after: number[][] = chunks.map(() => [])
    for (const [index, { requisites }] of chunks.entries()) {
      for (const requisite of inTurn(requisites)) {
        for (const target of requisite.targets) {
          if (target === index) continue
          if (requisite.kind === 'prereq') this.#notePrereq(target, index)
          else if (runsBefore(requisite)) before[index]?.push(target)
        }
      }
    }
    for (const [target, others] of this.#prerequiredBy) before[target]?.push(...others)
    for (const [index, targets] of before.entries()) for (const target of targets) after[target]?.push(index)
    this.#before = before
    this.#after = after
  }

  before(index: number): readonly number[] {
    return this.#before[index] ?? []
  }

  prerequiredBy(index: number): readonly number[] {
    return this.#prerequiredBy.get(index) ?? []
  }

  /** All that wait for the chunk, at any distance; itself not among them. */
  dependents(index: number): Set<number> {
    const found = new Set<number>()
    const pending = [index]
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      for (const other of this.#after[at] ?? []) {
        if (found.has(other)) continue
        found.add(other)
        pending.push(other)
      }
    }
    return found
  }

  #notePrereq(target: number, index: number): void {
    const list = this.#prerequiredBy.get(target)
    if (list) list.push(index)
    else this.#prerequiredBy.set(target, [index])
  }
}
