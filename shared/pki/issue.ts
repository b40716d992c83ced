/** Issues certificates: the CA's own, the master's, minions' and operators'. All P-256, all X.509 v3. */
import { createHash, type KeyObject } from 'node:crypto'
import type { Clock } from '../clock.ts'
import {
  bits,
  decode,
  integer,
  type Node,
  octets,
  oid,
  sequence,
  tagged,
  taggedBytes,
  time,
  truth,
} from './der.ts'
import {
  algorithmNode,
  extension,
  nameNode,
  oids,
  type Role,
  signed,
  uriExtension,
  uriOf,
} from './distinguished.ts'
import type { KeyPair } from './key-pair.ts'
import { toPem } from './pem.ts'

const day = 86_400_000

/** What signs: the CA's key and the common name in its certificate. */
export interface Issuer {
  readonly keys: KeyPair
  readonly name: string
}

export interface Issued {
  readonly pem: string
  /** 32 lower-case hex digits. */
  readonly serial: string
  /** Milliseconds since the epoch. */
  readonly notBefore: number
  readonly notAfter: number
}

/** A self-signed CA certificate, ten years. It signs nothing but leaves (path length 0). */
export function issueAuthority(issuer: Issuer, clock: Clock): Issued {
  const identifier = keyIdentifier(issuer.keys.publicKey)
  return issue(issuer, clock, 3650, issuer.name, issuer.keys.publicKey, [
    extension(oids.basicConstraints, sequence(truth(), integer('00')), true),
    // keyCertSign and cRLSign: bits 5 and 6.
    extension(oids.keyUsage, bits(Buffer.of(0x06), 1), true),
    extension(oids.subjectKeyIdentifier, octets(identifier)),
  ])
}

/**
 * A leaf certificate for a key: serverAuth for the master, clientAuth for minions and operators, the role as the
 * one URI in its subjectAltName.
 * @param days its life; it begins one day back, for clocks that are behind
 */
export function issueCertificate(
  issuer: Issuer,
  clock: Clock,
  options: { readonly role: Role; readonly publicKey: KeyObject; readonly days: number },
): Issued {
  const { role, publicKey, days } = options
  const usage = role.role === 'master' ? oids.serverAuth : oids.clientAuth
  const name = role.role === 'minion' ? role.id : role.role === 'operator' ? role.name : 'master'
  return issue(issuer, clock, days, name, publicKey, [
    extension(oids.basicConstraints, sequence(), true),
    // digitalSignature: bit 0.
    extension(oids.keyUsage, bits(Buffer.of(0x80), 7), true),
    extension(oids.extendedKeyUsage, sequence(oid(usage)), true),
    extension(oids.subjectKeyIdentifier, octets(keyIdentifier(publicKey))),
    extension(oids.authorityKeyIdentifier, sequence(taggedBytes(0, keyIdentifier(issuer.keys.publicKey)))),
    uriExtension(uriOf(role)),
  ])
}

function issue(
  issuer: Issuer,
  clock: Clock,
  days: number,
  name: string,
  publicKey: KeyObject,
  extensions: Node[],
): Issued {
  // X.509 knows whole seconds.
  const now = Math.floor(clock.now() / 1000) * 1000
  const [notBefore, notAfter] = [now - day, now + days * day]
  const serial = makeSerial(clock)
  const body = sequence(
    tagged(0, integer('02')),
    integer(serial),
    algorithmNode(),
    nameNode(issuer.name),
    sequence(time(notBefore), time(notAfter)),
    nameNode(name),
    decode(publicKey.export({ type: 'spki', format: 'der' })),
    tagged(3, sequence(...extensions)),
  )
  return { pem: toPem('CERTIFICATE', signed(body, issuer.keys.privateKey)), serial, notBefore, notAfter }
}

/** 16 random bytes whose top bits are 01: positive, and always 32 digits, so that texts compare. */
function makeSerial(clock: Clock): string {
  const bytes = Buffer.from(clock.randomHex(16), 'hex')
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

/** RFC 5280's method 1: SHA-1 of the key's bits. It names the key, nothing rests on its strength. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha1').update(spki.subarray(26)).digest()
}
