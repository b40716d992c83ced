/**
 * Passwords as PostgreSQL stores them: `md5` and the hash of password and role, or SCRAM-SHA-256 with its salt and
 * number of iterations. They tell whether a password is set already, and keep its text out of the server's log.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

export type Encryption = 'md5' | 'scram-sha-256'

/** Iterations that PostgreSQL uses by default. */
const usualIterations = 4096
/** More than anybody configures; what a catalog says is not trusted to keep the minion busy. */
const mostIterations = 10_000_000

const md5Form = /^md5[0-9a-f]{32}$/
const scramForm = /^SCRAM-SHA-256\$(\d{1,8}):([A-Za-z0-9+/]+=*)\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)$/

/** How a stored password, or one given as it is stored, is kept; undefined: it is plain text. */
export function encryptionOf(password: string): Encryption | undefined {
  if (md5Form.test(password)) return 'md5'
  return scramForm.test(password) ? 'scram-sha-256' : undefined
}

export function md5Verifier(role: string, password: string): string {
  return `md5${createHash('md5').update(`${password}${role}`).digest('hex')}`
}

export function scramVerifier(
  password: string,
  salt: Uint8Array = randomBytes(16),
  iterations = usualIterations,
): string {
  const salted = pbkdf2Sync(prepared(password), salt, iterations, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64')
  const serverKey = hmac('Server Key').toString('base64')
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString('base64')}$${storedKey}:${serverKey}`
}

/** @param password plain, or as it is stored; then the very same is meant */
export function isPassword(role: string, password: string, stored: string): boolean {
  if (encryptionOf(password) !== undefined) return same(password, stored)
  if (md5Form.test(stored)) return same(md5Verifier(role, password), stored)
  const [, iterations = '', salt = ''] = scramForm.exec(stored) ?? []
  if (salt === '') return same(password, stored)
  const rounds = Number(iterations)
  if (rounds < 1 || rounds > mostIterations) return false
  return same(scramVerifier(password, Buffer.from(salt, 'base64'), rounds), stored)
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Characters that SASLprep (RFC 4013) leaves out, and those that it reads as a blank. */
const leftOut =
  /\u00AD|\u034F|\u1806|\u180B|\u180C|\u180D|\u200B|\u200C|\u200D|\u2060|\p{Variation_Selector}|\uFEFF/gu
const blanks = /[\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/g
/** Those that it forbids: then PostgreSQL takes the bytes as they are. */
const forbidden =
  /\u0340|\u0341|[\p{Cc}\p{Cs}\p{Co}\u06DD\u070F\u180E\u200E\u200F\u2028-\u202E\u2061-\u2063\u206A-\u206F\uFFF9-\uFFFD\u2FF0-\u2FFB\uFDD0-\uFDEF]/u

function prepared(password: string): string {
  if (/^[\x20-\x7e]*$/.test(password)) return password
  const normal = password.replace(blanks, ' ').replace(leftOut, '').normalize('NFKC')
  return normal === '' || forbidden.test(normal) ? password : normal
}
