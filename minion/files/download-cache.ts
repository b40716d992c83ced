/**
 * Downloads whose digest is known, kept from one run to the next: `downloads/sha256-HEX`. What is read is compared
 * with its name, so a damaged or forged file is only one that is fetched again. May be deleted at any time.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../shared/clock.ts'
import { writeFileAtomicSync } from '../system/atomic-file.ts'
import type { ExpectedDigest } from '../system/reader.ts'

/** Bytes of all that is kept; those that were used longest ago go first. */
const mostBytes = 1_073_741_824

export class DownloadCache {
  readonly #folder: string
  readonly #clock: Clock

  /** @param folder the cache directory of the minion */
  constructor(folder: string, clock: Clock) {
    this.#folder = join(folder, 'downloads')
    this.#clock = clock
  }

  /** undefined: not there, or not what its name says. */
  read(digest: ExpectedDigest): Uint8Array | undefined {
    const path = this.#path(digest)
    try {
      const content = readFileSync(path)
      if (digestOf(digest.algorithm, content) === digest.hex) {
        const now = this.#clock.now() / 1_000
        utimesSync(path, now, now)
        return content
      }
      rmSync(path, { force: true })
    } catch {
      // Not there, or not to be read: it is fetched.
    }
    return undefined
  }

  /** Only what has the digest; a disk that is full costs only the next fetch. */
  store(digest: ExpectedDigest, content: Uint8Array): void {
    if (content.length > mostBytes || digestOf(digest.algorithm, content) !== digest.hex) return
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      this.#makeRoom(content.length)
      writeFileAtomicSync(this.#path(digest), content, { durable: false, walk: false, clock: this.#clock })
    } catch {
      // Not kept: it is fetched again when it is needed again.
    }
  }

  #makeRoom(bytes: number): void {
    const kept = readdirSync(this.#folder).flatMap((name) => {
      const path = join(this.#folder, name)
      const info = statSync(path, { throwIfNoEntry: false })
      return info?.isFile() ? [{ path, size: info.size, used: info.mtimeMs }] : []
    })
    let total = bytes + kept.reduce((sum, { size }) => sum + size, 0)
    for (const { path, size } of kept.sort((a, b) => a.used - b.used)) {
      if (total <= mostBytes) return
      rmSync(path, { force: true })
      total -= size
    }
  }

  #path({ algorithm, hex }: ExpectedDigest): string {
    return join(this.#folder, `${algorithm}-${hex}`)
  }
}

const digestOf = (algorithm: string, content: Uint8Array): string =>
  createHash(algorithm).update(content).digest('hex')
