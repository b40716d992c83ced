/** A peer that sends without end, or stops in the middle of a message: over a real WebSocket. */
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { headSize } from '../../../shared/protocol/frame.ts'
import { makePair, type Pair } from './pair.ts'

let pair: Pair | undefined
afterEach(() => pair?.close())

const limits = { perSecond: 500, burst: 100, bytes: 65_536, kinds: { 'grains.update': 50 } }
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

describe('who sends more than its share', () => {
  it('is read more slowly, and nothing of it is lost', async () => {
    let heard = 0
    let slowed = 0
    pair = await makePair({
      master: { 'job.ack': () => void heard++ },
      masterExtra: { throttle: { ...limits, perSecond: 5_000 }, slowed: () => void slowed++ },
    })
    const start = performance.now()
    for (let count = 0; count < 6_000; count++)
      pair.minion.send('job.ack', { jid: '20260101000000000000' as never })
    while (heard < 6_000) await pause(10)
    // A hundred at once, the rest at its rate; what was read with the last that counted is paid for by what follows.
    expect(performance.now() - start).toBeGreaterThan(500)
    expect(slowed).toBeGreaterThan(0)
    expect(pair.master.isOpen).toBe(true)
  })

  it('pays for what makes work, and the rest of us does not', async () => {
    let heard = 0
    pair = await makePair({
      master: { 'grains.update': () => void heard++ },
      masterExtra: { throttle: limits },
    })
    // So large, also when they are compressed, that not all are read with the first.
    const grains = { pad: randomBytes(90_000).toString('base64') }
    for (let count = 0; count < 20; count++) pair.minion.send('grains.update', { grains })
    await pause(150)
    expect(heard).toBeLessThan(20)
    while (heard < 20) await pause(10)
  })

  it('pays for what its messages are expanded to', async () => {
    let slowed = 0
    pair = await makePair({ masterExtra: { throttle: limits, slowed: () => void slowed++ } })
    pair.minion.send('grains.update', { grains: { pad: 'x'.repeat(20_000_000) } })
    while (slowed === 0) await pause(10)
    expect(pair.master.isOpen).toBe(true)
  })

  it('is not taken for dead while it is us who do not read', async () => {
    pair = await makePair({
      pingInterval: 40,
      masterExtra: { throttle: { ...limits, perSecond: 5, burst: 1 } },
    })
    for (let count = 0; count < 4; count++) pair.minion.send('grains.update', { grains: {} })
    await pause(600)
    expect(pair.master.isOpen).toBe(true)
  })
})

describe('who stops in the middle of a message', () => {
  const firstPart = (): Buffer => {
    const head = Buffer.alloc(headSize)
    head[0] = 0xb1
    head.writeUInt32BE(1_000_000, 2)
    head.writeUInt32BE(1_000_000, 6)
    head.writeUInt32BE(1_000_000, 10)
    return Buffer.concat([head, Buffer.alloc(1_000, ' ')])
  }

  it('is thrown out when the next part does not come, though it answers pings', async () => {
    pair = await makePair({ pingInterval: 50, masterExtra: { stallTime: 300 } })
    pair.minionSocket.send(firstPart())
    const end = await pair.masterEnd
    expect(end).toMatchObject({ code: 1008, violation: 'a message that stalled in its middle' })
  })

  it('is waited for while it is us who do not read', async () => {
    pair = await makePair({ masterExtra: { stallTime: 100 } })
    pair.minionSocket.send(firstPart())
    await pause(30)
    pair.master.pause()
    await pause(300)
    expect(pair.master.isOpen).toBe(true)
    pair.master.resume()
    expect(await pair.masterEnd).toMatchObject({ code: 1008 })
  })

  it('even in the middle of a frame, is dead after three pings', async () => {
    pair = await makePair({ pingInterval: 60, minionPingInterval: 0 })
    pair.minionSocket.pause()
    const { _socket: raw } = pair.minionSocket as unknown as { _socket: { write(bytes: Buffer): void } }
    raw.write(Buffer.from('82fe400000000000', 'hex'))
    expect(await pair.masterEnd).toMatchObject({ reason: 'no sign of life' })
  })
})
