/** `retry` with a key that means nothing: a misspelt `interval` would wait half a minute instead of a second. */
import { nearest } from '../data/nearest.ts'
import { placeOfKey } from '../data/provenance.ts'
import { isDict } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { LowChunk } from './low.ts'

const known: readonly string[] = ['attempts', 'until', 'interval', 'splay']

export function retryMistakes({
  globals,
  id,
  place,
}: Pick<LowChunk, 'globals' | 'id' | 'place'>): TsaltError[] {
  const retry = globals.get('retry') ?? null
  if (!isDict(retry)) return []
  return [...retry.keys()]
    .filter((key) => !known.includes(String(key)))
    .map((key) => {
      const near = nearest(String(key), known)
      const at = { place: placeOfKey(retry, key) ?? place }
      const hint = near === undefined ? {} : { hint: `Did you mean "${near}"?` }
      return new TsaltError('retry-key-unknown', { key: String(key), id }, { ...at, ...hint })
    })
}
