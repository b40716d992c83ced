/** What a run is going to ask of the machine, asked at once before it begins. */
import { isTsaltError } from '../../shared/errors/error.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { Reader } from '../system/reader.ts'

/** A hundred service.running are one question; what the reader has heard it keeps until something changes. */
export async function askAhead(chunks: readonly LowChunk[], look: Reader): Promise<void> {
  const names = new Set(chunks.filter(({ state }) => state === 'service').map(({ name }) => name))
  if (names.size < 2) return
  try {
    await look.services.states([...names])
  } catch (error) {
    // Each state will be told the same, and say so.
    if (!isTsaltError(error)) throw error
  }
}
