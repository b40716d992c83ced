/** The files that make a minion who it is: its key, its certificate, and the CA that it trusts. */
import { X509Certificate } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import { certificateFromPem, isIssuedBy, roleOf } from '../../shared/pki/certificate.ts'
import { fingerprintOfKey } from '../../shared/pki/fingerprint.ts'
import { type KeyPair, keyPairFromPem, makeKeyPair, privateKeyToPem } from '../../shared/pki/key-pair.ts'
import { ensureSecretFolder, readSecretFile, writeSecretFile } from '../../shared/pki/secret-file.ts'

/** Who an accepted minion is. */
export interface Identity {
  readonly id: MinionId
  readonly keys: KeyPair
  /** PEM */
  readonly certificate: string
  /** PEM of the CA that issued it, and that the master's certificate must come from. */
  readonly authority: string
}

export class IdentityFiles {
  /** The option `pki_dir`. */
  readonly folder: string
  readonly #clock: Clock

  /** @throws TsaltError `secret-file-loose`, `secret-file-unwritable` */
  constructor(folder: string, clock: Clock) {
    this.folder = folder
    this.#clock = clock
    ensureSecretFolder(folder)
  }

  /** The key pair, made where there is none. @throws TsaltError of secret files, `key-invalid` */
  keys(): KeyPair {
    const pem = this.#read('minion.key')
    if (pem !== undefined) return keyPairFromPem(pem, this.#path('minion.key'))
    const keys = makeKeyPair()
    writeSecretFile(this.#path('minion.key'), privateKeyToPem(keys), this.#clock)
    return keys
  }

  /** PEM of the pinned CA. */
  authority(): string | undefined {
    const pem = this.#read('master-ca.crt')
    if (pem !== undefined) certificateFromPem(pem, this.#path('master-ca.crt'))
    return pem
  }

  /** Before it is enrolled with this CA. A certificate from another one is worth nothing beside it, and goes first. */
  storeAuthority(pem: string): void {
    if (this.authority() !== pem) rmSync(this.#path('minion.crt'), { force: true })
    writeSecretFile(this.#path('master-ca.crt'), pem, this.#clock, { replace: true })
  }

  /** Replaced in one step: whenever the process dies, there is a whole certificate. */
  storeCertificate(pem: string): void {
    writeSecretFile(this.#path('minion.crt'), pem, this.#clock, { replace: true })
  }

  /**
   * What an earlier enrolment left, or undefined where a part of it is missing. Expired or not.
   * @throws TsaltError `identity-differs`, `certificate-invalid`, `key-invalid`, of secret files
   */
  identity(id: MinionId): Identity | undefined {
    const [certificate, authority] = [this.#read('minion.crt'), this.authority()]
    if (certificate === undefined || authority === undefined) return undefined
    const keys = this.keys()
    const what = this.#path('minion.crt')
    const parsed = certificateFromPem(certificate, what)
    const role = roleOf(parsed)
    if (role?.role === 'minion' && role.id !== id)
      throw new TsaltError('identity-differs', { folder: this.folder, certificate: role.id, id })
    const flaw = flawOf(parsed, { id, keys, authority })
    if (flaw !== undefined) throw new TsaltError('certificate-invalid', { what, reason: flaw })
    return { id, keys, certificate, authority }
  }

  #path(name: string): string {
    return join(this.folder, name)
  }

  #read(name: string): string | undefined {
    return readSecretFile(this.#path(name))
  }
}

/**
 * Takes a certificate that the master sent, if it is one for this key, this id and from this CA.
 * @throws TsaltError `certificate-unfitting`
 */
export function takeCertificate(pem: string, owner: Omit<Identity, 'certificate'>): Identity {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem)
  } catch (cause) {
    throw new TsaltError('certificate-unfitting', { reason: 'it does not parse' }, { cause })
  }
  const flaw = flawOf(certificate, owner)
  if (flaw !== undefined) throw new TsaltError('certificate-unfitting', { reason: flaw })
  return { ...owner, certificate: pem }
}

function flawOf(certificate: X509Certificate, owner: Omit<Identity, 'certificate'>): string | undefined {
  const role = roleOf(certificate)
  if (role?.role !== 'minion' || role.id !== owner.id) return `it is not one for the minion ${owner.id}`
  if (fingerprintOfKey(certificate.publicKey) !== fingerprintOfKey(owner.keys.publicKey))
    return 'it is for another key than the one in minion.key'
  if (!isIssuedBy(certificate, new X509Certificate(owner.authority)))
    return 'it was not issued by the CA in master-ca.crt'
  return undefined
}
