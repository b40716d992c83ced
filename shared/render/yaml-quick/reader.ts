/**
 * Reads the YAML that most files are made of: mappings and lists in both styles, scalars in all, comments. Anchors, tags,
 * merge keys and whatever is rare or wrong it gives back, and the full reader begins anew.
 */
import { ListMarks, OffsetMarks, type SourceMap } from '../../data/marks.ts'
import { setMarks } from '../../data/provenance.ts'
import type { Dict, Key, Scalar, Value } from '../../data/value.ts'
import { resolvePlain } from '../yaml-scalars.ts'
import { Scanner } from './scanner.ts'
import { unusual } from './unusual.ts'

/** Deeper data is the full reader's, which has the limit and its error. */
const deepest = 60

/** undefined: there is something in the text that only the full reader knows. */
export function readQuickly(text: string, source: SourceMap): Value | undefined {
  try {
    return new Reader(text, source).document()
  } catch (error) {
    if (error === unusual) return undefined
    throw error
  }
}

class Reader {
  private readonly source: SourceMap
  private readonly scanner: Scanner
  private readonly text: string
  private depth = 0
  /** Offset of the value that was read last. */
  private valueAt = 0

  constructor(text: string, source: SourceMap) {
    this.text = text
    this.source = source
    this.scanner = new Scanner(text)
  }

  document(): Value {
    const column = this.scanner.nextLine()
    if (column === -1) throw unusual
    const value = this.collection(column)
    if (this.scanner.at < this.text.length) throw unusual
    return value
  }

  /** A list or mapping whose first line this is; stays at the first sign of the line behind it. */
  private collection(column: number): Value {
    if (++this.depth > deepest) throw unusual
    const value = this.isDash() ? this.list(column) : this.mapping(column)
    this.depth--
    return value
  }

  private isDash(): boolean {
    const { at } = this.scanner
    if (this.text.charCodeAt(at) !== 45) return false
    const next = this.text.charCodeAt(at + 1)
    return next === 32 || next === 10 || Number.isNaN(next)
  }

  private list(column: number): Value {
    const { scanner } = this
    const start = scanner.at
    const list: Value[] = []
    const marks = new ListMarks(this.source)
    scanner.lastEnd = Math.max(scanner.lastEnd, start)
    let next = column
    while (next === column && this.isDash()) {
      scanner.at++
      scanner.skipBlanks()
      if (scanner.atLineEnd()) next = this.below(column, false)
      else if (this.isDash() || scanner.keyEnd() !== -1) next = this.compact()
      else next = this.inline(column)
      list.push(this.value)
      marks.add(this.valueAt)
    }
    if (next > column) throw unusual
    this.next = next
    setMarks(list, marks)
    this.valueAt = start
    return list
  }

  /** The value that was read last. */
  private value: Value = null
  /** Column of the line that the scanner is at; -1: the end. */
  private next = -1

  private mapping(column: number): Value {
    const { scanner } = this
    const start = scanner.at
    const dict: Dict = new Map()
    const marks = new OffsetMarks(this.source)
    scanner.lastEnd = Math.max(scanner.lastEnd, start)
    let next = column
    while (next === column) {
      const end = scanner.keyEnd()
      if (end === -1) throw unusual
      const keyAt = scanner.at
      const key = this.key(end)
      if (dict.has(key)) throw unusual
      while (this.text.charCodeAt(scanner.at) !== 58) scanner.at++
      scanner.at++
      scanner.skipBlanks()
      next = scanner.atLineEnd() ? this.below(column, true) : this.inline(column)
      dict.set(key, this.value)
      marks.add(key, keyAt, this.valueAt)
    }
    if (next > column) throw unusual
    this.next = next
    setMarks(dict, marks)
    this.valueAt = start
    return dict
  }

  /** Moves to the end of a key. */
  private key(end: number): Key {
    const { scanner } = this
    const sign = this.text.charCodeAt(scanner.at)
    let key: Scalar
    if (sign === 34 || sign === 39) {
      key = scanner.unquoted(end)
      scanner.lastEnd = end - 1
    } else {
      let last = end
      while (this.text.charCodeAt(last - 1) === 32) last--
      const text = this.text.slice(scanner.at, last)
      if (text === '<<' || text.includes('\t')) throw unusual
      key = resolvePlain(text)
      scanner.lastEnd = last
    }
    if (typeof key === 'object' && key !== null) throw unusual
    scanner.at = end
    return key
  }

