/** Looks for states that wait for each other, before anything runs. */
import { TsaltError } from '../errors/error.ts'
import type { LowChunk } from './low.ts'

/** One error for each cycle found; cycles that share a state with one that was reported are left for the next run. */
export function findCycles(chunks: readonly LowChunk[]): TsaltError[] {
  const waitsFor = edges(chunks)
  const errors: TsaltError[] = []
  const reported = new Set<number>()
  const state = new Uint8Array(chunks.length)
  for (let start = 0; start < chunks.length; start++) {
    if (state[start] === 0) walk(start)
  }
  return errors

  /** Depth first with a stack of its own: chains of thousands are common. */
  function walk(start: number): void {
    const path = [start]
    const next = [0]
    state[start] = visiting
    while (path.length > 0) {
      const node = path[path.length - 1] ?? 0
      const at = next[next.length - 1] ?? 0
      const target = waitsFor[node]?.[at]
      if (target === undefined) {
        state[node] = done
        path.pop()
        next.pop()
        continue
      }
      next[next.length - 1] = at + 1
      if (state[target] === visiting) report(path.slice(path.indexOf(target)))
      else if (state[target] === 0) {
        state[target] = visiting
        path.push(target)
        next.push(0)
      }
    }
  }

  function report(members: readonly number[]): void {
    if (members.some((member) => reported.has(member))) return
    for (const member of members) reported.add(member)
    const named = members.map((member) => chunks[member]).filter((chunk) => chunk !== undefined)
    const [first] = named
    if (first === undefined) return
    const path = shortened([...named, first]).map((chunk) =>
      typeof chunk === 'string'
        ? chunk
        : `${chunk.state}: ${chunk.id === chunk.name ? chunk.id : `${chunk.id} (${chunk.name})`}`,
    )
    const alone = members.length === 1 ? { hint: 'It waits for itself: remove that requisite.' } : {}
    errors.push(
      new TsaltError(
        'requisite-cycle',
        { path: path.join(' → ') },
        {
          place: first.place,
          ...alone,
          related: named
            .slice(1, shown)
            .flatMap(({ place, id }) => (place ? [{ note: `"${id}"`, place }] : [])),
        },
      ),
    )
  }
}

/** Members of a long cycle that are named at its beginning. */
const shown = 10

function shortened(path: readonly LowChunk[]): (LowChunk | string)[] {
  if (path.length <= shown + 3) return [...path]
  return [...path.slice(0, shown), `… ${path.length - shown - 2} more …`, ...path.slice(-2)]
}

const visiting = 1
const done = 2

/** Chunk → chunks that must be done before it. Listen waits for nothing; a prereq makes its target wait. */
function edges(chunks: readonly LowChunk[]): number[][] {
  const waitsFor: number[][] = chunks.map(() => [])
  for (const [index, { requisites }] of chunks.entries()) {
    for (const { kind, targets } of requisites) {
      if (kind === 'listen') continue
      for (const target of targets) {
        if (kind === 'prereq') waitsFor[target]?.push(index)
        else waitsFor[index]?.push(target)
      }
    }
  }
  return waitsFor
}
