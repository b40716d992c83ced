/** Filters for hashes, base64 and random texts. */
import { createHash, createHmac, getHashes } from 'node:crypto'
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  intOf,
  isInt,
  PyBytes,
  PyError,
  type RuntimeValue,
  str,
  truthy,
  typeName,
} from '../values.ts'
import { bytesArgument, intArgument, textArgument } from './arguments.ts'

export const hashFilters: readonly (readonly [string, FilterFunction])[] = [
  ...['md5', 'sha1', 'sha256', 'sha512'].map((algorithm) =>
    defineFilter(algorithm, ['instr'], (context, value) => {
      const bytes = bytesArgument(value)
      context.spend(bytes.length >> 4)
      return hexDigest(algorithm, bytes)
    }),
  ),
  defineFilter('base64_encode', ['instr'], (_context, value) =>
    Buffer.from(bytesArgument(value)).toString('base64'),
  ),
  defineFilter('base64_decode', ['instr'], (_context, value) =>
    textOrBytes(base64Decode(bytesArgument(value))),
  ),
  defineFilter(
    'hmac',
    ['string', 'shared_secret', 'challenge_hmac'],
    (_context, text, secret, challenge) =>
      Buffer.from(hmac(secret, text)).toString('base64') ===
      Buffer.from(bytesArgument(challenge)).toString('utf8'),
  ),
  defineFilter('hmac_compute', ['string', 'shared_secret'], (_context, text, secret) =>
    hmac(secret, text).toString('hex'),
  ),
  ...['random_hash', 'rand_str'].map((name) =>
    defineFilter(
      name,
      [
        ['size', 9999999999],
        ['hash_type', null],
      ],
      randomHash,
    ),
  ),
  defineFilter('random_str', [['size', 32]], (context, size) =>
    randomText(context, intArgument(size, 'random_str(size)')),
  ),
]

/** @throws PyError where Python's hashlib has no such algorithm */
export function hexDigest(algorithm: string, bytes: Uint8Array): string {
  const name = algorithm
    .toLowerCase()
    .replace(/^sha3_/, 'sha3-')
    .replace(/^blake2b$/, 'blake2b512')
    .replace(/^blake2s$/, 'blake2s256')
  if (
    !/^(?:md5|sha1|sha224|sha256|sha384|sha512|sha3-\d+|blake2b512|blake2s256)$/.test(name) ||
    !getHashes().includes(name)
  )
    throw new PyError(
      'ValueError',
      `There is no hash algorithm "${algorithm.slice(0, 40)}".`,
      'Use md5, sha1, sha256 or sha512.',
    )
  return createHash(name).update(bytes).digest('hex')
}

export function hmac(secret: RuntimeValue, text: RuntimeValue): Buffer {
  return createHmac('sha256', bytesArgument(secret)).update(bytesArgument(text)).digest()
}

/** Characters that are not of the alphabet are passed over, as Python does, and all after a complete padding too. */
export function base64Decode(bytes: Uint8Array): Uint8Array {
  let data = ''
  let padding = 0
  for (const character of Buffer.from(bytes).toString('latin1')) {
    if (/[A-Za-z0-9+/]/.test(character)) {
      data += character
      padding = 0
    } else if (character === '=' && data.length % 4 >= 2) {
      padding += 1
      if ((data.length % 4) + padding >= 4) return Buffer.from(data, 'base64')
    }
  }
  if (data.length % 4 === 1)
    throw new PyError(
      'ValueError',
      `Invalid base64-encoded string: number of data characters (${data.length}) cannot be 1 more than a multiple of 4`,
    )
  if (data.length % 4 !== 0) throw new PyError('ValueError', 'Incorrect padding')
  return Buffer.from(data, 'base64')
}

/** Bytes that are no UTF-8 stay bytes. */
export function textOrBytes(bytes: Uint8Array): RuntimeValue {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return new PyBytes(bytes)
  }
}

/** The hash of a random number up to `size`. */
function randomHash(context: CallContext, size: RuntimeValue = null, type: RuntimeValue = null): string {
  if (!isInt(size)) throw new PyError('TypeError', `random_hash: an integer is wanted, not ${typeName(size)}`)
  if (Number(size) < 0) throw new PyError('ValueError', `empty range for randrange() (0, ${str(size)})`)
  const algorithm = truthy(type) ? textArgument(type, 'random_hash(hash_type)') : 'md5'
  return hexDigest(algorithm, Buffer.from(str(randomInteger(context, 0n, BigInt(size)))))
}

/** From `low` to `high`, both included. */
export function randomInteger(context: CallContext, low: bigint, high: bigint): number | bigint {
  const span = high - low + 1n
  let bits = 0n
  for (let width = 0n; width < BigInt(span.toString(2).length) + 64n; width += 32n)
    bits = (bits << 32n) | BigInt(Math.floor(context.ports.random() * 0x1_0000_0000))
  return intOf(low + (bits % span))
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function randomText(context: CallContext, size: number): string {
  if (Number(size) < 0) throw new PyError('ValueError', 'negative argument not allowed')
  context.spend(size)
  return Array.from({ length: size }, () => alphabet[Math.floor(context.ports.random() * 64)] ?? 'A').join('')
}
