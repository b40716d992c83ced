/** How much of the master's disk the pushed files of one minion take, and whether more may come. */
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'

const megabyte = 1024 * 1024
/** Every entry takes a block at least, so that a million empty files are not free. */
const block = 4096
/** Milliseconds for which a measurement is good; hands may remove files meanwhile. */
const good = 5_000
/** Milliseconds after which parts that nobody added to are removed. */
const abandoned = 3_600_000

export const spaceOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / block)) * block

/** Milliseconds after which who is over the quota is measured again. */
const doubtful = 500

interface Wanted {
  /** Bytes that this part takes, and that all that is announced will take. */
  readonly takes: number
  readonly announced: number
  /** Bytes of what it takes the place of. */
  readonly frees: number
}

export class PushQuota {
  readonly #megabytes: number
  readonly #clock: Clock
  readonly #used = new Map<MinionId, { measured: number; bytes: number }>()

  constructor(megabytes: number, clock: Clock) {
    this.#megabytes = megabytes
    this.#clock = clock
  }

  /** @param home the minion's folder @throws TsaltError `push-quota` */
  async take(id: MinionId, home: string, { takes, announced, frees }: Wanted): Promise<void> {
    const limit = this.#megabytes * megabyte
    const wanted = Math.max(takes, announced) - frees
    let used = await this.#known(id, home, good)
    if (used.bytes + wanted > limit) used = await this.#known(id, home, doubtful)
    if (used.bytes + wanted > limit) throw new TsaltError('push-quota', { id, limit: this.#megabytes })
    used.bytes += takes
  }

  /** Something took the place of something else. */
  freed(id: MinionId, bytes: number): void {
    const used = this.#used.get(id)
    if (used !== undefined) used.bytes -= bytes
  }

  async #known(id: MinionId, home: string, age: number): Promise<{ measured: number; bytes: number }> {
    const now = this.#clock.monotonic()
    const known = this.#used.get(id)
    if (known !== undefined && now - known.measured <= age) return known
    const used = { measured: now, bytes: await this.#measure(home) }
    this.#used.set(id, used)
    return used
  }

  async #measure(home: string): Promise<number> {
    await this.#removeAbandoned(join(home, 'parts'))
    let bytes = 0
    const pending = [home]
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
      for (const entry of await entriesOf(folder)) {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) pending.push(path)
        bytes += spaceOf(entry.isFile() ? ((await sizeOf(path)) ?? 0) : 0)
      }
    }
    return bytes
  }

  async #removeAbandoned(parts: string): Promise<void> {
    for (const { name } of await entriesOf(parts)) {
      const path = join(parts, name)
      const found = await lstat(path).catch(() => undefined)
      if (found !== undefined && this.#clock.now() - found.mtimeMs > abandoned)
        await rm(path, { force: true })
    }
  }
}

/** Gone meanwhile, or not there yet: it takes nothing. */
const entriesOf = (folder: string) => readdir(folder, { withFileTypes: true }).catch(() => [])
const sizeOf = async (path: string) => (await lstat(path).catch(() => undefined))?.size
