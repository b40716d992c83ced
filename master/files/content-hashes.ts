/**
 * Hashes of files, remembered by what the file system says of them, so that an unchanged tree is not read again.
 * Kept in memory, and in a small cache file across restarts; losing that file costs time and nothing else.
 */
import { createHash, type Hash } from 'node:crypto'
import { closeSync, readFileSync, readSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import type { Clock } from '../../shared/clock.ts'
import { isSha256, type Sha256 } from '../../shared/ids.ts'
import { openBeneath } from './beneath-root.ts'
import { type Listed, stampOf } from './listing.ts'

interface Known {
  readonly stamp: string
  readonly sha256: Sha256
}

/** A file this fresh may change once more without a change of its times, whose steps are a few milliseconds. */
const racyMilliseconds = 100
const chunkBytes = 1024 * 1024
const version = 1

export class ContentHashes {
  readonly #clock: Clock
  readonly #cacheFile: string | undefined
  #known = new Map<string, Known>()
  #changed = false

  /** @param cacheFile absent: memory only */
  constructor(clock: Clock, cacheFile?: string) {
    this.#clock = clock
    this.#cacheFile = cacheFile
    if (cacheFile !== undefined) this.#known = readCache(cacheFile)
  }

  /** The hash if it is known and the file has not changed since. */
  recall(file: Listed): Sha256 | undefined {
    const known = this.#known.get(keyOf(file))
    return known?.stamp === file.stamp ? known.sha256 : undefined
  }

  /**
   * Reads and hashes. Large files are read in steps that let others go on.
   * @returns with the stamp and size that the hashed content had
   * @throws TsaltError `tree-file-unreadable`, `path-outside-root`
   */
  async hash(file: Listed): Promise<Known & { readonly size: number }> {
    const { fd, stats } = openBeneath(file.root, file.path)
    try {
      const stamp = stampOf(stats)
      const hash = createHash('sha256')
      const size = stats.size > chunkBytes ? await hashSlowly(hash, fd) : hashAtOnce(hash, fd, stats.size)
      const sha256 = hash.digest('hex') as Sha256
      const age = this.#clock.now() - Math.max(stats.mtimeMs, stats.ctimeMs)
      if (age > racyMilliseconds && size === stats.size) {
        this.#known.set(keyOf(file), { stamp, sha256 })
        this.#changed = true
      }
      return { stamp, sha256, size }
    } finally {
      closeSync(fd)
    }
  }

  /** Forgets files that are no longer there and writes the cache file where something changed. */
  async keepOnly(files: Iterable<Listed>): Promise<void> {
    const keep = new Set<string>()
    for (const file of files) keep.add(keyOf(file))
    for (const key of this.#known.keys()) {
      if (keep.has(key)) continue
      this.#known.delete(key)
      this.#changed = true
    }
    if (!this.#changed || this.#cacheFile === undefined) return
    this.#changed = false
    await writeCache(this.#cacheFile, this.#known)
  }
}

const keyOf = (file: Listed): string => `${file.root}/${file.path}`

function hashAtOnce(hash: Hash, fd: number, expected: number): number {
  const buffer = Buffer.allocUnsafe(expected + 1)
  let size = 0
  for (let read = -1; read !== 0 && size < buffer.length; size += read)
    read = readSync(fd, buffer, size, buffer.length - size, size)
  hash.update(buffer.subarray(0, size))
  return size
}

async function hashSlowly(hash: Hash, fd: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let size = 0
  for (;;) {
    const read = readSync(fd, buffer, 0, buffer.length, size)
    if (read === 0) return size
    hash.update(buffer.subarray(0, read))
    size += read
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function readCache(file: string): Map<string, Known> {
  const known = new Map<string, Known>()
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    // Missing or unreadable: everything is hashed anew.
    return known
  }
  const [head, ...lines] = text.split('\n')
  if (head !== `tsalt-hashes ${version}`) return known
  for (const line of lines) {
    const [sha256, stamp, key] = line.split('\0')
    if (sha256 !== undefined && isSha256(sha256) && stamp !== undefined && key !== undefined)
      known.set(key, { sha256, stamp })
  }
  return known
}

async function writeCache(file: string, known: ReadonlyMap<string, Known>): Promise<void> {
  const lines = [`tsalt-hashes ${version}`]
  for (const [key, { sha256, stamp }] of known)
    if (!key.includes('\n')) lines.push(`${sha256}\0${stamp}\0${key}`)
  await writeFile(`${file}.new`, `${lines.join('\n')}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}