  /** A value on the lines below its dash or key. @returns the column of the line behind it */
  private below(column: number, isMember: boolean): number {
    const { scanner } = this
    const end = scanner.lastEnd
    scanner.endLine()
    const next = scanner.nextLine()
    if (next > column || (isMember && next === column && this.isDash())) {
      if (!this.isDash() && scanner.keyEnd() === -1) return this.inline(column)
      this.value = this.collection(next)
      return this.next
    }
    this.value = null
    this.valueAt = end
    return next
  }

  /** A list or mapping that begins behind a dash. */
  private compact(): number {
    this.value = this.collection(this.scanner.column)
    return this.next
  }

  /** A scalar or a collection in flow style behind a dash or colon. @returns the column of the line behind it */
  private inline(parent: number): number {
    const { scanner } = this
    const start = scanner.at
    const sign = this.text.charCodeAt(start)
    if (sign === 124 || sign === 62) {
      this.value = scanner.blockText(parent)
      this.valueAt = scanner.bodyStart
      return scanner.nextLine()
    }
    const isPlain = this.node(sign, false)
    scanner.endLine()
    const next = scanner.nextLine()
    // A plain text goes on in deeper lines.
    if (next > parent && isPlain) throw unusual
    return next
  }

  /** @returns whether it was a plain scalar */
  private node(sign: number, inFlow: boolean): boolean {
    const { scanner } = this
    const start = scanner.at
    if (sign === 34 || sign === 39) {
      const end = scanner.quotedEnd()
      this.value = scanner.unquoted(end)
      scanner.at = end
      scanner.lastEnd = end - 1
      const lineBreak = this.text.slice(start, end).lastIndexOf('\n')
      if (lineBreak !== -1) scanner.lineStart = start + lineBreak + 1
    } else if (sign === 91) this.value = this.flowList()
    else if (sign === 123) this.value = this.flowMapping()
    else {
      this.value = resolvePlain(scanner.plain(inFlow))
      this.valueAt = start
      return true
    }
    this.valueAt = start
    return false
  }

  private flowList(): Value {
    const { scanner } = this
    if (++this.depth > deepest) throw unusual
    const list: Value[] = []
    const marks = new ListMarks(this.source)
    scanner.lastEnd = Math.max(scanner.lastEnd, scanner.at)
    for (let sign = this.afterFlowSign(); sign !== 93; ) {
      this.node(sign, true)
      list.push(this.value)
      marks.add(this.valueAt)
      sign = this.separator(93)
    }
    scanner.at++
    this.depth--
    setMarks(list, marks)
    return list
  }

  private afterFlowSign(): number {
    this.scanner.at++
    this.scanner.skipInFlow()
    return this.text.charCodeAt(this.scanner.at)
  }

  /** Past a comma, to the next item's first sign, or to the closing one. */
  private separator(closing: number): number {
    this.scanner.skipInFlow()
    const sign = this.text.charCodeAt(this.scanner.at)
    if (sign === closing) return sign
    if (sign !== 44) throw unusual
    return this.afterFlowSign()
  }

  private flowMapping(): Value {
    const { scanner } = this
    if (++this.depth > deepest) throw unusual
    const dict: Dict = new Map()
    const marks = new OffsetMarks(this.source)
    scanner.lastEnd = Math.max(scanner.lastEnd, scanner.at)
    for (let sign = this.afterFlowSign(); sign !== 125; ) {
      const keyAt = scanner.at
      if (sign === 91 || sign === 123) throw unusual
      const isPlain = this.node(sign, true)
      const key = this.value
      if (typeof key === 'object' && key !== null) throw unusual
      if (dict.has(key) || (isPlain && key === '<<')) throw unusual
      if (scanner.at - keyAt > 1000 || this.text.slice(keyAt, scanner.at).includes('\n')) throw unusual
      scanner.skipBlanks()
      if (this.text.charCodeAt(scanner.at) !== 58) throw unusual
      const first = this.afterFlowSign()
      if (first === 44 || first === 125) throw unusual
      this.node(first, true)
      dict.set(key, this.value)
      marks.add(key, keyAt, this.valueAt)
      sign = this.separator(125)
    }
    scanner.at++
    this.depth--
    setMarks(dict, marks)
    return dict
  }
}
