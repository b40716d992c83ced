import pino from 'pino'
import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../../../master/audit/audit-log.ts'
import type { Authority } from '../../../../master/pki/authority.ts'
import { enrol } from '../../../../master/pki/enrolment.ts'
import { KeyChanges, type KeyDesk } from '../../../../master/pki/key-desk.ts'
import type { KeyAction } from '../../../../master/pki/key-service.ts'
import { openKeyService } from '../../../../master/pki/operator-keys.ts'
import { openDatabase } from '../../../../master/store/sqlite/database.ts'
import { keyMigrations, openKeyStore } from '../../../../master/store/sqlite/keys.ts'
import { type Clock, systemClock } from '../../../../shared/clock.ts'
import { parseMinionId } from '../../../../shared/ids.ts'
import { certificateFromPem } from '../../../../shared/pki/certificate.ts'
import { makeRequest } from '../../../../shared/pki/certificate-request.ts'
import { fingerprintOfCertificate, fingerprintOfKey } from '../../../../shared/pki/fingerprint.ts'
import { issueAuthority, issueCertificate } from '../../../../shared/pki/issue.ts'
import { makeKeyPair } from '../../../../shared/pki/key-pair.ts'

const day = 86_400_000

function openDesk() {
  let ahead = 0
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead }
  const issuer = { keys: makeKeyPair(), name: 'tsalt CA' }
  const { pem } = issueAuthority(issuer, clock)
  const certificate = certificateFromPem(pem, 'test')
  const authority: Authority = {
    certificate,
    text: pem,
    fingerprint: fingerprintOfCertificate(certificate),
    issue: (role, publicKey, days) => issueCertificate(issuer, clock, { role, publicKey, days }),
    server: () => ({ key: '', cert: '' }),
    isRenewalDue: () => false,
  }
  const entries: AuditEntry[] = []
  const told: string[] = []
  const fails = { audit: false }
  const desk: KeyDesk = {
    store: openKeyStore(openDatabase(':memory:', [keyMigrations])),
    authority,
    audit: {
      record: (entry) => {
        if (fails.audit) throw new Error('ENOSPC')
        entries.push(entry)
      },
      refusals: () => [],
      close: () => {},
    },
    clock,
    logger: pino({ level: 'silent' }),
    certificateDays: 30,
    maxPending: 100,
    changes: new KeyChanges(),
  }
  desk.changes.watch({
    decided: (id) => told.push(`decided ${id}`),
    ended: (id, reason) => told.push(`ended ${id}: ${reason}`),
    deleted: (id) => told.push(`deleted ${id}`),
  })
  const keys = openKeyService(desk, () => ({ host: 'jump', port: 4510 }))
  const submit = (name: string, pair = makeKeyPair(), token?: string) => {
    const id = parseMinionId(name)
    const body = { id, request: makeRequest(pair, id) }
    const { decision } = enrol(desk, token === undefined ? body : { ...body, token }, '10.0.0.1')
    return { pair, decision, fingerprint: fingerprintOfKey(pair.publicKey) }
  }
  const states = () => keys.list().map(({ id, state, generation }) => `${id} ${state} ${generation}`)
  const act = (action: KeyAction['action'], match: string, more: Partial<KeyAction> = {}) =>
    keys.act({ action, match, ...more }, 'root').map(({ id, state }) => `${id} ${state}`)
  return { desk, keys, submit, states, act, entries, told, fails, move: (by: number) => (ahead += by) }
}

