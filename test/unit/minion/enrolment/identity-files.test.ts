import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { IdentityFiles } from '../../../../minion/enrolment/identity-files.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { describeError } from '../../../../shared/errors/error.ts'
import { parseMinionId } from '../../../../shared/ids.ts'
import { fingerprintOfKey } from '../../../../shared/pki/fingerprint.ts'
import { type Issuer, issueAuthority, issueCertificate } from '../../../../shared/pki/issue.ts'
import { makeKeyPair } from '../../../../shared/pki/key-pair.ts'

const web1 = parseMinionId('web1')
const issuer: Issuer = { keys: makeKeyPair(), name: 'CA' }
const authority = issueAuthority(issuer, systemClock).pem
let folder = ''
let files: IdentityFiles

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-identity-'))
  files = new IdentityFiles(join(folder, 'pki'), systemClock)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function store(keys = files.keys(), from = issuer): void {
  files.storeAuthority(authority)
  const role = { role: 'minion' as const, id: web1 }
  files.storeCertificate(
    issueCertificate(from, systemClock, { role, publicKey: keys.publicKey, days: 1 }).pem,
  )
}
const messageOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return describeError(error)
  }
  return 'no error'
}

describe('the files of an identity', () => {
  it('are none before enrolment, and whole after it', () => {
    expect(files.identity(web1)).toBeUndefined()
    store()
    expect(files.identity(web1)?.id).toBe('web1')
  })

  it('keep their key for good', () => {
    const again = new IdentityFiles(join(folder, 'pki'), systemClock)
    expect(fingerprintOfKey(files.keys().publicKey)).toBe(fingerprintOfKey(again.keys().publicKey))
  })

  it('of another id are refused, with both ways out', () => {
    store()
    const message = messageOf(() => files.identity(parseMinionId('web2')))
    expect(message).toContain('is for "web1", and this minion is "web2"')
    expect(message).toContain('Set "id: web1", or move')
  })

  it('that do not fit together are refused', () => {
    store(makeKeyPair())
    expect(messageOf(() => files.identity(web1))).toContain('another key')
    store(files.keys(), { keys: makeKeyPair(), name: 'CA' })
    expect(messageOf(() => files.identity(web1))).toContain('not issued by the CA')
    writeFileSync(join(folder, 'pki/minion.crt'), 'nonsense')
    expect(messageOf(() => files.identity(web1))).toContain('does not parse')
  })

  it('that others can read are refused, with the command that mends it', () => {
    store()
    chmodSync(join(folder, 'pki/minion.key'), 0o644)
    expect(messageOf(() => files.identity(web1))).toContain(`chmod 0600 ${join(folder, 'pki/minion.key')}`)
    chmodSync(join(folder, 'pki'), 0o755)
    expect(messageOf(() => new IdentityFiles(join(folder, 'pki'), systemClock))).toContain('chmod 0700')
  })

  it('lose a certificate that the new CA did not issue', () => {
    store()
    files.storeAuthority(authority)
    expect(files.identity(web1)).toBeDefined()
    files.storeAuthority(issueAuthority({ keys: makeKeyPair(), name: 'new' }, systemClock).pem)
    expect(files.identity(web1)).toBeUndefined()
  })
})
