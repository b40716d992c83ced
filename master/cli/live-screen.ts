/** Draws some lines below what was printed, over and over in the same place, and takes them away again. */
import type { Console } from './console.ts'
import { columnsOf } from './text-width.ts'

/** Terminals that know these show the frame at once; others pass over them. */
const frameBegin = '\x1b[?2026h'
const frameEnd = '\x1b[?2026l'

export class LiveScreen {
  /** Columns of each line that is drawn. */
  private drawn: readonly number[] = []
  private last = ''
  private readonly console: Console

  constructor(console: Console) {
    this.console = console
  }

  /** @param above printed for good before it */
  draw(lines: readonly string[], above = ''): void {
    const text = lines.join('\n')
    if (text === this.last && above === '') return
    const hide = this.drawn.length === 0 ? '\x1b[?25l' : ''
    // What is printed for good may be shorter than what stood there.
    const wipe = above === '' ? '' : '\x1b[J'
    const frame = lines.map((line) => `${line}\x1b[K\n`).join('')
    this.console.err(`${frameBegin}${hide}${this.back()}${wipe}`)
    if (above !== '') this.console.out(above)
    this.console.err(`${frame}\x1b[J${frameEnd}`)
    this.drawn = lines.map((line) => columnsOf(withoutCodes(line)))
    this.last = text
  }

  /** Leaves the terminal as it was before the first line. */
  clear(): void {
    if (this.drawn.length === 0) return
    this.console.err(`${this.back()}\x1b[J\x1b[?25h`)
    this.drawn = []
    this.last = ''
  }

  /** To its first row. A terminal that has become narrower since has wrapped the lines. */
  private back(): string {
    const { columns } = this.console.size()
    const rows = this.drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    return rows === 0 ? '' : `\r\x1b[${rows}A`
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of colours begin with one
const withoutCodes = (line: string): string => line.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '')
