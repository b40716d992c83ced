/** The hash of a password as glibc's crypt makes it with `$6$`: many rounds of SHA-512 over password and salt. */
import { createHash } from 'node:crypto'

const letters = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const usualRounds = 5_000

const sha512 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** So many bytes of a digest, over and over. */
function repeated(digest: Uint8Array, length: number): Buffer {
  const whole = Buffer.alloc(length)
  for (let at = 0; at < length; at += digest.length)
    whole.set(digest.subarray(0, Math.min(digest.length, length - at)), at)
  return whole
}

/** @param setting `$6$SALT` or `$6$rounds=N$SALT`, what follows is not looked at: so a hash is its own setting */
export function sha512Crypt(password: string, setting: string): string | undefined {
  const match = /^\$6\$(?:rounds=(\d{1,9})\$)?([^$]{0,16})/.exec(setting)
  if (!match) return undefined
  const [, asked, saltText = ''] = match
  const rounds = asked === undefined ? usualRounds : Math.min(Math.max(Number(asked), 1_000), 999_999_999)
  const key = Buffer.from(password, 'utf8')
  const salt = Buffer.from(saltText, 'utf8')
  const alternate = sha512(key, salt, key)
  const first: Uint8Array[] = [key, salt, repeated(alternate, key.length)]
  for (let bits = key.length; bits > 0; bits >>= 1) first.push(bits & 1 ? alternate : key)
  let digest = sha512(...first)
  const keyBytes = repeated(sha512(...new Array<Uint8Array>(key.length).fill(key)), key.length)
  const saltBytes = repeated(sha512(...new Array<Uint8Array>(16 + (digest[0] ?? 0)).fill(salt)), salt.length)
  for (let round = 0; round < rounds; round++) {
    const parts: Uint8Array[] = [round & 1 ? keyBytes : digest]
    if (round % 3 !== 0) parts.push(saltBytes)
    if (round % 7 !== 0) parts.push(keyBytes)
    parts.push(round & 1 ? digest : keyBytes)
    digest = sha512(...parts)
  }
  return `$6$${asked === undefined ? '' : `rounds=${rounds}$`}${saltText}$${encoded(digest)}`
}

/** Three bytes give four letters, in crypt's own order of bytes. */
function encoded(digest: Uint8Array): string {
  const byte = (index: number): number => digest[index] ?? 0
  const word = (value: number, count: number): string =>
    Array.from({ length: count }, (_, index) => letters[(value >> (6 * index)) & 63]).join('')
  let text = ''
  let [a, b, c] = [0, 21, 42]
  for (let group = 0; group < 21; group++) {
    text += word((byte(a) << 16) | (byte(b) << 8) | byte(c), 4)
    ;[a, b, c] = [b + 1, c + 1, a + 1]
  }
  return text + word(byte(63), 2)
}

export const isSha512Crypt = (password: string, hash: string): boolean =>
  hash.startsWith('$6$') && sha512Crypt(password, hash) === hash
