/** The branded identifiers. Each is made here and nowhere else, so a value of these types has been validated. */
import { TsaltError } from './errors/error.ts'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A minion's id: lower case, `^[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?$`, without `..`. Safe as a file name. */
export type MinionId = Branded<'MinionId'>
/** A job id: 20 digits `YYYYmmddHHMMSSffffff` (UTC), minted by the client or the master, unique. */
export type JobId = Branded<'JobId'>
/** SHA-256 of a public key's SPKI or of a certificate's DER: 64 lower-case hex digits. */
export type Fingerprint = Branded<'Fingerprint'>
/** SHA-256 of content: 64 lower-case hex digits. Names blobs and manifests. */
export type Sha256 = Branded<'Sha256'>

const minionIdShape = /^[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/
const jobIdShape = /^[0-9]{20}$/
const hashShape = /^[0-9a-f]{64}$/

export function isMinionId(text: string): text is MinionId {
  return minionIdShape.test(text) && !text.includes('..')
}

/** Lower-cases and validates. @throws TsaltError `id-invalid` */
export function parseMinionId(text: string): MinionId {
  const id = text.toLowerCase()
  if (!isMinionId(id)) throw new TsaltError('id-invalid', { id: text.slice(0, 80) })
  return id
}

export function isJobId(text: string): text is JobId {
  return jobIdShape.test(text)
}

/** @throws TsaltError `jid-invalid` */
export function parseJobId(text: string): JobId {
  if (!isJobId(text)) throw new TsaltError('jid-invalid', { jid: text.slice(0, 80) })
  return text
}

export function isSha256(text: string): text is Sha256 {
  return hashShape.test(text)
}

/** Accepts hex with or without separators (`ab12:cd34…`, upper case). @throws TsaltError `fingerprint-invalid` */
export function parseFingerprint(text: string): Fingerprint {
  const hex = text
    .replace(/^sha256[:/]?/i, '')
    .replace(/[\s:-]/g, '')
    .toLowerCase()
  if (!hashShape.test(hex)) throw new TsaltError('fingerprint-invalid', { fingerprint: text.slice(0, 120) })
  return hex as Fingerprint
}

/** Groups of four, the form in which people compare fingerprints: `ab12:cd34:…`. */
export function formatFingerprint(fingerprint: Fingerprint): string {
  return (fingerprint.match(/.{4}/g) ?? []).join(':')
}

/**
 * The next job id after `previous`, from a wall-clock time in milliseconds since the epoch. Two ids in one
 * millisecond, or after the clock went back, still increase.
 */
export function nextJobId(now: number, previous: JobId | undefined): JobId {
  const stamp = new Date(now).toISOString().replace(/[-:T.Z]/g, '')
  const candidate = `${stamp}000`.slice(0, 20)
  if (previous === undefined || candidate > previous) return candidate as JobId
  return (BigInt(previous) + 1n).toString().padStart(20, '0') as JobId
}
