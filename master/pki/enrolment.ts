/** Decides on a certificate request from a peer that is nobody yet. */
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { Fingerprint, MinionId } from '../../shared/ids.ts'
import { parseRequest } from '../../shared/pki/certificate-request.ts'
import type { Body } from '../../shared/protocol/registry.ts'
import { recordRefusal } from '../audit/audit-log.ts'
import type { StoredCertificate, StoredKey } from '../store/keys.ts'
import { redeemToken } from './join-tokens.ts'
import { issueFor, type KeyDesk, mainKey, renewalGrace } from './key-desk.ts'

type Decision = Body<'csr.decision'>
interface Applicant {
  readonly id: MinionId
  readonly fingerprint: Fingerprint
  readonly request: string
  readonly token: string | undefined
}

export interface Enrolled {
  readonly decision: Decision
  readonly fingerprint: Fingerprint
}

/**
 * Idempotent by key. A refusal leaves nothing behind; every decision other than "still pending" is audited.
 * @param address of the peer, for the audit log
 * @throws TsaltError `certificate-request-invalid`, `keys-too-many-pending`, `token-…`
 */
export function enrol(desk: KeyDesk, body: Body<'csr.submit'>, address: string): Enrolled {
  const actor = `address:${address}`
  try {
    const { id, fingerprint } = parseRequest(body.request)
    if (id !== body.id)
      throw new TsaltError('certificate-request-invalid', { reason: `it is for "${id}", not "${body.id}"` })
    const applicant: Applicant = { id, fingerprint, request: body.request, token: body.token }
    const enrolled = desk.store.transaction(() => {
      const { decision, news } = decide(desk, applicant)
      if (news !== undefined) {
        const verdict = decision.state === 'denied' ? 'refused' : 'allowed'
        // Inside the transaction: nobody is let in whose admission can't be recorded.
        desk.audit.record({
          actor,
          kind: 'csr.submit',
          verdict,
          subject: id,
          reason: `${news} ${fingerprint}`,
        })
      }
      return { decision, fingerprint, isNews: news !== undefined }
    })
    const { state } = enrolled.decision
    if (enrolled.isNews && state !== 'rejected')
      desk.changes.tell((watcher) => watcher.asked?.(id, fingerprint, state))
    return { decision: enrolled.decision, fingerprint }
  } catch (error) {
    const reason = isTsaltError(error) ? error.code : String(error)
    recordRefusal(desk.audit, desk.logger, { actor, kind: 'csr.submit', subject: body.id, reason })
    throw error
  }
}

interface Verdict {
  readonly decision: Decision
  /** What changed, for the audit log. */
  readonly news?: string
}

function decide(desk: KeyDesk, applicant: Applicant): Verdict {
  const { id, fingerprint } = applicant
  const main = mainKey(desk.store, id)
  if (main !== undefined && main.fingerprint !== fingerprint) {
    // A token is worth more than a key that nobody has looked at yet, and nothing against one that was decided on.
    if (applicant.token === undefined || main.state !== 'pending') return deny(desk, applicant)
    return joinByToken(desk, applicant, applicant.token)
  }
  switch (main?.state) {
    case 'accepted':
      return reissue(desk, main)
    case 'rejected':
    case 'revoked':
      return { decision: { state: 'rejected' } }
    default:
      if (applicant.token !== undefined) return joinByToken(desk, applicant, applicant.token)
      return main === undefined ? wait(desk, applicant) : { decision: { state: 'pending' } }
  }
}

function wait(desk: KeyDesk, { id, fingerprint, request }: Applicant): Verdict {
  requireRoom(desk)
  const generation = desk.store.generationOf(id)
  desk.store.putKey({ id, fingerprint, request, generation, state: 'pending', since: desk.clock.now() })
  return { decision: { state: 'pending' }, news: 'pending: a new key' }
}

function deny(desk: KeyDesk, { id, fingerprint, request }: Applicant): Verdict {
  const decision = { state: 'denied' } as const
  if (desk.store.keysOf(id).some((key) => key.fingerprint === fingerprint)) return { decision }
  requireRoom(desk)
  const generation = desk.store.generationOf(id)
  desk.store.putKey({ id, fingerprint, request, generation, state: 'denied', since: desk.clock.now() })
  return { decision, news: 'denied: the id is known with another key, this one is' }
}

function requireRoom({ store, maxPending }: KeyDesk): void {
  if (store.countInState('pending') + store.countInState('denied') >= maxPending)
    throw new TsaltError('keys-too-many-pending', { limit: maxPending })
}

function joinByToken(desk: KeyDesk, applicant: Applicant, secret: string): Verdict {
  const { id, fingerprint, request } = applicant
  const token = redeemToken(desk, secret, id)
  const since = desk.clock.now()
  const other = mainKey(desk.store, id)
  if (other !== undefined && other.fingerprint !== fingerprint)
    desk.store.putKey({ ...other, state: 'denied', since })
  const generation = desk.store.generationOf(id)
  const key: StoredKey = { id, fingerprint, request, generation, state: 'accepted', since }
  desk.store.putKey(key)
  const news = `accepted by the token that ${token.maker} made`
  return { decision: accepted(issueFor(desk, key)), news }
}

/** The minion asks again: its answer got lost, or it has been away. */
function reissue(desk: KeyDesk, key: StoredKey): Verdict {
  const newest = desk.store.newestCertificate(key.id, key.fingerprint)
  const now = desk.clock.now()
  if (newest === undefined || now > newest.notAfter + renewalGrace) {
    // Away for too long: accepted once does not mean accepted for ever.
    desk.store.putKey({ ...key, state: 'pending', since: now })
    return { decision: { state: 'pending' }, news: 'pending again: its certificate expired long ago' }
  }
  const third = (newest.notAfter - newest.notBefore) / 3
  if (now < newest.notAfter - third) return { decision: accepted(newest) }
  return { decision: accepted(issueFor(desk, key)), news: 'a new certificate for the accepted key' }
}

function accepted(certificate: StoredCertificate): Decision {
  return { state: 'accepted', certificate: certificate.pem }
}

/** What a waiting peer is to be told now, where its key was decided on since. */
export function decisionFor(desk: KeyDesk, id: MinionId, fingerprint: Fingerprint): Decision {
  const key = desk.store.keysOf(id).find((row) => row.fingerprint === fingerprint)
  if (key === undefined || key.state === 'rejected' || key.state === 'revoked') return { state: 'rejected' }
  if (key.state !== 'accepted') return { state: key.state }
  const newest = desk.store.newestCertificate(id, fingerprint)
  return newest === undefined ? { state: 'pending' } : accepted(newest)
}
