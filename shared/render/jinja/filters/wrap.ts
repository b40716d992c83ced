/** Wrapping of paragraphs, as Python's textwrap does it for `wordwrap`. */
import { splitLines } from '../methods/text-parts.ts'
import { lengthOf, PyError } from '../values.ts'

export interface WrapOptions {
  readonly width: number
  readonly breakLong: boolean
  readonly end: string
  readonly onHyphens: boolean
}

export function wrapText(text: string, options: WrapOptions): string {
  return splitLines(text, false)
    .map((line) => wrapLine(line, options).join(options.end))
    .join(options.end)
}

const hyphenated =
  /\s+|(?<=[\p{L}\p{N}_!"'&.,?])-{2,}(?=[\p{L}\p{N}_])|[^\s-]*(?:[\p{L}_][^\s-]*)?[^\s]*?(?:(?<=[\p{L}_]{2}-)(?=[\p{L}_]-?[\p{L}_])|(?=\s|$)|(?<=[\p{L}\p{N}_!"'&.,?])(?=-{2,}[\p{L}\p{N}_]))/gu
const spaced = /\s+|\S+/g

function chunksOf(line: string, onHyphens: boolean): string[] {
  return [...line.matchAll(onHyphens ? hyphenated : spaced)]
    .map(([chunk]) => chunk)
    .filter((chunk) => chunk !== '')
}

function wrapLine(line: string, options: WrapOptions): string[] {
  if (options.width <= 0) throw new PyError('ValueError', `invalid width ${options.width} (must be > 0)`)
  const chunks = chunksOf(line, options.onHyphens).reverse()
  const lines: string[] = []
  while (chunks.length > 0) {
    const current = fill(chunks, options, lines.length > 0)
    if (current.at(-1)?.trim() === '') current.pop()
    if (current.length > 0) lines.push(current.join(''))
  }
  return lines
}

/** Takes chunks off the end for one line. */
function fill(chunks: string[], options: WrapOptions, isLater: boolean): string[] {
  const current: string[] = []
  let length = 0
  if (isLater && chunks.at(-1)?.trim() === '') chunks.pop()
  for (
    let next = chunks.at(-1);
    next !== undefined && length + lengthOf(next) <= options.width;
    next = chunks.at(-1)
  ) {
    current.push(next)
    length += lengthOf(next)
    chunks.pop()
  }
  const long = chunks.at(-1)
  if (long !== undefined && lengthOf(long) > options.width)
    breakLong(chunks, long, current, options.width - length, options)
  return current
}

function breakLong(
  chunks: string[],
  long: string,
  current: string[],
  space: number,
  options: WrapOptions,
): void {
  if (options.breakLong) {
    const characters = [...long]
    let end = space
    const hyphen = options.onHyphens && space > 0 ? characters.lastIndexOf('-', space - 1) : -1
    if (hyphen > 0 && characters.slice(0, hyphen).some((one) => one !== '-')) end = hyphen + 1
    // Without space left this is the empty text, as Python has it: then a space before it stays.
    current.push(characters.slice(0, end).join(''))
    chunks[chunks.length - 1] = characters.slice(end).join('')
  } else if (current.length === 0) {
    chunks.pop()
    current.push(long)
  }
}
