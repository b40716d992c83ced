/**
 * Contents by hash on disk, `blobs/ab/abcd…`, and the small ones in memory. May be deleted at any time, even while
 * the minion runs; what is damaged counts as missing.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../shared/clock.ts'
import { isSha256, type Sha256 } from '../../shared/ids.ts'
import { writeFileAtomicSync } from '../system/atomic-file.ts'

/** Bytes of contents in memory, and the largest of one. */
const memoryLimit = 8 * 1024 * 1024
const memoryItem = 256 * 1024

export function hashOf(content: Uint8Array): Sha256 {
  return createHash('sha256').update(content).digest('hex') as Sha256
}

export class BlobCache {
  readonly #folder: string
  readonly #clock: Clock
  /** In order of use, the one used longest ago first. */
  readonly #memory = new Map<Sha256, Uint8Array>()
  #memoryBytes = 0
  #onDisk: Set<Sha256> | undefined

  /** @param folder the cache directory; made where it is missing */
  constructor(folder: string, clock: Clock) {
    this.#folder = join(folder, 'blobs')
    this.#clock = clock
  }

  /** True where it is probably there; only `read` knows. */
  has(sha256: Sha256): boolean {
    return this.#memory.has(sha256) || this.#known().has(sha256)
  }

  /** undefined: not there, or damaged. */
  read(sha256: Sha256): Uint8Array | undefined {
    const held = this.#memory.get(sha256)
    if (held) return held
    if (!this.#known().has(sha256)) return undefined
    const content = this.#load(sha256)
    if (content === undefined) this.#known().delete(sha256)
    else this.#hold(sha256, content)
    return content
  }

  /** Keeps a content whose hash was checked. A disk that is full costs only the next fetch. */
  store(sha256: Sha256, content: Uint8Array): void {
    this.#hold(sha256, content)
    if (this.#known().has(sha256)) return
    try {
      mkdirSync(join(this.#folder, sha256.slice(0, 2)), { recursive: true, mode: 0o700 })
      writeFileAtomicSync(this.#path(sha256), content, { durable: false, walk: false, clock: this.#clock })
      this.#known().add(sha256)
    } catch {
      // Not kept: it is fetched again when it is needed again.
    }
  }

  /** Gives the memory back. */
  release(): void {
    this.#memory.clear()
    this.#memoryBytes = 0
    this.#onDisk = undefined
  }

  /** Removes what was written longest ago, until at most `limit` bytes are left. `keep` are in use. */
  trim(limit: number, keep: ReadonlySet<Sha256>): void {
    const blobs = this.#list().flatMap((sha256) => {
      try {
        const { size, mtimeMs } = statSync(this.#path(sha256))
        return [{ sha256, size, age: mtimeMs }]
      } catch {
        return []
      }
    })
    let total = blobs.reduce((sum, { size }) => sum + size, 0)
    for (const { sha256, size } of blobs
      .filter((blob) => !keep.has(blob.sha256))
      .sort((a, b) => a.age - b.age)) {
      if (total <= limit) return
      rmSync(this.#path(sha256), { force: true })
      this.#onDisk?.delete(sha256)
      total -= size
    }
  }

  #path(sha256: Sha256): string {
    return join(this.#folder, sha256.slice(0, 2), sha256)
  }

  #load(sha256: Sha256): Uint8Array | undefined {
    try {
      const content = readFileSync(this.#path(sha256))
      if (hashOf(content) === sha256) {
        // Marks it as used, for `trim`.
        const now = this.#clock.now() / 1000
        utimesSync(this.#path(sha256), now, now)
        return content
      }
      rmSync(this.#path(sha256), { force: true })
    } catch {
      // Deleted or unreadable: it is fetched again.
    }
    return undefined
  }

  #hold(sha256: Sha256, content: Uint8Array): void {
    if (content.length > memoryItem || this.#memory.has(sha256)) return
    this.#memory.set(sha256, content)
    this.#memoryBytes += content.length
    for (const [oldest, { length }] of this.#memory) {
      if (this.#memoryBytes <= memoryLimit) return
      this.#memory.delete(oldest)
      this.#memoryBytes -= length
    }
  }

  #known(): Set<Sha256> {
    this.#onDisk ??= new Set(this.#list())
    return this.#onDisk
  }

  #list(): Sha256[] {
    const names = (folder: string): string[] => {
      try {
        return readdirSync(folder)
      } catch {
        return []
      }
    }
    return names(this.#folder).flatMap((prefix) => names(join(this.#folder, prefix)).filter(isSha256))
  }
}
