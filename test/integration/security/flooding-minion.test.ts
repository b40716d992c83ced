/** A minion with a good certificate that sends without end: the master serves all others, and an operator sees it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connected, until } from '../gateway/peer.ts'
import { type RealMaster, realMaster } from './real-master.ts'

let master: RealMaster
beforeAll(async () => {
  master = await realMaster({
    'srv/pillar/top.yaml': "base:\n  '*':\n    - own\n",
    'srv/pillar/own.yaml':
      "#!jinja|yaml\nown: {% for n in range(2000) %}{{ n if n == 1999 else '' }}{% endfor %}\n",
  })
})
afterAll(() => master.stop())

type Refusals = Record<string, { count: number; kind: string; reason: string }>
async function refusals(): Promise<Refusals> {
  const answer = await master.api('/api/v1/runners', { fun: 'manage.refusals', args: [], kwargs: {} })
  return (answer.body as { ret: Refusals }).ret
}

/** Milliseconds that another minion waits for an answer, at the most of ten times. */
async function othersWait(): Promise<number> {
  const honest = await connected(master, await master.join(`honest${performance.now().toFixed(0)}`))
  let most = 0
  for (let time = 0; time < 10; time++) {
    const start = performance.now()
    await honest.channel.request('pillar.get', {})
    most = Math.max(most, performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  honest.channel.close('done')
  return most
}

describe('a minion that floods', () => {
  it('with progress and acknowledgements of a job, its own or not', async () => {
    const { channel, seen } = await connected(master, await master.join('flood1'))
    const submitted = await master.api('/api/v1/jobs', {
      target: { kind: 'glob', expression: 'flood1' },
      fun: 'test.ping',
      args: [],
      kwargs: {},
    })
    const { jid } = submitted.body as { jid: never }
    await until(() => seen.length === 1)
    for (let count = 0; count < 8_000; count++) {
      channel.send('job.progress', { jid, phase: 'running', elapsed: count })
      channel.send('job.ack', { jid: '20200101000000000000' as never })
    }
    expect(await othersWait()).toBeLessThan(5_000)
    const { flood1 } = await refusals()
    expect(flood1?.reason).toContain('read more slowly')
    expect(master.audit()).toContain('"actor":"minion:flood1"')
    expect(channel.isOpen).toBe(true)
    channel.close('done')
  }, 60_000)

  it('with questions that make work', async () => {
    const { channel } = await connected(master, await master.join('flood2'))
    let answered = 0
    let refused = 0
    const ask = async (): Promise<void> => {
      while (channel.isOpen)
        await channel.request('pillar.get', {}).then(
          () => answered++,
          () => refused++,
        )
    }
    for (let hands = 0; hands < 40; hands++) void ask()
    const before = performance.now()
    expect(await othersWait()).toBeLessThan(5_000)
    const seconds = (performance.now() - before) / 1000
    // Fifty at once, those that were read with them, then five in a second.
    expect(answered).toBeLessThan(100 + 6 * seconds)
    expect(refused).toBe(0)
    expect((await refusals())['flood2']?.count).toBeGreaterThan(0)
    channel.close('done')
  }, 60_000)

  it('with other grains all the time: the last ones are stored', async () => {
    const { channel } = await connected(master, await master.join('flood3'))
    for (let count = 0; count < 120; count++) channel.send('grains.update', { grains: { count } })
    const stored = async (): Promise<unknown> => {
      const answer = await master.api('/api/v1/runners', {
        fun: 'cache.grains',
        args: ['flood3'],
        kwargs: {},
      })
      return (answer.body as { ret: unknown }).ret
    }
    const end = performance.now() + 20_000
    while (!JSON.stringify(await stored()).includes('"count":119') && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 200))
    expect(JSON.stringify(await stored())).toContain('"count":119')
    expect((await refusals())['flood3']?.kind).toBe('grains.update')
    channel.close('done')
  }, 60_000)

  it('with events and with what beacons saw: of one allowance', async () => {
    const { channel } = await connected(master, await master.join('flood4'))
    let refused = 0
    for (let count = 0; count < 400; count++) {
      const key = count.toString(16).padStart(32, '0')
      const sent =
        count % 2 === 0
          ? channel.request('event.send', { key, tag: 'a', data: null })
          : channel.request('beacon.send', { key, beacon: 'load', tag: '', data: {} })
      await sent.catch((error: unknown) => {
        expect(error).toMatchObject({ parameters: { code: 'event-flood' } })
        refused += 1
      })
    }
    expect(refused).toBeGreaterThan(50)
    expect((await refusals())['flood4']).toMatchObject({ count: refused })
    channel.close('done')
  }, 60_000)

  it('with control frames of the WebSocket, and reads none of the answers', async () => {
    const { channel, socket } = await connected(master, await master.join('flood5'))
    let pongs = 0
    socket.on('pong', () => pongs++)
    for (let count = 0; count < 20_000; count++) socket.ping('x'.repeat(100))
    expect(await othersWait()).toBeLessThan(5_000)
    expect(pongs).toBe(0)
    expect((await refusals())['flood5']?.reason).toContain('read more slowly')
    channel.close('done')
  }, 60_000)

  it('is what the doctor names', async () => {
    const found = await refusals()
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining(['flood1', 'flood2', 'flood3', 'flood4', 'flood5']),
    )
  })
})
