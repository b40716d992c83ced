/** x509.certificate_managed: a certificate in a file, signed by a key of this machine, made anew before it ends. */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import * as v from 'valibot'
import { systemClock } from '../../../shared/clock.ts'
import {
  decode,
  encode,
  integer,
  type Node,
  partsOf,
  sequence,
  tagged,
  tags,
  time,
} from '../../../shared/pki/der.ts'
import { toPem } from '../../../shared/pki/pem.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { choice, flag, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, type StateRun, stateFunction } from '../contract.ts'
import { extensionsOf, sameNodes, Unreadable } from './extensions.ts'
import { fileEntries, manage, pathArgument, pemOf, unlessUnreadable } from './managed-file.ts'
import { privateKeyOf } from './private-key.ts'
import {
  extensionEntries,
  publicKeyOfRequest,
  refuseExtensions,
  requestedExtensions,
  subjectEntries,
} from './request.ts'
import { algorithmOf, signedBy } from './signing.ts'
import { subjectNode } from './subject.ts'

const day = 86_400_000

const args = v.strictObject({
  name: needed(pathArgument, 'The file.'),
  signing_private_key: needed(nonEmptyText, 'The key that signs: a file, or PEM.'),
  signing_private_key_passphrase: optional(text, 'What it is locked with.'),
  signing_cert: optional(
    nonEmptyText,
    'Certificate of the signer: a file, or PEM. Not given: it signs itself.',
  ),
  public_key: optional(nonEmptyText, 'Whom it is for: the file of a public or private key, or PEM.'),
  private_key: optional(nonEmptyText, 'The same, a private key.'),
  private_key_passphrase: optional(text, 'What that is locked with.'),
  csr: optional(
    nonEmptyText,
    'The same, a request; its subject and extensions are taken where the state has none.',
  ),
  days_valid: defaulted(whole, 365, 'Days until it ends.'),
  days_remaining: defaulted(whole, 90, 'A new one is made when it ends in fewer days.'),
  serial_number: optional(nonEmptyText, 'In hexadecimal; default one of chance.'),
  digest: defaulted(choice(['sha256', 'sha384', 'sha512']), 'sha256', 'What is signed.'),
  algorithm: optional(text, 'Accepted; see digest.'),
  version: optional(whole, 'Accepted: it is always 3.'),
  append_certs: optional(textList, 'Files of certificates that follow it.'),
  overwrite: optional(flag, 'Accepted for trees of Salt.'),
  ...subjectEntries,
  ...extensionEntries,
  ...fileEntries,
})
type Arguments = v.InferOutput<typeof args>

interface Parts {
  readonly signer: KeyObject
  readonly issuer: Node
  readonly publicKey: KeyObject
  readonly subject: Node
  readonly extensions: readonly Node[]
  readonly chain: string
}

/** undefined: an earlier state makes what it needs. @throws Unreadable */
async function partsFor(wanted: Arguments, look: Reader, run?: StateRun): Promise<Parts | undefined> {
  const signerPem = await pemOf('signing_private_key', wanted.signing_private_key, look, run)
  if (signerPem === undefined) return undefined
  const signer = privateKeyOf(signerPem, wanted.signing_private_key_passphrase)
  if (!signer) throw new Unreadable('signing_private_key', 'it is not a private key that can be read')
  const csr = wanted.csr === undefined ? undefined : await pemOf('csr', wanted.csr, look, run)
  const whose = wanted.public_key ?? wanted.private_key
  const keyPem = whose === undefined ? undefined : await pemOf('public_key', whose, look, run)
  if ((wanted.csr !== undefined && csr === undefined) || (whose !== undefined && keyPem === undefined))
    return undefined
  const publicKey =
    keyPem !== undefined
      ? anyPublicKey(keyPem, wanted.private_key_passphrase)
      : csr !== undefined
        ? publicKeyOfRequest(csr)
        : createPublicKey(signer)
  const authority =
    wanted.signing_cert === undefined
      ? undefined
      : await pemOf('signing_cert', wanted.signing_cert, look, run)
  if (wanted.signing_cert !== undefined && authority === undefined) return undefined
  const own = subjectNode(wanted)
  const asked = csr === undefined ? undefined : requestedExtensions(csr)
  const subject = partsOf(own, tags.sequence).length > 0 || !asked ? own : asked.subject
  const written = extensionsOf(wanted, publicKey, createPublicKey(signer))
  const isSelf = authority === undefined
  const chain: string[] = []
  for (const path of wanted.append_certs ?? [])
    chain.push(((await pemOf('append_certs', path, look, run)) ?? '').trim())
  return {
    signer,
    issuer: isSelf ? subject : subjectOf(certificateOf(authority, 'signing_cert')),
    publicKey,
    subject,
    extensions: written.length > 0 || !asked ? written : asked.extensions,
    chain: chain.map((pem) => `${pem}\n`).join(''),
  }
}

function anyPublicKey(pem: string, passphrase?: string): KeyObject {
  try {
    const key = privateKeyOf(pem, passphrase)
    return key ? createPublicKey(key) : createPublicKey(pem)
  } catch {
    throw new Unreadable('public_key', 'it is not a key that can be read')
  }
}

