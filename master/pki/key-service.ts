/** Keys of minions and join tokens, as the API sees them. Every act is in the audit log. */
import type { Fingerprint, MinionId } from '../../shared/ids.ts'

export const keyStates = ['accepted', 'denied', 'pending', 'rejected', 'revoked'] as const
export type KeyState = (typeof keyStates)[number]

export interface KeyRow {
  readonly id: MinionId
  readonly state: KeyState
  /** SHA-256 of the public key's SPKI. */
  readonly fingerprint: Fingerprint
  readonly generation: number
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Of an accepted key: when its newest certificate expires. */
  readonly expires?: number
}

export interface PublicKey extends KeyRow {
  /** PEM of its SPKI. */
  readonly publicKey: string
}

export interface KeyAction {
  readonly action: 'accept' | 'reject' | 'delete' | 'revoke'
  /** A glob over ids, or all (`*`). */
  readonly match: string
  /** Accept only a key with this fingerprint. */
  readonly fingerprint?: Fingerprint
  readonly includeRejected?: boolean
  readonly includeDenied?: boolean
  readonly includeAccepted?: boolean
}

export interface KeyService {
  list(): readonly KeyRow[]
  /** @param match a glob over ids */
  publicKeys(match: string): readonly PublicKey[]
  /** Fingerprint of the CA's certificate, which minions pin. */
  masterFingerprint(): Fingerprint
  /** What an action would touch; the CLI asks before it does it. */
  preview(action: KeyAction): readonly KeyRow[]
  /** @returns the rows as they are afterwards (deleted ones as they were). */
  act(action: KeyAction, operator: string): readonly KeyRow[]
  /**
   * A one-time join token: `tsalt1:HOST:PORT:CA-FINGERPRINT:SECRET`.
   * @param idGlob which ids may use it @param seconds 1 to 3600
   */
  makeToken(
    options: { idGlob: string; seconds: number; host?: string },
    operator: string,
  ): { readonly token: string; readonly expires: number }
}
