/** Peers without a certificate: floods, odd requests, and certificates that are none. */
import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../shared/clock.ts'
import { type MinionId, parseMinionId } from '../../../shared/ids.ts'
import { makeRequest } from '../../../shared/pki/certificate-request.ts'
import { issueAuthority, issueCertificate } from '../../../shared/pki/issue.ts'
import { makeKeyPair, privateKeyToPem } from '../../../shared/pki/key-pair.ts'
import { fromPem, toPem } from '../../../shared/pki/pem.ts'
import { openEnrolment, openSocket, tlsOf } from '../gateway/peer.ts'
import { type RealMaster, realMaster } from './real-master.ts'

describe('a stranger', () => {
  let master: RealMaster
  beforeAll(async () => {
    master = await realMaster({
      'etc/tsalt/master': 'interface: 127.0.0.1\nport: 0\npublic_host: 127.0.0.1\nmax_pending: 50\n',
    })
  })
  afterAll(() => master.stop())

  it('gets no further than the door with ids that are none', async () => {
    const pair = makeKeyPair()
    const ids = [
      '../../etc/cron.d/x',
      'a/b',
      'a\0b',
      'a..b',
      '-a',
      'a'.repeat(300),
      'A b',
      '.',
      '',
      'ä',
      'a\nb',
      '$(id)',
    ]
    for (const id of ids) {
      const { channel, ended } = await openEnrolment(master)
      const socket = channel as unknown as { socket: { send(text: string): void } }
      const body = { id, request: makeRequest(pair, parseMinionId('fine1')) }
      socket.socket.send(JSON.stringify({ v: 1, kind: 'csr.submit', request: 1, body }))
      for (let turns = 0; turns < 100 && ended() === undefined; turns++)
        await new Promise((resolve) => setTimeout(resolve, 10))
      expect([id, ended()?.code]).toEqual([id, 1008])
    }
    expect((await master.api('/api/v1/keys')).body).toMatchObject({ keys: [] })
  })

  it('cannot ask in the name of another than its request', async () => {
    const { channel, submit } = await openEnrolment(master)
    const pair = makeKeyPair()
    const request = makeRequest(pair, parseMinionId('other1'))
    await expect(
      channel.request('csr.submit', { id: parseMinionId('wanted1'), request }),
    ).rejects.toMatchObject({ parameters: { code: 'certificate-request-invalid' } })
    const der = fromPem('CERTIFICATE REQUEST', request)
    // The last bytes are the signature's.
    const damaged = toPem(
      'CERTIFICATE REQUEST',
      der.map((byte, at) => (at === der.length - 3 ? byte ^ 1 : byte)),
    )
    for (const bad of [
      '',
      'nonsense',
      damaged,
      '-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----',
    ])
      await expect(
        channel.request('csr.submit', { id: parseMinionId('other1'), request: bad }),
      ).rejects.toMatchObject({ parameters: { code: 'certificate-request-invalid' } })
    await expect(
      submit(parseMinionId('other1'), pair, `tsalt1:h:1:${'a'.repeat(64)}:${'0'.repeat(32)}`),
    ).rejects.toThrow()
    channel.close('done')
  })

  it('fills neither the list of keys nor the audit log, and a token still lets a minion in', async () => {
    const { channel } = await openEnrolment(master)
    const pair = makeKeyPair()
    const answers = new Map<string, number>()
    for (let count = 0; count < 600; count++) {
      const id = `flood${count}` as MinionId
      const answer = await channel
        .request('csr.submit', { id, request: makeRequest(pair, id) })
        .then(({ body }) => body.state)
        .catch((error: { parameters: { code: string } }) => error.parameters.code)
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
    }
    expect(answers).toEqual(
      new Map([
        ['pending', 50],
        ['keys-too-many-pending', 550],
      ]),
    )
    expect((await master.api('/api/v1/keys')).body).toMatchObject({ keys: { length: 50 } })
    expect(master.audit().split('\n').length).toBeLessThan(300)
    expect((await master.join('let-in1')).certificate).toContain('BEGIN CERTIFICATE')
    channel.close('done')
  })

  it('does not become a minion with a certificate of its own making, nor an operator or a master', async () => {
    const own = { keys: makeKeyPair(), name: 'tsalt CA' }
    const authority = issueAuthority(own, systemClock).pem
    const pair = makeKeyPair()
    const { publicKey } = pair
    for (const role of [
      { role: 'minion', id: parseMinionId('let-in1') },
      { role: 'operator', name: 'root' },
      { role: 'master' },
    ] as const) {
      const { pem } = issueCertificate(own, systemClock, { role, publicKey, days: 1 })
      for (const cert of [pem, pem + authority])
        expect(await openSocket(master, '/minion', { cert, key: privateKeyToPem(pair) })).toMatchObject({
          status: 403,
          refusal: 'certificate-untrusted',
        })
    }
    const identity = await master.join('let-in2')
    await expect(
      openSocket(master, '/minion', { ...tlsOf(identity), key: privateKeyToPem(pair) }),
    ).rejects.toThrow()
  })

  it('that opens connections and says nothing takes no place from others', async () => {
    const open = await Promise.all(
      Array.from(
        { length: 300 },
        () =>
          new Promise<ReturnType<typeof connectTcp>>((resolve) => {
            const socket = connectTcp({ host: '127.0.0.1', port: master.port, localAddress: '127.0.0.2' })
            socket.on('error', () => {})
            socket.once('connect', () => resolve(socket))
          }),
      ),
    )
    const start = performance.now()
    await master.join('in-between1')
    expect(performance.now() - start).toBeLessThan(4_000)
    for (const socket of open) socket.destroy()
  })
})
