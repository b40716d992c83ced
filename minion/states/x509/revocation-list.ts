/** x509.crl_managed: a list of revoked certificates in a file. */
import { createPublicKey, type KeyObject, verify, type X509Certificate } from 'node:crypto'
import * as v from 'valibot'
import { systemClock } from '../../../shared/clock.ts'
import { isDict, isList, type Value } from '../../../shared/data/value.ts'
import {
  bitsOf,
  bytesOf,
  decode,
  encode,
  enumerated,
  integer,
  type Node,
  partsOf,
  sequence,
  tagged,
  tags,
  time,
} from '../../../shared/pki/der.ts'
import { extension } from '../../../shared/pki/distinguished.ts'
import { fromPem, toPem } from '../../../shared/pki/pem.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything } from '../../../shared/schema/collections.ts'
import { choice, flag, nonEmptyText, readText, text, whole } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type StateRun, stateFunction } from '../contract.ts'
import { certificateOf, subjectOf } from './certificate.ts'
import { Unreadable } from './extensions.ts'
import { fileEntries, manage, pathArgument, pemOf, unlessUnreadable } from './managed-file.ts'
import { privateKeyOf } from './private-key.ts'
import { algorithmOf, signedBy } from './signing.ts'

const day = 86_400_000
const reasons = [
  'unspecified',
  'keyCompromise',
  'CACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  '',
  'removeFromCRL',
]

const args = v.strictObject({
  name: needed(pathArgument, 'The file.'),
  signing_private_key: needed(nonEmptyText, 'The key that signs: a file, or PEM.'),
  signing_private_key_passphrase: optional(text, 'What it is locked with.'),
  signing_cert: needed(nonEmptyText, 'Certificate of the signer: a file, or PEM.'),
  revoked: optional(
    anything,
    'A list; each has `serial_number` or `certificate` (a file), and may have `revocation_date` and `reason`.',
  ),
  days_valid: defaulted(whole, 100, 'Days until the next list.'),
  days_remaining: defaulted(whole, 30, 'A new one is made when fewer days are left.'),
  digest: defaulted(choice(['sha256', 'sha384', 'sha512']), 'sha256', 'What is signed.'),
  include_expired: optional(flag, 'Accepted; all that is listed is revoked.'),
  overwrite: optional(flag, 'Accepted for trees of Salt.'),
  ...fileEntries,
})
type Arguments = v.InferOutput<typeof args>

interface Revoked {
  readonly serial: string
  /** Not given: when it was first listed. */
  readonly at?: number
  readonly reason?: number
}

interface Parts {
  readonly signer: KeyObject
  readonly authority: X509Certificate
  readonly revoked: readonly Revoked[]
}

async function partsFor(wanted: Arguments, look: Reader, run?: StateRun): Promise<Parts | undefined> {
  const key = await pemOf('signing_private_key', wanted.signing_private_key, look, run)
  const pem = await pemOf('signing_cert', wanted.signing_cert, look, run)
  if (key === undefined || pem === undefined) return undefined
  const signer = privateKeyOf(key, wanted.signing_private_key_passphrase)
  if (!signer) throw new Unreadable('signing_private_key', 'it is not a private key that can be read')
  const revoked: Revoked[] = []
  for (const entry of entriesOf(wanted.revoked)) {
    const one = await revokedOf(entry, look, run)
    if (!one) return undefined
    revoked.push(one)
  }
  return { signer, authority: certificateOf(pem, 'signing_cert'), revoked }
}

/** Salt also has each entry under a key of its own. */
function entriesOf(value: Value | undefined): ReadonlyMap<string, Value>[] {
  if (!isList(value)) return []
  return value.filter(isDict).map((item) => {
    const inner = item.size === 1 ? [...item.values()][0] : undefined
    const flat = isList(inner)
      ? new Map(inner.filter(isDict).flatMap((one) => [...one]))
      : isDict(inner ?? null)
        ? (inner as Map<unknown, Value>)
        : item
    return new Map([...flat].map(([key, content]) => [String(key), content as Value]))
  })
}

