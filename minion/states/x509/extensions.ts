/** Extensions of certificates as trees write them: `critical CA:true, pathlen:0`, `DNS:example.org, IP:10.0.0.1`. */
import { createHash, type KeyObject } from 'node:crypto'
import { isDict, isList, type Value } from '../../../shared/data/value.ts'
import {
  bits,
  bitsOf,
  decode,
  encode,
  integer,
  type Node,
  octets,
  oid,
  partsOf,
  sequence,
  taggedBytes,
  tags,
  truth,
} from '../../../shared/pki/der.ts'
import { extension } from '../../../shared/pki/distinguished.ts'
import { readText } from '../../../shared/schema/scalars.ts'

export interface ExtensionWishes {
  readonly basicConstraints?: Value
  readonly keyUsage?: Value
  readonly extendedKeyUsage?: Value
  readonly subjectAltName?: Value
  readonly subjectKeyIdentifier?: Value
  readonly authorityKeyIdentifier?: Value
}

const usages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
]
const purposes: Readonly<Record<string, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
}

/** What is wrong with an argument. */
export class Unreadable extends Error {
  readonly argument: string
  constructor(argument: string, reason: string) {
    super(reason)
    this.argument = argument
  }
}

interface Read {
  readonly critical: boolean
  readonly words: readonly string[]
}

/** A text with commas, a list, or a mapping with `critical` and `value`. */
function read(argument: string, value: Value): Read {
  if (isDict(value)) {
    const critical = value.get('critical') === true
    if (value.has('value')) return { critical, words: read(argument, value.get('value') ?? '').words }
    const words = [...value]
      .filter(([key]) => key !== 'critical')
      .map(([key, item]) => `${String(key)}:${String(item)}`)
    return { critical, words }
  }
  const texts = isList(value) ? value.map((item) => readText(item)) : readText(value)?.split(',')
  if (texts === undefined || texts.some((text) => text === undefined))
    throw new Unreadable(argument, 'a text or a list is expected')
  const words = texts.map((text) => String(text).trim()).filter((text) => text !== '')
  const [first = '', ...rest] = words
  const isCritical = /^critical\b/i.test(first)
  const left = first.replace(/^critical\s*/i, '')
  return { critical: isCritical, words: isCritical ? [left, ...rest].filter((word) => word !== '') : words }
}

/** @throws Unreadable */
export function extensionsOf(
  wishes: ExtensionWishes,
  own: KeyObject | undefined,
  signer: KeyObject | undefined,
): Node[] {
  const found: Node[] = []
  const {
    basicConstraints,
    keyUsage,
    extendedKeyUsage,
    subjectAltName,
    subjectKeyIdentifier,
    authorityKeyIdentifier,
  } = wishes
  if (basicConstraints !== undefined) found.push(constraints(read('basicConstraints', basicConstraints)))
  if (keyUsage !== undefined) found.push(usage(read('keyUsage', keyUsage)))
  if (extendedKeyUsage !== undefined) {
    const { critical, words } = read('extendedKeyUsage', extendedKeyUsage)
    const ids = words.map((word) => {
      const id = purposes[word] ?? (/^\d+(?:\.\d+)+$/.test(word) ? word : undefined)
      if (id === undefined)
        throw new Unreadable('extendedKeyUsage', `"${word}" is not a purpose such as serverAuth`)
      return oid(id)
    })
    found.push(extension('2.5.29.37', sequence(...ids), critical))
  }
  if (subjectAltName !== undefined) {
    const { critical, words } = read('subjectAltName', subjectAltName)
    found.push(extension('2.5.29.17', sequence(...words.map(alternative)), critical))
  }
  if (subjectKeyIdentifier !== undefined && own) found.push(extension('2.5.29.14', octets(identifierOf(own))))
  if (authorityKeyIdentifier !== undefined && signer)
    found.push(extension('2.5.29.35', sequence(taggedBytes(0, identifierOf(signer)))))
  return found
}

function constraints({ critical, words }: Read): Node {
  let isAuthority = false
  let length: number | undefined
  for (const word of words) {
    const [, name = '', value = ''] = /^(CA|pathlen)\s*:\s*(\w+)$/i.exec(word) ?? []
    if (name.toLowerCase() === 'ca' && /^(?:true|false)$/i.test(value))
      isAuthority = value.toLowerCase() === 'true'
    else if (name.toLowerCase() === 'pathlen' && /^\d{1,2}$/.test(value)) length = Number(value)
    else throw new Unreadable('basicConstraints', `"${word}" is not one such as CA:true or pathlen:0`)
  }
  const parts = [
    ...(isAuthority ? [truth()] : []),
    ...(length === undefined ? [] : [integer(length.toString(16).padStart(2, '0'))]),
  ]
  return extension('2.5.29.19', sequence(...parts), critical)
}

function usage({ critical, words }: Read): Node {
  let mask = 0
  for (const word of words) {
    const at = usages.findIndex((name) => name.toLowerCase() === word.toLowerCase())
    if (at < 0) throw new Unreadable('keyUsage', `"${word}" is not one of ${usages.join(', ')}`)
    mask |= 1 << (15 - at)
  }
  const both = Buffer.from([mask >> 8, mask & 0xff])
  const bytes = both[1] === 0 ? both.subarray(0, 1) : both
  const last = bytes[bytes.length - 1] ?? 0
  const unused = last === 0 ? 0 : 31 - Math.clz32(last & -last)
  return extension('2.5.29.15', bits(bytes, unused), critical)
}

function alternative(word: string): Node {
  const [, kind = '', text = ''] = /^(DNS|IP(?: Address)?|email|URI)\s*:\s*(\S+)$/i.exec(word) ?? []
  const latin = Buffer.from(text, 'latin1')
  if (/^dns$/i.test(kind)) return taggedBytes(2, latin)
  if (/^email$/i.test(kind)) return taggedBytes(1, latin)
  if (/^uri$/i.test(kind)) return taggedBytes(6, latin)
  const address = /^ip/i.test(kind) ? addressBytes(text) : undefined
  if (!address)
    throw new Unreadable('subjectAltName', `"${word}" is not one such as DNS:example.org or IP:10.0.0.1`)
  return taggedBytes(7, address)
}

function addressBytes(text: string): Buffer | undefined {
  if (/^\d+(?:\.\d+){3}$/.test(text)) return Buffer.from(text.split('.').map(Number))
  if (!/^[0-9a-f:]*:[0-9a-f:]*$/i.test(text) || text.split('::').length > 2) return undefined
  const [head = '', tail] = text.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [front, back] = [groups(head), groups(tail ?? '')]
  const missing = 8 - front.length - back.length
  if (missing < 0 || (tail === undefined && missing > 0)) return undefined
  const middle = tail === undefined ? [] : Array<string>(missing).fill('0')
  return Buffer.from([...front, ...middle, ...back].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** RFC 5280's method 1. */
export function identifierOf(key: KeyObject): Buffer {
  const [, content] = partsOf(decode(key.export({ type: 'spki', format: 'der' })), tags.sequence)
  return createHash('sha1').update(bitsOf(content)).digest()
}

export const extensionsNode = (list: readonly Node[]): Node => sequence(...list)
export const sameNodes = (a: readonly Node[], b: readonly Node[]): boolean => {
  const texts = (nodes: readonly Node[]) => nodes.map((node) => encode(node).toString('hex')).sort()
  return texts(a).join() === texts(b).join()
}
