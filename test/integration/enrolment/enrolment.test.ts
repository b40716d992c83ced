import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { brokenLink } from '../../../master/audit/audit-log.ts'
import { parseFingerprint, parseMinionId } from '../../../shared/ids.ts'
import { makeRequest } from '../../../shared/pki/certificate-request.ts'
import { fingerprintOfKey } from '../../../shared/pki/fingerprint.ts'
import { makeKeyPair } from '../../../shared/pki/key-pair.ts'
import { type Master, startMaster } from '../gateway/master-fixture.ts'
import { connected, enrolled, openEnrolment, openSocket, tlsOf, until } from '../gateway/peer.ts'

describe('enrolment over real sockets', () => {
  let master: Master
  beforeAll(async () => {
    master = await startMaster({ maxPending: 20 })
  })
  afterAll(() => master.stop())
  const audit = (): string => readFileSync(master.auditFile, 'utf8')

  it('by acceptance: pending, then the decision comes over the open socket', async () => {
    const id = parseMinionId('web1')
    const pair = makeKeyPair()
    const peer = await openEnrolment(master)
    expect(await peer.submit(id, pair)).toEqual({ state: 'pending' })
    expect(await peer.submit(id, pair)).toEqual({ state: 'pending' })
    const fingerprint = fingerprintOfKey(pair.publicKey)
    expect(master.keys.list()).toMatchObject([{ id, state: 'pending', fingerprint, generation: 0 }])
    const [row] = master.keys.act({ action: 'accept', match: 'web1', fingerprint }, 'root')
    expect(row).toMatchObject({ state: 'accepted' })
    await until(() => peer.decisions.length > 0)
    const [decision] = peer.decisions
    if (decision?.state !== 'accepted') throw new Error('not accepted')
    const { welcome, channel } = await connected(master, { id, pair, certificate: decision.certificate })
    expect(welcome).toMatchObject({ generation: 0, protocol: 1 })
    channel.close('done')
    // Asking again is harmless and gives the same certificate.
    const again = await openEnrolment(master)
    expect(await again.submit(id, pair)).toEqual(decision)
    again.channel.close('done')
  })

  it('a wrong fingerprint accepts nothing', async () => {
    const peer = await openEnrolment(master)
    const id = parseMinionId('web2')
    await peer.submit(id, makeKeyPair())
    const fingerprint = parseFingerprint('ab'.repeat(32))
    expect(() => master.keys.act({ action: 'accept', match: 'web2', fingerprint }, 'root')).toThrow(
      expect.objectContaining({ code: 'key-fingerprint-differs' }),
    )
    expect(master.keys.list().find((row) => row.id === id)?.state).toBe('pending')
    master.keys.act({ action: 'reject', match: 'web2' }, 'root')
    await until(() => peer.decisions.length > 0)
    expect(peer.decisions).toEqual([{ state: 'rejected' }])
  })

  it('by token, once: wrong, used, expired and other ids are told apart, audited, and leave nothing', async () => {
    const { token } = master.keys.makeToken({ idGlob: 'db*', seconds: 60 }, 'root')
    const submit = async (name: string, use: string) => {
      const peer = await openEnrolment(master)
      return peer.submit(parseMinionId(name), makeKeyPair(), use).finally(() => peer.channel.close('done'))
    }
    const refused = (code: string) =>
      expect.objectContaining({ parameters: expect.objectContaining({ code }) })
    await expect(submit('web9', token)).rejects.toEqual(refused('token-other-id'))
    await expect(submit('db1', `${token.slice(0, -32)}${'0'.repeat(32)}`)).rejects.toEqual(
      refused('token-wrong'),
    )
    expect(await submit('db1', token)).toMatchObject({ state: 'accepted' })
    await expect(submit('db2', token)).rejects.toEqual(refused('token-used'))
    const late = master.keys.makeToken({ idGlob: '*', seconds: 60 }, 'root').token
    master.clock.ahead = 61_000
    await expect(submit('db3', late)).rejects.toEqual(refused('token-expired'))
    master.clock.ahead = 0
    expect(master.keys.list().filter(({ id }) => /^(web9|db2|db3)$/.test(id))).toEqual([])
    for (const code of ['token-other-id', 'token-wrong', 'token-used', 'token-expired'])
      expect(audit()).toContain(code)
    expect(brokenLink(audit())).toBeUndefined()
    expect(audit()).not.toContain(token.slice(-32))
  })

  it('the lost answer to a token is given again to the same key', async () => {
    const id = parseMinionId('db7')
    const pair = makeKeyPair()
    const { token } = master.keys.makeToken({ idGlob: id, seconds: 60 }, 'root')
    const peer = await openEnrolment(master)
    const first = await peer.submit(id, pair, token)
    expect(await peer.submit(id, pair, token)).toEqual(first)
    peer.channel.close('done')
  })

  it('a known id with another key is denied and changes nothing for the first', async () => {
    const first = await enrolled(master, 'app1')
    const peer = await openEnrolment(master)
    const other = makeKeyPair()
    expect(await peer.submit(first.id, other)).toEqual({ state: 'denied' })
    const { token } = master.keys.makeToken({ idGlob: first.id, seconds: 60 }, 'root')
    expect(await peer.submit(first.id, other, token)).toEqual({ state: 'denied' })
    peer.channel.close('done')
    const rows = master.keys.list().filter(({ id }) => id === first.id)
    expect(rows.map(({ state }) => state).sort()).toEqual(['accepted', 'denied'])
    const { channel } = await connected(master, first)
    channel.close('done')
  })

  it('a request whose id differs from the one in its signed part is refused', async () => {
    const peer = await openEnrolment(master)
    const request = makeRequest(makeKeyPair(), parseMinionId('victim'))
    await expect(
      peer.channel.request('csr.submit', { id: parseMinionId('attacker'), request }),
    ).rejects.toMatchObject({ parameters: { code: 'certificate-request-invalid' } })
    await expect(
      peer.channel.request('csr.submit', { id: parseMinionId('attacker'), request: 'nonsense' }),
    ).rejects.toMatchObject({ parameters: { code: 'certificate-request-invalid' } })
    peer.channel.close('done')
  })

  it('a deleted id comes back with the next generation, and its old certificate is worth nothing', async () => {
    const old = await enrolled(master, 'cache1')
    master.keys.act({ action: 'delete', match: 'cache1' }, 'root')
    expect(await openSocket(master, '/minion', tlsOf(old))).toMatchObject({ status: 403 })
    const fresh = await enrolled(master, 'cache1')
    const { welcome, channel } = await connected(master, fresh)
    expect(welcome.generation).toBe(1)
    channel.close('done')
    expect(await openSocket(master, '/minion', tlsOf(old))).toMatchObject({
      status: 403,
      refusal: 'certificate-revoked',
    })
  })

  it('accepting a denied key replaces the other one and begins a new generation', async () => {
    const old = await enrolled(master, 'swap1')
    const peer = await openEnrolment(master)
    const pair = makeKeyPair()
    expect(await peer.submit(old.id, pair)).toEqual({ state: 'denied' })
    const fingerprint = fingerprintOfKey(pair.publicKey)
    master.keys.act({ action: 'accept', match: old.id, fingerprint, includeDenied: true }, 'root')
    expect(master.keys.list().filter(({ id }) => id === old.id)).toMatchObject([
      { state: 'accepted', fingerprint, generation: 1 },
    ])
    expect(await openSocket(master, '/minion', tlsOf(old))).toMatchObject({ status: 403 })
    peer.channel.close('done')
  })

  it('takes no more pending keys than configured', async () => {
    const peer = await openEnrolment(master)
    const results: string[] = []
    for (let number = 0; number < 25; number += 1) {
      const id = parseMinionId(`flood${number}`)
      const result = peer.submit(id, makeKeyPair())
      results.push(await result.then(({ state }) => state).catch((error) => error.parameters.code))
    }
    expect(new Set(results)).toEqual(new Set(['pending', 'keys-too-many-pending']))
    peer.channel.close('done')
    master.keys.act({ action: 'delete', match: 'flood*' }, 'root')
  })
})
