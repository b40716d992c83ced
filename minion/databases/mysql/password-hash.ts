/** Passwords as MySQL and MariaDB store them with the plugin mysql_native_password: `*` and a double SHA-1. */
import { createHash } from 'node:crypto'

export function nativeHash(password: string): string {
  const once = createHash('sha1').update(password).digest()
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`
}

export const isNativeHash = (text: string): boolean => /^\*[0-9A-Fa-f]{40}$/.test(text)