export function certificateOf(pem: string, argument: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new Unreadable(argument, 'it is not a certificate')
  }
}

const bodyOf = (certificate: X509Certificate): Node[] =>
  partsOf(partsOf(decode(certificate.raw), tags.sequence)[0], tags.sequence)
/** Version, serial, algorithm, issuer, validity, subject, key, extensions. */
export const subjectOf = (certificate: X509Certificate): Node => bodyOf(certificate)[5] as Node

const hexOf = (node: Node): string => encode(node).toString('hex')

function reason(wanted: Arguments, parts: Parts | undefined, pem: string): string | undefined {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem)
  } catch {
    return 'it is not a certificate'
  }
  if (!parts) return 'what it is made of is made anew'
  const left = (Date.parse(certificate.validTo) - systemClock.now()) / day
  if (left < wanted.days_remaining) return `it ends in ${Math.floor(left)} days`
  if (!certificate.verify(createPublicKey(parts.signer))) return 'another key signed it'
  const body = bodyOf(certificate)
  const key = parts.publicKey.export({ type: 'spki', format: 'der' }).toString('hex')
  if (certificate.publicKey.export({ type: 'spki', format: 'der' }).toString('hex') !== key)
    return 'it is for another key'
  if (hexOf(body[5] as Node) !== hexOf(parts.subject)) return 'its subject is another one'
  if (hexOf(body[3] as Node) !== hexOf(parts.issuer)) return 'its issuer is another one'
  const [list] = body.length > 7 ? partsOf(body[7], 3, 0x80) : []
  const there = list ? partsOf(list, tags.sequence) : []
  if (!sameNodes(there, parts.extensions)) return 'its extensions are others'
  if (
    wanted.serial_number !== undefined &&
    certificate.serialNumber.replace(/^0+/, '') !== serialOf(wanted).replace(/^0+/, '').toUpperCase()
  )
    return 'its serial number is another one'
  const rest = pem.slice(pem.indexOf('-----END CERTIFICATE-----') + 25).trim()
  return rest === parts.chain.trim() ? undefined : 'other certificates follow it'
}

/** An even number of digits whose top bit is clear. */
function serialOf({ serial_number }: Arguments): string {
  const random = Buffer.from(systemClock.randomHex(16), 'hex')
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x40
  const digits = serial_number?.replaceAll(':', '') ?? random.toString('hex')
  const even = digits.length % 2 === 0 ? digits : `0${digits}`
  return Number.parseInt(even.slice(0, 2), 16) > 0x7f ? `00${even}` : even
}

function make(wanted: Arguments, parts: Parts): string {
  const now = Math.floor(systemClock.now() / 1000) * 1000
  const body = sequence(
    tagged(0, integer('02')),
    integer(serialOf(wanted)),
    algorithmOf(parts.signer, wanted.digest),
    parts.issuer,
    sequence(time(now), time(now + wanted.days_valid * day)),
    parts.subject,
    decode(parts.publicKey.export({ type: 'spki', format: 'der' })),
    ...(parts.extensions.length > 0 ? [tagged(3, sequence(...parts.extensions))] : []),
  )
  return `${toPem('CERTIFICATE', signedBy(parts.signer, body, wanted.digest))}${parts.chain}`
}

export const certificateManaged = stateFunction({
  summary: 'Makes sure that a file has a certificate, and makes a new one before it ends.',
  args,
  examples: [
    '/etc/pki/ca.crt:\n  x509.certificate_managed:\n    - signing_private_key: /etc/pki/ca.key\n    - CN: ca.example.org\n    - basicConstraints: critical CA:true\n    - keyUsage: critical cRLSign, keyCertSign\n    - subjectKeyIdentifier: hash\n    - days_valid: 3650\n',
    '/etc/pki/www.crt:\n  x509.certificate_managed:\n    - signing_private_key: /etc/pki/ca.key\n    - signing_cert: /etc/pki/ca.crt\n    - private_key: /etc/pki/www.key\n    - CN: www.example.org\n    - subjectAltName: DNS:www.example.org, IP:10.0.0.1\n    - extendedKeyUsage: serverAuth\n',
  ],
  refuse: (wanted) => {
    if (wanted.serial_number !== undefined && !/^[0-9A-Fa-f:]{1,40}$/.test(wanted.serial_number))
      return { argument: 'serial_number', reason: 'it is not a hexadecimal number' }
    if (wanted.days_remaining >= wanted.days_valid && wanted.days_valid > 0)
      return { argument: 'days_remaining', reason: 'a new one would be made at every run' }
    return refuseExtensions(wanted)
  },
  check: (wanted, look, run): Promise<Decision> =>
    unlessUnreadable(async () => {
      const parts = await partsFor(wanted, look, run)
      return manage(
        {
          name: wanted.name,
          what: 'certificate',
          wanted,
          freshMode: 0o644,
          reason: (pem) => reason(wanted, parts, pem),
          make: async (now) => {
            const final = parts ?? (await partsFor(wanted, now))
            if (!final) throw new Unreadable('signing_private_key', 'what it is made of is not there')
            return make(wanted, final)
          },
        },
        look,
      )
    }),
})
