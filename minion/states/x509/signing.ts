/** Signing certificates, requests and lists with a key of RSA, of an elliptic curve, or of Ed25519. */
import { type KeyObject, sign } from 'node:crypto'
import { bits, encode, type Node, nothing, oid, sequence } from '../../../shared/pki/der.ts'

export type Digest = 'sha256' | 'sha384' | 'sha512'

const rsa: Readonly<Record<Digest, string>> = {
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
}
const ecdsa: Readonly<Record<Digest, string>> = {
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
}

export function algorithmOf(key: KeyObject, digest: Digest): Node {
  if (key.asymmetricKeyType === 'rsa') return sequence(oid(rsa[digest]), nothing())
  if (key.asymmetricKeyType === 'ec') return sequence(oid(ecdsa[digest]))
  return sequence(oid(key.asymmetricKeyType === 'ed448' ? '1.3.101.113' : '1.3.101.112'))
}

/** `SEQUENCE { body, algorithm, signature }`, as DER. */
export function signedBy(key: KeyObject, body: Node, digest: Digest): Buffer {
  const isEdwards = key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyType === 'ed448'
  const signature = sign(isEdwards ? null : digest, encode(body), key)
  return encode(sequence(body, algorithmOf(key, digest), bits(signature)))
}
