/** Lines of known_hosts: whose keys they are, in plain text or hashed, and the fingerprints of keys. */
import { createHash, createHmac } from 'node:crypto'

export interface HostKey {
  readonly enc: string
  readonly key: string
}

export interface KnownLine extends HostKey {
  /** `@cert-authority` or `@revoked`; such lines are nobody's to change. */
  readonly marker: string | undefined
  /** Names with commas, or one hashed name. */
  readonly hosts: string
}

const kinds =
  /^(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/
const base64 = /^[A-Za-z0-9+/]+={0,2}$/

export const isKey = (text: string): boolean => base64.test(text) && kindInside(text) !== undefined

export function parseLine(line: string): KnownLine | undefined {
  const words = line.trim().split(/\s+/)
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined
  const [hosts, enc, key] = words
  if (hosts === undefined || hosts === '' || hosts.startsWith('#') || enc === undefined || key === undefined)
    return undefined
  return kinds.test(enc) && base64.test(key) ? { marker, hosts, enc, key } : undefined
}

/** What ssh looks for: `name`, or `[name]:port` where the port is not 22. */
export const lookedFor = (name: string, port: number | undefined): string =>
  port === undefined || port === 22 ? name : `[${name}]:${port}`

export function isOf(line: KnownLine, host: string): boolean {
  return line.hosts.split(',').some((one) => isHash(one, host) || one.toLowerCase() === host.toLowerCase())
}

function isHash(written: string, host: string): boolean {
  const [empty, version, salt, hash] = written.split('|')
  if (empty !== '' || version !== '1' || salt === undefined || hash === undefined) return false
  return hmac(host.toLowerCase(), Buffer.from(salt, 'base64')) === hash
}

const hmac = (host: string, salt: Uint8Array): string =>
  createHmac('sha1', salt).update(host).digest('base64')

/** @param salt 20 random bytes */
export const hashedName = (host: string, salt: Uint8Array): string =>
  `|1|${Buffer.from(salt).toString('base64')}|${hmac(host.toLowerCase(), salt)}`

export type FingerprintKind = 'md5' | 'sha256'

/** As ssh-keygen shows it: pairs of hex digits with colons, or base64 without padding; without the kind before it. */
export function fingerprintOf(key: string, kind: FingerprintKind): string {
  const blob = Buffer.from(key, 'base64')
  if (kind === 'md5') return (createHash('md5').update(blob).digest('hex').match(/../g) ?? []).join(':')
  return createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')
}

/** A fingerprint as people write it, with or without its kind. @returns undefined: it is none */
export function readFingerprint(
  written: string,
): { readonly kind: FingerprintKind; readonly value: string } | undefined {
  const md5 = /^(?:md5:)?([0-9a-f]{2}(?::?[0-9a-f]{2}){15})$/i.exec(written)?.[1]
  if (md5 !== undefined) {
    const digits = md5.replaceAll(':', '').toLowerCase()
    return { kind: 'md5', value: (digits.match(/../g) ?? []).join(':') }
  }
  const sha256 = /^(?:sha256:)?([A-Za-z0-9+/]{43})=?$/i.exec(written)?.[1]
  if (sha256 !== undefined) return { kind: 'sha256', value: sha256 }
  const hex = /^(?:sha256:)?([0-9a-f]{2}(?::?[0-9a-f]{2}){31})$/i.exec(written)?.[1]
  if (hex === undefined) return undefined
  const bytes = Buffer.from(hex.replaceAll(':', ''), 'hex')
  return { kind: 'sha256', value: bytes.toString('base64').replace(/=+$/, '') }
}

/** The kind of a key stands in it as well. */
export function kindInside(key: string): string | undefined {
  const blob = Buffer.from(key, 'base64')
  if (blob.length < 8) return undefined
  const kind = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1')
  return kinds.test(kind) ? kind : undefined
}
