/** SHA-256 fingerprints of keys and certificates, and their comparison in constant time. */
import { createHash, createPublicKey, type KeyObject, timingSafeEqual, X509Certificate } from 'node:crypto'
import { type Fingerprint, parseFingerprint } from '../ids.ts'

const digest = (der: Uint8Array): Fingerprint =>
  parseFingerprint(createHash('sha256').update(der).digest('hex'))

/** Of a public key's SPKI, whichever half is given. What `tsalt-key -f` and the minion print. */
export function fingerprintOfKey(key: KeyObject): Fingerprint {
  const half = key.type === 'private' ? createPublicKey(key) : key
  return digest(half.export({ type: 'spki', format: 'der' }))
}

/** Of a certificate's DER. What `tsalt-key -F master` prints and minions pin. */
export function fingerprintOfCertificate(certificate: X509Certificate | string): Fingerprint {
  return digest(typeof certificate === 'string' ? new X509Certificate(certificate).raw : certificate.raw)
}

export function sameFingerprint(one: Fingerprint, other: Fingerprint): boolean {
  return timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'))
}
