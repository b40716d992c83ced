/** Whether a peer with a client certificate may speak as a minion: asked on every connection, resumed ones too. */
import type { X509Certificate } from 'node:crypto'
import { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import { isIssuedBy, roleOf, serialOf, validityOf } from '../../shared/pki/certificate.ts'
import type { StoredCertificate } from '../store/keys.ts'
import { hashOfDer, type KeyDesk, mainKey, renewalGrace } from './key-desk.ts'

export interface Presented {
  readonly certificate: X509Certificate | undefined
  /** OpenSSL's verdict on the chain; of a resumed session the one of its first handshake. */
  readonly authorized: boolean
  readonly authorizationError: string | undefined
}

export interface Admitted {
  readonly id: MinionId
  readonly generation: number
  readonly serial: string
  /** True: the certificate has expired, within the grace. Only `cert.renew` is allowed. */
  readonly renewalOnly: boolean
}

/**
 * @throws TsaltError `certificate-missing`, `certificate-untrusted`, `certificate-role-wrong`, `certificate-revoked`,
 *   `certificate-expired`, `certificate-not-yet-valid`, `key-not-accepted`
 */
export function admit(desk: KeyDesk, presented: Presented): Admitted {
  const { certificate } = presented
  if (certificate === undefined) throw new TsaltError('certificate-missing', {})
  requireChain(desk, presented, certificate)
  const role = roleOf(certificate)
  if (role?.role !== 'minion')
    throw new TsaltError('certificate-role-wrong', {
      role: role === undefined ? 'nobody' : `the role ${role.role}`,
    })
  const stored = requireIssued(desk, certificate, role.id)
  const renewalOnly = requireInTime(desk, certificate)
  requireAccepted(desk, stored)
  return { id: stored.id, generation: stored.generation, serial: stored.serial, renewalOnly }
}

/**
 * OpenSSL remembers only the last flaw of a chain, so "expired" may hide a wrong signature: that one, and a session
 * resumed from before, are looked at here again.
 */
function requireChain(desk: KeyDesk, presented: Presented, certificate: X509Certificate): void {
  const { authorized, authorizationError } = presented
  if (!authorized && authorizationError !== 'CERT_HAS_EXPIRED' && authorizationError !== 'CERT_NOT_YET_VALID')
    throw new TsaltError('certificate-untrusted', { reason: authorizationError ?? 'the chain does not hold' })
  if (!isIssuedBy(certificate, desk.authority.certificate))
    throw new TsaltError('certificate-untrusted', { reason: 'its signature is not of our CA' })
}

function requireIssued(desk: KeyDesk, certificate: X509Certificate, id: MinionId): StoredCertificate {
  const stored = desk.store.certificate(serialOf(certificate))
  if (stored === undefined) throw new TsaltError('certificate-untrusted', { reason: 'its serial is unknown' })
  if (stored.hash !== hashOfDer(certificate.raw) || stored.id !== id)
    throw new TsaltError('certificate-untrusted', { reason: 'another one was issued under its serial' })
  if (stored.revoked !== undefined) throw new TsaltError('certificate-revoked', {})
  return stored
}

function requireInTime(desk: KeyDesk, certificate: X509Certificate): boolean {
  const now = desk.clock.now()
  const { notBefore, notAfter } = validityOf(certificate)
  if (now < notBefore) throw new TsaltError('certificate-not-yet-valid', {})
  if (now > notAfter + renewalGrace) throw new TsaltError('certificate-expired', {})
  return now > notAfter
}

function requireAccepted(desk: KeyDesk, { id, generation }: StoredCertificate): void {
  const key = mainKey(desk.store, id)
  if (key?.state !== 'accepted')
    throw new TsaltError('key-not-accepted', { id, state: key?.state ?? 'unknown' })
  if (key.generation !== generation)
    throw new TsaltError('key-not-accepted', { id, state: 'accepted for a later machine of that name' })
}
