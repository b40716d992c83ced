/** Wrapping of paragraphs, as Python's textwrap does it for `wordwrap`. */
import { splitLines, strip } from '../methods/text-parts.ts'
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

// Python's \w, its letters (\w but no decimal digit), what may stand before a dash, and the spaces of textwrap.
const word = String.raw`[\p{L}\p{N}_]`
const letter = String.raw`[\p{L}\p{Nl}\p{No}_]`
const beforeDash = String.raw`[\p{L}\p{N}_!"'&.,?]`
const space = String.raw`[\t\n\v\f\r ]`
const hyphenInWord = String.raw`-(?:(?<=${letter}{2}-)|(?<=${letter}-${letter}-))(?=${letter}-?${letter})`
const wordEnd = String.raw`(?=${space}|$)|(?<=${beforeDash})(?=-{2,}${word})`
const hyphenated = new RegExp(
  String.raw`(${space}+|(?<=${beforeDash})-{2,}(?=${word})|[^\t\n\v\f\r ]+?(?:${hyphenInWord}|${wordEnd}))`,
  'u',
)
const spaced = new RegExp(`(${space}+)`)

function chunksOf(line: string, onHyphens: boolean): string[] {
  return line.split(onHyphens ? hyphenated : spaced).filter((chunk) => chunk !== '')
}

const isBlank = (chunk: string | undefined): boolean =>
  chunk !== undefined && strip(chunk, undefined, true, true) === ''

function wrapLine(line: string, options: WrapOptions): string[] {
  if (options.width <= 0) throw new PyError('ValueError', `invalid width ${options.width} (must be > 0)`)
  const chunks = chunksOf(line, options.onHyphens).reverse()
  const lines: string[] = []
  while (chunks.length > 0) {
    const current = fill(chunks, options, lines.length > 0)
    if (isBlank(current.at(-1))) current.pop()
    if (current.length > 0) lines.push(current.join(''))
  }
  return lines
}

/** Takes chunks off the end for one line. */
function fill(chunks: string[], options: WrapOptions, isLater: boolean): string[] {
  const current: string[] = []
  let length = 0
  if (isLater && isBlank(chunks.at(-1))) chunks.pop()
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
