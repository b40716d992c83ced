import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { TsaltError } from '../../../shared/errors/error.ts'
import { parseJobId } from '../../../shared/ids.ts'
import { encodeMessage } from '../../../shared/protocol/encode-message.ts'
import { makePair, type Pair } from './pair.ts'

const jid = parseJobId('20261122043000123456')
const until = async (condition: () => boolean): Promise<void> => {
  for (let turns = 0; turns < 500 && !condition(); turns++) await sleep(10)
  expect(condition()).toBe(true)
}
const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

let pair: Pair
afterEach(() => pair.close())

describe('requests', () => {
  it('get their answers, with attachments, in any order', async () => {
    pair = await makePair({
      master: {
        'file.get': (message) => {
          const length = message.body.slices[0]?.length ?? 0
          // The later ones first.
          setTimeout(
            () =>
              pair.master.answer(message, 'file.blobs', { slices: [] }, Buffer.alloc(length, length % 251)),
            length === 1 ? 50 : 0,
          )
        },
      },
    })
    const sha256 = 'ab'.repeat(32) as never
    const sizes = [1, 300_000, 70, 3_000_000]
    const answers = await Promise.all(
      sizes.map((length) =>
        pair.minion.request('file.get', { environment: 'base', slices: [{ sha256, offset: 0, length }] }),
      ),
    )
    answers.forEach(({ attachment }, index) => {
      const size = sizes[index] ?? 0
      expect(Buffer.from(attachment ?? []).equals(Buffer.alloc(size, size % 251))).toBe(true)
    })
  })

  it('are refused with code and message of an error, and without details of a fault', async () => {
    pair = await makePair({
      master: {
        'pillar.get': async () => {
          throw new TsaltError('grains-invalid', { reason: 'too large' })
        },
        'job.return': () => {
          throw new Error('password is hunter2')
        },
      },
    })
    await expect(pair.minion.request('pillar.get', {})).rejects.toMatchObject({
      code: 'request-refused',
      parameters: { code: 'grains-invalid', message: 'The grains cannot be stored: too large.' },
    })
    const failed = pair.minion.request('job.return', result('x'))
    await expect(failed).rejects.toMatchObject({ parameters: { code: 'internal' } })
    await expect(failed).rejects.not.toThrow('hunter2')
  })

  it('end with the time, or with the connection; a late answer harms nobody', async () => {
    let late: (() => void) | undefined
    pair = await makePair({
      master: {
        'pillar.get': (message) => {
          late = () =>
            pair.master.answer(message, 'pillar', { pillar: {}, errors: [], secrets: [], places: {} })
        },
      },
    })
    await expect(pair.minion.request('pillar.get', {}, { timeout: 30 })).rejects.toMatchObject({
      code: 'request-timeout',
    })
    late?.()
    const waiting = pair.minion.request('pillar.get', {})
    await sleep(30)
    expect(pair.minion.isOpen).toBe(true)
    pair.master.close('away')
    await expect(waiting).rejects.toMatchObject({ code: 'connection-lost' })
    await expect(pair.minion.request('pillar.get', {})).rejects.toMatchObject({ code: 'connection-lost' })
    expect(await pair.minionEnd).toMatchObject({ code: 1001, reason: 'away' })
  })

  it('are refused above a number that wait at once', async () => {
    pair = await makePair({ masterExtra: { maxOpen: 2 } })
    const open = [1, 2].map(() => pair.minion.request('pillar.get', {}).catch(() => undefined))
    await expect(pair.minion.request('pillar.get', {})).rejects.toMatchObject({
      parameters: { code: 'too-many-requests' },
    })
    pair.close()
    await Promise.all(open)
  })
})

function result(ret: string) {
  return {
    jid,
    fun: 'test.ping',
    outcome: 'done' as const,
    retcode: 0,
    success: true,
    format: 'nested' as const,
    ret,
    started: 1,
    duration: 1,
  }
}

