/** Where keys of minions, their certificates and join tokens are kept. No clock and no randomness in here. */
import type { Fingerprint, MinionId, Sha256 } from '../../shared/ids.ts'
import type { KeyState } from '../pki/key-service.ts'

export interface StoredKey {
  readonly id: MinionId
  /** SHA-256 of the public key's SPKI. An id has one key that is not `denied`, and any number of denied ones. */
  readonly fingerprint: Fingerprint
  readonly state: KeyState
  /** How many minions with this id have been before. */
  readonly generation: number
  /** Milliseconds since the epoch, as every time in here. */
  readonly since: number
  /** The certificate request, PEM. */
  readonly request: string
}

export interface StoredCertificate {
  /** Lower-case hex. */
  readonly serial: string
  readonly id: MinionId
  readonly generation: number
  readonly fingerprint: Fingerprint
  /** SHA-256 of the DER: a certificate that claims a serial must be the one that was issued under it. */
  readonly hash: Sha256
  readonly pem: string
  readonly notBefore: number
  readonly notAfter: number
  readonly revoked: number | undefined
}

export interface StoredToken {
  /** SHA-256 of the secret. */
  readonly hash: Sha256
  readonly idGlob: string
  readonly expires: number
  readonly maker: string
  /** The id that it let in. */
  readonly usedBy: MinionId | undefined
}

export interface KeyStore {
  /** All or nothing, durable when it returns. Not nested. */
  transaction<Result>(work: () => Result): Result
  /** Sorted by id, then state. */
  keys(): readonly StoredKey[]
  keysOf(id: MinionId): readonly StoredKey[]
  /** The minions with an accepted key, sorted by id. Cheap: asked for each target. */
  accepted(): readonly { readonly id: MinionId; readonly generation: number }[]
  /** Inserts, or replaces the row with the same id and fingerprint. */
  putKey(key: StoredKey): void
  dropKey(id: MinionId, fingerprint: Fingerprint): void
  countInState(state: KeyState): number
  /** 0 for an id that was never deleted. */
  generationOf(id: MinionId): number
  raiseGeneration(id: MinionId): void
  certificate(serial: string): StoredCertificate | undefined
  /** The unrevoked one of that key that lasts longest. */
  newestCertificate(id: MinionId, fingerprint: Fingerprint): StoredCertificate | undefined
  addCertificate(certificate: StoredCertificate): void
  /** How many of an id are neither revoked nor ended. */
  countLive(id: MinionId, now: number): number
  /** All of an id. @returns the serials that were not revoked before */
  revokeCertificates(id: MinionId, at: number): readonly string[]
  tokens(): readonly StoredToken[]
  addToken(token: StoredToken): void
  useToken(hash: Sha256, id: MinionId): void
  /** Forgets certificates and tokens that ended before these times. */
  forget(ended: { readonly certificates: number; readonly tokens: number }): void
}
