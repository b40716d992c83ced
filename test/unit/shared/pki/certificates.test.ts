import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../../../shared/clock.ts'
import { isTsaltError } from '../../../../shared/errors/error.ts'
import { parseMinionId } from '../../../../shared/ids.ts'
import { isIssuedBy, renewalTime, roleOf, serialOf, validityOf } from '../../../../shared/pki/certificate.ts'
import { makeRequest, parseRequest } from '../../../../shared/pki/certificate-request.ts'
import { fingerprintOfCertificate, fingerprintOfKey } from '../../../../shared/pki/fingerprint.ts'
import { type Issuer, issueAuthority, issueCertificate } from '../../../../shared/pki/issue.ts'
import { keyPairFromPem, makeKeyPair, privateKeyToPem } from '../../../../shared/pki/key-pair.ts'
import { fromPem, toPem } from '../../../../shared/pki/pem.ts'

const issuer: Issuer = { keys: makeKeyPair(), name: 'tsalt CA of test' }
const authority = issueAuthority(issuer, systemClock)
const web1 = parseMinionId('web1.example.org')
const minionKeys = makeKeyPair()
const minion = issueCertificate(issuer, systemClock, {
  role: { role: 'minion', id: web1 },
  publicKey: minionKeys.publicKey,
  days: 30,
})
const master = issueCertificate(issuer, systemClock, {
  role: { role: 'master' },
  publicKey: makeKeyPair().publicKey,
  days: 30,
})

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-pki-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const openssl = (...words: string[]): string =>
  execFileSync('openssl', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

describe('as the openssl command sees it', () => {
  it('verifies the chain, each leaf for its purpose only', () => {
    const ca = file('ca.pem', authority.pem)
    const verify = (pem: string, purpose: string): string =>
      openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', ca, file('leaf.pem', pem))
    expect(verify(minion.pem, 'sslclient')).toContain('OK')
    expect(verify(master.pem, 'sslserver')).toContain('OK')
    expect(() => verify(minion.pem, 'sslserver')).toThrow()
    expect(() => verify(master.pem, 'sslclient')).toThrow()
  })

  it('shows names, usages and extensions', () => {
    const text = openssl('x509', '-in', file('minion.pem', minion.pem), '-noout', '-text')
    expect(text).toContain('Version: 3')
    expect(text).toContain('Subject: O = tsalt, CN = web1.example.org')
    expect(text).toContain('URI:tsalt:minion/web1.example.org')
    expect(text).toContain('TLS Web Client Authentication')
    expect(text).toContain('Digital Signature')
    expect(text).toContain('CA:FALSE')
    const root = openssl('x509', '-in', file('ca.pem', authority.pem), '-noout', '-text')
    expect(root).toContain('CA:TRUE, pathlen:0')
    expect(root).toContain('Certificate Sign, CRL Sign')
  })

  it('verifies a request', () => {
    const path = file('request.pem', makeRequest(minionKeys, web1))
    expect(openssl('req', '-in', path, '-noout', '-text', '-verify')).toContain(
      'URI:tsalt:minion/web1.example.org',
    )
  })

  it('agrees on the fingerprint of a certificate', () => {
    const printed = openssl('x509', '-in', file('ca.pem', authority.pem), '-noout', '-fingerprint', '-sha256')
    expect(printed.split('=')[1]?.trim().replaceAll(':', '').toLowerCase()).toBe(
      fingerprintOfCertificate(authority.pem),
    )
  })
})

describe('reading', () => {
  it('knows roles, issuer, serial and dates', () => {
    const certificate = new X509Certificate(minion.pem)
    expect(roleOf(certificate)).toEqual({ role: 'minion', id: web1 })
    expect(roleOf(new X509Certificate(master.pem))).toEqual({ role: 'master' })
    expect(roleOf(new X509Certificate(authority.pem))).toBeUndefined()
    expect(serialOf(certificate)).toBe(minion.serial)
    expect(validityOf(certificate)).toEqual({ notBefore: minion.notBefore, notAfter: minion.notAfter })
    expect(renewalTime(certificate)).toBeCloseTo(minion.notBefore + (31 * 86_400_000 * 2) / 3, -1)
    expect(isIssuedBy(certificate, new X509Certificate(authority.pem))).toBe(true)
    const stranger = issueAuthority({ keys: makeKeyPair(), name: issuer.name }, systemClock)
    expect(isIssuedBy(certificate, new X509Certificate(stranger.pem))).toBe(false)
  })

  it.each([
    ['serverAuth with the name of a minion', 'serverAuth', 'URI:tsalt:minion/web1'],
    ['clientAuth with the name of a master', 'clientAuth', 'URI:tsalt:master'],
    ['both usages', 'serverAuth,clientAuth', 'URI:tsalt:master'],
    ['two names', 'clientAuth', 'URI:tsalt:minion/web1,URI:tsalt:minion/web2'],
    ['a name as a host', 'serverAuth', 'DNS:tsalt:master'],
    ['a bad id', 'clientAuth', 'URI:tsalt:minion/../web1'],
    ['a role that does not exist', 'clientAuth', 'URI:tsalt:root'],
  ])('gives no role to %s', (_what, usage, names) => {
    const csr = file('odd.csr', makeRequest(minionKeys, web1))
    const extensions = file('odd.ext', `extendedKeyUsage=${usage}\nsubjectAltName=${names}\n`)
    const ca = ['-CA', file('ca.pem', authority.pem), '-CAkey', file('ca.key', privateKeyToPem(issuer.keys))]
    const pem = openssl('x509', '-req', '-in', csr, ...ca, '-days', '1', '-extfile', extensions)
    expect(isIssuedBy(new X509Certificate(pem), new X509Certificate(authority.pem))).toBe(true)
    expect(roleOf(new X509Certificate(pem))).toBeUndefined()
  })

  it('takes an id of 253 characters and an operator', () => {
    const id = parseMinionId('a'.repeat(253))
    const long = issueCertificate(issuer, systemClock, {
      role: { role: 'minion', id },
      publicKey: minionKeys.publicKey,
      days: 1,
    })
    expect(roleOf(new X509Certificate(long.pem))).toEqual({ role: 'minion', id })
    const operator = issueCertificate(issuer, systemClock, {
      role: { role: 'operator', name: 'anna' },
      publicKey: minionKeys.publicKey,
      days: 1,
    })
    expect(roleOf(new X509Certificate(operator.pem))).toEqual({ role: 'operator', name: 'anna' })
  })

  it('writes dates after 2049 as OpenSSL wants them', () => {
    const clock: Clock = { ...systemClock, now: () => Date.parse('2055-03-04T05:06:07Z') }
    const late = issueAuthority(issuer, clock)
    expect(validityOf(new X509Certificate(late.pem)).notAfter).toBe(late.notAfter)
  })

  it('makes a new serial of 128 bits each time, never negative', () => {
    const serials = Array.from({ length: 50 }, () => issueAuthority(issuer, systemClock).serial)
    expect(new Set(serials).size).toBe(50)
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/)
  })
})

