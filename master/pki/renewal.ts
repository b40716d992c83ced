/** A minion with an accepted key gets its next certificate, for the same key or a new one. */
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { parseRequest } from '../../shared/pki/certificate-request.ts'
import type { Body } from '../../shared/protocol/registry.ts'
import { recordRefusal } from '../audit/audit-log.ts'
import type { Admitted } from './admission.ts'
import { issueFor, type KeyDesk, mainKey } from './key-desk.ts'

/** Unexpired certificates of one minion: two or three in a life of renewals. A minion that asks for more is broken. */
const mostLive = 24

/** @throws TsaltError `certificate-request-invalid`, `key-not-accepted`, `renewals-too-many` */
export function renew(desk: KeyDesk, peer: Admitted, { request }: Body<'cert.renew'>): Body<'cert.issued'> {
  const { id, generation, serial } = peer
  const entry = { actor: `minion:${id}`, serial, kind: 'cert.renew', subject: id }
  try {
    const issued = desk.store.transaction(() => {
      const next = issueAgain(desk, peer, request)
      desk.audit.record({ ...entry, verdict: 'allowed', reason: `issued ${next.serial}` })
      return next
    })
    return { certificate: issued.pem }
  } catch (error) {
    const reason = isTsaltError(error) ? error.code : String(error)
    recordRefusal(desk.audit, desk.logger, { ...entry, reason: `${reason}, generation ${generation}` })
    throw error
  }
}

function issueAgain(desk: KeyDesk, { id, generation, serial }: Admitted, request: string) {
  const { id: asked, fingerprint } = parseRequest(request)
  if (asked !== id) throw new TsaltError('certificate-request-invalid', { reason: `it is for "${asked}"` })
  const key = mainKey(desk.store, id)
  if (key?.state !== 'accepted' || key.generation !== generation)
    throw new TsaltError('key-not-accepted', { id, state: key?.state ?? 'unknown' })
  if (desk.store.certificate(serial)?.revoked !== undefined) throw new TsaltError('certificate-revoked', {})
  if (desk.store.countLive(id, desk.clock.now()) >= mostLive)
    throw new TsaltError('renewals-too-many', { id, limit: mostLive })
  const next = { ...key, fingerprint, request, since: key.since }
  if (fingerprint !== key.fingerprint) desk.store.dropKey(id, key.fingerprint)
  desk.store.putKey(next)
  return issueFor(desk, next)
}
