/** What `state.sls_id` calls: the chunks of one ID, with what they require. */
import { nearest } from '../data/nearest.ts'
import { TsaltError } from '../errors/error.ts'
import type { Compiled } from './compiled.ts'
import type { LowChunk } from './low.ts'

/** @returns in their order, with requisites among themselves; empty where nothing has the ID */
export function onlyId(chunks: readonly LowChunk[], id: string): LowChunk[] {
  const wanted = new Set<number>()
  const pending = chunks.flatMap((chunk, index) => (chunk.id === id ? [index] : []))
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (wanted.has(index)) continue
    wanted.add(index)
    for (const { kind, targets } of chunks[index]?.requisites ?? [])
      if (kind !== 'listen') pending.push(...targets)
  }
  const kept = [...wanted].sort((a, b) => a - b)
  const places = new Map(kept.map((index, place) => [index, place]))
  return kept.flatMap((index) => {
    const chunk = chunks[index]
    return chunk === undefined ? [] : [{ ...chunk, requisites: among(chunk, places) }]
  })
}

function among({ requisites }: LowChunk, places: ReadonlyMap<number, number>): LowChunk['requisites'] {
  return requisites.flatMap((requisite) => {
    const targets = requisite.targets.flatMap((target) => places.get(target) ?? [])
    return targets.length > 0 ? [{ ...requisite, targets }] : []
  })
}

export function noSuchId(id: string, { chunks, top }: Compiled): TsaltError {
  const near = nearest(
    id,
    chunks.map((chunk) => chunk.id),
  )
  const sls = [...top.values()].flat().join(', ')
  return new TsaltError(
    'sls-id-missing',
    { id, sls },
    near === undefined ? {} : { hint: `Did you mean "${near}"?` },
  )
}
