/** The times of an entry as text, to tell whether they are still the same. */
import { encodeValue, type Json } from '../data/codec.ts'
import type { Dict } from '../data/value.ts'

const timingKeys = [
  'seconds',
  'minutes',
  'hours',
  'days',
  'cron',
  'when',
  'once',
  'after',
  'until',
  'range',
  'splay',
]

export function timingText(entry: Dict): string {
  const chosen: [string, Json][] = timingKeys.flatMap((key) =>
    entry.has(key) ? [[key, encodeValue(entry.get(key) ?? null)]] : [],
  )
  return JSON.stringify(chosen)
}
