/**
 * What comes to the end of a file, line by line. A file that is renamed away is read to its end before the one in its
 * place is begun; one that became shorter is begun anew.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'

export interface FollowLimits {
  /** Bytes that are read at once. */
  readonly atOnce: number
  /** Bytes that may be waiting; of more the oldest are left out. */
  readonly behind: number
  /** Bytes of a line; a longer one is cut. */
  readonly line: number
}

const usual: FollowLimits = { atOnce: 1024 * 1024, behind: 32 * 1024 * 1024, line: 64 * 1024 }
const newline = 10

export class FollowedFile {
  readonly #path: string
  readonly #limits: FollowLimits
  #fd: number | undefined
  #identity = ''
  #offset = 0
  /** Of a line that has not ended yet. */
  #rest: Buffer = Buffer.alloc(0)
  #skipped = 0
  #begun = false

  constructor(path: string, limits = usual) {
    this.#path = path
    this.#limits = limits
  }

  /**
   * Lines since the last question; the first question only notes where the file ends. A file that comes later is read
   * from its start. Bytes that are no UTF-8 become U+FFFD.
   */
  newLines(): string[] {
    const first = !this.#begun
    this.#begun = true
    if (this.#fd === undefined) {
      if (!this.#open()) return []
      if (first) {
        this.toEnd()
        return []
      }
    }
    const lines = this.#read()
    if (this.#isReplaced() && this.#isAtEnd()) {
      lines.push(...this.#lastLine())
      this.#shut()
      if (this.#open()) lines.push(...this.#read())
    }
    return lines
  }

  /** Bytes that were left out since the last question. */
  skipped(): number {
    const skipped = this.#skipped
    this.#skipped = 0
    return skipped
  }

  /** What is there now is not told. */
  toEnd(): void {
    if (this.#isReplaced()) this.#shut()
    if (this.#fd === undefined && !this.#open()) return
    this.#offset = this.#size()
    this.#rest = Buffer.alloc(0)
  }

  close(): void {
    this.#shut()
  }

  #open(): boolean {
    try {
      this.#fd = openSync(this.#path, 'r')
    } catch {
      // It may come.
      return false
    }
    const { dev, ino } = fstatSync(this.#fd)
    this.#identity = `${dev} ${ino}`
    this.#offset = 0
    this.#rest = Buffer.alloc(0)
    return true
  }

  #shut(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #isReplaced(): boolean {
    const found = statSync(this.#path, { throwIfNoEntry: false })
    return found !== undefined && `${found.dev} ${found.ino}` !== this.#identity
  }

  #size(): number {
    return this.#fd === undefined ? 0 : fstatSync(this.#fd).size
  }

  #isAtEnd(): boolean {
    return this.#offset >= this.#size()
  }

  #read(): string[] {
    const { atOnce, behind } = this.#limits
    if (this.#fd === undefined) return []
    const size = this.#size()
    if (size < this.#offset) {
      this.#offset = 0
      this.#rest = Buffer.alloc(0)
    }
    if (size - this.#offset > behind) {
      this.#skipped += size - behind - this.#offset
      this.#offset = size - behind
      this.#rest = Buffer.alloc(0)
    }
    const chunk = Buffer.allocUnsafe(Math.min(atOnce, Math.max(0, size - this.#offset)))
    const count = chunk.length === 0 ? 0 : readSync(this.#fd, chunk, 0, chunk.length, this.#offset)
    this.#offset += count
    return this.#linesOf(chunk.subarray(0, count))
  }

  #linesOf(chunk: Buffer): string[] {
    const lines: string[] = []
    let from = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      lines.push(this.#text(Buffer.concat([this.#rest, chunk.subarray(from, end)])))
      this.#rest = Buffer.alloc(0)
      from = end + 1
    }
    // The rest of a line that is too long is not kept: it is cut anyway.
    if (this.#rest.length <= this.#limits.line) this.#rest = Buffer.concat([this.#rest, chunk.subarray(from)])
    return lines
  }

  /** Of a file that nobody writes to any more. */
  #lastLine(): string[] {
    const last = this.#rest
    this.#rest = Buffer.alloc(0)
    return last.length === 0 ? [] : [this.#text(last)]
  }

  #text(line: Buffer): string {
    return line.subarray(0, this.#limits.line).toString('utf8').replace(/\r$/, '')
  }
}
