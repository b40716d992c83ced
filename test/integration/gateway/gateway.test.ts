import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { openAuthority } from '../../../master/pki/authority.ts'
import { parseMinionId } from '../../../shared/ids.ts'
import { makeRequest } from '../../../shared/pki/certificate-request.ts'
import { issueCertificate } from '../../../shared/pki/issue.ts'
import { makeKeyPair, privateKeyToPem } from '../../../shared/pki/key-pair.ts'
import { type Master, startMaster } from './master-fixture.ts'
import {
  connected,
  enrolled,
  hello,
  minionOver,
  openEnrolment,
  openSocket,
  ticketFor,
  tlsOf,
  until,
} from './peer.ts'

const day = 86_400_000

describe('the gateway', () => {
  let master: Master
  beforeAll(async () => {
    master = await startMaster()
  })
  afterAll(() => master.stop())
  const audit = (): string => readFileSync(master.auditFile, 'utf8')

  it('knows two paths and nothing else', async () => {
    const identity = await enrolled(master, 'paths1')
    for (const path of ['/', '/minion/', '/enrol?x=1', '/api/v1/jobs', '/metrics'])
      expect(await openSocket(master, path, tlsOf(identity))).toEqual({
        status: 404,
        refusal: undefined,
        body: '',
      })
    expect(await openSocket(master, '/minion')).toMatchObject({ status: 401, refusal: 'certificate-missing' })
  })

  it('speaks TLS 1.3 only', async () => {
    const outcome = await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: master.port, maxVersion: 'TLSv1.2', ca: master.ca })
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      socket.once('secureConnect', () => resolve('connected'))
    })
    expect(outcome).toMatch(/ALERT_PROTOCOL_VERSION|ECONNRESET/)
  })

  it('takes the identity from the certificate, answers requests, and stores what hello said', async () => {
    const identity = await enrolled(master, 'web1')
    const { channel } = await connected(master, identity)
    expect(master.sessions.find(identity.id)).toMatchObject({
      id: 'web1',
      generation: 0,
      address: '127.0.0.1',
    })
    expect(await master.store.minions.grains(identity.id, 0)).toEqual({ os: 'Debian' })
    expect((await channel.request('pillar.get', {})).body.pillar).toEqual({ id: 'web1' })
    const jid = '20260101000000000000' as never
    channel.send('job.ack', { jid })
    channel.send('grains.update', { grains: { os: 'Ubuntu' } })
    const stored = await channel.request('job.return', {
      jid,
      fun: 'test.ping',
      outcome: 'done',
      retcode: 0,
      success: true,
      format: 'nested',
      ret: true,
      started: 1,
      duration: 1,
    })
    expect(stored.body).toEqual({ stored: true })
    expect(master.received.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['ack web1', 'return web1'])
    expect(await master.store.minions.grains(identity.id, 0)).toEqual({ os: 'Ubuntu' })
    channel.close('done')
    await until(() => master.sessions.find(identity.id) === undefined)
  })

  it('revocation ends the live session within a second and refuses a resumed one', async () => {
    const identity = await enrolled(master, 'revoke1')
    const { ended } = await connected(master, identity)
    const session = await ticketFor(master, identity)
    // The ticket is good before: otherwise the refusal after would prove nothing.
    const before = await openSocket(master, '/minion', { ...tlsOf(identity), session })
    if (!('socket' in before)) throw new Error('refused')
    expect(isReused(before.socket)).toBe(true)
    before.socket.close()
    const ticket = await ticketFor(master, identity)
    const start = performance.now()
    master.keys.act({ action: 'revoke', match: 'revoke1' }, 'root')
    expect(await ended).toMatchObject({ reason: 'key revoked' })
    expect(performance.now() - start).toBeLessThan(4_000)
    for (const tls of [{ ...tlsOf(identity), session: ticket }, tlsOf(identity)])
      expect(await openSocket(master, '/minion', tls)).toMatchObject({
        status: 403,
        refusal: 'certificate-revoked',
      })
    const desk = await openEnrolment(master)
    expect(await desk.submit(identity.id, identity.pair)).toEqual({ state: 'rejected' })
    desk.channel.close('done')
  })

  it('refuses certificates of other roles, other CAs and unknown serials', async () => {
    const { desk, clock, folder } = master
    const pair = makeKeyPair()
    const key = privateKeyToPem(pair)
    const { publicKey } = pair
    const id = parseMinionId('forged1')
    const operator = desk.authority.issue({ role: 'operator', name: 'anna' }, publicKey, 30).pem
    const asMaster = desk.authority.issue({ role: 'master' }, publicKey, 30).pem
    const unknown = desk.authority.issue({ role: 'minion', id }, publicKey, 30).pem
    const other = openAuthority(`${folder}/other`, clock).issue({ role: 'minion', id }, publicKey, 30).pem
    const own = makeKeyPair()
    const issuer = { keys: own, name: 'tsalt CA' }
    // Expired and forged at once: OpenSSL only remembers that it has expired.
    const past = { ...clock, now: () => clock.now() - 40 * day }
    const late = issueCertificate(issuer, past, { role: { role: 'minion', id }, publicKey, days: 30 }).pem
    const expected = [
      [operator, 'certificate-role-wrong'],
      // OpenSSL refuses it already: serverAuth is no purpose of a client.
      [asMaster, 'certificate-untrusted'],
      [unknown, 'certificate-untrusted'],
      [other, 'certificate-untrusted'],
      [late, 'certificate-untrusted'],
    ] as const
    for (const [cert, refusal] of expected)
      expect(await openSocket(master, '/minion', { cert, key })).toMatchObject({ status: 403, refusal })
    expect(audit()).toContain('certificate-role-wrong')
  })

  it('an expired certificate renews within the grace, and does nothing else', async () => {
    const identity = await enrolled(master, 'old1')
    master.clock.ahead = 35 * day
    try {
      const opened = await openSocket(master, '/minion', tlsOf(identity))
      if (!('socket' in opened)) throw new Error('refused')
      const { channel, ended } = minionOver(opened.socket)
      await expect(channel.request('hello', hello())).rejects.toMatchObject({
        parameters: { code: 'certificate-renewal-due' },
      })
      await expect(
        channel.request('cert.renew', { request: makeRequest(identity.pair, parseMinionId('other')) }),
      ).rejects.toMatchObject({ parameters: { code: 'certificate-request-invalid' } })
      const request = makeRequest(identity.pair, identity.id)
      const { certificate } = (await channel.request('cert.renew', { request })).body
      await ended
      // By the clock of this machine the new one is not valid yet, which OpenSSL says and the master does not mind.
      const { welcome, channel: next } = await connected(master, { ...identity, certificate })
      expect(welcome.generation).toBe(0)
      next.close('done')
      const second = await openSocket(master, '/minion', tlsOf(identity))
      if (!('socket' in second)) throw new Error('refused')
      const idle = minionOver(second.socket)
      idle.channel.send('job.ack', { jid: '20260101000000000000' as never })
      expect(await idle.ended).toMatchObject({ code: 1008 })
      master.clock.ahead = 61 * day
      expect(await openSocket(master, '/minion', tlsOf(identity))).toMatchObject({
        refusal: 'certificate-expired',
      })
    } finally {
      master.clock.ahead = 0
    }
  })

  it('renews over the live connection for a new key, and the old certificate stays good until it ends', async () => {
    const identity = await enrolled(master, 'renew1')
    const { channel } = await connected(master, identity)
    const pair = makeKeyPair()
    const { certificate } = (await channel.request('cert.renew', { request: makeRequest(pair, identity.id) }))
      .body
    const next = await connected(master, { ...identity, pair, certificate })
    expect(next.welcome.generation).toBe(0)
    next.channel.close('done')
  })

  it('a newer connection of the same id replaces the older one', async () => {
    const identity = await enrolled(master, 'twice1')
    const seen: string[] = []
    const stop = master.sessions.watch({
      connected: ({ id }) => seen.push(`connected ${id}`),
      disconnected: ({ id }) => seen.push(`disconnected ${id}`),
    })
    const first = await connected(master, identity)
    const second = await connected(master, identity)
    expect((await first.ended).reason).toContain('newer connection')
    expect(master.sessions.send(identity.id, 'drain', { comeBackAfter: 1 })).toBe(true)
    await until(() => second.seen.length === 1)
    second.channel.close('done')
    await until(() => seen.length === 4)
    stop()
    expect(seen).toEqual([
      'connected twice1',
      'disconnected twice1',
      'connected twice1',
      'disconnected twice1',
    ])
  })

  it('closes on what is too large, too early or unknown, and audits it', async () => {
    const stranger = await openSocket(master, '/enrol')
    if (!('socket' in stranger)) throw new Error('refused')
    const closed = closing(stranger.socket)
    stranger.socket.send('x'.repeat(70_000))
    expect(await closed).toBe(1009)
    const binary = await openSocket(master, '/enrol')
    if (!('socket' in binary)) throw new Error('refused')
    const over = closing(binary.socket)
    binary.socket.send(Buffer.alloc(10), { binary: true })
    expect(await over).toBe(1008)
    const identity = await enrolled(master, 'rude1')
    const frames = [
      '{"v":1,"kind":"no.such","body":{}}',
      '{"v":1,"kind":"csr.submit","request":1,"body":{"id":"x","request":"y"}}',
      '{"v":1,"kind":"job.deliver","body":{}}',
      '{"v":1,"kind":"ping","body":{"number":1},"sender":"web1"}',
      '{"v":1,"kind":"job.ack","body":{"jid":"20260101000000000000"}}',
      '{"__proto__":{},"v":1,"kind":"ping","body":{"number":1}}',
      'no json',
    ]
    for (const frame of frames) {
      const opened = await openSocket(master, '/minion', tlsOf(identity))
      if (!('socket' in opened)) throw new Error('refused')
      const code = closing(opened.socket)
      opened.socket.send(frame)
      expect([frame, await code]).toEqual([frame, 1008])
    }
    expect(audit()).toContain('before hello')
    expect(audit()).toContain('a message of no known kind')
  })

  it('refuses versions that do not fit, and grains that are none', async () => {
    const identity = await enrolled(master, 'future1')
    const cases = [
      [{ ...hello(), protocol: { oldest: 3, newest: 4 } }, 'protocol-version'],
      [{ ...hello(), grains: ['a'] }, 'grains-invalid'],
      [{ ...hello(), grains: { big: 'x'.repeat(1024 * 1024) } }, 'grains-invalid'],
    ] as const
    for (const [body, code] of cases) {
      const opened = await openSocket(master, '/minion', tlsOf(identity))
      if (!('socket' in opened)) throw new Error('refused')
      const { channel, ended } = minionOver(opened.socket)
      await expect(channel.request('hello', body as never)).rejects.toMatchObject({ parameters: { code } })
      await ended
    }
    expect(master.sessions.find(identity.id)).toBeUndefined()
  })

  it('while the store cannot keep up nothing is read and nothing is lost', async () => {
    const identity = await enrolled(master, 'busy1')
    const { channel } = await connected(master, identity)
    const before = master.received.length
    master.pressure.set(true)
    for (const digit of '123') channel.send('job.ack', { jid: `2026010100000000000${digit}` as never })
    let greeted = false
    const late = connected(master, await enrolled(master, 'busy2')).then((minion) => {
      greeted = true
      return minion
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect([master.received.length, greeted]).toEqual([before, false])
    master.pressure.set(false)
    await until(() => master.received.length === before + 3)
    expect((await late).welcome.generation).toBe(0)
    ;(await late).channel.close('done')
    channel.close('done')
  })

  it('one slow reader delays nobody', async () => {
    const folder = `${master.folder}/states`
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${folder}/large`, randomBytes(4 * 1024 * 1024))
    const slow = await connected(master, await enrolled(master, 'slow1'))
    const { body } = await slow.channel.request('file.manifest', { environment: 'base' })
    const [, sha256, size] = body.put[0] ?? []
    if (sha256 === undefined || size === undefined) throw new Error('missing')
    slow.socket.pause()
    const slices = [{ sha256, offset: 0, length: size }]
    const answers = Array.from({ length: 12 }, () =>
      slow.channel.request('file.get', { environment: 'base', slices }).catch(() => undefined),
    )
    await new Promise((resolve) => setTimeout(resolve, 200))
    const quick = await connected(master, await enrolled(master, 'quick1'))
    const start = performance.now()
    await quick.channel.request('pillar.get', {})
    expect(performance.now() - start).toBeLessThan(2_000)
    // Not all of them lie in the memory of the master: above its limit it does not read the requests.
    const [connection] = [...master.sessions.connections()].filter(({ id }) => id === 'slow1')
    expect(connection?.channel.buffered).toBeLessThan(20 * 1024 * 1024)
    slow.socket.resume()
    const sizes = (await Promise.all(answers)).map((answer) => answer?.attachment?.length)
    expect(new Set(sizes)).toEqual(new Set([size]))
    slow.channel.close('done')
    quick.channel.close('done')
  })

  it('stops in order: everyone is told when to come back', async () => {
    const own = await startMaster()
    const minions = []
    for (const name of ['a1', 'a2', 'a3']) minions.push(await connected(own, await enrolled(own, name)))
    const start = performance.now()
    await own.stop()
    expect(performance.now() - start).toBeLessThan(3_000)
    for (const { seen, ended } of minions) {
      await ended
      expect(seen).toMatchObject([{ kind: 'drain' }])
    }
  })

  it('a storm waits for its turn instead of costing handshakes', async () => {
    const slow = await startMaster({ handshakesPerSecond: 10 })
    const identities = await Promise.all([0, 1, 2, 3].map((number) => enrolled(slow, `storm${number}`)))
    const start = performance.now()
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, number) => openSocket(slow, '/minion', tlsOf(identities[number % 4]!))),
    )
    expect(all.every((opened) => 'socket' in opened)).toBe(true)
    expect(performance.now() - start).toBeGreaterThan(400)
    await slow.stop()
  })
})

function closing(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', (code) => resolve(code)))
}

function isReused(socket: WebSocket): boolean {
  const inner = (socket as unknown as { _socket: { isSessionReused(): boolean } })._socket
  return inner.isSessionReused()
}
