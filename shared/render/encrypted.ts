/** The renderers gpg and age: encrypted blocks in values, or in a text that is still to be read, made clear. */
import type { SourceMap } from '../data/marks.ts'
import type { Place } from '../data/place.ts'
import { markSecret, placeOfValue } from '../data/provenance.ts'
import { type Dict, isDict, isList, type Key, type Value } from '../data/value.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import { blocksIn, type Cipher, type Ciphers } from './ciphers.ts'
import type { RenderContext, Stage, ValueRenderer } from './renderers.ts'
import { lastNotAfter } from './source-map.ts'

export function encrypted(cipher: Cipher): ValueRenderer {
  return {
    kind: 'value',
    render: (stage, context) => openText(cipher, stage, context),
    change: async (value, context) => {
      await new Opening(cipher, context.ciphers).data(value)
      return value
    },
  }
}

/** Opens blocks in the values of data, in place, and marks those values as secret. */
export class Opening {
  private readonly cipher: Cipher
  private readonly ciphers: Ciphers | undefined
  /** Anchors make one container stand in several places. */
  private readonly seen = new Set<Value>()

  constructor(cipher: Cipher, ciphers: Ciphers | undefined) {
    this.cipher = cipher
    this.ciphers = ciphers
  }

  /** @throws TsaltError `cipher-…` at the place of the value */
  async data(value: Value): Promise<void> {
    if (this.seen.has(value)) return
    if (!isDict(value) && !isList(value)) return
    this.seen.add(value)
    // One after the other: a pillar with a hundred blocks is not a hundred programs at once.
    for (const [key, item] of [...value.entries()] as [Key & number, Value][]) {
      if (typeof item === 'string') await this.item(value, key, item)
      else await this.data(item)
    }
  }

  /** One value of a container. */
  async item(container: Dict | Value[], key: Key & number, text: Value): Promise<void> {
    if (typeof text !== 'string') return
    const clear = await this.text(text, placeOfValue(container, key))
    if (clear === undefined) return
    if (isDict(container)) container.set(key, clear)
    else container[key] = clear
    markSecret(container, key)
  }

  /** @returns undefined: nothing in it is encrypted */
  async text(text: string, place: Place | undefined): Promise<string | undefined> {
    // In a value of one line the line breaks of the armour are often written as "\n".
    const written = text.includes('\\n') ? text.replaceAll('\\n', '\n') : text
    const found = blocksIn(this.cipher, written)
    if (found.length === 0) return undefined
    let clear = ''
    let done = 0
    for (const { at, block } of found) {
      clear += written.slice(done, at) + (await open(this.ciphers, this.cipher, block, place))
      done = at + block.length
    }
    // A block scalar ends with a line break that nobody encrypted.
    return (clear + written.slice(done)).replace(/\n+$/, '')
  }
}

/** @throws TsaltError `cipher-…` at the place */
async function open(
  ciphers: Ciphers | undefined,
  cipher: Cipher,
  block: string,
  place: Place | undefined,
): Promise<string> {
  const at = place && withoutText(place)
  if (ciphers === undefined) throw new TsaltError('cipher-not-here', { cipher }, { place: at })
  try {
    return await ciphers.open(cipher, block)
  } catch (error) {
    if (!isTsaltError(error)) throw error
    const { code, parameters, hint } = error
    throw new TsaltError(code, parameters as never, { place: at, hint, cause: error })
  }
}

async function openText(cipher: Cipher, stage: Stage, context: RenderContext): Promise<Stage> {
  const found = blocksIn(cipher, stage.text)
  if (found.length === 0) return stage
  const source = new SplicedSource(stage.source)
  let text = ''
  let done = 0
  for (const { at, block } of found) {
    const place = stage.source.placeOf(at)
    text += stage.text.slice(done, at)
    source.same(text.length - (at - done), done)
    source.secret(text.length, withoutText(place))
    text += await open(context.ciphers, cipher, block, place)
    done = at + block.length
  }
  source.same(text.length, done)
  return { text: text + stage.text.slice(done), source }
}

/** Clear text has no line of its own that could be shown, and the line of armour says nothing. */
const withoutText = ({ file, line, column }: Place): Place => ({ file, line, column })

/** Offsets of a text in which blocks were replaced; all of a block is at the place where it began. */
export class SplicedSource implements SourceMap {
  private readonly before: SourceMap
  private readonly starts: number[] = []
  private readonly pieces: (number | Place)[] = []

  constructor(before: SourceMap) {
    this.before = before
  }

  same(start: number, original: number): void {
    this.starts.push(start)
    this.pieces.push(original)
  }

  secret(start: number, place: Place): void {
    this.starts.push(start)
    this.pieces.push(place)
    secretPlaces.add(place)
  }

  placeOf(offset: number): Place {
    const at = lastNotAfter(this.starts, offset)
    const piece = this.pieces[at]
    if (typeof piece !== 'number') return piece ?? this.before.placeOf(0)
    return this.before.placeOf(piece + offset - (this.starts[at] ?? 0))
  }
}

/** Places that stand for something that was encrypted; later renderers hand on the very same ones. */
const secretPlaces = new WeakSet<Place>()

/** Marks the values that came out of encrypted parts of a text. */
export function markOpened(value: Value): void {
  if (!isDict(value) && !isList(value)) return
  for (const [key, item] of value.entries() as IterableIterator<[Key & number, Value]>) {
    const place = placeOfValue(value, key)
    if (place !== undefined && secretPlaces.has(place)) markSecret(value, key)
    else markOpened(item)
  }
}
