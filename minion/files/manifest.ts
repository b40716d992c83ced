/** What an environment's tree holds: path → content hash, size, mode. Made of deltas and checked by its own hash. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import { comparePaths, manifestHash } from '../../shared/protocol/manifest-hash.ts'
import type { ManifestDelta, ManifestEntry } from '../../shared/protocol/messages/manifest-request.ts'

export interface Manifest {
  readonly hash: Sha256
  /** By path, in the order of paths. */
  readonly entries: ReadonlyMap<string, ManifestEntry>
}

/** @throws TsaltError `tree-content-wrong` where the entries are not those of the hash */
export function makeManifest(hash: Sha256, entries: readonly ManifestEntry[]): Manifest {
  const sorted = [...entries].sort(([a], [b]) => comparePaths(a, b))
  if (manifestHash(sorted) !== hash) throw new TsaltError('tree-content-wrong', { what: `manifest ${hash}` })
  return { hash, entries: new Map(sorted.map((entry) => [entry[0], entry])) }
}

/**
 * @param before what `delta.base` names, if anything
 * @throws TsaltError `tree-content-wrong` where the delta is not one to `before` or its sum is not what it promises
 */
export function applyDelta(before: Manifest | undefined, delta: ManifestDelta): Manifest {
  if (delta.base === undefined) return makeManifest(delta.hash, delta.put)
  if (before?.hash !== delta.base)
    throw new TsaltError('tree-content-wrong', { what: `delta to ${delta.base}` })
  if (delta.put.length === 0 && delta.drop.length === 0 && delta.hash === before.hash) return before
  const entries = new Map(before.entries)
  for (const path of delta.drop) entries.delete(path)
  for (const entry of delta.put) entries.set(entry[0], entry)
  return makeManifest(delta.hash, [...entries.values()])
}
