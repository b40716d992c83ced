/**
 * The source map through Handlebars. Marks made of Unicode noncharacters are put into the template's text at places
 * that whitespace control does not look at; what remains of them in the output says where each part came from.
 */
import type { SourceMap } from '../../data/marks.ts'
import type { Place } from '../../data/place.ts'
import { lastNotAfter, type TextSource } from '../source-map.ts'

type Program = ReturnType<typeof import('handlebars').parseWithoutProcessing>
type Statement = Program['body'][number]

const open = '\uFDD0'
const separator = '\uFDE1'
const close = '\uFDE2'
const firstDigit = 0xfdd1
const markPattern = /\uFDD0([\uFDD1-\uFDE0]+)\uFDE1([\uFDD1-\uFDE0]+)\uFDE2/g
/** Any of the characters that marks are made of. */
export const reservedCharacters = /[\uFDD0-\uFDEF]/

/** A place in a template where a mark stands. */
interface Anchor {
  /** Offset in the template. */
  readonly at: number
  /** Up to here the output follows the template character by character; equal to `at` for an expression. */
  readonly end: number
}

/** The template with marks, and the way back. */
export interface Marked {
  readonly number: number
  readonly text: string
  readonly anchors: readonly Anchor[]
  /** Offset in the marked text where each mark starts, and its length. */
  readonly positions: readonly number[]
  readonly lengths: readonly number[]
}

/** @param number names this template in its marks */
export function markTemplate(source: TextSource, program: Program, number: number): Marked {
  const anchors: Anchor[] = []
  collect(program.body, source, anchors)
  anchors.sort((a, b) => a.at - b.at)
  const parts: string[] = []
  const positions: number[] = []
  const lengths: number[] = []
  let done = 0
  let length = 0
  for (const [index, anchor] of anchors.entries()) {
    const mark = open + digits(number) + separator + digits(index) + close
    parts.push(source.text.slice(done, anchor.at), mark)
    positions.push(length + anchor.at - done)
    lengths.push(mark.length)
    length += anchor.at - done + mark.length
    done = anchor.at
  }
  parts.push(source.text.slice(done))
  return { number, text: parts.join(''), anchors, positions, lengths }
}

/** Offset in the template of an offset in the marked text. */
export function unmark(marked: Marked, offset: number): number {
  let shift = 0
  for (const [index, position] of marked.positions.entries()) {
    if (position >= offset) break
    shift += Math.min(marked.lengths[index] ?? 0, offset - position)
  }
  return offset - shift
}

function collect(body: readonly Statement[], source: TextSource, anchors: Anchor[]): void {
  for (const [index, statement] of body.entries()) {
    if (statement.type === 'ContentStatement') collectContent(statement, source, anchors)
    else if (statement.type === 'MustacheStatement') collectExpression(statement, source, anchors)
    else for (const program of programsOf(statement, source)) collect(program.body, source, anchors)
    if (index > 1_000_000) return
  }
}

function programsOf(statement: Statement, source: TextSource): Program[] {
  // Raw blocks hand their content over as it stands.
  if (source.text.startsWith('{{{{', startOf(statement, source))) return []
  const { program, inverse } = statement as { program?: Program; inverse?: Program }
  return [program, inverse].filter((part) => part !== undefined && part !== null)
}

function startOf(node: Statement, source: TextSource): number {
  return source.offsetAt(node.loc.start.line, node.loc.start.column + 1)
}

/** Before an expression, unless it or a backslash looks at what stands before it. */
function collectExpression(statement: Statement, source: TextSource, anchors: Anchor[]): void {
  const at = startOf(statement, source)
  if (!source.text.startsWith('{{', at) || /^\{\{\{?~/.test(source.text.slice(at, at + 4))) return
  if (source.text[at - 1] === '\\' || source.text[at - 1] === '{') return
  anchors.push({ at, end: at })
}

/** Before the first character of each line that is not blank: such a line has no tag standing alone on it. */
function collectContent(statement: Statement, source: TextSource, anchors: Anchor[]): void {
  const start = startOf(statement, source)
  const original = (statement as { original?: string }).original ?? ''
  // Escapes make content differ from what is written; it goes without marks.
  if (!source.text.startsWith(original, start) || /\\|\{\{/.test(original)) return
  if (source.text[start - 1] === '\\') return
  for (const line of original.matchAll(/[^\n]+/g)) {
    const blank = /^\s*/.exec(line[0])?.[0].length ?? 0
    if (blank === line[0].length) continue
    const at = start + line.index + blank
    anchors.push({ at, end: start + line.index + line[0].length })
  }
}

function digits(number: number): string {
  return number
    .toString(16)
    .replace(/./g, (digit) => String.fromCharCode(firstDigit + Number.parseInt(digit, 16)))
}

function numberOf(text: string): number {
  let number = 0
  for (let index = 0; index < text.length; index++) number = number * 16 + text.charCodeAt(index) - firstDigit
  return number
}

/** A template that took part in a rendering. */
export interface Part {
  readonly source: TextSource
  readonly marked: Marked
}

/** Takes the marks out of an output. */
export function stripMarks(
  output: string,
  parts: ReadonlyMap<number, Part>,
  main: TextSource,
): { text: string; source: SourceMap } {
  const starts: number[] = [0]
  const origins: { source: TextSource; at: number; end: number }[] = [{ source: main, at: 0, end: 0 }]
  const pieces: string[] = []
  let done = 0
  let length = 0
  for (const match of output.matchAll(markPattern)) {
    const piece = output.slice(done, match.index)
    pieces.push(piece)
    length += piece.length
    done = match.index + match[0].length
    const part = parts.get(numberOf(match[1] ?? ''))
    const anchor = part?.marked.anchors[numberOf(match[2] ?? '')]
    if (part === undefined || anchor === undefined) continue
    starts.push(length)
    origins.push({ source: part.source, at: anchor.at, end: anchor.end })
  }
  pieces.push(output.slice(done))
  return { text: pieces.join(''), source: new RenderedSource(starts, origins) }
}

class RenderedSource implements SourceMap {
  private readonly starts: readonly number[]
  private readonly origins: readonly { source: TextSource; at: number; end: number }[]

  constructor(
    starts: readonly number[],
    origins: readonly { source: TextSource; at: number; end: number }[],
  ) {
    this.starts = starts
    this.origins = origins
  }

  placeOf(offset: number): Place {
    const index = lastNotAfter(this.starts, offset)
    const origin = this.origins[index]
    if (origin === undefined) throw new RangeError('a source map always has its first segment')
    const along = Math.min(offset - (this.starts[index] ?? 0), origin.end - origin.at)
    return origin.source.placeOf(origin.at + along)
  }
}
