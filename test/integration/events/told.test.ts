/** Events of minions, through real sockets: who may tell, how they are kept apart, and what a flood costs. */
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { eventBurst } from '../../../master/events/event-desk.ts'
import { type Master, startMaster } from '../gateway/master-fixture.ts'
import { connected, enrolled, minionOver, openSocket, tlsOf } from '../gateway/peer.ts'

const masters: Master[] = []
afterEach(async () => {
  for (const master of masters.splice(0)) await master.stop()
})

const event = (number: number, tag = 'a/b') => ({
  key: number.toString(16).padStart(32, '0'),
  tag,
  data: { number },
})

describe('event.send', () => {
  it('is stored under whom the certificate names; a flood is refused and audited, and the connection stays', async () => {
    const master = await startMaster()
    masters.push(master)
    const { channel } = await connected(master, await enrolled(master, 'web1'))
    expect((await channel.request('event.send', event(1))).body).toEqual({ stored: true })
    expect(master.told).toEqual([{ id: 'web1', ...event(1) }])
    let refused = 0
    for (let number = 2; number < eventBurst + 60; number++)
      await channel.request('event.send', event(number)).catch((error) => {
        expect(error).toMatchObject({ parameters: { code: 'event-flood' } })
        refused += 1
      })
    expect(refused).toBeGreaterThan(10)
    expect((await channel.request('pillar.get', {})).body.pillar).toEqual({ id: 'web1' })
    const audited = readFileSync(master.auditFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes('event.send'))
    expect(audited).toHaveLength(refused)
    expect(JSON.parse(audited[0] ?? '')).toMatchObject({ actor: 'minion:web1', verdict: 'refused' })
  })

  it('has no name that leads below salt/ but by its own beacons, and they are under its own id', async () => {
    const master = await startMaster()
    masters.push(master)
    const { channel } = await connected(master, await enrolled(master, 'web1'))
    const sight = { key: 'a'.repeat(32), beacon: 'load', tag: '', data: {} }
    expect((await channel.request('beacon.send', sight)).body).toEqual({ stored: true })
    for (const wrong of [
      { ...sight, beacon: '../web2/load' },
      { ...sight, beacon: 'web2/load' },
      { ...sight, beacon: '' },
      { ...sight, tag: 'a\nsalt/auth' },
      { ...sight, id: 'web2' },
    ])
      await expect(channel.request('beacon.send', wrong)).rejects.toMatchObject({
        code: 'message-unsendable',
      })
    expect(master.told).toEqual([{ id: 'web1', key: sight.key, tag: 'load/', data: {} }])
  })

  it('is refused before hello', async () => {
    const master = await startMaster()
    masters.push(master)
    const opened = await openSocket(master, '/minion', tlsOf(await enrolled(master, 'web1')))
    if (!('socket' in opened)) throw new Error(opened.refusal)
    const { channel, ended } = minionOver(opened.socket)
    await expect(channel.request('event.send', event(1))).rejects.toThrow()
    expect((await ended).code).toBe(1008)
    expect(master.told).toEqual([])
  })
})
