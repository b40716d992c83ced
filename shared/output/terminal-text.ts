/**
 * Texts of other machines made harmless for a terminal: no control character of theirs reaches it, nor the marks
 * that reorder text. They are shown as escapes (`\x1b`, `\u202e`), so nothing is hidden either.
 */
import { isDict, isList, type Key, type Value } from '../data/value.ts'

/** Line and paragraph separators, bidirectional marks, embeddings, overrides and isolates. */
const reordering = new Set([0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e])
const suspicious = /[^\n\t -~\u00a0-\u0600\u0700-\u1fff\u2070-\uffff]/

/** Tab and newline stay; line ends of `\r\n` become `\n` where a text uses nothing else. */
export function harmless(text: string): string {
  if (!suspicious.test(text)) return text
  let shown = ''
  for (const character of withPlainLineEnds(text)) shown += escapeOf(character)
  return shown
}

/** `harmless`, on one line: for ids, names and everything that stands in the middle of a line. */
export function harmlessLine(text: string): string {
  return harmless(text).replace(/\n/g, '\\n')
}

/** Every text in a value, keys too. */
export function harmlessValue(value: Value): Value {
  if (typeof value === 'string') return harmless(value)
  if (isList(value)) return value.map(harmlessValue)
  if (!isDict(value)) return value
  return new Map([...value].map(([key, item]): [Key, Value] => [harmlessKey(key), harmlessValue(item)]))
}

const harmlessKey = (key: Key): Key => (typeof key === 'string' ? harmlessLine(key) : key)

function withPlainLineEnds(text: string): string {
  if (!text.includes('\r\n')) return text
  const plain = text.replaceAll('\r\n', '\n')
  // A mixture stays visible: in a diff the line ends may be the very change.
  return plain.includes('\r') || /(?:^|[^\r])\n/.test(text) ? text : plain
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code === 9 || code === 10) return character
  if (code === 13) return '\\r'
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return `\\x${code.toString(16).padStart(2, '0')}`
  if (reordering.has(code) || (code >= 0x2066 && code <= 0x2069))
    return `\\u${code.toString(16).padStart(4, '0')}`
  return character
}
