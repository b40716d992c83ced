/** A machine with a good certificate and bad intentions. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import type { Sha256 } from '../../../shared/ids.ts'
import { makeRequest } from '../../../shared/pki/certificate-request.ts'
import { makeKeyPair } from '../../../shared/pki/key-pair.ts'
import { headSize } from '../../../shared/protocol/frame.ts'
import { connected, type Identity, openSocket, tlsOf, until } from '../gateway/peer.ts'
import { type RealMaster, realMaster } from './real-master.ts'

describe('a hostile minion', () => {
  let master: RealMaster
  let outside: string
  beforeAll(async () => {
    outside = mkdtempSync(join(tmpdir(), 'tsalt-outside-'))
    writeFileSync(join(outside, 'shadow'), 'root:hash-of-the-password')
    master = await realMaster({
      'srv/tsalt/motd': 'welcome\n',
      'srv/pillar/top.yaml': "base:\n  'victim*':\n    - victim\n  'mallory*':\n    - own\n",
      'srv/pillar/victim.yaml': 'db:\n  password: only-for-the-victim\n',
      'srv/pillar/own.yaml': 'mine: true\n',
    })
    symlinkSync(join(outside, 'shadow'), join(master.root, 'srv/tsalt/escape'))
    symlinkSync(outside, join(master.root, 'srv/tsalt/folder'))
    mkdirSync(join(master.root, 'srv/tsalt-secret'))
    writeFileSync(join(master.root, 'srv/tsalt-secret/key'), 'beside the root')
    symlinkSync('../tsalt-secret/key', join(master.root, 'srv/tsalt/beside'))
  })
  afterAll(async () => {
    await master.stop()
    rmSync(outside, { recursive: true, force: true })
  })

  it('sees its own pillar, whatever it says of itself', async () => {
    const identity = await master.join('mallory1')
    const { channel } = await connected(master, identity)
    channel.send('grains.update', { grains: { id: 'victim1', host: 'victim1', os: 'Debian' } })
    const { pillar } = (await channel.request('pillar.get', {})).body
    expect(pillar).toEqual({ mine: true })
    await expect(channel.request('pillar.get', { environment: '../base' } as never)).rejects.toMatchObject({
      code: 'message-unsendable',
    })
    channel.close('done')
  })

  it('gets nothing that lies outside of the tree, by links or by hashes', async () => {
    const { channel } = await connected(master, await master.join('mallory2'))
    const { body, attachment } = await channel.request('file.manifest', { environment: 'base' })
    expect(body.put.map(([path]) => path)).toEqual(['motd'])
    expect(Buffer.from(attachment ?? []).toString()).toBe('welcome\n')
    const unknown = 'a'.repeat(64) as Sha256
    const slices = [{ sha256: unknown, offset: 0, length: Number.MAX_SAFE_INTEGER }]
    const answer = await channel.request('file.get', { environment: 'base', slices })
    expect(answer.body.slices).toEqual([{ sha256: unknown, length: 0, size: -1 }])
    const [, sha256 = unknown] = body.put[0] ?? []
    const odd = [
      { sha256, offset: Number.MAX_SAFE_INTEGER, length: 1 },
      { sha256, offset: 0, length: Number.MAX_SAFE_INTEGER },
    ]
    const some = await channel.request('file.get', { environment: 'base', slices: odd })
    expect(some.body.slices.map(({ length }) => length)).toEqual([0, 8])
    await expect(channel.request('file.manifest', { environment: 'secret' })).rejects.toMatchObject({
      parameters: { code: 'environment-unknown' },
    })
    channel.close('done')
  })

  it('cannot return for a job that is not its own, nor bend the verdict of one that is', async () => {
    const own = await connected(master, await master.join('mallory3'))
    const other = await connected(master, await master.join('honest3'))
    const submitted = await master.api('/api/v1/jobs', {
      target: { kind: 'glob', expression: 'honest3' },
      fun: 'test.ping',
      args: [],
      kwargs: {},
    })
    const { jid } = submitted.body as { jid: never }
    await until(() => other.seen.length === 1)
    expect(own.seen).toEqual([])
    const result = returning(jid, 'forged')
    for (const id of [jid, '20200101000000000000' as never])
      await expect(own.channel.request('job.return', { ...result, jid: id })).rejects.toMatchObject({
        parameters: { code: 'return-unexpected' },
      })
    own.channel.send('job.progress', { jid, phase: 'running', elapsed: 1 })
    own.channel.send('job.ack', { jid })
    await other.channel.request('job.return', returning(jid, 'true words'))
    for (let count = 0; count < 50; count++)
      await other.channel.request('job.return', returning(jid, `another ${count}`))
    const shown = await master.api(`/api/v1/jobs/${jid}`)
    expect(shown.body).toMatchObject({
      targets: [{ id: 'honest3', return: { ret: 'true words' }, strays: 50 }],
    })
    expect(JSON.stringify(shown.body)).not.toContain('forged')
    expect(master.audit()).toContain('"actor":"minion:mallory3"')
    const counted = await master.api('/api/v1/runners', { fun: 'manage.refusals', args: [], kwargs: {} })
    expect(counted.body).toMatchObject({ ret: { honest3: { count: 50 }, mallory3: { count: 2 } } })
    own.channel.close('done')
    other.channel.close('done')
  })

  it('is thrown out for frames that no minion sends', async () => {
    const identity = await master.join('mallory4')
    const deep = '['.repeat(100) + ']'.repeat(100)
    const ping = (more: string): string => `{"v":1,"kind":"ping","body":{"number":1}${more}}`
    const sight = (more: string): string =>
      `{"v":1,"kind":"beacon.send","request":1,"body":{"key":"${'a'.repeat(32)}",${more}}}`
    const frames = [
      ping(',"id":"victim1"'),
      ping(',"v":1'),
      ping(',"__proto__":{"x":1}'),
      ping(',"constructor":{}'),
      '{"v":1,"kind":"toString","body":{}}',
      '{"v":1,"kind":"__proto__","body":{}}',
      '{"v":1,"kind":"welcome","body":{}}',
      '{"v":1,"kind":"pillar.get","request":1,"body":{"id":"victim1"}}',
      '{"v":1,"kind":"pillar.get","request":1,"body":{"environment":"base","grains":{}}}',
      '{"v":1,"kind":"file.get","request":1,"body":{"environment":"base","path":"../../etc/shadow"}}',
      '{"v":1,"kind":"job.ack","body":{"jid":"../../etc/passwd.20"}}',
      sight('"beacon":"load","tag":"","data":{},"id":"victim1"'),
      sight('"beacon":"../victim1/load","tag":"","data":{}'),
      sight('"beacon":"load","tag":"a\\u0000b","data":{}'),
      `{"v":1,"kind":"grains.update","body":{"grains":${deep}}}`,
      '{"v":1,"kind":"ping","body":{"number":1e999}}',
      '{"v":1,"kind":"grains.update","body":{"grains":{"a":{"$int":"x"}}}}',
      '{"v":1,"kind":"grains.update","body":{"grains":{"a":{"$map":[[1]]}}}}',
      '{"v":1,"kind":"grains.update","body":{"grains":{"$map":[[[],1]]}}}',
      '{"v":1,"kind":"grains.update","body":{"grains":{"a":{"$date":"x"}}}}',
      '{"v":3,"kind":"ping","body":{"number":1}}',
      '',
      '[]',
      'null',
    ]
    for (const frame of frames)
      expect([frame, await closingOver(master, identity, frame)]).toEqual([frame, 1008])
    const heads = [
      Buffer.from('b2', 'hex'),
      Buffer.from('no head'),
      binary(true, 10, 0xffff_ffff, 5),
      binary(true, 0xffff_ffff, 10, 5),
      binary(false, 4, 8, 4, Buffer.from('{}{}')),
      binary(true, 4, 8, 9, Buffer.from('{}{}')),
      binary(true, 4, 1000, 1000, Buffer.from('{}{}')),
      binary(false, 2, 2, 2, Buffer.from([0xff, 0xfe])),
    ]
    for (const frame of heads) expect(await closingOver(master, identity, frame)).toBe(1008)
  })

  it('cannot spend the memory of the master with compressed messages or with millions of empty values', async () => {
    const identity = await master.join('mallory5')
    const honest = await connected(master, await master.join('honest5'))
    const { socket, ended } = await connected(master, identity)
    const spaces = Buffer.alloc(48 * 1024 * 1024, ' ')
    Buffer.from('{"v":1,"kind":"ping","body":{"number":1}}').copy(spaces)
    const bomb = brotliCompressSync(spaces)
    expect(bomb.length).toBeLessThan(2_000)
    const frame = binary(true, bomb.length, spaces.length, spaces.length, bomb)
    const before = process.memoryUsage().rss
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss - before)
    }, 20)
    for (let count = 0; count < 40; count++) socket.send(frame)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    // One at a time: a few copies of one, never forty.
    expect(most).toBeLessThan(600 * 1024 * 1024)
    const start = performance.now()
    await honest.channel.request('pillar.get', {})
    expect(performance.now() - start).toBeLessThan(3_000)
    socket.terminate()
    await ended
    const empties = Buffer.from(
      `{"v":1,"kind":"grains.update","body":{"grains":{"a":[${'{},'.repeat(15_000_000)}0]}}}`,
    )
    const small = brotliCompressSync(empties, { params: { 1: 1 } })
    const second = binary(true, small.length, empties.length, empties.length, small)
    expect(await closingOver(master, identity, second)).toBe(1008)
    clearInterval(watch)
    honest.channel.close('done')
  }, 30_000)

  it('cannot fill the store with certificates', async () => {
    const identity = await master.join('mallory6')
    const { channel } = await connected(master, identity)
    let refused: unknown
    for (let count = 0; count < 30 && refused === undefined; count++)
      await channel
        .request('cert.renew', { request: makeRequest(makeKeyPair(), identity.id) })
        .catch((error: unknown) => {
          refused = error
        })
    expect(refused).toMatchObject({ parameters: { code: 'renewals-too-many' } })
    channel.close('done')
  })

  it('a refusal that it provokes again and again does not fill the audit log', async () => {
    const { channel } = await connected(master, await master.join('mallory7'))
    const before = master.audit().length
    const jid = '20200101000000000000' as never
    for (let count = 0; count < 3_000; count += 50)
      await Promise.all(
        Array.from({ length: 50 }, () =>
          channel.request('job.return', returning(jid, 'x')).catch(() => undefined),
        ),
      )
    expect(master.audit().length - before).toBeLessThan(300_000)
    channel.close('done')
  }, 20_000)
})

function returning(jid: never, ret: string) {
  const verdict = { outcome: 'done', retcode: 0, success: true, format: 'nested' } as const
  return { jid, fun: 'test.ping', ...verdict, ret, started: 1, duration: 1 }
}

function binary(
  compressed: boolean,
  wire: number,
  raw: number,
  json: number,
  payload = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(headSize)
  head[0] = 0xb1
  head[1] = compressed ? 1 : 0
  head.writeUInt32BE(wire, 2)
  head.writeUInt32BE(raw, 6)
  head.writeUInt32BE(json, 10)
  return Buffer.concat([head, payload])
}

/** The close code after a greeting and one frame. */
async function closingOver(master: RealMaster, identity: Identity, frame: string | Buffer): Promise<number> {
  const opened = await openSocket(master, '/minion', tlsOf(identity))
  if (!('socket' in opened)) throw new Error('refused')
  const socket: WebSocket = opened.socket
  const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)))
  socket.send(frame)
  return closed
}