describe('what a peer must not do', () => {
  it.each<[string, string | Buffer, string]>([
    ['is not JSON', '{', 'not a key'],
    ['has an unknown kind', '{"v":1,"kind":"key.accept","body":{}}', 'no known kind'],
    ['has the kind of a prototype', '{"v":1,"kind":"toString","body":{}}', 'no known kind'],
    ['is for the master to send', '{"v":1,"kind":"drain","body":{"comeBackAfter":1}}', 'drain from minion'],
    [
      'is for enrolment',
      '{"v":1,"kind":"csr.submit","request":1,"body":{"id":"a","request":""}}',
      'from minion',
    ],
    ['has a bad body', '{"v":1,"kind":"job.ack","body":{"jid":"../../x"}}', 'jid is not'],
    ['names its sender', '{"v":1,"kind":"job.ack","id":"web2","body":{}}', 'an unknown part'],
    ['has another version', '{"v":3,"kind":"ping","body":{"number":1}}', 'unknown version'],
    ['asks without a number', '{"v":1,"kind":"pillar.get","body":{}}', 'without a request number'],
    ['has a strange number', '{"v":1,"kind":"pillar.get","request":-1,"body":{}}', 'the request number'],
    ['is a broken binary frame', Buffer.from([1, 2, 3]), 'without a head'],
    ['is too large a frame', 'x'.repeat(1024 * 1024 + 1), 'Max payload size exceeded'],
  ])('a frame that %s', async (_what, frame, reason) => {
    pair = await makePair()
    pair.minionSocket.send(frame)
    const end = await pair.masterEnd
    expect(end.violation).toContain(reason)
  })

  it('is answered with close code 1008, and nothing after it is heard', async () => {
    let heard = 0
    pair = await makePair({ master: { 'job.ack': () => void heard++ } })
    pair.minionSocket.send('[]')
    pair.minion.send('job.ack', { jid })
    expect(await pair.minionEnd).toMatchObject({ code: 1008, reason: 'not a message' })
    expect(heard).toBe(0)
  })

  it('is to answer what nobody asked, or with the wrong kind', async () => {
    pair = await makePair()
    pair.masterSocket.send('{"v":1,"kind":"job.stored","request":9,"body":{"stored":true}}')
    expect((await pair.minionEnd).violation).toContain('never made')
    pair.close()
    pair = await makePair({
      master: {
        'pillar.get': () =>
          pair.masterSocket.send('{"v":1,"kind":"job.stored","request":1,"body":{"stored":true}}'),
      },
    })
    await expect(pair.minion.request('pillar.get', {})).rejects.toMatchObject({ code: 'connection-lost' })
    expect((await pair.minionEnd).violation).toContain('job.stored as the answer to pillar.get')
  })

  it('is what a table of handlers refuses', async () => {
    pair = await makePair({ minion: { 'csr.decision': 'refuse' } })
    pair.master.send('csr.decision', { state: 'pending' })
    expect((await pair.minionEnd).violation).toContain('csr.decision at the wrong time')
  })
})

describe('what we would be refused for is not sent', () => {
  it.each<[string, unknown, string]>([
    ['too deep', nested(70), 'nested too deep'],
    ['with a key that is not allowed', JSON.parse('{"__proto__":1}'), '__proto__'],
  ])('%s', async (_what, grains, reason) => {
    pair = await makePair()
    expect(() => pair.minion.send('grains.update', { grains: grains as never })).toThrow(reason)
    expect(() => pair.minion.send('job.ack', { jid: 'x' as never })).toThrow('jid is not')
    expect(pair.minion.isOpen).toBe(true)
  })
})

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)]
}

describe('large messages', () => {
  it('let small ones overtake them, and never lie in the socket whole', async () => {
    const order: string[] = []
    pair = await makePair({
      master: {
        'job.return': (message) => {
          order.push('return')
          pair.master.answer(message, 'job.stored', { stored: true })
        },
        'job.ack': () => void order.push('ack'),
      },
    })
    pair.masterSocket.pause()
    const noise = Array.from({ length: 2_000_000 }, (_, index) =>
      ((index * 2654435761) >>> 7).toString(36),
    ).join('')
    const stored = pair.minion.request('job.return', result(noise))
    await sleep(300)
    expect(pair.minionSocket.bufferedAmount).toBeLessThan(2_000_000)
    expect(pair.minion.buffered).toBeGreaterThan(pair.minionSocket.bufferedAmount)
    pair.minion.send('job.ack', { jid })
    pair.masterSocket.resume()
    expect((await stored).body).toEqual({ stored: true })
    expect(order).toEqual(['ack', 'return'])
    await pair.minion.drained()
    expect(pair.minion.buffered).toBe(0)
  })

  it('may be encoded once for many', async () => {
    const got: string[] = []
    pair = await makePair({ minion: { 'job.kill': ({ body }) => void got.push(body.signal) } })
    const message = encodeMessage('job.kill', { jid, signal: 'KILL' })
    pair.master.sendEncoded(message)
    pair.master.sendEncoded(message)
    await until(() => got.length === 2)
  })

  it('are refused by the sender above the limit', async () => {
    pair = await makePair()
    const sending = pair.minion.request('job.return', result('x'.repeat(65 * 1024 * 1024)))
    await expect(sending).rejects.toMatchObject({ code: 'message-unsendable' })
    expect(pair.minion.isOpen).toBe(true)
  })
})

