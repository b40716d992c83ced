/** Operators beside root: users with passwords, their tokens, their certificates. */
import type { Sha256 } from '../../shared/ids.ts'

export interface StoredUser {
  readonly name: string
  /** As master/auth/password.ts writes it, with its parameters. */
  readonly password: string
  readonly groups: readonly string[]
  readonly disabled: boolean
  /** Milliseconds since the epoch, as every time in here. */
  readonly made: number
  readonly changed: number
}

/** A login that lasts. */
export interface StoredPass {
  /** SHA-256 of the token. */
  readonly hash: Sha256
  readonly user: string
  /** `local` or `pam`. */
  readonly eauth: string
  readonly made: number
  readonly expires: number
  /** Where it was made, or what it is for. */
  readonly note: string
}

export interface StoredOperatorCertificate {
  /** Lower-case hex. */
  readonly serial: string
  readonly name: string
  /** SHA-256 of the DER: who shows the serial must show the certificate. */
  readonly hash: Sha256
  readonly made: number
  readonly expires: number
  readonly revoked: number | undefined
}

export interface OperatorStore {
  /** Sorted by name. */
  users(): Promise<readonly StoredUser[]>
  /** @returns false where the name is taken */
  addUser(user: StoredUser): Promise<boolean>
  /** Replaces it; its tokens go where they are to. @returns false where there is none of that name */
  changeUser(user: StoredUser, andTokens: boolean): Promise<boolean>
  /** With its tokens; its certificates are revoked. @returns false where there is none of that name */
  dropUser(name: string, at: number): Promise<boolean>
  pass(hash: Sha256): Promise<StoredPass | undefined>
  /** Oldest first. */
  passes(): Promise<readonly StoredPass[]>
  /** @param most of a user and way of logging in: the oldest go for it */
  addPass(pass: StoredPass, most: number): Promise<void>
  /** @returns false where there was none */
  dropPass(hash: Sha256): Promise<boolean>
  certificate(serial: string): Promise<StoredOperatorCertificate | undefined>
  /** Oldest first. */
  certificates(): Promise<readonly StoredOperatorCertificate[]>
  addCertificate(certificate: StoredOperatorCertificate): Promise<void>
  /** @returns false where there is none, or it is revoked already */
  revokeCertificate(serial: string, at: number): Promise<boolean>
  /** Forgets passes and certificates that ended before. */
  forget(before: number): Promise<void>
}
