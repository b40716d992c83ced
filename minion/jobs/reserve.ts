/** A file of nothing that is given up when the disk is full, so that the verdicts of running jobs still fit. */
import { join } from 'node:path'
import type { Disk } from './disk.ts'

const size = 512 * 1024

export class Reserve {
  #disk: Disk
  #path: string
  #filled = false

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#path = join(folder, 'reserve')
  }

  /** Takes the room, where it is free; otherwise tried again at the next call. */
  async fill(): Promise<void> {
    if (this.#filled) return
    try {
      const there = await this.#disk.load(this.#path)
      if (there?.length !== size) {
        const file = await this.#disk.open(this.#path, true)
        try {
          // Not zeros: a file system that compresses would not set anything aside for them.
          await file.write(filling(), 0)
          await file.sync()
        } finally {
          await file.close()
        }
      }
      this.#filled = true
    } catch {
      // A disk without room for the reserve: what was taken is given back for what matters more.
      await this.#disk.remove(this.#path).catch(() => {})
    }
  }

  /** @returns false where there was nothing to give up. */
  async release(): Promise<boolean> {
    if (!this.#filled) return false
    this.#filled = false
    await this.#disk.remove(this.#path)
    return true
  }
}

/** Bytes without a pattern, from a small generator: they need not be secret. */
function filling(): Uint8Array {
  const words = new Uint32Array(size / 4)
  let state = 2463534242
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = state
  }
  return new Uint8Array(words.buffer)
}
