/** Makes Values with marks of the parser's events: ordered mappings, merge keys, anchors, tags, no duplicates. */
import { EVENT_ID, getScalarValue, type parseEvents, SCALAR_STYLE } from 'js-yaml'
import type { SourceMap } from '../data/marks.ts'
import { setMarks } from '../data/provenance.ts'
import { isDict, isList, type Key, PyFloat, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import {
  type Frame,
  mergeInto,
  mergeSources,
  openFrame,
  refuseClashes,
  refuseEmptyKey,
} from './yaml-frame.ts'
import { doubleQuotedText } from './yaml-quick/quoted.ts'
import { unusual } from './yaml-quick/unusual.ts'
import { resolvePlain } from './yaml-scalars.ts'
import { readTagged } from './yaml-tags.ts'

type YamlEvent = ReturnType<typeof parseEvents>[number]
type ScalarEvent = Extract<YamlEvent, { type: 4 }>
type CollectionEvent = Extract<YamlEvent, { type: 2 | 3 }>

/** Values that a document may unfold to through aliases; shared references make walking it the bomb. */
const mostUnfolded = 1_000_000

interface Anchor {
  readonly value: Value
  readonly weight: number
  readonly secret: boolean
  readonly open: boolean
}

export class Constructor {
  private readonly text: string
  protected readonly source: SourceMap
  private readonly stack: Frame[] = []
  private readonly anchors = new Map<string, Anchor>()
  private weight = 0
  private result: Value = null
  private documents = 0
  /** Tag of the node that was read last. */
  private nodeTag: string | undefined
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
    if (frame?.dict !== undefined && !frame.hasKey && event.valueStart < 0 && tag === undefined)
      refuseEmptyKey(this.text, this.lastEnd, this.source)
    const value =
      tag === undefined ? (plain ? resolvePlain(text) : text) : this.tagged(tag, text, plain, event.tagStart)
    const secret = tag === '!secret'
    this.nodeTag = tag
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

  protected tagged(tag: string, text: string, plain: boolean, at: number): Value {
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
    if (tag !== undefined && !this.tagsOf(mapping).includes(tag))
      throw new TsaltError('yaml-tag-unknown', { tag }, { place: this.source.placeOf(event.tagStart) })
    const anchor = event.anchorStart < 0 ? undefined : this.text.slice(event.anchorStart, event.anchorEnd)
    const frame = openFrame(this.source, {
      isMapping: mapping,
      start: event.start,
      flow: event.style === 2,
      tag,
      anchor,
      weight: this.weight,
    })
    if (anchor !== undefined)
      this.anchors.set(anchor, { value: frame.value, weight: 0, secret: false, open: true })
    this.lastEnd = Math.max(this.lastEnd, event.start)
    this.stack.push(frame)
    this.weight++
  }

  private close(): void {
    const frame = this.stack.pop()
    if (frame === undefined) return
    const marks = frame.marks ?? frame.listMarks
    if (marks !== undefined) setMarks(frame.value, marks)
    this.finish(frame)
    const secret = frame.tag === '!secret'
    this.nodeTag = frame.tag
    if (frame.anchor !== undefined)
      this.anchors.set(frame.anchor, {
        value: frame.value,
        weight: this.weight - frame.weightBefore,
        secret,
        open: false,
      })
    this.place(frame.value, frame.start, secret, frame.flow)
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
    this.nodeTag = undefined
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
      frame.hasKey = false
      frame.merging = false
      this.merge(frame, value, at)
    } else if (frame.dict !== undefined) {
      frame.hasKey = false
      this.member(frame, value, at, secret)
    }
  }

  /** Tags that collections may have. */
  protected tagsOf(isMapping: boolean): readonly string[] {
    return isMapping ? ['!', '!secret', '!!map', '!!omap'] : ['!', '!secret', '!!seq']
  }

  /** The next node is a key. */
  protected awaitsKey(): boolean {
    const frame = this.stack.at(-1)
    return frame?.dict !== undefined && !frame.hasKey
  }

  /** A key of a mapping has its value. */
  protected member({ dict, marks, key, keyAt }: Frame, value: Value, at: number, secret: boolean): void {
    dict?.set(key, value)
    marks?.add(key, keyAt, at)
    if (secret) marks?.markSecret(key)
  }

  /** What stands behind "<<". */
  protected merge(frame: Frame, value: Value, at: number): void {
    mergeInto(
      frame,
      mergeSources(value, () => this.source.placeOf(at)),
      at,
    )
  }

  /** A collection is complete. @throws TsaltError `yaml-duplicate-key` */
  protected finish(frame: Frame): void {
    refuseClashes(frame, this.source)
  }

  private startKey(frame: Frame, value: Value, at: number, flow: boolean): void {
    if (isDict(value) || isList(value)) throw this.unhashable(value, at, flow)
    const key = value instanceof PyFloat ? value.value : value
    this.checkKey(frame, key, at)
    frame.key = key
    frame.keyAt = at
    frame.keyTag = this.nodeTag
    frame.hasKey = true
  }

  /** @throws TsaltError `yaml-duplicate-key` */
  protected checkKey(frame: Frame, key: Key, at: number): void {
    if (frame.dict?.has(key) !== true) return
    if (frame.merged?.has(key) !== true) throw this.duplicate(frame, key, at)
    // An own key after "<<" wins and stands where it is written.
    frame.merged.delete(key)
    frame.dict.delete(key)
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
