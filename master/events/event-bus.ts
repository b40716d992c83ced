/**
 * The event bus: what happens on the master and what minions tell, stored in one order with a number each. Whoever
 * follows it reads the store from its own number on, so a slow reader costs nothing and misses nothing.
 */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Plain, toValue, type Value } from '../../shared/data/value.ts'
import type { MinionId } from '../../shared/ids.ts'
import type { BeaconSend } from '../../shared/protocol/messages/beacon-send.ts'
import type { EventRow, EventStore } from '../store/events.ts'

export interface EventBusParts {
  readonly store: EventStore
  readonly clock: Clock
  readonly log: Logger
  /** Fills in what is kept elsewhere, as the body of a job's return. */
  readonly complete: (event: EventRow) => Promise<EventRow>
}

export interface FollowRequest {
  /** Events after this number; undefined: those from now on. */
  readonly since: number | undefined
  /** Asked of each event, in their order. */
  readonly matches: (tag: string, sequence: number) => boolean
  /** False: ends where the stored events end. */
  readonly live: boolean
  readonly signal: AbortSignal
}

/** What the rest of the master may do with events. */
export interface Events {
  /** In the background: an event that cannot be stored is logged, and what it tells of goes on. */
  fire(tag: string, data: Plain): void
}

export interface EventBus extends Events {
  /**
   * What a minion tells: its tag comes below `minion/<id>/`, so no one can pretend to be the master.
   * @param key the minion's own name for it, for events that are told again
   * @throws TsaltError `store-write-failed`
   */
  told(from: MinionId, key: string, tag: string, data: Json): Promise<void>
  /**
   * What a minion's beacon saw, as `salt/beacon/<id>/<beacon>/<tag>`: the one tag below `salt/` that comes of what a
   * minion says, and its id, in the tag and in the data, is the session's.
   * @throws TsaltError `store-write-failed`
   */
  seen(from: MinionId, sight: BeaconSend): Promise<void>
  follow(request: FollowRequest): AsyncGenerator<EventRow>
  /** The number of the last event before a moment. */
  before(at: number): Promise<number>
  /** Waits for what is being written. */
  stop(): Promise<void>
}

const page = 200

export function makeEventBus({ store, clock, log, complete }: EventBusParts): EventBus {
  const waiting = new Set<() => void>()
  const underWay = new Set<Promise<unknown>>()
  const wake = (): void => {
    for (const resume of [...waiting]) resume()
  }

  async function add(event: Parameters<EventStore['add']>[0]): Promise<void> {
    if ((await store.add(event)) !== undefined) wake()
  }

  /** Ends at the next event or at the signal. */
  function news(signal: AbortSignal): { readonly comes: Promise<void>; cancel(): void } {
    let cancel = (): void => {}
    const comes = new Promise<void>((resolve) => {
      cancel = () => {
        waiting.delete(cancel)
        signal.removeEventListener('abort', cancel)
        resolve()
      }
      waiting.add(cancel)
      signal.addEventListener('abort', cancel)
    })
    return { comes, cancel }
  }

  return {
    fire(tag, data) {
      const work = add({ tag, data: encodeValue(toValue(data)), at: clock.now() })
        .catch((error: unknown) => log.warn({ err: error, tag }, 'an event could not be stored'))
        .finally(() => underWay.delete(work))
      underWay.add(work)
    },
    told: (from, key, tag, data) =>
      add({ tag: `minion/${from}/${tag}`, data, at: clock.now(), origin: from, key }),
    seen: (from, { key, beacon, tag, data }) =>
      add({
        tag: `salt/beacon/${from}/${beacon}/${tag}`,
        data: encodeValue(namedSight(from, decodeValue(data))),
        at: clock.now(),
        origin: from,
        key,
      }),
    before: (at) => store.before(at),
    async *follow({ since, matches, live, signal }) {
      let at = since ?? (await store.last())
      while (!signal.aborted) {
        // Before the store is read: what comes between is not slept through.
        const next = news(signal)
        try {
          const events = await store.since(at, page)
          for (const event of events) {
            at = event.sequence
            if (!matches(event.tag, event.sequence)) continue
            yield await complete(event)
            if (signal.aborted) return
          }
          if (events.length === page) continue
          if (!live) return
          await next.comes
        } finally {
          next.cancel()
        }
      }
    },
    async stop() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}

/** Reactors go by the `id` in the data. */
const namedSight = (from: MinionId, data: Value): Dict =>
  new Map([...(isDict(data) ? data : new Map([['data', data]])), ['id', from]])
