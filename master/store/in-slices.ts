/** Long removals, a slice at a time: between two of them everybody else has their turn at the store. */
import { setTimeout as pause } from 'node:timers/promises'

/** Rows of one transaction. */
export const sliceRows = 500
/** Milliseconds between two. */
const slicePause = 10

/** @param remove one slice of at most `sliceRows`; resolves to whether there may be more */
export async function inSlices(remove: () => Promise<boolean>, stopping: AbortSignal): Promise<void> {
  while (await remove()) {
    await pause(slicePause)
    if (stopping.aborted) return
  }
}
