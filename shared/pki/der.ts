/** DER nodes as certificates need them, over node-forge's ASN.1 layer; decoding is limited in size and depth. */
import asn1, { type Asn1 } from 'node-forge/lib/asn1.js'

export type Node = Asn1

const universal = 0x00
const contextSpecific = 0x80
const maxBytes = 16 * 1024
const maxDepth = 16

/** The ASN.1 types that occur in requests and certificates. */
export const tags = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  oid: 6,
  utf8: 12,
  sequence: 16,
  set: 17,
  generalizedTime: 24,
} as const

const primitive = (type: number, value: string): Node => asn1.create(universal, type, false, value)
const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

export const sequence = (...items: Node[]): Node => asn1.create(universal, tags.sequence, true, items)
export const set = (...items: Node[]): Node => asn1.create(universal, tags.set, true, items)
export const oid = (dotted: string): Node => primitive(tags.oid, asn1.oidToDer(dotted).getBytes())
/** NULL, as the parameters of RSA are. */
export const nothing = (): Node => primitive(5, '')
/** PrintableString, as codes of countries are. */
export const printable = (text: string): Node => primitive(19, Buffer.from(text, 'latin1').toString('latin1'))
export const enumerated = (value: number): Node => primitive(10, String.fromCharCode(value))
export const truth = (): Node => primitive(tags.boolean, '\xff')
/** @param hex the magnitude, its top bit clear */
export const integer = (hex: string): Node =>
  primitive(tags.integer, Buffer.from(hex, 'hex').toString('latin1'))
export const utf8 = (text: string): Node => primitive(tags.utf8, Buffer.from(text, 'utf8').toString('latin1'))
export const octets = (bytes: Uint8Array): Node => primitive(tags.octetString, binary(bytes))
/** @param unused how many bits of the last byte do not count */
export const bits = (bytes: Uint8Array, unused = 0): Node =>
  primitive(tags.bitString, String.fromCharCode(unused) + binary(bytes))

/** RFC 5280 wants UTCTime before 2050; every reader takes GeneralizedTime only after it. */
export function time(milliseconds: number): Node {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]/g, '').slice(0, 14)
  if (digits >= '20500101000000') return primitive(tags.generalizedTime, `${digits}Z`)
  return primitive(23, `${digits.slice(2)}Z`)
}

/** `[number] EXPLICIT`, or an implicit constructed one. */
export const tagged = (number: number, ...items: Node[]): Node =>
  asn1.create(contextSpecific, number, true, items)
/** `[number] IMPLICIT` over bytes. */
export const taggedBytes = (number: number, bytes: Uint8Array): Node =>
  asn1.create(contextSpecific, number, false, binary(bytes))

export function encode(node: Node): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), 'latin1')
}

/** @throws Error with forge's reason: not DER, too long, too deep, or not in its one canonical form. */
export function decode(der: Uint8Array): Node {
  if (der.length > maxBytes) throw new Error(`longer than ${maxBytes} bytes`)
  const node = asn1.fromDer(binary(der), {
    strict: true,
    parseAllBytes: true,
    decodeBitStrings: false,
    maxDepth,
  })
  // Signatures are checked over a re-encoded part: so only the one canonical form may pass.
  if (!encode(node).equals(der)) throw new Error('not canonical DER')
  return node
}

/** The parts of a constructed node. @throws Error where it is not one of this type */
export function partsOf(node: Node | undefined, type: number, tagClass = universal): Node[] {
  if (node?.type !== type || node.tagClass !== tagClass || typeof node.value === 'string')
    throw new Error('an unexpected structure')
  return node.value
}

/** The bytes of a primitive node. @throws Error where it is not one of this type */
export function bytesOf(node: Node | undefined, type: number, tagClass = universal): Buffer {
  if (node?.type !== type || node.tagClass !== tagClass || typeof node.value !== 'string')
    throw new Error('an unexpected structure')
  return Buffer.from(node.value, 'latin1')
}

/** The content of a bit string that fills whole bytes. */
export function bitsOf(node: Node | undefined): Buffer {
  const bytes = bytesOf(node, tags.bitString)
  if (bytes[0] !== 0) throw new Error('a bit string that is not whole bytes')
  return bytes.subarray(1)
}

export function oidOf(node: Node | undefined): string {
  return asn1.derToOid(bytesOf(node, tags.oid).toString('latin1'))
}
