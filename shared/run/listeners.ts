/** Which states hear of a change, and whose turn is first. */
import type { LowChunk } from '../sls/low.ts'

/**
 * As in Salt, states are called in the order in which the listening was written: a state with `listen` in its own turn,
 * one that is named by a `listen_in` in the turn of the state that names it.
 * @param heard has the chunk changed, or may it have
 */
export function listenersInTurn(chunks: readonly LowChunk[], heard: (index: number) => boolean): LowChunk[] {
  const turns: Turn[] = []
  for (const [index, chunk] of chunks.entries()) {
    for (const { kind, targets, askedAs } of chunk.requisites) {
      if (kind !== 'listen') continue
      for (const target of targets.filter(heard))
        turns.push({ chunk, index, by: askedAs === undefined ? index : target, askedAs: askedAs ?? -1 })
    }
  }
  turns.sort((a, b) => a.by - b.by || a.askedAs - b.askedAs || a.index - b.index)
  return [...new Set(turns.map(({ chunk }) => chunk))]
}

interface Turn {
  readonly chunk: LowChunk
  readonly index: number
  /** The chunk that says so. */
  readonly by: number
  readonly askedAs: number
}
