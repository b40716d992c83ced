/** Text in the making, with the position of each of its parts. */
import { mostOutput } from './limits.ts'
import { PyError, type RuntimeValue, str } from './values.ts'

/** The text that a macro made last: printed as it is, its parts keep their positions. */
export interface LastText {
  last: Output | undefined
  /** False: nobody asks for positions. */
  readonly mapped: boolean
}

export class Output {
  text = ''
  /** Offset in the text and number of a position, in turn. */
  readonly marks: number[] = []
  private readonly shared: LastText
  private readonly mapped: boolean

  constructor(shared: LastText) {
    this.shared = shared
    this.mapped = shared.mapped
  }

  raw(position: number, text: string): void {
    if (this.mapped) this.marks.push(this.text.length, position)
    this.text += text
  }

  put(position: number, value: RuntimeValue, _noted: number): void {
    const text = typeof value === 'string' ? value : str(value)
    const start = this.text.length
    this.text += text
    if (this.mapped) {
      this.marks.push(start, position)
      const { last } = this.shared
      if (last !== undefined && last.text === text) this.adopt(last, start)
    }
    if (start > mostOutput) throw new PyError('LimitError', `${mostOutput} characters of output`)
  }

  private adopt(inner: Output, start: number): void {
    const { marks } = inner
    for (let index = 0; index < marks.length; index += 2)
      this.marks.push(start + (marks[index] ?? 0), marks[index + 1] ?? 0)
    this.shared.last = undefined
  }
}
