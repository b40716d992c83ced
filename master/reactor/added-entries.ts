/** Entries that operators add while the master runs (`reactor.add`); they are kept with the reactor's offset. */
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import type { Value } from '../../shared/data/value.ts'
import { type ReactorEntry, readEntry } from './entry.ts'

interface Added {
  readonly glob: string
  readonly value: Value
  readonly entry: ReactorEntry
}

export class AddedEntries {
  #all: readonly Added[]

  /** @param kept what the consumer keeps, with `added` as toJson gives it */
  constructor(kept: Json | undefined) {
    const isMapping = kept !== undefined && kept !== null && typeof kept === 'object' && !Array.isArray(kept)
    const list = isMapping ? kept.added : []
    this.#all = (Array.isArray(list) ? list : []).flatMap((each) =>
      Array.isArray(each) && typeof each[0] === 'string'
        ? [addedOf(each[0], decodeValue(each[1] ?? null))]
        : [],
    )
  }

  get entries(): readonly ReactorEntry[] {
    return this.#all.map(({ entry }) => entry)
  }

  /** @throws TsaltError `reactor-option-wrong` */
  add(glob: string, value: Value): void {
    this.#all = [...this.#all, addedOf(glob, value)]
  }

  /** @returns false: there is no such one */
  remove(glob: string): boolean {
    const rest = this.#all.filter((each) => each.glob !== glob)
    const went = rest.length < this.#all.length
    this.#all = rest
    return went
  }

  toJson(): Json {
    return this.#all.map(({ glob, value }) => [glob, encodeValue(value)])
  }
}

const addedOf = (glob: string, value: Value): Added => ({
  glob,
  value,
  entry: readEntry(glob, value, { entry: `"${glob}"`, added: true }),
})
