/** The text that is being written, and what the next piece must know of it. */
import { canStand, isBreak } from './characters.ts'
import type { WriterOptions } from './nodes.ts'

const named: Readonly<Partial<Record<number, string>>> = {
  0: '0',
  7: 'a',
  8: 'b',
  9: 't',
  10: 'n',
  11: 'v',
  12: 'f',
  13: 'r',
  27: 'e',
  34: '"',
  92: '\\',
  133: 'N',
  160: '_',
  8232: 'L',
  8233: 'P',
}

const hex = (code: number, width: number): string => code.toString(16).toUpperCase().padStart(width, '0')

/** An escape of double-quoted text. */
export function escaped(code: number): string {
  const name = named[code]
  if (name !== undefined) return `\\${name}`
  if (code <= 0xff) return `\\x${hex(code, 2)}`
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

export class Page {
  readonly width: number
  private readonly options: WriterOptions
  text = ''
  column = 0
  /** Column of the lines of the current node; -1 before the first. */
  indent = -1
  /** The last character was a blank, so that none need follow. */
  whitespace = true
  /** The line holds nothing but indentation and indicators. */
  indention = true
  /** The last block text keeps its line breaks, so that the end of the document must be told. */
  openEnded = false

  constructor(options: WriterOptions) {
    this.options = options
    this.width = options.width
  }

  put(text: string): void {
    this.text += text
    this.column += text.length
  }

  newLine(): void {
    this.text += '\n'
    this.column = 0
  }

  /** @param blank the indicator ends with a blank; @param indents it may stand before a nested node's first key */
  indicator(sign: string, needsBlank: boolean, blank = false, indents = false): void {
    this.put(needsBlank && !this.whitespace ? ` ${sign}` : sign)
    this.whitespace = blank
    this.indention &&= indents
  }

  startLine(): void {
    const indent = Math.max(this.indent, 0)
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace))
      this.newLine()
    if (this.column < indent) this.put(' '.repeat(indent - this.column))
    this.whitespace = true
    this.indention = true
  }

  /** @param folds blanks may become line breaks */
  plain(text: string, folds: boolean): void {
    if (!this.whitespace && text !== '') this.put(' ')
    this.foldable(text, false, (at) => folds && text.charCodeAt(at + 1) !== 32)
    this.whitespace = false
    this.indention = false
  }

  single(text: string, folds: boolean): void {
    this.indicator("'", true)
    const last = text.length - 1
    const endsLine = this.foldable(
      text,
      true,
      (at) => folds && at !== 0 && at !== last && text.charCodeAt(at + 1) !== 32,
    )
    if (endsLine) this.startLine()
    this.indicator("'", false)
  }

  /** Newlines are doubled, within quotes quotes too. Returns whether a line break was last. */
  private foldable(text: string, quoted: boolean, mayFold: (at: number) => boolean): boolean {
    let afterBlank = false
    let afterBreak = false
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit === 32) {
        if (!afterBlank && this.column > this.width && mayFold(at)) this.startLine()
        else this.put(' ')
        afterBlank = true
      } else if (isBreak(unit)) {
        if (!afterBreak && unit === 10) this.newLine()
        this.break(unit)
        afterBreak = true
      } else {
        if (afterBreak) this.startLine()
        this.put(unit === 39 && quoted ? "''" : text.charAt(at))
        this.indention = false
        afterBlank = false
        afterBreak = false
      }
    }
    return afterBreak
  }

  private break(unit: number): void {
    if (unit === 10) this.newLine()
    else {
      this.text += String.fromCharCode(unit)
      this.column = 0
    }
    this.indention = true
  }

  double(text: string, folds: boolean): void {
    this.indicator('"', true)
    let afterBlank = false
    const last = text.length - 1
    for (let at = 0; at < text.length; at++) {
      const code = text.codePointAt(at) ?? 0
      if (code > 0xffff) at++
      if (this.mustEscape(code)) {
        this.put(escaped(code))
        afterBlank = false
      } else if (code === 32) {
        if (folds && !afterBlank && this.column > this.width && at !== 0 && at !== last) {
          this.startLine()
          if (text.charCodeAt(at + 1) === 32) this.put('\\')
        } else this.put(' ')
        afterBlank = true
      } else {
        this.put(String.fromCharCode(code))
        afterBlank = false
      }
    }
    this.indicator('"', false)
  }

  private mustEscape(code: number): boolean {
    return code === 34 || code === 92 || code > 0xffff || isBreak(code) || !canStand(code, this.options)
  }
}
