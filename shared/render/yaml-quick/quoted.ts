/** Quoted text as PyYAML reads it: escapes, and line breaks that become blanks. */
import { unusual } from './unusual.ts'

const simple: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}

const escapes = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g

/** @param raw between the quotes, its lines ended by newlines @throws unusual */
export function singleQuotedText(raw: string): string {
  const text = raw.includes('\n') ? folded(raw, false) : raw
  return text.includes("''") ? text.replaceAll("''", "'") : text
}

/** @param raw between the quotes, its lines ended by newlines @throws unusual */
export function doubleQuotedText(raw: string): string {
  const text = raw.includes('\n') ? folded(raw, true) : raw
  if (!text.includes('\\')) return text
  return text.replace(escapes, (_, two, four, eight, sign) => {
    if (sign !== undefined) return simple[sign] ?? fail()
    return character(Number.parseInt(two ?? four ?? eight, 16))
  })
}

function character(code: number): string {
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? fail() : String.fromCodePoint(code)
}

function fail(): never {
  throw unusual
}

/** One break is a blank, or nothing if it is escaped; each empty line is a newline. */
function folded(raw: string, isDouble: boolean): string {
  if (/\n(?:---|\.\.\.)(?:\s|$)/.test(raw)) throw unusual
  const lines = raw.split('\n')
  const last = lines.length - 1
  let text = ''
  let between = ''
  let empty = 0
  for (const [at, line] of lines.entries()) {
    const start = at === 0 ? 0 : firstNonBlank(line)
    const end = at === last ? line.length : Math.max(start, endOf(line, isDouble))
    if (at > 0 && at < last && end === start) {
      empty++
      continue
    }
    const isJoined = isDouble && at < last && end === line.length && isEscaped(line, end)
    text += (empty > 0 ? '\n'.repeat(empty) : between) + line.slice(start, isJoined ? end - 1 : end)
    between = isJoined ? '' : ' '
    empty = 0
  }
  return text
}

const isBlank = (unit: number): boolean => unit === 32 || unit === 9

function firstNonBlank(line: string): number {
  let at = 0
  while (isBlank(line.charCodeAt(at))) at++
  return at
}

/** Without the blanks at the end, but with one that is escaped. */
function endOf(line: string, isDouble: boolean): number {
  let end = line.length
  while (end > 0 && isBlank(line.charCodeAt(end - 1))) end--
  return isDouble && end < line.length && isEscaped(line, end) ? end + 1 : end
}

/** An odd number of backslashes stands before. */
function isEscaped(line: string, at: number): boolean {
  let from = at
  while (line.charCodeAt(from - 1) === 92) from--
  return (at - from) % 2 === 1
}
