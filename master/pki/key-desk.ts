/** What everything about keys works with, and the two steps that all of it shares: issuing and ending. */
import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Fingerprint, MinionId, Sha256 } from '../../shared/ids.ts'
import { parseRequest } from '../../shared/pki/certificate-request.ts'
import { fromPem } from '../../shared/pki/pem.ts'
import type { Audit } from '../audit/audit-log.ts'
import type { KeyStore, StoredCertificate, StoredKey } from '../store/keys.ts'
import type { Authority } from './authority.ts'

export interface KeyDesk {
  readonly store: KeyStore
  readonly authority: Authority
  readonly audit: Audit
  readonly clock: Clock
  readonly logger: Logger
  readonly certificateDays: number
  readonly maxPending: number
  readonly changes: KeyChanges
}

export interface KeyWatcher {
  /** A stranger asked to be let in, for the first time with this key, or a token let it in. */
  asked?(id: MinionId, fingerprint: Fingerprint, state: 'pending' | 'denied' | 'accepted'): void
  /** A waiting key was decided on: whoever waits for it can be told. */
  decided?(id: MinionId, fingerprint: Fingerprint): void
  /** Every certificate of the id is dead; its connections must end. */
  ended?(id: MinionId, reason: string): void
  /** The key was deleted: what is remembered of this minion goes too. */
  deleted?(id: MinionId): void
}

/** Tells others of decisions, after they were committed. */
export class KeyChanges {
  readonly #watchers = new Set<KeyWatcher>()

  watch(watcher: KeyWatcher): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  tell(change: (watcher: KeyWatcher) => void): void {
    for (const watcher of this.#watchers) change(watcher)
  }
}

export const day = 86_400_000
/** How long after its end a certificate may still be renewed. */
export const renewalGrace = 30 * day

/** The key of an id that is not denied, if it has one. */
export function mainKey(store: KeyStore, id: MinionId): StoredKey | undefined {
  return store.keysOf(id).find(({ state }) => state !== 'denied')
}

/**
 * Issues a certificate for a key and stores its serial. Call inside the transaction that accepts the key.
 * @throws TsaltError `certificate-request-invalid`
 */
export function issueFor(desk: KeyDesk, key: StoredKey): StoredCertificate {
  const { id, publicKey, fingerprint } = parseRequest(key.request)
  if (id !== key.id || fingerprint !== key.fingerprint)
    throw new TsaltError('certificate-request-invalid', { reason: 'it is of another key or id' })
  const issued = desk.authority.issue({ role: 'minion', id }, publicKey, desk.certificateDays)
  const certificate: StoredCertificate = {
    serial: issued.serial,
    id,
    generation: key.generation,
    fingerprint,
    hash: hashOfDer(fromPem('CERTIFICATE', issued.pem)),
    pem: issued.pem,
    notBefore: issued.notBefore,
    notAfter: issued.notAfter,
    revoked: undefined,
  }
  desk.store.addCertificate(certificate)
  return certificate
}

export function hashOfDer(der: Uint8Array): Sha256 {
  return createHash('sha256').update(der).digest('hex') as Sha256
}
