/** Certificate requests (PKCS #10): made by a minion, parsed and verified by the master. */
import { type KeyObject, verify } from 'node:crypto'
import { TsaltError } from '../errors/error.ts'
import type { Fingerprint, MinionId } from '../ids.ts'
import {
  bitsOf,
  bytesOf,
  decode,
  encode,
  integer,
  type Node,
  oid,
  oidOf,
  partsOf,
  sequence,
  set,
  tagged,
  tags,
} from './der.ts'
import {
  nameNode,
  oids,
  requireAlgorithm,
  roleOfUri,
  signed,
  uriExtension,
  uriIn,
  uriOf,
} from './distinguished.ts'
import { fingerprintOfKey } from './fingerprint.ts'
import { type KeyPair, publicKeyFromSpki } from './key-pair.ts'
import { fromPem, toPem } from './pem.ts'

export interface ParsedRequest {
  /** The id asked for, under the signature of the key. */
  readonly id: MinionId
  readonly publicKey: KeyObject
  readonly fingerprint: Fingerprint
}

/** PEM of a request of this key for the certificate of minion `id`. */
export function makeRequest(pair: KeyPair, id: MinionId): string {
  const spki = decode(pair.publicKey.export({ type: 'spki', format: 'der' }))
  const wanted = sequence(uriExtension(uriOf({ role: 'minion', id })))
  const attributes = tagged(0, sequence(oid(oids.extensionRequest), set(wanted)))
  const body = sequence(integer('00'), nameNode(id), spki, attributes)
  return toPem('CERTIFICATE REQUEST', signed(body, pair.privateKey))
}

/**
 * Parses a request from an untrusted peer and verifies that it is signed by its own key.
 * @throws TsaltError `certificate-request-invalid`
 */
export function parseRequest(pem: string): ParsedRequest {
  try {
    return parse(fromPem('CERTIFICATE REQUEST', pem))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TsaltError('certificate-request-invalid', { reason }, { cause })
  }
}

function parse(der: Buffer): ParsedRequest {
  const [body, algorithm, signature, ...rest] = partsOf(decode(der), tags.sequence)
  if (!body || rest.length > 0) throw new Error('an unexpected structure')
  requireAlgorithm(algorithm)
  const [version, , spki, attributes, ...more] = partsOf(body, tags.sequence)
  if (!spki || more.length > 0 || bytesOf(version, tags.integer).toString('hex') !== '00')
    throw new Error('an unexpected structure')
  const publicKey = publicKeyFromSpki(encode(spki))
  if (!verify('sha256', encode(body), publicKey, bitsOf(signature)))
    throw new Error('its signature does not fit its key')
  const role = roleOfUri(requestedUri(attributes))
  if (role?.role !== 'minion') throw new Error('it does not ask for a minion certificate')
  return { id: role.id, publicKey, fingerprint: fingerprintOfKey(publicKey) }
}

function requestedUri(attributes: Node | undefined): string {
  const [attribute, ...others] = partsOf(attributes, 0, 0x80)
  const [type, values] = partsOf(attribute, tags.sequence)
  if (others.length > 0 || oidOf(type) !== oids.extensionRequest) throw new Error('an unexpected attribute')
  const [extension, ...more] = partsOf(partsOf(values, tags.set)[0], tags.sequence)
  const [name, content] = partsOf(extension, tags.sequence)
  if (more.length > 0 || oidOf(name) !== oids.subjectAlternativeName)
    throw new Error('an unexpected extension')
  return uriIn(decode(bytesOf(content, tags.octetString)))
}
