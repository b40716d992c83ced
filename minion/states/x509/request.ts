/** x509.csr_managed: a request for a certificate in a file; and what such a request asks for. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import * as v from 'valibot'
import {
  bitsOf,
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
} from '../../../shared/pki/der.ts'
import { fromPem, toPem } from '../../../shared/pki/pem.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything } from '../../../shared/schema/collections.ts'
import { choice, flag, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type ArgumentRefusal, stateFunction } from '../contract.ts'
import { type ExtensionWishes, extensionsOf, sameNodes, Unreadable } from './extensions.ts'
import { fileEntries, manage, pathArgument, pemOf, unlessUnreadable } from './managed-file.ts'
import { privateKeyOf } from './private-key.ts'
import { signedBy } from './signing.ts'
import { nameParts, subjectNode } from './subject.ts'

export const subjectEntries = Object.fromEntries(
  Object.keys(nameParts).map((key) => [key, optional(nonEmptyText, `Of the subject: ${key}.`)]),
) as Record<keyof typeof nameParts, ReturnType<typeof optional<string>>>

export const extensionEntries = {
  basicConstraints: optional(anything, '`critical CA:true, pathlen:0`.'),
  keyUsage: optional(anything, '`critical cRLSign, keyCertSign`.'),
  extendedKeyUsage: optional(anything, '`serverAuth, clientAuth`.'),
  subjectAltName: optional(anything, '`DNS:example.org, IP:10.0.0.1`.'),
  subjectKeyIdentifier: optional(anything, '`hash`: the certificate names its key.'),
  authorityKeyIdentifier: optional(anything, '`keyid`: the certificate names the key that signed it.'),
}
const requestExtension = '1.2.840.113549.1.9.14'

const args = v.strictObject({
  name: needed(pathArgument, 'The file.'),
  private_key: needed(nonEmptyText, 'The key: a file, or PEM.'),
  private_key_passphrase: optional(text, 'What it is locked with.'),
  digest: defaulted(choice(['sha256', 'sha384', 'sha512']), 'sha256', 'What is signed.'),
  algorithm: optional(text, 'Accepted; see digest.'),
  version: optional(whole, 'Accepted for trees of Salt.'),
  overwrite: optional(flag, 'Accepted for trees of Salt.'),
  ...subjectEntries,
  ...extensionEntries,
  ...fileEntries,
})
type Arguments = v.InferOutput<typeof args>

export function refuseExtensions(wanted: ExtensionWishes): ArgumentRefusal | undefined {
  try {
    extensionsOf(wanted, undefined, undefined)
    return undefined
  } catch (error) {
    if (error instanceof Unreadable) return { argument: error.argument, reason: error.message }
    throw error
  }
}

interface Asked {
  readonly publicKey: KeyObject
  readonly subject: Node
  readonly extensions: readonly Node[]
}

/** What a request asks for, where its own key signed it. @throws Unreadable */
export function requestedExtensions(pem: string): Asked {
  try {
    const [body, , signature] = partsOf(decode(fromPem('CERTIFICATE REQUEST', pem)), tags.sequence)
    const [, subject, spki, attributes] = partsOf(body, tags.sequence)
    const publicKey = createPublicKey({ key: encode(spki as Node), format: 'der', type: 'spki' })
    const isSigned = ['sha256', 'sha384', 'sha512', null].some((digest) =>
      verifies(digest, body as Node, publicKey, bitsOf(signature)),
    )
    if (!isSigned) throw new Error('its signature does not fit its key')
    const found: Node[] = []
    for (const attribute of attributes ? partsOf(attributes, 0, 0x80) : []) {
      const [type, values] = partsOf(attribute, tags.sequence)
      if (oidOf(type) === requestExtension)
        found.push(...partsOf(partsOf(values, tags.set)[0], tags.sequence))
    }
    return { publicKey, subject: subject as Node, extensions: found }
  } catch (error) {
    throw new Unreadable('csr', error instanceof Error ? error.message : String(error))
  }
}

function verifies(digest: string | null, body: Node, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(digest, encode(body), key, signature)
  } catch {
    return false
  }
}

export const publicKeyOfRequest = (pem: string): KeyObject => requestedExtensions(pem).publicKey

function reason(wanted: Arguments, key: KeyObject | undefined, pem: string): string | undefined {
  if (!key) return 'its key is made anew'
  let now: Asked
  try {
    now = requestedExtensions(pem)
  } catch {
    return 'it is not a request that can be read'
  }
  const own = createPublicKey(key)
  const hex = (one: KeyObject): string => one.export({ type: 'spki', format: 'der' }).toString('hex')
  if (hex(now.publicKey) !== hex(own)) return 'it is of another key'
  if (!encode(now.subject).equals(encode(subjectNode(wanted)))) return 'its subject is another one'
  return sameNodes(now.extensions, extensionsOf(wanted, own, own)) ? undefined : 'its extensions are others'
}

function make(wanted: Arguments, key: KeyObject): string {
  const publicKey = createPublicKey(key)
  const list = extensionsOf(wanted, publicKey, publicKey)
  const attributes =
    list.length > 0 ? tagged(0, sequence(oid(requestExtension), set(sequence(...list)))) : tagged(0)
  const spki = decode(publicKey.export({ type: 'spki', format: 'der' }))
  const body = sequence(integer('00'), subjectNode(wanted), spki, attributes)
  return toPem('CERTIFICATE REQUEST', signedBy(key, body, wanted.digest))
}

async function keyOf(
  wanted: Arguments,
  look: Reader,
  run?: Parameters<typeof pemOf>[3],
): Promise<KeyObject | undefined> {
  const pem = await pemOf('private_key', wanted.private_key, look, run)
  if (pem === undefined) return undefined
  const key = privateKeyOf(pem, wanted.private_key_passphrase)
  if (!key) throw new Unreadable('private_key', 'it is not a private key that can be read')
  return key
}

export const csrManaged = stateFunction({
  summary: 'Makes sure that a file has a request for a certificate of a key.',
  args,
  examples: [
    '/etc/pki/www.csr:\n  x509.csr_managed:\n    - private_key: /etc/pki/www.key\n    - CN: www.example.org\n    - subjectAltName: DNS:www.example.org\n',
  ],
  refuse: refuseExtensions,
  check: (wanted, look, run) =>
    unlessUnreadable(async () => {
      const key = await keyOf(wanted, look, run)
      return manage(
        {
          name: wanted.name,
          what: 'certificate signing request',
          wanted,
          freshMode: 0o644,
          reason: (pem) => reason(wanted, key, pem),
          make: async (now) => {
            const final = key ?? (await keyOf(wanted, now))
            if (!final) throw new Unreadable('private_key', 'it is not there')
            return make(wanted, final)
          },
        },
        look,
      )
    }),
})
