/** Takes the events that minions tell: so many bytes, and so many in a while, that one minion crowds out nobody. */
import type { Clock } from '../../shared/clock.ts'
import type { Json } from '../../shared/data/codec.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import type { BeaconSend } from '../../shared/protocol/messages/beacon-send.ts'
import { type EventSend, largestEvent } from '../../shared/protocol/messages/event-send.ts'
import { Allowances } from '../gateway/allowances.ts'
import type { EventBus } from './event-bus.ts'

/** Events of one minion at once, and in a second on the average. */
export const eventBurst = 300
export const eventsPerSecond = 5

export interface EventDesk {
  /** @throws TsaltError `event-too-large`, `event-flood`, `store-write-failed` */
  take(from: MinionId, event: EventSend): Promise<void>
  /** As take, of the same allowance. */
  takeSight(from: MinionId, sight: BeaconSend): Promise<void>
}

export function makeEventDesk(bus: Pick<EventBus, 'told' | 'seen'>, clock: Clock): EventDesk {
  const allowances = new Allowances(clock, eventBurst, eventsPerSecond)

  function admit(from: MinionId, tag: string, data: Json): void {
    if (!allowances.spend(from))
      throw new TsaltError('event-flood', { id: from, burst: eventBurst, rate: eventsPerSecond })
    const size = Buffer.byteLength(JSON.stringify(data))
    if (size > largestEvent) throw new TsaltError('event-too-large', { tag, size, limit: largestEvent })
  }

  return {
    async take(from, { key, tag, data }) {
      admit(from, tag, data)
      await bus.told(from, key, tag, data)
    },
    async takeSight(from, sight) {
      admit(from, `${sight.beacon}/${sight.tag}`, sight.data)
      await bus.seen(from, sight)
    },
  }
}
