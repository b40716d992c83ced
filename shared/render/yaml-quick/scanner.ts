/** Where the quick reader is in a text, and the scalars that it can take there. Regular expressions do the scanning. */
import { doubleQuotedText, singleQuotedText } from './quoted.ts'
import { unusual } from './unusual.ts'

/** Signs that say the same to every reader: no other line breaks, blanks or control characters. */
const ordinary =
  /^[\t\n\x20-\x7e\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\ufffd]*$/

const surrogates = /[\ud800-\udfff]/
const halfPair = /\p{Surrogate}/u

/** Blank lines and comments, and the indentation of the line behind them. */
const blankLines = /(?:[ ]*(?:#[^\n]*)?\n)*[ ]*/y
const indentation = /[ ]*/y
/** What may stand behind a value. */
const restOfLine = /[ ]*(?:#[^\n]*)?(?:\n|$)/y
const plainKey = /[^\s\-?:,[\]{}#&*!|>'"%@`][^\n:#]*(?:(?::(?=\S)|#(?<=\S#))[^\n:#]*)*(?=:(?:\s|$))/y
const quotedKey = /(?:"(?:[^"\\\n]*(?:\\.[^"\\\n]*)*)"|'[^'\n]*(?:''[^'\n]*)*')(?=[ ]*:(?:\s|$))/y
const plainValue = /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|[-?:](?=\S))[^\n:#]*(?:(?::(?=\S)|#(?<=\S#))[^\n:#]*)*/y
const plainInFlow =
  /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=[^\s,[\]{}]))[^\n:#,[\]{}?]*(?:(?::(?=[^\s,[\]{}])|#(?<=\S#))[^\n:#,[\]{}?]*)*/y
const doubleQuoted = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y
const singleQuoted = /'[^']*(?:''[^']*)*'/y
const blanksInFlow = /[ \n]*(?:#[^\n]*[ \n]*)*/y
const blockHead = /([|>])([-+]?)[ ]*(?:[ ]#[^\n]*)?\n/y
const leadingBlanks = /(?:[ ]*\n)*/y

/** PyYAML wants the colon of a key within 1,024 characters. */
const longestKey = 1000

export class Scanner {
  readonly text: string
  at = 0
  /** Offset of the first character of the line. */
  lineStart = 0
  /** End of the last node that was read, the best position of an empty value. */
  lastEnd = 0

  /** @throws unusual */
  constructor(text: string) {
    this.text = text
    if (!ordinary.test(text) || (surrogates.test(text) && halfPair.test(text))) throw unusual
    if (text.startsWith('---\n')) {
      this.at = 4
      this.lineStart = 4
    }
  }

  /** The end of what a pattern finds here; -1: nothing. */
  private match(pattern: RegExp): number {
    pattern.lastIndex = this.at
    return pattern.test(this.text) ? pattern.lastIndex : -1
  }

  /** From the start of a line to the first sign of the next one with contents. @returns its column; -1: the end */
  nextLine(): number {
    const { text } = this
    const at = this.match(blankLines)
    const sign = text.charCodeAt(at)
    this.lineStart = text.lastIndexOf('\n', at - 1) + 1
    // A comment that is still there is the last line, without its newline.
    const isEnd = Number.isNaN(sign) || sign === 35
    this.at = isEnd ? text.length : at
    if (isEnd) return -1
    const column = at - this.lineStart
    const marks = column === 0 && (sign === 45 || sign === 46)
    if (marks && /^(?:---|\.\.\.)/.test(text.slice(at, at + 3))) throw unusual
    return column
  }

  get column(): number {
    return this.at - this.lineStart
  }

  skipBlanks(): void {
    while (this.text.charCodeAt(this.at) === 32) this.at++
  }

  /** Nothing but a comment is left of the line, whose blanks are skipped. */
  atLineEnd(): boolean {
    const sign = this.text.charCodeAt(this.at)
    return sign === 10 || sign === 35 || Number.isNaN(sign)
  }

  /** Past the line, which must hold no more. */
  endLine(): void {
    const end = this.match(restOfLine)
    if (end === -1) throw unusual
    this.at = end
    this.lineStart = end
  }

  /** End of a plain or quoted key that has a colon behind it; -1: none. */
  keyEnd(): number {
    const sign = this.text.charCodeAt(this.at)
    const end = this.match(sign === 34 || sign === 39 ? quotedKey : plainKey)
    if (end - this.at > longestKey) throw unusual
    return end
  }

  /** The text of a quoted node that ends before `end`. */
  unquoted(end: number): string {
    const raw = this.text.slice(this.at + 1, end - 1)
    return this.text.charCodeAt(this.at) === 34 ? doubleQuotedText(raw) : singleQuotedText(raw)
  }

  quotedEnd(): number {
    const end = this.match(this.text.charCodeAt(this.at) === 34 ? doubleQuoted : singleQuoted)
    if (end === -1) throw unusual
    return end
  }

  /** The text of an unquoted value; it must be alone on its line. */
  plain(inFlow: boolean): string {
    const found = this.match(inFlow ? plainInFlow : plainValue)
    if (found === -1) throw unusual
    let end = found
    while (this.text.charCodeAt(end - 1) === 32) end--
    const text = this.text.slice(this.at, end)
    if (text.includes('\t')) throw unusual
    this.at = end
    this.lastEnd = end
    return text
  }

  skipInFlow(): void {
    const from = this.at
    this.at = this.match(blanksInFlow)
    // Looked for in what was skipped alone: the line may be very long.
    const lineBreak = this.text.slice(from, this.at).lastIndexOf('\n')
    if (lineBreak === -1) return
    this.lineStart = from + lineBreak + 1
    if (/\n(?:---|\.\.\.)/.test(this.text.slice(from, this.at + 3))) throw unusual
  }

  /** A literal or folded text; stays at the start of the line behind it. @param parent column of the parent node */
  blockText(parent: number): string {
    blockHead.lastIndex = this.at
    const [head = '', sign, chomping] = blockHead.exec(this.text) ?? []
    if (sign === undefined) throw unusual
    const start = this.at + head.length
    this.at = start
    this.at = this.match(leadingBlanks)
    const first = this.match(indentation)
    const indent = first - this.at
    const leading = this.text.slice(start, this.at)
    const odd = first >= this.text.length || this.text.charCodeAt(first) === 9
    if (odd || indent <= parent || longestLine(leading) > indent) throw unusual
    const after = lineOutside(indent)
    after.lastIndex = this.at
    const end = (after.exec(this.text)?.index ?? this.text.length - 1) + 1
    const body = this.text.slice(start, end).replace(insideMargin(indent), '')
    if (/\n[ \t]+$/.test(body.slice(-200))) throw unusual
    this.at = end
    this.lineStart = end
    this.lastEnd = end
    this.bodyStart = start
    return chomped(sign === '>' ? foldedText(body) : body, chomping ?? '')
  }

  /** Where the last block text begins, below its head. */
  bodyStart = 0
}

function longestLine(lines: string): number {
  return lines === '' ? 0 : Math.max(...lines.split('\n').map((line) => line.length))
}

const outside: RegExp[] = []
/** The break before a line that starts left of a margin. */
function lineOutside(indent: number): RegExp {
  outside[indent] ??= new RegExp(`\\n {0,${indent - 1}}(?=[^ \\n])`, 'g')
  return outside[indent]
}

const margins: RegExp[] = []
function insideMargin(indent: number): RegExp {
  margins[indent] ??= new RegExp(`^ {1,${indent}}`, 'gm')
  return margins[indent]
}

/** Lines that are indented deeper, and blank ones before the first, are folded by other rules. */
function foldedText(body: string): string {
  if (/^[ \t\n]|\n[ \t]/.test(body)) throw unusual
  let end = body.length
  while (body.charCodeAt(end - 1) === 10) end--
  const inner = body.slice(0, end)
  return inner.replace(/\n+/g, (breaks) => (breaks.length === 1 ? ' ' : breaks.slice(1))) + body.slice(end)
}

function chomped(body: string, chomping: string): string {
  if (chomping === '+') return body
  let end = body.length
  while (body.charCodeAt(end - 1) === 10) end--
  if (end === body.length || end === 0) return end === 0 ? '' : body
  return body.slice(0, chomping === '-' ? end : end + 1)
}
