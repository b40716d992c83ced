/** Compact implementations of Marks: offsets into a text, and marks borrowed from other containers. */
import type { Place } from './place.ts'
import { type Marks, marksOf } from './provenance.ts'
import type { Key } from './value.ts'

/** Turns an offset of a text that was read into a place of the text that a user wrote. */
export interface SourceMap {
  placeOf(offset: number): Place
}

/** Above this many keys a mapping gets an index of its own at the first question. */
const linearKeys = 12

const none: never[] = []

/** Marks of a mapping as it was written: keys in order, two offsets for each. */
export class OffsetMarks implements Marks {
  readonly source: SourceMap
  keys: Key[] = none
  /** Offset of key, offset of value, for each key. */
  offsets: number[] = none
  private secret: Set<Key> | undefined
  private index: Map<Key, number> | undefined

  constructor(source: SourceMap) {
    this.source = source
  }

  add(key: Key, keyOffset: number, valueOffset: number): void {
    // Most mappings have one key. An empty array would grow to seventeen places at the first push.
    if (this.keys === none) {
      this.keys = [key]
      this.offsets = [keyOffset, valueOffset]
      return
    }
    this.keys.push(key)
    this.offsets.push(keyOffset, valueOffset)
  }

  markSecret(key: Key): void {
    this.secret ??= new Set()
    this.secret.add(key)
  }

  keyAt(key: Key | number): Place | undefined {
    return this.placeAt(this.find(key) * 2)
  }

  valueAt(key: Key | number): Place | undefined {
    return this.placeAt(this.find(key) * 2 + 1)
  }

  secretAt(key: Key | number): boolean {
    return this.secret?.has(key) ?? false
  }

  private placeAt(at: number): Place | undefined {
    const offset = at < 0 ? undefined : this.offsets[at]
    return offset === undefined ? undefined : this.source.placeOf(offset)
  }

  /** The last one, since a merged key may be overridden by a later one. */
  private find(key: Key): number {
    if (this.keys.length <= linearKeys) return this.keys.lastIndexOf(key)
    this.index ??= new Map(this.keys.map((name, at) => [name, at]))
    return this.index.get(key) ?? -1
  }
}

/** Marks of a list as it was written. */
export class ListMarks implements Marks {
  readonly source: SourceMap
  readonly offsets: number[] = []
  private secret: Set<number> | undefined

  constructor(source: SourceMap) {
    this.source = source
  }

  add(offset: number): void {
    this.offsets.push(offset)
  }

  markSecret(index: number): void {
    this.secret ??= new Set()
    this.secret.add(index)
  }

  keyAt(index: Key | number): Place | undefined {
    const offset = typeof index === 'number' ? this.offsets[index] : undefined
    return offset === undefined ? undefined : this.source.placeOf(offset)
  }

  valueAt(index: Key | number): Place | undefined {
    return this.keyAt(index)
  }

  secretAt(index: Key | number): boolean {
    return typeof index === 'number' && (this.secret?.has(index) ?? false)
  }
}

/** A key of another container, whose marks answer; `lost` are those that it replaced, latest first. */
export interface Loan {
  readonly marks: Marks | undefined
  readonly key: Key
  readonly lost?: readonly Loan[]
}

/** Marks of a container put together from others: each key remembers whose marks know it. */
export class BorrowedMarks implements Marks {
  private readonly loans = new Map<Key, Loan>()

  /** `container` held the value under `key`; `lost` are the ones that it replaced, latest first. */
  borrow(as: Key, container: unknown, key: Key = as, lost?: readonly Loan[]): void {
    const loan = { marks: marksOf(container), key }
    this.loans.set(as, lost === undefined ? loan : { ...loan, lost })
  }

  lend(as: Key, loan: Loan | undefined): void {
    if (loan !== undefined) this.loans.set(as, loan)
  }

  loanOf(key: Key): Loan | undefined {
    return this.loans.get(key)
  }

  keyAt(key: Key | number): Place | undefined {
    const loan = this.loans.get(key)
    return loan?.marks?.keyAt(loan.key)
  }

  valueAt(key: Key | number): Place | undefined {
    const loan = this.loans.get(key)
    return loan?.marks?.valueAt(loan.key)
  }

  secretAt(key: Key | number): boolean {
    const loan = this.loans.get(key)
    return loan?.marks?.secretAt?.(loan.key) ?? false
  }

  lostAt(key: Key | number): readonly Place[] {
    const loan = this.loans.get(key)
    return loan === undefined ? [] : losers(loan)
  }
}

/** Places of all that lost to a value, latest first; long chains of overrides are walked, not called. */
function losers(winner: Loan): Place[] {
  const places: Place[] = []
  const pending: { loan: Loan; won: boolean }[] = [{ loan: winner, won: true }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { loan, won } = next
    const place = won ? undefined : loan.marks?.valueAt(loan.key)
    if (place !== undefined) places.push(place)
    places.push(...(loan.marks?.lostAt?.(loan.key) ?? []))
    for (const other of [...(loan.lost ?? [])].reverse()) pending.push({ loan: other, won: false })
  }
  return places
}
