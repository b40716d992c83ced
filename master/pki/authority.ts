/** The CA and the master's own certificate: made at the first start, read at every other, renewed in time. */
import type { KeyObject, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Fingerprint } from '../../shared/ids.ts'
import {
  certificateFromPem,
  isIssuedBy,
  type Role,
  renewalTime,
  roleOf,
} from '../../shared/pki/certificate.ts'
import { fingerprintOfCertificate, fingerprintOfKey } from '../../shared/pki/fingerprint.ts'
import { type Issued, type Issuer, issueAuthority, issueCertificate } from '../../shared/pki/issue.ts'
import { type KeyPair, keyPairFromPem, makeKeyPair, privateKeyToPem } from '../../shared/pki/key-pair.ts'
import { ensureSecretFolder, readSecretFile, writeSecretFile } from '../../shared/pki/secret-file.ts'

export interface Authority {
  readonly certificate: X509Certificate
  /** PEM */
  readonly text: string
  /** What minions pin. */
  readonly fingerprint: Fingerprint
  issue(role: Role, publicKey: KeyObject, days: number): Issued
  /** The master's key and its chain (its certificate, then the CA's), PEM; a new certificate where it is due. */
  server(): { readonly key: string; readonly cert: string }
  /** Whether `server` would answer with another certificate than before. */
  isRenewalDue(): boolean
}

const authorityName = 'tsalt CA'
const masterDays = 90

/** @throws TsaltError `secret-file-loose`, `authority-incomplete`, `authority-mismatch`, `key-invalid`, … */
export function openAuthority(folder: string, clock: Clock): Authority {
  ensureSecretFolder(folder)
  const { issuer, text } = openRoot(folder, clock)
  const certificate = certificateFromPem(text, join(folder, 'ca.crt'))
  let server = readServer(folder, certificate)
  const isDue = (): boolean =>
    server === undefined || clock.now() >= renewalTime(server.certificate) || clock.now() < notBefore(server)
  return {
    certificate,
    text,
    fingerprint: fingerprintOfCertificate(certificate),
    issue: (role, publicKey, days) => issueCertificate(issuer, clock, { role, publicKey, days }),
    isRenewalDue: isDue,
    server() {
      if (server === undefined || isDue()) server = renewServer(folder, issuer, clock)
      return { key: server.key, cert: `${server.text}${text}` }
    },
  }
}

function openRoot(folder: string, clock: Clock): { issuer: Issuer; text: string } {
  const files = { key: join(folder, 'ca.key'), certificate: join(folder, 'ca.crt') }
  let key = readSecretFile(files.key)
  let text = readSecretFile(files.certificate)
  if (key === undefined && text !== undefined)
    throw new TsaltError('authority-incomplete', { folder, file: 'ca.key' })
  if (key === undefined) {
    key = privateKeyToPem(makeKeyPair())
    writeSecretFile(files.key, key, clock)
  }
  const issuer: Issuer = { keys: keyPairFromPem(key, files.key), name: authorityName }
  if (text === undefined) {
    // Also after a crash between the two files: nobody can have pinned a certificate that was never written.
    text = issueAuthority(issuer, clock).pem
    writeSecretFile(files.certificate, text, clock)
  }
  requirePair(folder, issuer.keys, text, 'ca')
  return { issuer, text }
}

interface Server {
  readonly key: string
  readonly text: string
  readonly certificate: X509Certificate
}

function readServer(folder: string, authority: X509Certificate): Server | undefined {
  const key = readSecretFile(join(folder, 'master.key'))
  const text = readSecretFile(join(folder, 'master.crt'))
  if (key === undefined || text === undefined) return undefined
  const certificate = certificateFromPem(text, join(folder, 'master.crt'))
  // A pair half replaced by a crash, or left over from another CA, is simply issued anew.
  const pair = keyPairFromPem(key, join(folder, 'master.key'))
  if (!certificate.checkPrivateKey(pair.privateKey)) return undefined
  if (!isIssuedBy(certificate, authority) || roleOf(certificate)?.role !== 'master') return undefined
  return { key, text, certificate }
}

function renewServer(folder: string, issuer: Issuer, clock: Clock): Server {
  const pair = makeKeyPair()
  const key = privateKeyToPem(pair)
  const { pem } = issueCertificate(issuer, clock, {
    role: { role: 'master' },
    publicKey: pair.publicKey,
    days: masterDays,
  })
  writeSecretFile(join(folder, 'master.key'), key, clock, { replace: true })
  writeSecretFile(join(folder, 'master.crt'), pem, clock, { replace: true })
  return { key, text: pem, certificate: certificateFromPem(pem, join(folder, 'master.crt')) }
}

/** The clock may have been set back far since it was issued. */
function notBefore({ certificate }: Server): number {
  return Date.parse(certificate.validFrom)
}

function requirePair(folder: string, pair: KeyPair, text: string, stem: string): void {
  const certificate = certificateFromPem(text, join(folder, `${stem}.crt`))
  if (fingerprintOfKey(certificate.publicKey) === fingerprintOfKey(pair.privateKey)) return
  throw new TsaltError('authority-mismatch', { folder, key: `${stem}.key`, certificate: `${stem}.crt` })
}
