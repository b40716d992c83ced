/** How much a minion may tell. */
import { describe, expect, it } from 'vitest'
import { eventBurst, eventsPerSecond, makeEventDesk } from '../../../../master/events/event-desk.ts'
import { systemClock } from '../../../../shared/clock.ts'
import type { Json } from '../../../../shared/data/codec.ts'
import type { MinionId } from '../../../../shared/ids.ts'
import type { BeaconSend } from '../../../../shared/protocol/messages/beacon-send.ts'

function begin() {
  let now = 0
  const told: string[] = []
  const bus = {
    told: async (from: MinionId, _: string, tag: string) => void told.push(`${from} ${tag}`),
    seen: async (from: MinionId, sight: BeaconSend) => void told.push(`${from} ${sight.beacon}/${sight.tag}`),
  }
  const desk = makeEventDesk(bus, { ...systemClock, monotonic: () => now })
  const take = async (from: string, data: Json = null) =>
    desk.take(from as MinionId, { key: 'ab'.repeat(16), tag: 'a', data }).then(
      () => 'taken',
      (error: { code: string }) => error.code,
    )
  const see = async (from: string, data: Json = null) =>
    desk.takeSight(from as MinionId, { key: 'cd'.repeat(16), beacon: 'load', tag: '', data }).then(
      () => 'taken',
      (error: { code: string }) => error.code,
    )
  return { told, take, see, wait: (seconds: number) => (now += seconds * 1000) }
}

describe('the desk of events', () => {
  it('takes a burst, then as many as the rate allows, of each minion for itself', async () => {
    const { take, wait, told } = begin()
    for (let count = 0; count < eventBurst; count++) expect(await take('web1')).toBe('taken')
    expect(await take('web1')).toBe('event-flood')
    expect(await take('web2')).toBe('taken')
    wait(2)
    const after = await Promise.all(Array.from({ length: 2 * eventsPerSecond + 1 }, () => take('web1')))
    expect(after.filter((one) => one === 'taken')).toHaveLength(2 * eventsPerSecond)
    expect(told).toHaveLength(eventBurst + 2 * eventsPerSecond + 1)
    wait(3600)
    for (let count = 0; count < eventBurst; count++) expect(await take('web1')).toBe('taken')
    expect(await take('web1')).toBe('event-flood')
  })

  it('takes what beacons see of the same allowance', async () => {
    const { take, see } = begin()
    for (let count = 0; count < eventBurst; count++) expect(await see('web1')).toBe('taken')
    expect(await see('web1')).toBe('event-flood')
    expect(await take('web1')).toBe('event-flood')
  })

  it('refuses what is too large', async () => {
    expect(await begin().take('web1', 'x'.repeat(300_000))).toBe('event-too-large')
    expect(await begin().see('web1', 'x'.repeat(300_000))).toBe('event-too-large')
  })
})
