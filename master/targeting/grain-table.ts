/**
 * The grains of all minions, in memory: what a target of ten thousand minions is matched on. Follows the store by
 * revisions, so another master's writes are seen too. Equal values are kept once.
 */
import { setImmediate as othersFirst } from 'node:timers/promises'
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Key, type Value } from '../../shared/data/value.ts'
import type { MinionId } from '../../shared/ids.ts'
import type { GrainsRow, MinionStore } from '../store/minions.ts'

/** Minions whose grains have the same names in the same order share it. */
interface Shape {
  readonly keys: readonly Key[]
  readonly at: ReadonlyMap<Key, number>
}

interface Row {
  readonly generation: number
  readonly shape: Shape
  readonly values: readonly Value[]
}

/** Between two of them others have their turn: ten thousand minions are a second's work. */
const page = 100

export class GrainTable {
  private readonly minions: Pick<MinionStore, 'grainsSince'>
  private readonly rows = new Map<MinionId, Row>()
  private readonly shapes = new Map<string, Shape>()
  private readonly values = new Map<string, Value>()
  private revision = 0
  /** Rows taken in since equal values were last counted anew. */
  private taken = 0
  private underWay: Promise<void> | undefined

  constructor(minions: Pick<MinionStore, 'grainsSince'>) {
    this.minions = minions
  }

  /** Reads what was written since the last time. */
  async refresh(): Promise<void> {
    // Who comes while it is read waits for that, and then reads what came meanwhile.
    while (this.underWay !== undefined) await this.underWay
    this.underWay = this.read().finally(() => {
      this.underWay = undefined
    })
    await this.underWay
  }

  /** @param names undefined: all of them. @returns undefined: the minion of this generation never said its grains */
  grains(id: MinionId, generation: number, names: ReadonlySet<string> | undefined): Dict | undefined {
    const row = this.rows.get(id)
    if (row === undefined || row.generation !== generation) return undefined
    const { shape, values } = row
    const found: Dict = new Map()
    if (names === undefined) shape.keys.forEach((key, index) => void found.set(key, values[index] ?? null))
    else {
      for (const name of names) {
        const index = shape.at.get(name)
        if (index !== undefined) found.set(name, values[index] ?? null)
      }
    }
    return found
  }

  /** Frees the rows of minions that are not accepted any more. */
  keep(known: (id: MinionId) => boolean): void {
    for (const id of this.rows.keys()) if (!known(id)) this.rows.delete(id)
  }

  get size(): number {
    return this.rows.size
  }

  private async read(): Promise<void> {
    for (;;) {
      const news = await this.minions.grainsSince(this.revision, page)
      for (const row of news) this.take(row)
      this.revision = news.at(-1)?.revision ?? this.revision
      if (news.length < page) break
      await othersFirst()
    }
    if (this.taken > 2 * this.rows.size + 1000) this.forgetUnused()
  }

  private take({ id, generation, grains }: GrainsRow): void {
    const known = this.rows.get(id)
    if (known !== undefined && known.generation > generation) return
    const entries = entriesOf(grains)
    const keys = entries.map(([key]) => key)
    const values = entries.map(([, json]) => this.shared(json))
    this.rows.set(id, { generation, shape: this.shapeOf(keys), values })
    this.taken += 1
  }

  private shapeOf(keys: readonly Key[]): Shape {
    const text = JSON.stringify(keys.map((key) => encodeValue(key)))
    let shape = this.shapes.get(text)
    if (shape === undefined) {
      shape = { keys, at: new Map(keys.map((key, index) => [key, index])) }
      this.shapes.set(text, shape)
    }
    return shape
  }

  private shared(json: Json): Value {
    if (json === null || typeof json === 'boolean' || typeof json === 'number') return json
    // No text of JSON begins like this one.
    const key = typeof json === 'string' ? `'${json}` : JSON.stringify(json)
    let value = this.values.get(key)
    if (value === undefined) {
      value = decodeValue(json)
      this.values.set(key, value)
    }
    return value
  }

  private forgetUnused(): void {
    const rows = [...this.rows]
    this.shapes.clear()
    this.values.clear()
    for (const [id, { generation, shape, values }] of rows) {
      const shared = values.map((value) => this.shared(encodeValue(value)))
      this.rows.set(id, { generation, shape: this.shapeOf(shape.keys), values: shared })
    }
    this.taken = 0
  }
}

function entriesOf(grains: Json): readonly (readonly [Key, Json])[] {
  if (grains === null || typeof grains !== 'object' || Array.isArray(grains)) return []
  const names = Object.keys(grains)
  if (names.every((name) => !name.startsWith('$'))) return names.map((name) => [name, grains[name] ?? null])
  // A mapping with unusual keys is encoded in another form.
  const dict = decodeValue(grains)
  return isDict(dict) ? [...dict].map(([key, value]) => [key, encodeValue(value)]) : []
}
