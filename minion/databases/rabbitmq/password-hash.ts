/** Passwords as RabbitMQ stores them: base64 of four bytes of salt and the hash of salt and password. */
import { createHash } from 'node:crypto'

const algorithms: Readonly<Record<string, string>> = {
  rabbit_password_hashing_sha256: 'sha256',
  rabbit_password_hashing_sha512: 'sha512',
  rabbit_password_hashing_md5: 'md5',
}

/** undefined: the algorithm is unknown here. */
export function isPassword(password: string, stored: string, algorithm: string): boolean | undefined {
  const name = algorithms[algorithm]
  if (name === undefined) return undefined
  const bytes = Buffer.from(stored, 'base64')
  const salt = bytes.subarray(0, 4)
  return createHash(name).update(salt).update(password).digest().equals(bytes.subarray(4))
}
