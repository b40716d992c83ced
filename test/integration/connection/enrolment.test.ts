import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EnrolmentStatus, enrol } from '../../../minion/enrolment/enrol.ts'
import { IdentityFiles } from '../../../minion/enrolment/identity-files.ts'
import { type Pin, pinOf } from '../../../minion/enrolment/pin.ts'
import { systemClock } from '../../../shared/clock.ts'
import { describeError, TsaltError } from '../../../shared/errors/error.ts'
import { type Fingerprint, formatFingerprint, parseFingerprint, parseMinionId } from '../../../shared/ids.ts'
import { silentLogger } from '../../../shared/log.ts'
import { makeRequest } from '../../../shared/pki/certificate-request.ts'
import { fingerprintOfKey } from '../../../shared/pki/fingerprint.ts'
import { formatJoinToken } from '../../../shared/pki/join-token.ts'
import { makeKeyPair } from '../../../shared/pki/key-pair.ts'
import type {
  CertificateRequest,
  EnrolmentDecision,
} from '../../../shared/protocol/messages/certificate-request.ts'
import { TestMaster } from './test-master.ts'

const id = parseMinionId('web1')
let folder = ''
let masters: TestMaster[] = []
let stop: AbortController

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-enrol-'))
  masters = []
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  for (const master of masters) await master.close()
  rmSync(folder, { recursive: true, force: true })
})

async function makeMaster(options: ConstructorParameters<typeof TestMaster>[0]): Promise<TestMaster> {
  const master = await new TestMaster(options).listen()
  masters.push(master)
  return master
}

const pinned = (master: TestMaster, fingerprint: Fingerprint | undefined = master.fingerprint): Pin => ({
  fingerprint,
  source: 'master_finger',
  secret: undefined,
  masters: [{ host: '127.0.0.1', port: master.port }],
})

function joinBy(pin: Pin, watch: (status: EnrolmentStatus) => void = () => {}) {
  const files = new IdentityFiles(join(folder, 'pki'), systemClock)
  const common = { clock: systemClock, logger: silentLogger(), signal: stop.signal, watch }
  return enrol({ id, pin, files, ...common, waitTime: 50, reconDefault: 10, reconMax: 50 })
}

