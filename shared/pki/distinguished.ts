/** The parts that requests and certificates share: names, roles as URIs, extensions, algorithm, signature. */
import { type KeyObject, sign } from 'node:crypto'
import { isMinionId, type MinionId } from '../ids.ts'
import {
  bits,
  bytesOf,
  encode,
  type Node,
  octets,
  oid,
  oidOf,
  partsOf,
  sequence,
  set,
  taggedBytes,
  tags,
  truth,
  utf8,
} from './der.ts'

export const oids = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  extensionRequest: '1.2.840.113549.1.9.14',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
  subjectAlternativeName: '2.5.29.17',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const

/** Whom a certificate is for. `authority` is only the CA's own. */
export type Role =
  | { readonly role: 'master' }
  | { readonly role: 'minion'; readonly id: MinionId }
  | { readonly role: 'operator'; readonly name: string }

const operatorName = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/

/** `tsalt:master`, `tsalt:minion/web1`, `tsalt:operator/anna` */
export function uriOf(role: Role): string {
  if (role.role === 'master') return 'tsalt:master'
  return role.role === 'minion' ? `tsalt:minion/${role.id}` : `tsalt:operator/${role.name}`
}

/** The role that a URI names, or undefined. */
export function roleOfUri(uri: string): Role | undefined {
  if (uri === 'tsalt:master') return { role: 'master' }
  const [, kind, name = ''] = /^tsalt:(minion|operator)\/(.+)$/.exec(uri) ?? []
  if (kind === 'minion' && isMinionId(name)) return { role: 'minion', id: name }
  if (kind === 'operator' && operatorName.test(name)) return { role: 'operator', name }
  return undefined
}

/** X.509 allows 64 characters for a common name, an id may have 253: what counts is the URI. */
export function nameNode(commonName: string): Node {
  const attribute = (type: string, text: string): Node => set(sequence(oid(type), utf8(text)))
  return sequence(attribute(oids.organization, 'tsalt'), attribute(oids.commonName, commonName.slice(0, 64)))
}

export function extension(type: string, content: Node, critical = false): Node {
  return sequence(oid(type), ...(critical ? [truth()] : []), octets(encode(content)))
}

/** A subjectAltName of one URI. */
export function uriExtension(uri: string): Node {
  return extension(oids.subjectAlternativeName, sequence(taggedBytes(6, Buffer.from(uri, 'latin1'))))
}

/** The one URI in the content of a subjectAltName. @throws Error */
export function uriIn(content: Node): string {
  const names = partsOf(content, tags.sequence)
  if (names.length !== 1) throw new Error('more than one alternative name')
  return bytesOf(names[0], 6, 0x80).toString('latin1')
}

const algorithm = (): Node => sequence(oid(oids.ecdsaWithSha256))

/** `SEQUENCE { body, ecdsa-with-SHA256, signature }`, as DER. */
export function signed(body: Node, key: KeyObject): Buffer {
  return encode(sequence(body, algorithm(), bits(sign('sha256', encode(body), key))))
}

/** @throws Error where it is another algorithm than ours */
export function requireAlgorithm(node: Node | undefined): void {
  const parts = partsOf(node, tags.sequence)
  if (parts.length !== 1 || oidOf(parts[0]) !== oids.ecdsaWithSha256)
    throw new Error('it is not signed with ecdsa-with-SHA256')
}

export { algorithm as algorithmNode }
