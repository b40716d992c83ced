/** A file of sections with options: edited line by line, so that comments and blanks stay. */
import { linesOf, textOf } from '../text-file.ts'

/** Options above the first section are in `DEFAULT_IMPLICIT`, as Salt calls it. */
export const implicit = 'DEFAULT_IMPLICIT'

const sectionLine = /^\s*\[\s*([^\]]+?)\s*\]\s*(?:[#;].*)?$/

export class IniDocument {
  readonly #lines: string[]
  readonly #separator: string

  constructor(text: string, separator: string) {
    this.#lines = linesOf(text)
    this.#separator = separator
  }

  get text(): string {
    return textOf(this.#lines)
  }

  hasSection(section: string): boolean {
    return section === implicit || this.#range(section) !== undefined
  }

  options(section: string): Map<string, string> {
    const range = this.#range(section)
    const found = new Map<string, string>()
    if (!range) return found
    for (let at = range.from; at < range.to; at++) {
      const option = this.#option(at)
      if (option) found.set(option.key, option.value)
    }
    return found
  }

  set(section: string, key: string, value: string): void {
    const range = this.#range(section) ?? this.#addSection(section)
    const at = this.#find(range, key)
    const line = `${key}${this.#spaced}${value}`
    if (at !== undefined) {
      this.#lines[at] = line
      return
    }
    let end = range.to
    while (end > range.from && (this.#lines[end - 1] ?? '').trim() === '') end--
    this.#lines.splice(end, 0, line)
  }

  remove(section: string, key: string): void {
    const range = this.#range(section)
    const at = range && this.#find(range, key)
    if (at !== undefined) this.#lines.splice(at, 1)
  }

  addSection(section: string): void {
    if (!this.hasSection(section)) this.#addSection(section)
  }

  removeSection(section: string): void {
    const range = this.#range(section)
    if (range && section !== implicit) this.#lines.splice(range.from - 1, range.to - range.from + 1)
  }

  get #spaced(): string {
    return this.#separator === '=' ? ' = ' : this.#separator
  }

  #range(section: string): { readonly from: number; readonly to: number } | undefined {
    const heads = this.#lines.flatMap((line, at) => (sectionLine.test(line) ? [at] : []))
    if (section === implicit) return { from: 0, to: heads[0] ?? this.#lines.length }
    const head = heads.find((at) => sectionLine.exec(this.#lines[at] ?? '')?.[1] === section)
    if (head === undefined) return undefined
    return { from: head + 1, to: heads.find((at) => at > head) ?? this.#lines.length }
  }

  #addSection(section: string): { readonly from: number; readonly to: number } {
    this.#lines.push(`[${section}]`)
    return { from: this.#lines.length, to: this.#lines.length }
  }

  #option(at: number): { readonly key: string; readonly value: string } | undefined {
    const line = this.#lines[at] ?? ''
    if (/^\s*(?:[#;]|$)/.test(line)) return undefined
    const mark = line.indexOf(this.#separator.trim() === '' ? this.#separator : this.#separator.trim())
    if (mark <= 0) return undefined
    return {
      key: line.slice(0, mark).trim(),
      value: line.slice(mark + (this.#separator.trim().length || this.#separator.length)).trim(),
    }
  }

  #find({ from, to }: { readonly from: number; readonly to: number }, key: string): number | undefined {
    for (let at = from; at < to; at++) if (this.#option(at)?.key === key) return at
    return undefined
  }
}
