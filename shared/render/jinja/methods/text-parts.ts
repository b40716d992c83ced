/** Splitting, stripping and casing of texts, as Python does it. */

/** Whitespace as `str.isspace` has it. */
export function isSpace(code: number): boolean {
  if (code < 0x80) return code === 32 || (code >= 9 && code <= 13) || (code >= 28 && code <= 31)
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  )
}

export function strip(text: string, characters: string | undefined, left: boolean, right: boolean): string {
  if (characters === undefined) return stripSpace(text, left, right)
  const set = new Set(characters)
  const units = [...text]
  let start = 0
  let end = units.length
  if (left) while (start < end && set.has(units[start] ?? '')) start += 1
  if (right) while (end > start && set.has(units[end - 1] ?? '')) end -= 1
  return units.slice(start, end).join('')
}

function stripSpace(text: string, left: boolean, right: boolean): string {
  let start = 0
  let end = text.length
  if (left) while (start < end && isSpace(text.charCodeAt(start))) start += 1
  if (right) while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

/** JavaScript's whitespace but for the byte order mark, and the separators below space. */
const separators = '\\x1c-\\x1f\\x85'
const words = new RegExp(`(?:[^\\s${separators}]|\\uFEFF)+`, 'g')

export function split(text: string, separator: string | undefined, most: number): string[] {
  if (separator !== undefined) {
    const parts = text.split(separator)
    if (most < 0 || parts.length <= most + 1) return parts
    return [...parts.slice(0, most), parts.slice(most).join(separator)]
  }
  const found = [...text.matchAll(words)]
  if (most < 0 || found.length <= most) return found.map(([word]) => word)
  const rest = found[most]
  return [
    ...found.slice(0, most).map(([word]) => word),
    ...(rest === undefined ? [] : [strip(text.slice(rest.index), undefined, true, false)]),
  ]
}

export function rsplit(text: string, separator: string | undefined, most: number): string[] {
  if (separator !== undefined) {
    const parts = text.split(separator)
    if (most < 0 || parts.length <= most + 1) return parts
    const cut = parts.length - most
    return [parts.slice(0, cut).join(separator), ...parts.slice(cut)]
  }
  const found = [...text.matchAll(words)]
  if (most < 0 || found.length <= most) return found.map(([word]) => word)
  const last = found[found.length - most - 1]
  const end = last === undefined ? 0 : last.index + last[0].length
  return [
    strip(text.slice(0, end), undefined, false, true),
    ...found.slice(found.length - most).map(([word]) => word),
  ]
}

const lineEnd = new RegExp(`\\r\\n|[\\n\\r\\v\\f${'\\x1c-\\x1e\\x85'}\\u2028\\u2029]`, 'g')

export function splitLines(text: string, keepEnds: boolean): string[] {
  const lines: string[] = []
  let start = 0
  for (const end of text.matchAll(lineEnd)) {
    const stop = end.index + end[0].length
    lines.push(text.slice(start, keepEnds ? stop : end.index))
    start = stop
  }
  if (start < text.length) lines.push(text.slice(start))
  return lines
}

export function partition(text: string, separator: string): [string, string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, '', ''] : [text.slice(0, at), separator, text.slice(at + separator.length)]
}

export function rpartition(text: string, separator: string): [string, string, string] {
  const at = text.lastIndexOf(separator)
  return at === -1 ? ['', '', text] : [text.slice(0, at), separator, text.slice(at + separator.length)]
}

export function capitalize(text: string): string {
  const first = text.charCodeAt(0)
  if (first < 0x80) return text.charAt(0).toUpperCase() + lowerBehind(text.slice(1))
  const [character = ''] = text
  return titleLetter(character) + lowerBehind(text.slice(character.length))
}

/** A sigma at the end of a word is another letter. */
const lowerBehind = (text: string): string =>
  text.includes('Σ') ? `a${text}`.toLowerCase().slice(1) : text.toLowerCase()

/** Digraphs that have a form of their own at the beginning of a word. */
const digraphs: Readonly<Record<string, string>> = { Ǆ: 'ǅ', Ǉ: 'ǈ', Ǌ: 'ǋ', Ǳ: 'ǲ' }

/** Unicode's title case of one character. */
function titleLetter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  // Georgian has capitals for whole words only; Greek with an iota below keeps it there.
  if (code >= 0x10d0 && code <= 0x10ff) return character
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCharCode(code | 8)
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCharCode(code + 9)
  if (code === 0x1fbc || code === 0x1fcc || code === 0x1ffc) return character
  if (code === 0x149) return character.toUpperCase()
  const upper = character.toUpperCase()
  // Of a ligature only the first letter becomes a capital.
  const [capital = '', ...others] = upper
  return digraphs[upper] ?? capital + others.join('').toLowerCase()
}

const ascii = /^[\0-\x7f]*$/

/** A capital after everything that is no letter. */
export function titleCase(text: string): string {
  return text.replace(ascii.test(text) ? /[A-Za-z]+/g : /\p{Cased}+/gu, capitalize)
}

export function isTitle(text: string): boolean {
  return /\p{Lu}/u.test(text) && titleCase(text) === text
}

/** For comparing: `ß` and `ẞ` are `ss`, ligatures are their letters. */
export function foldCase(text: string): string {
  if (ascii.test(text)) return text.toLowerCase()
  return [...text]
    .map((one) => (one === 'ı' ? one : one === 'ẞ' ? 'ss' : one.toUpperCase().toLowerCase()))
    .join('')
}

export function swapCase(text: string): string {
  return [...text]
    .map((character) =>
      character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase(),
    )
    .join('')
}
