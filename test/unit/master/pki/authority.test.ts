import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openAuthority } from '../../../../master/pki/authority.ts'
import { takeOwnerLock } from '../../../../master/store/sqlite/owner-lock.ts'
import { type Clock, systemClock } from '../../../../shared/clock.ts'
import { makeKeyPair, privateKeyToPem } from '../../../../shared/pki/key-pair.ts'

const day = 86_400_000

describe('the CA of the master', () => {
  let folder: string
  let ahead = 0
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead }
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'tsalt-ca-')), 'pki')
    ahead = 0
  })
  afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

  it('is made once, closed to everybody else, and stays the same', () => {
    const first = openAuthority(folder, clock)
    const { cert } = first.server()
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    const again = openAuthority(folder, clock)
    expect(again.fingerprint).toBe(first.fingerprint)
    expect(again.server().cert).toBe(cert)
    expect(cert.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
  })

  it('refuses loose modes, with the command that mends them', () => {
    openAuthority(folder, clock)
    chmodSync(join(folder, 'ca.key'), 0o640)
    expect(() => openAuthority(folder, clock)).toThrow(
      expect.objectContaining({
        code: 'secret-file-loose',
        hint: expect.stringContaining(`chmod 0600 ${folder}/ca.key`),
      }),
    )
    chmodSync(join(folder, 'ca.key'), 0o600)
    chmodSync(folder, 0o755)
    expect(() => openAuthority(folder, clock)).toThrow(expect.objectContaining({ code: 'secret-file-loose' }))
  })

  it('renews the certificate of the master at two thirds of its life, not the CA', () => {
    const authority = openAuthority(folder, clock)
    const { cert } = authority.server()
    ahead = 50 * day
    expect(authority.isRenewalDue()).toBe(false)
    ahead = 65 * day
    expect(authority.isRenewalDue()).toBe(true)
    const renewed = authority.server().cert
    expect(renewed).not.toBe(cert)
    expect(authority.isRenewalDue()).toBe(false)
    expect(renewed.endsWith(authority.text)).toBe(true)
    expect(openAuthority(folder, clock).server().cert).toBe(renewed)
  })

  it('does not start with half a CA, or with a key of another one', () => {
    openAuthority(folder, clock).server()
    const key = readFileSync(join(folder, 'ca.key'))
    writeFileSync(join(folder, 'ca.key'), privateKeyToPem(makeKeyPair()))
    expect(() => openAuthority(folder, clock)).toThrow(
      expect.objectContaining({ code: 'authority-mismatch' }),
    )
    rmSync(join(folder, 'ca.key'))
    expect(() => openAuthority(folder, clock)).toThrow(
      expect.objectContaining({ code: 'authority-incomplete' }),
    )
    writeFileSync(join(folder, 'ca.key'), key, { mode: 0o600 })
    // A pair of the master's that a crash left half replaced is issued anew.
    writeFileSync(join(folder, 'master.key'), privateKeyToPem(makeKeyPair()))
    const mended = openAuthority(folder, clock)
    expect(mended.server().key).toBe(readFileSync(join(folder, 'master.key'), 'utf8'))
  })

  it('one master for each store, the second is told who was first', () => {
    const store = join(folder, '..', 'master.db')
    const lock = takeOwnerLock(store, 'process 1 on jump')
    expect(() => takeOwnerLock(store, 'process 2')).toThrow(
      expect.objectContaining({
        code: 'master-already-running',
        message: expect.stringContaining('process 1 on jump'),
      }),
    )
    lock.release()
    takeOwnerLock(store, 'process 2').release()
  })
})
