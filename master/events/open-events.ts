/** The event bus of a master, put together: what it stores, what it forgets, and who comes and goes. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MasterOptions } from '../../shared/config/master-options.ts'
import type { Sessions } from '../gateway/sessions.ts'
import { inSlices, sliceRows } from '../store/in-slices.ts'
import type { Store } from '../store/store.ts'
import { completeReturn } from './complete-return.ts'
import { type EventBus, makeEventBus } from './event-bus.ts'
import { watchPresence } from './presence.ts'

export interface EventsSetup {
  readonly options: Pick<MasterOptions, 'event_keep_seconds' | 'event_keep_count'>
  readonly clock: Clock
  readonly logger: Logger
}

const everyFewMinutes = 5 * 60_000

/** @param stops what ends it is added: before the store closes */
export function openEvents(
  { options, clock, logger }: EventsSetup,
  store: Store,
  sessions: Pick<Sessions, 'watch' | 'find'>,
  stops: (() => void | Promise<void>)[],
): EventBus {
  const bus = makeEventBus({
    store: store.events,
    clock,
    log: logger,
    complete: completeReturn(store.returns),
  })
  const stopping = new AbortController()
  async function prune(): Promise<void> {
    const before = clock.now() - options.event_keep_seconds * 1000
    const most = options.event_keep_count
    await inSlices(
      async () => (await store.events.prune(before, most, sliceRows)) === sliceRows,
      stopping.signal,
    )
  }
  const timer = setInterval(() => {
    prune().catch((error: unknown) => logger.warn({ err: error }, 'old events could not be forgotten'))
  }, everyFewMinutes)
  timer.unref()
  stops.push(
    () => bus.stop(),
    () => {
      clearInterval(timer)
      stopping.abort()
    },
    watchPresence(sessions, bus),
  )
  return bus
}