async function revokedOf(
  entry: ReadonlyMap<string, Value>,
  look: Reader,
  run?: StateRun,
): Promise<Revoked | undefined> {
  const file = readText(entry.get('certificate'))
  const pem = file === undefined ? undefined : await pemOf('revoked', file, look, run)
  if (file !== undefined && pem === undefined) return undefined
  const serial =
    pem === undefined
      ? readText(entry.get('serial_number'))?.replaceAll(':', '')
      : certificateOf(pem, 'revoked').serialNumber
  if (serial === undefined || !/^[0-9A-Fa-f]{1,40}$/.test(serial))
    throw new Unreadable('revoked', 'each needs serial_number or certificate')
  const date = readText(entry.get('revocation_date'))
  const at =
    date === undefined ? undefined : Date.parse(`${date.replace(' ', 'T')}${/[zZ+]/.test(date) ? '' : 'Z'}`)
  if (at !== undefined && Number.isNaN(at))
    throw new Unreadable('revoked', `"${date}" is not a date such as 2026-01-31 12:00:00`)
  const why = readText(entry.get('reason'))
  const reason =
    why === undefined ? undefined : reasons.findIndex((name) => name.toLowerCase() === why.toLowerCase())
  if (reason === -1)
    throw new Unreadable(
      'revoked',
      `"${why}" is not one of ${reasons.filter((name) => name !== '').join(', ')}`,
    )
  const even = serial.length % 2 === 0 ? serial : `0${serial}`
  const positive = Number.parseInt(even.slice(0, 2), 16) > 0x7f ? `00${even}` : even
  return {
    serial: positive.toLowerCase(),
    ...(at === undefined ? {} : { at }),
    ...(reason === undefined ? {} : { reason }),
  }
}

function reason(wanted: Arguments, parts: Parts | undefined, pem: string): string | undefined {
  if (!parts) return 'what it is made of is made anew'
  try {
    const [body, , signature] = partsOf(decode(fromPem('X509 CRL', pem)), tags.sequence)
    const fields = partsOf(body, tags.sequence)
    const digest = /^ed/.test(String(parts.signer.asymmetricKeyType)) ? null : wanted.digest
    if (!verify(digest, encode(body as Node), createPublicKey(parts.signer), bitsOf(signature)))
      return 'another key signed it'
    const [, , , , next, list] = fields
    const left = (timeOf(next as Node) - systemClock.now()) / day
    if (left < wanted.days_remaining) return `it ends in ${Math.floor(left)} days`
    const there = list?.type === tags.sequence ? partsOf(list, tags.sequence) : []
    const serials = there
      .map((one) => bytesOf(partsOf(one, tags.sequence)[0], tags.integer).toString('hex'))
      .sort()
    return serials.join() ===
      parts.revoked
        .map(({ serial }) => serial)
        .sort()
        .join()
      ? undefined
      : 'other certificates are revoked'
  } catch {
    return 'it is not a list that can be read'
  }
}

function timeOf(node: Node): number {
  const digits = String(node.value).replace('Z', '')
  const whole = digits.length === 12 ? `20${digits}` : digits
  return Date.parse(whole.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6Z'))
}

function make(wanted: Arguments, { signer, authority, revoked }: Parts): string {
  const now = Math.floor(systemClock.now() / 1000) * 1000
  const entries = revoked.map(({ serial, at, reason: why }) =>
    sequence(
      integer(serial),
      time(at ?? now),
      ...(why === undefined ? [] : [sequence(extension('2.5.29.21', enumerated(why)))]),
    ),
  )
  const number = extension('2.5.29.20', integer(BigInt(now).toString(16).padStart(12, '0')))
  const body = sequence(
    integer('01'),
    algorithmOf(signer, wanted.digest),
    subjectOf(authority),
    time(now),
    time(now + wanted.days_valid * day),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    tagged(0, sequence(number)),
  )
  return toPem('X509 CRL', signedBy(signer, body, wanted.digest))
}

export const crlManaged = stateFunction({
  summary: 'Makes sure that a file has a list of revoked certificates, and makes a new one before it ends.',
  args,
  examples: [
    '/etc/pki/ca.crl:\n  x509.crl_managed:\n    - signing_private_key: /etc/pki/ca.key\n    - signing_cert: /etc/pki/ca.crt\n    - revoked:\n      - serial_number: D6D270D4\n        reason: keyCompromise\n',
  ],
  refuse: ({ revoked, days_remaining, days_valid }) => {
    if (revoked !== undefined && !isList(revoked))
      return { argument: 'revoked', reason: 'a list is expected' }
    return days_remaining >= days_valid
      ? { argument: 'days_remaining', reason: 'a new one would be made at every run' }
      : undefined
  },
  check: (wanted, look, run) =>
    unlessUnreadable(async () => {
      const parts = await partsFor(wanted, look, run)
      return manage(
        {
          name: wanted.name,
          what: 'certificate revocation list',
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
