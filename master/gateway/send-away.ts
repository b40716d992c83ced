/** Sends minions away so that they come back one after another and not all at once. */
import type { Clock } from '../../shared/clock.ts'
import type { Connection } from './live-sessions.ts'

const slice = 250
const slicePause = 25
/** The first may be back after this many milliseconds: about what a restart takes. */
const soonest = 1_000

/**
 * Tells all, waits until what they are owed is written, and closes them in slices.
 * @param rate connections that the master admits in a second @param patience milliseconds for all of it
 */
export async function sendAway(
  connections: readonly Connection[],
  clock: Clock,
  rate: number,
  patience: number,
): Promise<void> {
  const end = clock.monotonic() + patience
  const spread = rate > 0 ? (connections.length / rate) * 1_500 : connections.length
  for (const { channel } of connections) {
    const comeBackAfter = Math.round(soonest + clock.random() * spread)
    if (channel.isOpen) channel.send('drain', { comeBackAfter })
  }
  for (let at = 0; at < connections.length; at += slice) {
    const some = connections.slice(at, at + slice)
    const left = Math.max(0, end - clock.monotonic())
    await Promise.all(some.map(({ channel }) => within(left, channel.drained())))
    for (const { channel } of some) channel.close('the master is stopping')
    await pause(slicePause)
  }
  // What was sent with the closing gets a moment; who does not close is cut.
  await pause(Math.min(100, Math.max(0, end - clock.monotonic())))
  for (const { channel } of connections) channel.terminate('the master is stopping')
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([work, over])
  clearTimeout(timer)
}
