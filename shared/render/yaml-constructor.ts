/** Makes Values with marks of the parser's events: ordered mappings, merge keys, anchors, tags, no duplicates. */
import { EVENT_ID, getScalarValue, type parseEvents, SCALAR_STYLE } from 'js-yaml'
import { ListMarks, OffsetMarks, type SourceMap } from '../data/marks.ts'
import { isMarkedSecret, setMarks } from '../data/provenance.ts'
import { type Dict, isDict, isList, type Key, PyFloat, type Scalar, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { doubleQuotedText } from './yaml-quick/quoted.ts'
import { unusual } from './yaml-quick/unusual.ts'
import { resolvePlain } from './yaml-scalars.ts'
import { readTagged } from './yaml-tags.ts'

type YamlEvent = ReturnType<typeof parseEvents>[number]
type ScalarEvent = Extract<YamlEvent, { type: 4 }>
type CollectionEvent = Extract<YamlEvent, { type: 2 | 3 }>

/** Values that a document may unfold to through aliases; shared references make walking it the bomb. */
const mostUnfolded = 1_000_000

interface Frame {
  readonly value: Value[] | Dict
  readonly dict: Dict | undefined
  readonly list: Value[] | undefined
  readonly marks: OffsetMarks | undefined
  readonly listMarks: ListMarks | undefined
  readonly start: number
  readonly flow: boolean
  readonly secret: boolean
  readonly anchor: string | undefined
  readonly weightBefore: number
  /** A key that waits for its value. */
  key: Key
  keyAt: number
  hasKey: boolean
  /** The waiting key is `<<`. */
  merging: boolean
  merged: Set<Key> | undefined
}

interface Anchor {
  readonly value: Value
  readonly weight: number
  readonly secret: boolean
  readonly open: boolean
}

export class Constructor {
  private readonly text: string
  private readonly source: SourceMap
  private readonly stack: Frame[] = []
  private readonly anchors = new Map<string, Anchor>()
  private weight = 0
  private result: Value = null
  private documents = 0
  /** End of the last node that was read, the best position of an empty value. */
  private lastEnd = 0

  constructor(text: string, source: SourceMap) {
    this.text = text
    this.source = source
  }

  /** @throws TsaltError `yaml-…` */
  construct(events: readonly YamlEvent[]): Value {
    // Documents and collections share one closing event; documents are the outermost.
    for (const event of events) {
      if (event.type === EVENT_ID.SCALAR) this.scalar(event)
      else if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) this.open(event)
      else if (event.type === EVENT_ID.POP) this.close()
      else if (event.type === EVENT_ID.ALIAS) this.alias(event.anchorStart, event.anchorEnd)
      else if (++this.documents > 1)
        throw new TsaltError('yaml-several-documents', {}, { place: this.source.placeOf(this.lastEnd) })
    }
    return this.result
  }

  private scalar(event: ScalarEvent): void {
    const at = this.startOf(event)
    const frame = this.stack.at(-1)
    if (
      frame?.dict !== undefined &&
      !frame.hasKey &&
      event.fast &&
      event.tagStart < 0 &&
      event.valueEnd - event.valueStart === 2 &&
      event.style === SCALAR_STYLE.PLAIN &&
      this.text.startsWith('<<', event.valueStart)
    ) {
      frame.hasKey = true
      frame.merging = true
      frame.keyAt = at
      return
    }
    const tag = event.tagStart < 0 ? undefined : this.text.slice(event.tagStart, event.tagEnd)
    const text =
      event.valueStart < 0
        ? ''
        : event.fast
          ? this.text.slice(event.valueStart, event.valueEnd)
          : this.longText(event)
    const plain = event.style === SCALAR_STYLE.PLAIN
    const value =
      tag === undefined ? (plain ? resolvePlain(text) : text) : this.tagged(tag, text, plain, event.tagStart)
    const secret = tag === '!secret'
    if (event.valueEnd >= 0) this.lastEnd = event.valueEnd
    this.weight++
    if (event.anchorStart >= 0)
      this.anchors.set(this.text.slice(event.anchorStart, event.anchorEnd), {
        value,
        weight: 1,
        secret,
        open: false,
      })
    this.place(value, at, secret)
  }

  private longText(event: ScalarEvent): string {
    if (event.style === SCALAR_STYLE.DOUBLE_QUOTED) return this.doubleQuoted(event)
    const text = getScalarValue(this.text, event)
    const isBlock = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK
    // The last line of a file may lack its newline; the parser adds one, PyYAML does not.
    const isCut = isBlock && event.valueEnd >= this.text.length && !/[\n\r]$/.test(this.text)
    return isCut && text.endsWith('\n') ? text.slice(0, -1) : text
  }

  private doubleQuoted(event: ScalarEvent): string {
    try {
      // The parser loses empty lines behind an escaped break.
      return doubleQuotedText(this.text.slice(event.valueStart, event.valueEnd).replace(/\r\n?/g, '\n'))
    } catch (error) {
      if (error !== unusual) throw error
      return getScalarValue(this.text, event)
    }
  }

  private startOf(event: ScalarEvent): number {
    if (event.valueStart < 0) return event.tagStart >= 0 ? event.tagStart : this.lastEnd
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED
    return quoted ? event.valueStart - 1 : event.valueStart
  }

  private tagged(tag: string, text: string, plain: boolean, at: number): Scalar {
    const value = readTagged(tag, text, plain)
    if (value === 'unknown tag')
      throw new TsaltError('yaml-tag-unknown', { tag }, { place: this.source.placeOf(at) })
    if (value === undefined)
      throw new TsaltError('yaml-tag-mismatch', { text, tag }, { place: this.source.placeOf(at) })
    return value.is
  }

  private open(event: CollectionEvent): void {
    const mapping = event.type === EVENT_ID.MAPPING
    const tag = event.tagStart < 0 ? undefined : this.text.slice(event.tagStart, event.tagEnd)
    const known = mapping ? ['!', '!secret', '!!map', '!!omap'] : ['!', '!secret', '!!seq']
    if (tag !== undefined && !known.includes(tag))
      throw new TsaltError('yaml-tag-unknown', { tag }, { place: this.source.placeOf(event.tagStart) })
    const dict: Dict | undefined = mapping ? new Map() : undefined
    const list: Value[] | undefined = mapping ? undefined : []
    const anchor = event.anchorStart < 0 ? undefined : this.text.slice(event.anchorStart, event.anchorEnd)
    const value = dict ?? list ?? []
    if (anchor !== undefined) this.anchors.set(anchor, { value, weight: 0, secret: false, open: true })
    this.lastEnd = Math.max(this.lastEnd, event.start)
    this.stack.push({
      value,
      dict,
      list,
      marks: mapping ? new OffsetMarks(this.source) : undefined,
      listMarks: mapping ? undefined : new ListMarks(this.source),
      start: event.start,
      flow: event.style === 2,
      secret: tag === '!secret',
      anchor,
      weightBefore: this.weight,
      key: null,
      keyAt: 0,
      hasKey: false,
      merging: false,
      merged: undefined,
    })
    this.weight++
  }

  private close(): void {
    const frame = this.stack.pop()
    if (frame === undefined) return
    const marks = frame.marks ?? frame.listMarks
    if (marks !== undefined) setMarks(frame.value, marks)
    if (frame.anchor !== undefined)
      this.anchors.set(frame.anchor, {
        value: frame.value,
        weight: this.weight - frame.weightBefore,
        secret: frame.secret,
        open: false,
      })
    this.place(frame.value, frame.start, frame.secret, frame.flow)
  }

  private alias(start: number, end: number): void {
    const name = this.text.slice(start, end)
    const at = start - 1
    const anchor = this.anchors.get(name)
    if (anchor === undefined)
      throw new TsaltError('yaml-alias-unknown', { name }, { place: this.source.placeOf(at) })
    if (anchor.open)
      throw new TsaltError('yaml-alias-recursive', { name }, { place: this.source.placeOf(at) })
    this.weight += anchor.weight
    if (this.weight > mostUnfolded)
      throw new TsaltError('yaml-alias-limit', { limit: mostUnfolded }, { place: this.source.placeOf(at) })
    this.lastEnd = end
    this.place(anchor.value, at, anchor.secret)
  }

  /** Puts a finished node where it belongs: the document, a list, a key or the value of a waiting key. */
  private place(value: Value, at: number, secret: boolean, flow = false): void {
    const frame = this.stack.at(-1)
    if (frame === undefined) {
      this.result = value
    } else if (frame.list !== undefined) {
      if (secret) frame.listMarks?.markSecret(frame.list.length)
      frame.list.push(value)
      frame.listMarks?.add(at)
    } else if (!frame.hasKey) {
      this.startKey(frame, value, at, flow)
    } else if (frame.merging) {
      this.merge(frame, value, at)
    } else if (frame.dict !== undefined) {
      frame.hasKey = false
      frame.dict.set(frame.key, value)
      frame.marks?.add(frame.key, frame.keyAt, at)
      if (secret) frame.marks?.markSecret(frame.key)
    }
  }

  private startKey(frame: Frame, value: Value, at: number, flow: boolean): void {
    if (isDict(value) || isList(value)) throw this.unhashable(value, at, flow)
    const key = value instanceof PyFloat ? value.value : value
    if (frame.dict?.has(key)) {
      if (!frame.merged?.delete(key)) throw this.duplicate(frame, key, at)
      // An own key after "<<" wins and stands where it is written.
      frame.dict.delete(key)
    }
    frame.key = key
    frame.keyAt = at
    frame.hasKey = true
  }

  private merge(frame: Frame, value: Value, at: number): void {
    frame.hasKey = false
    frame.merging = false
    const sources = isList(value) ? value : [value]
    const dict = frame.dict ?? new Map()
    const own = [...dict]
    frame.merged ??= new Set()
    // Merged keys come first, wherever "<<" stands, as in Salt's loader.
    dict.clear()
    for (const source of sources) {
      if (!isDict(source)) throw new TsaltError('yaml-merge-invalid', {}, { place: this.source.placeOf(at) })
      for (const [key, item] of source) {
        if (!dict.has(key)) dict.set(key, item)
        if (isMarkedSecret(source, key)) frame.marks?.markSecret(key)
      }
    }
    for (const [key] of own) dict.delete(key)
    for (const key of dict.keys()) {
      frame.merged.add(key)
      frame.marks?.add(key, at, at)
    }
    for (const [key, item] of own) dict.set(key, item)
  }

  private duplicate(frame: Frame, key: Key, at: number): TsaltError {
    const first = frame.marks?.keyAt(key)
    return new TsaltError(
      'yaml-duplicate-key',
      { key: String(key) },
      {
        place: this.source.placeOf(at),
        related: first === undefined ? [] : [{ note: 'first written here', place: first }],
      },
    )
  }

  private unhashable(value: Value, at: number, flow: boolean): TsaltError {
    const braces = flow && isDict(value) && this.text.startsWith('{', at)
    return new TsaltError(
      'yaml-key-unhashable',
      { kind: isDict(value) ? 'mapping' : 'list' },
      {
        place: this.source.placeOf(at),
        ...(braces
          ? {
              hint: 'If this is a template expression, it lost its quotes ("{{ … }}"), or the file was not rendered: see its first line.',
            }
          : {}),
      },
    )
  }
}
