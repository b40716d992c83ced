/** A disk made of plain data that forgets what was not synced when the power goes, and that can fill up. */
import type { Disk, DiskFile } from '../../../../minion/jobs/disk.ts'

interface Inode {
  content: Buffer
  durable: Buffer
}

export class PowerCut extends Error {}

export class VolatileDisk implements Disk {
  /** Names now, and as they are on the disk. */
  names = new Map<string, Inode>()
  durableNames = new Map<string, Inode>()
  /** Bytes there is room for. */
  capacity = Number.POSITIVE_INFINITY
  /** Operations until the power goes. */
  left = Number.POSITIVE_INFINITY
  operations = 0
  /** Numbers of operations that fail with an error of the disk; what they were to do is not done. */
  failing: ReadonlySet<number> = new Set()

  /** The disk after a power cut. @param kept how much of what was not synced made it all the same, 0 to 1 */
  afterPowerCut(kept: number): VolatileDisk {
    const disk = new VolatileDisk()
    const names = kept > 0.5 ? this.names : this.durableNames
    for (const [path, inode] of names) {
      const { content, durable } = inode
      const grown = content.length > durable.length
      const size = grown
        ? durable.length + Math.floor((content.length - durable.length) * kept)
        : durable.length
      const survived = grown ? content.subarray(0, size) : durable
      disk.names.set(path, { content: Buffer.from(survived), durable: Buffer.from(survived) })
    }
    disk.durableNames = new Map(disk.names)
    return disk
  }

  async makeFolder(): Promise<void> {}

  async load(path: string): Promise<Uint8Array | undefined> {
    const inode = this.names.get(path)
    return inode && Buffer.from(inode.content)
  }

  async open(path: string, empty: boolean): Promise<DiskFile> {
    this.#tick()
    const inode = this.names.get(path) ?? { content: Buffer.alloc(0), durable: Buffer.alloc(0) }
    this.names.set(path, inode)
    if (empty) inode.content = Buffer.alloc(0)
    return {
      write: async (bytes, position) => {
        // The power may go in the middle of a write.
        const cut = this.left <= 0
        const broken = this.failing.has(this.operations)
        const part = cut || broken ? bytes.subarray(0, bytes.length >> 1) : bytes
        const room = this.capacity - this.#used() + inode.content.length - position
        const fitting = part.subarray(0, Math.max(0, room))
        inode.content = Buffer.concat([inode.content.subarray(0, position), fitting])
        this.#tick()
        if (fitting.length < part.length) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      },
      read: async (position, length) => Buffer.from(inode.content.subarray(position, position + length)),
      sync: async () => {
        this.#tick()
        inode.durable = Buffer.from(inode.content)
        // fsync of a new file makes its name durable too on the file systems in use, but do not count on it.
      },
      truncate: async (length) => {
        this.#tick()
        inode.content = inode.content.subarray(0, length)
      },
      close: async () => {},
    }
  }

  async rename(from: string, to: string): Promise<void> {
    this.#tick()
    const inode = this.names.get(from)
    if (!inode) throw Object.assign(new Error(from), { code: 'ENOENT' })
    this.names.delete(from)
    this.names.set(to, inode)
  }

  async remove(path: string): Promise<void> {
    this.names.delete(path)
  }

  async syncFolder(): Promise<void> {
    this.#tick()
    this.durableNames = new Map(this.names)
  }

  #tick(): void {
    if (this.failing.has(this.operations++)) throw Object.assign(new Error('i/o error'), { code: 'EIO' })
    if (this.left-- <= 0) throw new PowerCut()
  }

  #used(): number {
    let sum = 0
    for (const { content } of this.names.values()) sum += content.length
    return sum
  }
}
