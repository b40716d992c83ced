/** P-256 key pairs: made, written as PEM, read back. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { TsaltError } from '../errors/error.ts'

export interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export function makeKeyPair(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
}

/** PKCS #8 */
export function privateKeyToPem(pair: KeyPair): string {
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** @param what for the error: the path of the file @throws TsaltError `key-invalid` */
export function keyPairFromPem(pem: string, what: string): KeyPair {
  try {
    const privateKey = createPrivateKey(pem)
    const publicKey = createPublicKey(privateKey)
    if (isP256(publicKey)) return { privateKey, publicKey }
  } catch (cause) {
    throw new TsaltError('key-invalid', { what, reason: 'it does not parse' }, { cause })
  }
  throw new TsaltError('key-invalid', { what, reason: 'it is not a P-256 key' })
}

export function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
}

/**
 * A public key from SPKI in DER. Only the usual encoding passes (named curve, uncompressed point), since the
 * fingerprint is of these bytes and one key must have one fingerprint.
 * @throws Error
 */
export function publicKeyFromSpki(der: Buffer): KeyObject {
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  if (!isP256(key)) throw new Error('the key is not P-256')
  if (der.length !== 91 || der[26] !== 4 || !key.export({ type: 'spki', format: 'der' }).equals(der))
    throw new Error('the key is not in its usual encoding')
  return key
}