describe('a minion', () => {
  it('waits to be accepted, is told at once, and keeps key, certificate and CA for itself', async () => {
    const statuses: EnrolmentStatus[] = []
    let asked = 0
    const master = await makeMaster({
      decide: (request, channel) => {
        // The third time it is left waiting, and then the operator accepts.
        if (++asked === 3)
          setTimeout(
            () =>
              channel.send('csr.decision', { state: 'accepted', certificate: master.issue(request.request) }),
            5,
          )
        return { state: 'pending' }
      },
    })
    const identity = await joinBy(pinned(master), (status) => statuses.push(status))
    expect(asked).toBe(3)
    expect(statuses).toMatchObject([
      { state: 'pending', fingerprint: fingerprintOfKey(identity.keys.publicKey) },
    ])
    expect(readdirSync(join(folder, 'pki')).sort()).toEqual(['master-ca.crt', 'minion.crt', 'minion.key'])
    expect(statSync(join(folder, 'pki')).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(join(folder, 'pki')))
      expect(statSync(join(folder, 'pki', name)).mode & 0o777).toBe(0o600)
    const again = new IdentityFiles(join(folder, 'pki'), systemClock).identity(id)
    expect(again?.certificate).toBe(identity.certificate)
    expect(again?.authority).toBe(master.authority)
  })

  it('goes on asking with the same key after the master was away', async () => {
    const keys = new Set<string>()
    const decide = (request: CertificateRequest): EnrolmentDecision => {
      keys.add(request.request)
      return { state: 'pending' }
    }
    const first = await makeMaster({ decide })
    const { port, issuer, authority } = first
    const joining = joinBy(pinned(first))
    while (keys.size === 0) await sleep(5)
    await first.close()
    masters = []
    await sleep(50)
    const second = await makeMaster({
      port,
      issuer,
      authority,
      decide: (request) => {
        keys.add(request.request)
        return { state: 'accepted', certificate: second.issue(request.request) }
      },
    })
    await joining
    expect(keys.size).toBe(1)
  })

  it('refuses a CA with another fingerprint, says both, and sends nothing', async () => {
    let asked = 0
    const master = await makeMaster({
      decide: () => {
        asked++
        return { state: 'pending' }
      },
    })
    const other = parseFingerprint('ab'.repeat(32))
    const error = await joinBy(pinned(master, other)).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'master-fingerprint-differs' })
    const text = describeError(error)
    expect(text).toContain(formatFingerprint(master.fingerprint))
    expect(text).toContain(formatFingerprint(other))
    expect(text).toContain('master_finger')
    expect(asked).toBe(0)
    expect(readdirSync(join(folder, 'pki'))).toEqual(['minion.key'])
  })

  it('trusts whoever answers only if that was written out', async () => {
    const master = await makeMaster({
      decide: (request) => ({ state: 'accepted', certificate: master.issue(request.request) }),
    })
    const identity = await joinBy({ ...pinned(master), fingerprint: undefined, source: 'trust_on_first_use' })
    expect(identity.authority).toBe(master.authority)
  })

  it('joins by a token, and falls back to an operator where it is not taken', async () => {
    const seen: (string | undefined)[] = []
    const master = await makeMaster({
      decide: (request) => {
        seen.push(request.token)
        if (request.token !== undefined) return new TsaltError('token-expired', { minutes: 5 } as never)
        return { state: 'accepted', certificate: master.issue(request.request) }
      },
    })
    const secret = '0123456789abcdef0123456789abcdef'
    const token = formatJoinToken({
      host: '127.0.0.1',
      port: master.port,
      fingerprint: master.fingerprint,
      secret,
    })
    const pin = pinOf(
      { master: 'nowhere', master_port: 1, master_finger: '', join_token: token, trust_on_first_use: false },
      '/etc/tsalt/minion',
    )
    await joinBy(pin)
    expect(seen).toEqual([secret, undefined])
  })

  it.each(['rejected', 'denied'] as const)('says so when it is %s, and goes on waiting', async (state) => {
    const master = await makeMaster({ decide: () => ({ state }) })
    const status = await new Promise<EnrolmentStatus>((resolve) => {
      joinBy(pinned(master), resolve).catch(() => undefined)
    })
    expect(status.state).toBe(state)
  })

  it('does not take a certificate for another key, id or CA', async () => {
    const wrong = [
      (_request: string) => master.issue(makeRequest(makeKeyPair(), id)),
      (_request: string) => master.authority,
      (request: string) => new TestMaster().issue(request),
      (_request: string) => 'nonsense',
      (request: string) => master.issue(request),
    ]
    let asked = 0
    const master: TestMaster = await makeMaster({
      decide: ({ request }) => ({ state: 'accepted', certificate: wrong[asked++]?.(request) ?? '' }),
    })
    await joinBy(pinned(master))
    expect(asked).toBe(5)
  })

  it('does not take a minion, nor a plain web server, for a master', async () => {
    const reasons: string[] = []
    const logger = Object.assign(silentLogger(), {
      warn: (fields: { reason: string }) => reasons.push(fields.reason),
    })
    const impostor = await makeMaster({ role: { role: 'minion', id } })
    const old = await makeMaster({ maxVersion: 'TLSv1.2' })
    const plain = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const { port } = plain.address() as { port: number }
    const pin = {
      ...pinned(impostor),
      masters: [impostor.port, old.port, port].map((at) => ({ host: '127.0.0.1', port: at })),
    }
    const files = new IdentityFiles(join(folder, 'pki'), systemClock)
    const common = { clock: systemClock, signal: stop.signal, waitTime: 10, reconDefault: 1, reconMax: 5 }
    const joining = enrol({ id, pin, files, logger: logger as never, ...common }).catch(
      (error: unknown) => error,
    )
    while (reasons.length < 3) await sleep(5)
    stop.abort()
    plain.close()
    expect(reasons[0]).toContain('not that of a master')
    expect(reasons[1]).toContain('cannot be reached')
    expect(reasons[2]).toContain('cannot be reached')
    expect(files.authority()).toBeUndefined()
    expect(await joining).toBeInstanceOf(TsaltError)
  })
})

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
