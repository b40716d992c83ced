/**
 * An append-only file of checked lines: `append` returns when its line is on the disk. Appends that come together
 * share one sync. The whole file is replaced, by way of a temporary one, when it holds too much that is over.
 */
import { dirname } from 'node:path'
import type { Json } from '../../shared/data/codec.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Disk, DiskFile } from './disk.ts'
import { decodeLine, decodeLines, encodeLine, type JournalLine } from './journal-line.ts'

/** Where a line is. Valid until the next `rewrite`. */
export interface LinePosition {
  readonly position: number
  readonly length: number
}

interface Waiting {
  readonly bytes: Uint8Array
  readonly written: (at: LinePosition) => void
  readonly resolve: (at: LinePosition) => void
  readonly reject: (error: unknown) => void
}

export class Journal {
  readonly path: string
  #disk: Disk
  #file: DiskFile
  #size: number
  #waiting: Waiting[] = []
  #turn: Promise<void> = Promise.resolve()
  #busy = false
  #failed: unknown

  private constructor(disk: Disk, path: string, file: DiskFile, size: number) {
    this.#disk = disk
    this.path = path
    this.#file = file
    this.#size = size
  }

  /** Opens or makes a journal and reads it whole. The caller rewrites it where a line is damaged. */
  static async open(disk: Disk, path: string): Promise<{ journal: Journal; lines: JournalLine[] }> {
    await disk.makeFolder(dirname(path))
    await disk.remove(`${path}.new`)
    const bytes = await disk.load(path)
    const file = await disk.open(path, false)
    if (bytes === undefined) await disk.syncFolder(dirname(path))
    const lines = decodeLines(bytes ?? new Uint8Array())
    return { journal: new Journal(disk, path, file, bytes?.length ?? 0), lines }
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#size
  }

  /**
   * @param written called when the line is on the disk, before anything else may happen to the journal
   * @throws the system's error (ENOSPC); the line is not in the journal then.
   */
  append(record: Json, written: (at: LinePosition) => void = () => {}): Promise<LinePosition> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes: encodeLine(record), written, resolve, reject })
      if (!this.#busy) void this.#drain()
    })
  }

  /** @throws TsaltError `journal-damaged` */
  async read(at: LinePosition): Promise<Json> {
    const bytes = await this.#file.read(at.position, at.length)
    const record = decodeLine(bytes.subarray(0, -1))
    if (record === undefined)
      throw new TsaltError('journal-damaged', { file: this.path, position: at.position })
    return record
  }

  /**
   * Replaces the whole content. Called when nothing else is under way.
   * @param moved told where each record is now, as soon as it is so: also where making it durable fails after that
   */
  async rewrite(
    records: Iterable<Json> | AsyncIterable<Json>,
    moved: (positions: readonly LinePosition[]) => void,
  ): Promise<void> {
    const fresh = `${this.path}.new`
    const file = await this.#disk.open(fresh, true)
    const positions: LinePosition[] = []
    let size = 0
    try {
      for await (const record of records) {
        const bytes = encodeLine(record)
        await file.write(bytes, size)
        positions.push({ position: size, length: bytes.length })
        size += bytes.length
      }
      await file.sync()
      await this.#disk.rename(fresh, this.path)
    } catch (error) {
      await file.close()
      await this.#disk.remove(fresh)
      throw error
    }
    // From here on the name leads to the new file, whatever else goes wrong.
    const before = this.#file
    this.#file = file
    this.#size = size
    this.#failed = undefined
    moved(positions)
    try {
      await before.close()
      await this.#disk.syncFolder(dirname(this.path))
    } catch (error) {
      this.#failed = error
      throw error
    }
  }

  /** Forgets everything from a position on; needs no room. Called when nothing else is under way. */
  async cut(position: number): Promise<void> {
    await this.#file.truncate(position)
    await this.#file.sync()
    this.#size = position
  }

  /** Runs `work` while no append is being written; appends wait for it. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn
    let release: () => void = () => {}
    this.#turn = new Promise((resolve) => {
      release = resolve
    })
    await before
    try {
      return await work()
    } finally {
      release()
    }
  }

  /** After a failed sync nothing can be promised for this file any more; only a `rewrite` mends it. */
  get failed(): boolean {
    return this.#failed !== undefined
  }

  async close(): Promise<void> {
    await this.exclusively(() => this.#file.close())
  }

  async #drain(): Promise<void> {
    this.#busy = true
    while (this.#waiting.length > 0) {
      await this.exclusively(async () => {
        const batch = this.#waiting
        this.#waiting = []
        await this.#write(batch)
      })
    }
    this.#busy = false
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    if (this.#failed !== undefined) {
      for (const { reject } of batch) reject(this.#failed)
      return
    }
    const written: (() => void)[] = []
    const before = this.#size
    let end = before
    for (const { bytes, written: note, resolve, reject } of batch) {
      const at = { position: end, length: bytes.length }
      try {
        await this.#file.write(bytes, end)
      } catch (error) {
        // Half a line may be there: cut it off, or the next append would be glued to it.
        await this.#file.truncate(end).catch((reason: unknown) => {
          this.#failed = reason
        })
        reject(error)
        continue
      }
      end += bytes.length
      written.push(() => {
        note(at)
        resolve(at)
      })
    }
    if (written.length === 0) return
    await this.#sync(batch, written, end)
  }

  async #sync(batch: readonly Waiting[], written: readonly (() => void)[], end: number): Promise<void> {
    try {
      await this.#file.sync()
    } catch (error) {
      this.#failed = error
      for (const { reject } of batch) reject(error)
      return
    }
    this.#size = end
    for (const resolve of written) resolve()
  }
}