describe('requests of strangers', () => {
  it('parses what a minion makes', () => {
    const parsed = parseRequest(makeRequest(minionKeys, web1))
    expect(parsed.id).toBe(web1)
    expect(parsed.fingerprint).toBe(fingerprintOfKey(minionKeys.privateKey))
  })

  const refused = (pem: string): string => {
    try {
      parseRequest(pem)
    } catch (error) {
      if (isTsaltError(error) && error.code === 'certificate-request-invalid') return error.message
      throw error
    }
    return 'accepted'
  }

  it('refuses every changed byte', () => {
    const der = fromPem('CERTIFICATE REQUEST', makeRequest(minionKeys, web1))
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (index, flip) => {
        const changed = Buffer.from(der)
        changed[index] = (changed[index] ?? 0) ^ flip
        expect(refused(toPem('CERTIFICATE REQUEST', changed))).not.toBe('accepted')
      }),
    )
  })

  it('refuses other keys, garbage, trailing bytes, depth and size', () => {
    const rsa = join(folder, 'rsa.pem')
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', rsa, '-subj', '/CN=x', '-out', `${rsa}.csr`)
    const der = fromPem('CERTIFICATE REQUEST', makeRequest(minionKeys, web1))
    expect(refused(execFileSync('cat', [`${rsa}.csr`], { encoding: 'utf8' }))).toContain('ecdsa-with-SHA256')
    expect(refused('')).toContain('not one CERTIFICATE REQUEST')
    expect(refused(toPem('CERTIFICATE', der))).toContain('not one CERTIFICATE REQUEST')
    expect(refused(toPem('CERTIFICATE REQUEST', Buffer.concat([der, Buffer.of(0)])))).not.toBe('accepted')
    expect(refused(toPem('CERTIFICATE REQUEST', Buffer.alloc(20_000, 0x30)))).toContain('longer than')
    let deep = Buffer.of(0x05, 0x00)
    for (let depth = 0; depth < 60; depth++) deep = Buffer.concat([Buffer.of(0x30, deep.length), deep])
    expect(refused(toPem('CERTIFICATE REQUEST', deep))).not.toBe('accepted')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(refused(toPem('CERTIFICATE REQUEST', bytes))).not.toBe('accepted')
      }),
    )
  })

  it('refuses a request without a role, made with another tool', () => {
    const key = file('key.pem', privateKeyToPem(minionKeys))
    const csr = join(folder, 'plain.csr')
    openssl('req', '-new', '-key', key, '-subj', '/CN=web1', '-out', csr)
    expect(refused(execFileSync('cat', [csr], { encoding: 'utf8' }))).toContain('unexpected')
  })
})

describe('private keys', () => {
  it('go to PEM and back', () => {
    const again = keyPairFromPem(privateKeyToPem(minionKeys), 'minion.key')
    expect(fingerprintOfKey(again.publicKey)).toBe(fingerprintOfKey(minionKeys.publicKey))
  })

  it('of another kind are refused, with the file named', () => {
    const rsa = openssl('genrsa', '2048')
    expect(() => keyPairFromPem(rsa, '/pki/minion.key')).toThrow(/\/pki\/minion.key.*not a P-256 key/)
    expect(() => keyPairFromPem('x', '/pki/minion.key')).toThrow(/does not parse/)
  })
})
