/** One-time join tokens: `tsalt1:HOST:PORT:CA-FINGERPRINT:SECRET`, an IPv6 address in brackets. */
import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import { type Fingerprint, parseFingerprint } from '../ids.ts'

export interface JoinToken {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
  /** Of the CA's certificate. */
  readonly fingerprint: Fingerprint
  /** 128 random bits, 32 lower-case hex digits. */
  readonly secret: string
}

const shape = /^tsalt1:(?:\[([0-9A-Fa-f:.%]+)\]|([A-Za-z0-9._-]+)):(\d{1,5}):([0-9a-f]{64}):([0-9a-f]{32})$/

export const makeTokenSecret = (clock: Clock): string => clock.randomHex(16)

export function formatJoinToken(token: JoinToken): string {
  const host = token.host.includes(':') ? `[${token.host}]` : token.host
  return `tsalt1:${host}:${token.port}:${token.fingerprint}:${token.secret}`
}

/** @throws TsaltError `join-token-invalid`; the token's secret is in no message */
export function parseJoinToken(text: string): JoinToken {
  const trimmed = text.trim()
  const [, address, name, port, fingerprint = '', secret = ''] = shape.exec(trimmed) ?? []
  const host = address ?? name
  if (host === undefined) throw new TsaltError('join-token-invalid', { reason: flawOf(trimmed) })
  if (Number(port) < 1 || Number(port) > 65_535)
    throw new TsaltError('join-token-invalid', { reason: `there is no port ${port}` })
  return { host, port: Number(port), fingerprint: parseFingerprint(fingerprint), secret }
}

function flawOf(text: string): string {
  if (!text.startsWith('tsalt1:')) return 'it does not begin with "tsalt1:"'
  const parts = text.split(':')
  const secret = parts.at(-1) ?? ''
  if (parts.length < 5) return 'it is cut short or lacks a part'
  if (!/^[0-9a-f]{32}$/.test(secret))
    return `its secret has ${secret.length} characters and not 32 hex digits`
  try {
    parseFingerprint(parts.at(-2) ?? '')
  } catch (error) {
    if (isTsaltError(error)) return 'its fingerprint has not 64 hex digits'
    throw error
  }
  return 'its host or port is wrong; an IPv6 address goes in brackets'
}

/** What the master stores of a secret. It is 128 random bits, so a plain hash can't be searched. */
export function hashTokenSecret(secret: string): string {
  return createHash('sha256').update(`tsalt-join-token:${secret}`).digest('hex')
}
