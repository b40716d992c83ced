/** Python's `random.Random(seed)` for text seeds: the same seed picks the same items as in Salt. */
import { createHash } from 'node:crypto'

const size = 624
const middle = 397

export class PythonRandom {
  private readonly state = new Uint32Array(size)
  private index = size

  /** @param seed a text, as Python seeds since version 3.2, or an integer */
  constructor(seed: string | bigint) {
    this.initialize(typeof seed === 'bigint' ? wordsOfInteger(seed) : wordsOfText(seed))
  }

  private initialize(key: readonly number[]): void {
    const { state } = this
    state[0] = 19650218
    for (let at = 1; at < size; at++) state[at] = Math.imul(1812433253, mixed(state, at - 1)) + at
    let at = 1
    let place = 0
    const next = (): void => {
      at += 1
      if (at < size) return
      state[0] = state[size - 1] ?? 0
      at = 1
    }
    for (let round = Math.max(size, key.length); round > 0; round--) {
      state[at] = ((state[at] ?? 0) ^ Math.imul(mixed(state, at - 1), 1664525)) + (key[place] ?? 0) + place
      next()
      place = (place + 1) % key.length
    }
    for (let round = size - 1; round > 0; round--) {
      state[at] = ((state[at] ?? 0) ^ Math.imul(mixed(state, at - 1), 1566083941)) - at
      next()
    }
    state[0] = 0x80000000
  }

  private next32(): number {
    if (this.index >= size) this.refill()
    let word = this.state[this.index] ?? 0
    this.index += 1
    word ^= word >>> 11
    word ^= (word << 7) & 0x9d2c5680
    word ^= (word << 15) & 0xefc60000
    return (word ^ (word >>> 18)) >>> 0
  }

  private refill(): void {
    const { state } = this
    for (let at = 0; at < size; at++) {
      const word = ((state[at] ?? 0) & 0x80000000) | ((state[(at + 1) % size] ?? 0) & 0x7fffffff)
      state[at] = (state[(at + middle) % size] ?? 0) ^ (word >>> 1) ^ (word & 1 ? 0x9908b0df : 0)
    }
    this.index = 0
  }

  /** From 0 up to and without `limit`, which is at most 2^32. */
  below(limit: number): number {
    const bits = 32 - Math.clz32(limit)
    for (;;) {
      const value = this.next32() >>> (32 - bits)
      if (value < limit) return value
    }
  }

  /** From 0 up to and without 1, with 53 bits. */
  random(): number {
    const high = this.next32() >>> 5
    const low = this.next32() >>> 6
    return (high * 67108864 + low) / 9007199254740992
  }

  sample<Item>(items: readonly Item[], count: number): Item[] {
    return sampleOf(items, count, (limit) => this.below(limit))
  }

  shuffle<Item>(items: readonly Item[]): Item[] {
    const shuffled = [...items]
    for (let at = shuffled.length - 1; at > 0; at--) {
      const other = this.below(at + 1)
      const kept = shuffled[at] as Item
      shuffled[at] = shuffled[other] as Item
      shuffled[other] = kept
    }
    return shuffled
  }
}

const mixed = (state: Uint32Array, at: number): number => {
  const word = state[at] ?? 0
  return word ^ (word >>> 30)
}

function wordsOfText(seed: string): number[] {
  const bytes = Buffer.from(seed, 'utf8')
  return wordsOf(Buffer.concat([bytes, createHash('sha512').update(bytes).digest()]))
}

/** The sign does not count. */
function wordsOfInteger(seed: bigint): number[] {
  const hex = (seed < 0n ? -seed : seed).toString(16)
  return wordsOf(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'))
}

/** 32-bit words of a big-endian number, the lowest first. */
function wordsOf(bytes: Uint8Array): number[] {
  const words: number[] = []
  for (let end = bytes.length; end > 0; end -= 4) {
    let word = 0
    for (let at = Math.max(0, end - 4); at < end; at++) word = (word << 8) | (bytes[at] ?? 0)
    words.push(word >>> 0)
  }
  while (words.length > 1 && words.at(-1) === 0) words.pop()
  return words
}

/** Python's way to sample, so that the same random numbers choose the same items. */
export function sampleOf<Item>(
  items: readonly Item[],
  count: number,
  below: (limit: number) => number,
): Item[] {
  const { length } = items
  let setSize = 21
  if (count > 5) setSize += 4 ** Math.ceil(Math.log(count * 3) / Math.log(4))
  const chosen: Item[] = []
  if (length <= setSize) {
    const pool = [...items]
    for (let at = 0; at < count; at++) {
      const place = below(length - at)
      chosen.push(pool[place] as Item)
      pool[place] = pool[length - at - 1] as Item
    }
    return chosen
  }
  const taken = new Set<number>()
  while (chosen.length < count) {
    const place = below(length)
    if (taken.has(place)) continue
    taken.add(place)
    chosen.push(items[place] as Item)
  }
  return chosen
}