describe('pressure', () => {
  it('a reader that is too slow is not read from, until it reads', async () => {
    let asked = 0
    const noise = randomBytes(1_000_000)
    pair = await makePair({
      masterExtra: { pauseAbove: 2_000_000 },
      master: {
        'file.get': (message) => {
          asked++
          pair.master.answer(message, 'file.blobs', { slices: [] }, noise)
        },
      },
    })
    pair.minionSocket.pause()
    const slice = { sha256: 'ab'.repeat(32) as never, offset: 0, length: 1 }
    const answers: Promise<unknown>[] = []
    for (let count = 0; count < 50; count++) {
      answers.push(pair.minion.request('file.get', { environment: 'base', slices: [slice] }))
      await sleep(10)
    }
    await sleep(100)
    // What the operating system holds, two megabytes here, and what was under way.
    expect(asked).toBeLessThan(30)
    expect(pair.master.buffered).toBeLessThan(6_000_000)
    pair.minionSocket.resume()
    await Promise.all(answers)
    expect(asked).toBe(50)
  })

  it('a paused channel hears nothing until it is resumed', async () => {
    let heard = 0
    pair = await makePair({ master: { 'job.ack': () => void heard++ } })
    pair.master.pause()
    for (let count = 0; count < 5; count++) pair.minion.send('job.ack', { jid })
    await sleep(100)
    expect(heard).toBe(0)
    pair.master.resume()
    await until(() => heard === 5)
  })
})

describe('heartbeat', () => {
  it('keeps a quiet connection, both ways', async () => {
    pair = await makePair({ pingInterval: 20 })
    await sleep(400)
    expect(pair.master.isOpen && pair.minion.isOpen).toBe(true)
  })

  it('asks only after silence, and only one of the two: what the other asks is a sign of life', async () => {
    pair = await makePair({ pingInterval: 200 })
    let pings = 0
    let longest = 0
    let last = performance.now()
    for (const socket of [pair.masterSocket, pair.minionSocket])
      socket.on('message', (data: Buffer) => {
        if (data.includes('"ping"')) pings++
        longest = Math.max(longest, performance.now() - last)
        last = performance.now()
      })
    await sleep(3_000)
    // Two that do not listen to each other would have sent 30.
    expect(pings).toBeGreaterThan(8)
    expect(pings).toBeLessThan(22)
    expect(longest).toBeLessThan(400)
  })

  it('does not ask a peer that talks', async () => {
    pair = await makePair({ pingInterval: 0, minionPingInterval: 100 })
    let pings = 0
    pair.masterSocket.on('message', (data: Buffer) => {
      if (data.includes('"ping"')) pings++
    })
    for (let count = 0; count < 20; count++) {
      pair.masterSocket.send('{"v":1,"kind":"pong","body":{"number":1}}')
      await sleep(25)
    }
    expect(pings).toBe(0)
  })

  it('finds a dead peer after three intervals of silence', async () => {
    pair = await makePair({ pingInterval: 0, minionPingInterval: 40 })
    // What a cut cable looks like: nothing comes, nothing fails.
    pair.masterSocket.pause()
    const begun = performance.now()
    expect(await pair.minionEnd).toMatchObject({ code: 1006, reason: 'no sign of life' })
    expect(performance.now() - begun).toBeGreaterThan(90)
    expect(performance.now() - begun).toBeLessThan(3000)
  })

  it('does not hold our own pause, nor our own stall, against the peer', async () => {
    pair = await makePair({ pingInterval: 30 })
    pair.master.pause()
    await sleep(300)
    pair.master.resume()
    for (let stalls = 0; stalls < 5; stalls++) {
      const end = performance.now() + 80
      while (performance.now() < end);
      await sleep(1)
    }
    await sleep(100)
    expect(pair.master.isOpen && pair.minion.isOpen).toBe(true)
  })
})
