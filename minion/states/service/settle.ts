/** Waits, and ends early when the job is killed. */
import { setTimeout as wait } from 'node:timers/promises'

export async function settle(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(seconds * 1000, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