describe('keys of minions', () => {
  it('accept by glob touches pending ones only, rejected and denied when asked', () => {
    const { submit, act, states, keys } = openDesk()
    submit('web1')
    submit('web2')
    submit('db1')
    expect(act('reject', 'web2')).toEqual(['web2 rejected'])
    expect(keys.preview({ action: 'accept', match: '*' }).map(({ id }) => id)).toEqual(['db1', 'web1'])
    expect(act('accept', 'WEB*')).toEqual(['web1 accepted'])
    expect(act('accept', 'web*', { includeRejected: true })).toEqual(['web2 accepted'])
    expect(act('accept', 'nothing*')).toEqual([])
    expect(states()).toEqual(['db1 pending 0', 'web1 accepted 0', 'web2 accepted 0'])
    expect(keys.list()[1]?.expires).toBeGreaterThan(systemClock.now() + 29 * day)
  })

  it('public keys are those that minions asked with', () => {
    const { submit, keys } = openDesk()
    const { pair } = submit('web1')
    submit('db1')
    expect(keys.publicKeys('web*')).toEqual([
      { ...keys.list()[1], publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }) },
    ])
    expect(keys.publicKeys('*').map(({ id }) => id)).toEqual(['db1', 'web1'])
  })

  it('revocation kills every serial of the id and cannot be undone by accepting', () => {
    const { desk, submit, act, states, told } = openDesk()
    const { pair } = submit('web1')
    act('accept', 'web1')
    const key = desk.store.keysOf(parseMinionId('web1'))[0]
    if (key === undefined) throw new Error('missing')
    const before = desk.store.newestCertificate(key.id, key.fingerprint)
    expect(act('revoke', '*')).toEqual(['web1 revoked'])
    expect(desk.store.certificate(before?.serial ?? '')?.revoked).toBeDefined()
    expect(desk.store.newestCertificate(key.id, key.fingerprint)).toBeUndefined()
    expect(told).toContain('ended web1: key revoked')
    expect(act('accept', '*', { includeRejected: true, includeDenied: true })).toEqual([])
    expect(submit('web1', pair).decision.state).toBe('rejected')
    expect(states()).toEqual(['web1 revoked 0'])
  })

  it('deleting bumps the generation each time', () => {
    const { submit, act, states, told } = openDesk()
    for (const generation of [0, 1, 2]) {
      submit('web1')
      act('accept', 'web1')
      expect(states()).toEqual([`web1 accepted ${generation}`])
      act('delete', 'web1')
    }
    expect(told.filter((line) => line === 'deleted web1')).toHaveLength(3)
    expect(states()).toEqual([])
  })

  it('several keys of one id are never accepted at once', () => {
    const { submit, act, states } = openDesk()
    const first = submit('web1')
    const second = submit('web1')
    expect([first.decision.state, second.decision.state]).toEqual(['pending', 'denied'])
    expect(() => act('accept', '*', { includeDenied: true })).toThrow(
      expect.objectContaining({ code: 'key-ambiguous' }),
    )
    expect(act('accept', '*', { includeDenied: true, fingerprint: second.fingerprint })).toEqual([
      'web1 accepted',
    ])
    expect(states()).toEqual(['web1 accepted 1'])
  })

  it('rejecting a denied key leaves the accepted one alone', () => {
    const { submit, act, states, told } = openDesk()
    submit('web1')
    act('accept', 'web1')
    submit('web1')
    act('reject', 'web1', { includeDenied: true })
    expect(states()).toEqual(['web1 accepted 0'])
    expect(told.some((line) => line.startsWith('ended'))).toBe(false)
  })

  it('a token wins over a key that nobody looked at, which is kept as denied', () => {
    const { submit, keys, states } = openDesk()
    submit('web1')
    const { token } = keys.makeToken({ idGlob: 'web*', seconds: 60 }, 'root')
    expect(token).toMatch(/^tsalt1:jump:4510:[0-9a-f]{64}:[0-9a-f]{32}$/)
    expect(submit('web1', makeKeyPair(), token.slice(-32)).decision.state).toBe('accepted')
    expect(states()).toEqual(['web1 accepted 0', 'web1 denied 0'])
    for (const seconds of [0, 3601, 1.5])
      expect(() => keys.makeToken({ idGlob: '*', seconds }, 'root')).toThrow(
        expect.objectContaining({ code: 'token-lifetime-invalid' }),
      )
  })

  it('an accepted key gets the same certificate, a new one near its end, and waits again after the grace', () => {
    const { submit, act, move, states, desk } = openDesk()
    const { pair } = submit('web1')
    act('accept', 'web1')
    const first = submit('web1', pair).decision
    expect(submit('web1', pair).decision).toEqual(first)
    move(21 * day)
    const second = submit('web1', pair).decision
    expect(second).toMatchObject({ state: 'accepted' })
    expect(second).not.toEqual(first)
    move(50 * day)
    expect(submit('web1', pair).decision).toMatchObject({ state: 'accepted' })
    move(100 * day)
    expect(submit('web1', pair).decision).toEqual({ state: 'pending' })
    expect(states()).toEqual(['web1 pending 0'])
    desk.store.forget({ certificates: desk.clock.now(), tokens: 0 })
    act('accept', 'web1')
    expect(submit('web1', pair).decision).toMatchObject({ state: 'accepted' })
  })

  it('what cannot be recorded is not done', () => {
    const { submit, act, states, fails, keys } = openDesk()
    submit('web1')
    fails.audit = true
    expect(() => act('accept', 'web1')).toThrow('ENOSPC')
    expect(() => submit('web2')).toThrow('ENOSPC')
    expect(() => keys.makeToken({ idGlob: '*', seconds: 5 }, 'root')).toThrow('ENOSPC')
    fails.audit = false
    expect(states()).toEqual(['web1 pending 0'])
  })

  it('every act is in the audit log, with who did it', () => {
    const { submit, act, entries } = openDesk()
    submit('web1')
    act('accept', 'web1')
    act('revoke', 'web1')
    act('delete', 'web1')
    expect(entries.map(({ actor, kind, subject }) => `${actor} ${kind} ${subject}`)).toEqual([
      'address:10.0.0.1 csr.submit web1',
      'operator:root key.accept web1',
      'operator:root key.revoke web1',
      'operator:root key.delete web1',
    ])
  })
})
