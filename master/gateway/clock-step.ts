/**
 * Notices when the machine's wall clock was set. Connected minions reckon with the offset that they measured at their
 * greeting, so they are asked to come again: jobs would start late or be refused as expired.
 */
import type { Clock } from '../../shared/clock.ts'

/** Milliseconds between looks, and how far wall and monotonic time may part before it counts as a step. */
const interval = 5_000
const tolerance = 5_000

/** @param stepped told by how many milliseconds the clock was set forward (negative: back) @returns stops it */
export function watchClock(clock: Clock, stepped: (milliseconds: number) => void): () => void {
  let offset = clock.now() - clock.monotonic()
  const timer = setInterval(() => {
    const now = clock.now() - clock.monotonic()
    const step = now - offset
    if (Math.abs(step) < tolerance) return
    offset = now
    stepped(Math.round(step))
  }, interval).unref()
  return () => clearInterval(timer)
}
