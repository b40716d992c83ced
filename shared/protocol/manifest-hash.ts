/** The hash that names a manifest: both sides compute it from the entries, so a delta wrongly applied shows. */
import { createHash } from 'node:crypto'
import type { Sha256 } from '../ids.ts'
import type { ManifestEntry } from './messages/manifest-request.ts'

/**
 * Stands for the content of what is in a tree and cannot be read there. Leaving it out would let `file.recurse` with
 * `clean` remove it from minions, and call a file missing that everybody sees.
 */
export const unreadableContent = '0'.repeat(64) as Sha256

/** By code unit, the order of a manifest's entries. */
export function comparePaths(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** @param entries sorted by path with `comparePaths`. Canonical form: `path NUL hash NUL size NUL mode LF` for each. */
export function manifestHash(entries: readonly ManifestEntry[]): Sha256 {
  const hash = createHash('sha256')
  let text = ''
  for (const [path, sha256, size, mode] of entries) {
    text += `${path}\0${sha256}\0${size}\0${mode}\n`
    if (text.length > 65_536) {
      hash.update(text)
      text = ''
    }
  }
  return hash.update(text).digest('hex') as Sha256
}
