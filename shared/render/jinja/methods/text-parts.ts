/** Splitting, stripping and casing of texts, as Python does it. */

/** Whitespace as Python's `str.split` has it: JavaScript's, and the separators below space. */
const separators = '\\x1c-\\x1f\\x85'
const whitespace = new RegExp(`[\\s${separators}]`)

export function strip(text: string, characters: string | undefined, left: boolean, right: boolean): string {
  const set = characters === undefined ? undefined : new Set(characters)
  const cut = (character: string): boolean =>
    set === undefined ? whitespace.test(character) : set.has(character)
  const units = [...text]
  let start = 0
  let end = units.length
  if (left) while (start < end && cut(units[start] ?? '')) start += 1
  if (right) while (end > start && cut(units[end - 1] ?? '')) end -= 1
  return units.slice(start, end).join('')
}

const words = new RegExp(`[^\\s${separators}]+`, 'g')

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
  const [first = ''] = text
  return first.toUpperCase() + text.slice(first.length).toLowerCase()
}

/** A capital after everything that is no letter. */
export function titleCase(text: string): string {
  return text.replace(/\p{L}+/gu, capitalize)
}

export function isTitle(text: string): boolean {
  return /\p{Lu}/u.test(text) && titleCase(text) === text
}

export function swapCase(text: string): string {
  return [...text]
    .map((character) =>
      character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase(),
    )
    .join('')
}
