/** Offsets to places: straight for a text as written, through segments for one that a template made. */
import type { SourceMap } from '../data/marks.ts'
import type { Place } from '../data/place.ts'

/** Lines longer than this are cut in errors. */
const longestLine = 400

/** The map of a text that is what the user wrote. Line starts are found at the first question. */
export class TextSource implements SourceMap {
  readonly text: string
  readonly file: string
  private starts: number[] | undefined

  constructor(text: string, file: string) {
    this.text = text
    this.file = file
  }

  placeOf(offset: number): Place {
    const starts = this.lineStarts()
    const at = Math.max(0, Math.min(offset, this.text.length))
    const line = lastNotAfter(starts, at)
    return this.place(line, at - (starts[line] ?? 0))
  }

  /** @param line, column from 1 */
  placeAt(line: number, column: number): Place {
    const starts = this.lineStarts()
    return this.place(Math.max(0, Math.min(line - 1, starts.length - 1)), Math.max(0, column - 1))
  }

  /** @param line, column from 1 */
  offsetAt(line: number, column: number): number {
    const starts = this.lineStarts()
    return (starts[Math.max(0, Math.min(line - 1, starts.length - 1))] ?? 0) + column - 1
  }

  private place(line: number, column: number): Place {
    const start = this.lineStarts()[line] ?? 0
    const end = this.text.indexOf('\n', start)
    const last = end === -1 ? this.text.length : end
    const length = (this.text.charCodeAt(last - 1) === 13 ? last - 1 : last) - start
    const { file } = this
    if (length > longestLine) return { file, line: line + 1, column: column + 1 }
    const text = length > 0 ? this.text.slice(start, start + length) : ''
    return { file, line: line + 1, column: column + 1, text }
  }

  private lineStarts(): number[] {
    if (this.starts === undefined) {
      this.starts = [0]
      for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1))
        this.starts.push(at + 1)
    }
    return this.starts
  }
}

/** Index of the last number not after `value` in an ascending list that starts at or before it. */
export function lastNotAfter(ascending: readonly number[], value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((ascending[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low
}
