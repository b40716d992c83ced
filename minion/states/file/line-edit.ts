/**
 * What file.line makes of a text. Salt's rules, but for what a second run would do once more: a line that is there is
 * not inserted again, and all lines that match are replaced or deleted at once, where Salt takes one for each run.
 */
import { type Failed, failed, type InSync, inSync } from '../contract.ts'
import { type Edit, type FileText, linesOf, unchanged } from './edit.ts'
import { compileRegex, fileBudget } from './expression.ts'

export const lineModes = ['ensure', 'insert', 'replace', 'delete'] as const

export interface LineEdit {
  readonly mode: (typeof lineModes)[number]
  readonly content?: string
  readonly match?: string
  readonly before?: string
  readonly after?: string
  readonly location?: 'start' | 'end'
  readonly indent: boolean
}

/** @throws RegexSyntaxError, RegexLimitError */
export function editLine(wanted: LineEdit, file: FileText): Edit {
  const lines = linesOf(file.text)
  const content = file.own(wanted.content ?? '').replace(/[\r\n]+$/, '')
  const edited = new LineEditor(lines, content, wanted, file).edit()
  if ('kind' in edited) return edited
  return { text: edited.join('') }
}

type Lines = readonly string[] | InSync | Failed

class LineEditor {
  readonly #lines: readonly string[]
  readonly #content: string
  readonly #wanted: LineEdit
  readonly #file: FileText

  constructor(lines: readonly string[], content: string, wanted: LineEdit, file: FileText) {
    this.#lines = lines
    this.#content = content
    this.#wanted = wanted
    this.#file = file
  }

  edit(): Lines {
    const { mode, location } = this.#wanted
    if (mode === 'delete' || mode === 'replace') return this.#changeMatches(mode)
    return mode === 'insert' && location ? this.#atEdge(location) : this.#beside(mode)
  }

  #changeMatches(mode: 'delete' | 'replace'): Lines {
    const { match, before, after } = this.#wanted
    const sought = match || (before === undefined && after === undefined ? this.#content : undefined)
    const found = sought === undefined ? [] : this.#find(sought)
    if (found.length === 0) return inSync(unchanged)
    if (mode === 'delete') return this.#lines.filter((_, index) => !found.includes(index))
    // A content that matches as well is what a run before has left: it stands for the first match alone.
    const again = sought !== undefined && this.#matcher(sought)(this.#content)
    const replaced = new Set(again ? found.slice(0, 1) : found)
    return this.#lines.map((line, index) => (replaced.has(index) ? this.#like(line) + endOf(line) : line))
  }

  #atEdge(location: 'start' | 'end'): Lines {
    const near = location === 'start' ? this.#lines[0] : this.#lines.at(-1)
    if (near === undefined) return [`${this.#content}\n`]
    if (location === 'start') {
      if (bare(near) === this.#content) return inSync(unchanged)
      return [this.#content + (endOf(near) || '\n'), ...this.#lines]
    }
    if (this.#isContent(near)) return inSync(unchanged)
    return this.#inserted(this.#lines.length, near)
  }

  #beside(mode: 'insert' | 'ensure'): Lines {
    const found = { before: this.#boundary('before'), after: this.#boundary('after') }
    for (const [name, indices] of Object.entries(found))
      if (indices.length > 1)
        return failed(`Found more than expected occurrences in "${name}" expression`, boundaryHint)
    const [before] = found.before
    const [after] = found.after
    if (before !== undefined && after !== undefined)
      return mode === 'insert' ? this.#insertBefore(before, before) : this.#between(after, before)
    if (after !== undefined) return this.#insertAfter(after)
    // Salt indents as the line above where the line is ensured, and as the line below where it is inserted.
    if (before !== undefined)
      return this.#insertBefore(before, mode === 'ensure' && before > 0 ? before - 1 : before)
    return failed('Neither before or after was found in file')
  }

  #between(after: number, before: number): Lines {
    if (this.#lines.some((line) => bare(line).trimStart() === this.#content.trimStart()))
      return inSync(unchanged)
    const model = this.#lines[after] ?? ''
    if (after + 1 === before) return this.#inserted(before, model)
    if (after + 2 !== before)
      return failed('Found more than one line between boundaries "before" and "after".', boundaryHint)
    return this.#lines.with(after + 1, this.#like(model) + endOf(model))
  }

  #insertAfter(after: number): Lines {
    const next = this.#lines[after + 1]
    if (next !== undefined && this.#isContent(next)) return inSync(unchanged)
    return this.#inserted(after + 1, this.#lines[after] ?? '')
  }

  #insertBefore(before: number, model: number): Lines {
    const previous = this.#lines[before - 1]
    if (previous !== undefined && this.#isContent(previous)) return inSync(unchanged)
    return this.#inserted(before, this.#lines[model] ?? '')
  }

  /** The line there, indented as the model; what was the last line gets an end. */
  #inserted(at: number, model: string): readonly string[] {
    const end = endOf(model) || '\n'
    const above = this.#lines.slice(0, at)
    const last = above.at(-1)
    if (last !== undefined && endOf(last) === '') above[above.length - 1] = last + end
    return [...above, this.#like(model) + end, ...this.#lines.slice(at)]
  }

  #like(model: string): string {
    if (!this.#wanted.indent) return this.#content
    return (/^[\t ]*/.exec(model)?.[0] ?? '') + this.#content.trimStart()
  }

  /** Also where it was indented when it was inserted. */
  readonly #isContent = (line: string): boolean =>
    bare(line) === this.#content ||
    (this.#wanted.indent && bare(line).trimStart() === this.#content.trimStart())

  #boundary(name: 'before' | 'after'): readonly number[] {
    const expression = this.#wanted[name]
    return expression ? this.#find(expression) : []
  }

  #find(expression: string): readonly number[] {
    const matches = this.#matcher(expression)
    return [...this.#lines.keys()].filter((index) => matches(this.#lines[index] ?? ''))
  }

  /** As a regular expression or as a part of the line, whichever there is. */
  #matcher(expression: string): (line: string) => boolean {
    const own = this.#file.own(expression)
    const regex = compileRegex(own, { dotAll: true })
    const budget = fileBudget()
    return (line) => line.includes(own) || regex.search(line, budget) !== undefined
  }
}

const boundaryHint =
  'Make the expression of "before" and "after" match one line only, with ^ and $ if need be.'

const endOf = (line: string): string => /\r?\n$/.exec(line)?.[0] ?? ''
const bare = (line: string): string => line.replace(/\r?\n$/, '')
