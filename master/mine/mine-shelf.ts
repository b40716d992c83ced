/**
 * What was read of the mine lately: in a run of the whole fleet thousands of minions ask the same in a minute. Whether
 * it still holds is asked of the store each time, which has it in an index; after a while of rest nothing is kept.
 */
import type { Json } from '../../shared/data/codec.ts'
import type { MineRow, MineStore } from '../store/mine.ts'

interface Shelf {
  readonly version: string
  readonly rows: readonly MineRow[]
  /** Absent: too large to be kept, or only a few were asked for. */
  values?: ReadonlyMap<number, Json>
  readonly bytes: number
}

/** Bytes of values as JSON that are kept, of all names. */
const mostKept = 8 * 1024 * 1024
/** Milliseconds without a question. */
const rest = 30_000

export class MineShelf {
  readonly #store: MineStore
  /** The name that was asked for longest ago comes first. */
  readonly #shelves = new Map<string, Shelf>()
  #timer: NodeJS.Timeout | undefined

  constructor(store: MineStore) {
    this.#store = store
  }

  async rows(name: string): Promise<readonly MineRow[]> {
    const known = this.#shelves.get(name)
    const version = await this.#store.version(name)
    if (known?.version === version) return this.#asked(name, known).rows
    // What is written meanwhile raises the version, so the next question reads it.
    const rows = await this.#store.find([name])
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
    return this.#asked(name, { version, rows, bytes }).rows
  }

  /** Values by key; those that changed since `rows` are missing. */
  async values(rows: readonly MineRow[]): Promise<ReadonlyMap<number, Json>> {
    const found = new Map<number, Json>()
    const byName = new Map<string, MineRow[]>()
    for (const row of rows) {
      const same = byName.get(row.name)
      if (same === undefined) byName.set(row.name, [row])
      else same.push(row)
    }
    for (const [name, wanted] of byName) {
      const values = await this.#valuesOf(name, wanted)
      for (const { key } of wanted) {
        const value = values.get(key)
        if (value !== undefined) found.set(key, value)
      }
    }
    return found
  }

  async #valuesOf(name: string, wanted: readonly MineRow[]): Promise<ReadonlyMap<number, Json>> {
    const shelf = this.#shelves.get(name)
    const isKept = shelf?.values !== undefined && wanted.every(({ key }) => shelf.values?.has(key))
    if (isKept && shelf.values !== undefined) return shelf.values
    const isWorthwhile =
      shelf !== undefined && wanted.length * 2 >= shelf.rows.length && shelf.bytes <= mostKept
    if (!isWorthwhile) return this.#store.values(wanted.map(({ key }) => key))
    const values = await this.#store.values(shelf.rows.map(({ key }) => key))
    if (this.#shelves.get(name) === shelf) shelf.values = values
    this.#makeRoom()
    return values
  }

  #asked(name: string, shelf: Shelf): Shelf {
    this.#shelves.delete(name)
    this.#shelves.set(name, shelf)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#shelves.clear(), rest).unref()
    return shelf
  }

  #makeRoom(): void {
    let kept = 0
    for (const [name, shelf] of [...this.#shelves].reverse()) {
      if (shelf.values === undefined) continue
      kept += shelf.bytes
      if (kept > mostKept) this.#shelves.delete(name)
    }
  }
}
