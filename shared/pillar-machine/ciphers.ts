/** Opened blocks, each opened once: kept in memory under the hash of what was encrypted. */
import { createHash } from 'node:crypto'
import type { Cipher, Ciphers } from '../render/ciphers.ts'
import { openAge } from './age.ts'
import { openGpg } from './gpg.ts'
import { Turns } from './turns.ts'

export interface CipherKeys {
  /** gpg's home. */
  readonly gpgFolder: string
  /** File of age identities. */
  readonly ageIdentities: string
}

/** Blocks that stay open, those used longest ago go first. */
const mostKept = 5_000
/** Programs of gpg at once. */
const mostAtOnce = 4

export function makeCiphers(keys: CipherKeys): Ciphers {
  const opened = new Map<string, Promise<string>>()
  const turns = new Turns(mostAtOnce)
  return {
    open(cipher, block) {
      const hash = createHash('sha256').update(cipher).update('\0').update(block).digest('base64')
      const known = opened.get(hash)
      const clear = known ?? turns.take(() => openWith(cipher, keys, block))
      opened.delete(hash)
      opened.set(hash, clear)
      // A key that is missing now may be there the next time.
      if (known === undefined) clear.catch(() => opened.delete(hash))
      const oldest = opened.keys().next().value
      if (opened.size > mostKept && oldest !== undefined) opened.delete(oldest)
      return clear
    },
  }
}

function openWith(cipher: Cipher, { gpgFolder, ageIdentities }: CipherKeys, block: string): Promise<string> {
  return cipher === 'gpg' ? openGpg(gpgFolder, block) : openAge(ageIdentities, block)
}
