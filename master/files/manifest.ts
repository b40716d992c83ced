/** One environment's tree at one moment, and the difference between two of them. */
import type { Sha256 } from '../../shared/ids.ts'
import { manifestHash, unreadableContent } from '../../shared/protocol/manifest-hash.ts'
import type { ManifestEntry } from '../../shared/protocol/messages/manifest-request.ts'
import type { Listed } from './listing.ts'

/** Where a content lies, and the stamp under which it had its hash. */
export interface Source {
  readonly file: Listed
  readonly size: number
}

export interface Manifest {
  readonly hash: Sha256
  /** Sorted by path. */
  readonly entries: readonly ManifestEntry[]
  readonly sources: ReadonlyMap<Sha256, Source>
}

export interface Entry {
  readonly entry: ManifestEntry
  readonly file: Listed
}

/** @param files sorted by path */
export function makeManifest(files: readonly Entry[]): Manifest {
  const entries = files.map(({ entry }) => entry)
  const sources = new Map<Sha256, Source>()
  for (const { entry, file } of files)
    if (entry[1] !== unreadableContent) sources.set(entry[1], { file, size: entry[2] })
  return { hash: manifestHash(entries), entries, sources }
}

export interface Difference {
  readonly put: readonly ManifestEntry[]
  readonly drop: readonly string[]
}

/** What turns `from` into `to`; both sorted by path. */
export function difference(from: readonly ManifestEntry[], to: readonly ManifestEntry[]): Difference {
  const put: ManifestEntry[] = []
  const drop: string[] = []
  let left = 0
  for (const entry of to) {
    for (let old = from[left]; old !== undefined && old[0] < entry[0]; old = from[++left]) drop.push(old[0])
    const old = from[left]
    if (old?.[0] === entry[0]) {
      left += 1
      if (!sameEntry(old, entry)) put.push(entry)
    } else put.push(entry)
  }
  for (const old of from.slice(left)) drop.push(old[0])
  return { put, drop }
}

function sameEntry(one: ManifestEntry, other: ManifestEntry): boolean {
  return one === other || (one[1] === other[1] && one[2] === other[2] && one[3] === other[3])
}
