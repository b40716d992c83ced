/** The mistake behind a syntax error: a YAML parser often stumbles lines after the quote or colon that is missing. */

export interface Mistake {
  /** Offset in the text. */
  readonly at: number
  readonly reason: string
  readonly hint: string
}

/** How far back an opening quote or bracket is looked for. */
const searchedLines = 200

/** @param offset where the parser stopped, for `reason`; undefined: its own words are as good as any */
export function mistakeBehind(text: string, offset: number, reason: string): Mistake | undefined {
  if (/deficient indentation|quoted scalar|flow collection|end of the stream within/.test(reason)) {
    const open = unclosed(text, offset)
    if (open) return open
  }
  if (!/bad indentation|end of the stream|implicit key/.test(reason)) return undefined
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const before = lineBefore(text, lineStart)
  return before && (missingColon(before, text, lineStart) ?? tooDeep(before, text, lineStart))
}

interface Line {
  readonly text: string
  /** Offset of its first character. */
  readonly start: number
}

/** The last line before an offset that is neither blank nor a comment. */
function lineBefore(text: string, start: number): Line | undefined {
  let end = start - 1
  while (end > 0) {
    const from = text.lastIndexOf('\n', end - 1) + 1
    const line = text.slice(from, end).replace(/\r$/, '')
    if (!/^\s*(?:#.*)?$/.test(line)) return { text: line, start: from }
    end = from - 1
  }
  return undefined
}

const closing: Readonly<Record<string, string>> = { '"': '"', "'": "'", '[': ']', '{': '}' }

function unclosed(text: string, offset: number): Mistake | undefined {
  let line: Line | undefined = lineAt(text, offset)
  for (let searched = 0; line !== undefined && searched < searchedLines; searched++) {
    const found = /^(\s*(?:- +)*(?:[^\s"'#[{][^#"'[{]*:\s+)?(?:- +)*)(["'[{])/.exec(line.text)
    const [, head = '', sign = ''] = found ?? []
    if (found && !isClosed(line.text.slice(head.length), sign)) {
      return {
        at: line.start + head.length,
        reason: `a ${/["']/.test(sign) ? `quote (${sign})` : `"${sign}"`} is opened here and not closed`,
        hint: `Write a ${closing[sign]} where it ends.`,
      }
    }
    line = lineBefore(text, line.start)
  }
  return undefined
}

function lineAt(text: string, offset: number): Line {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', start)
  return { text: text.slice(start, end === -1 ? undefined : end), start }
}

/** @param value from its opening sign to the end of the line */
function isClosed(value: string, sign: string): boolean {
  if (sign === '"') return /^"(?:[^"\\]|\\.)*"/.test(value)
  if (sign === "'") return /^'(?:[^']|'')*'/.test(value)
  const bare = value.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, '')
  return bare.split(sign).length <= bare.split(closing[sign] ?? '').length
}

/** `file.managed` above an indented list, or `port:80` above `host: a`. */
function missingColon(before: Line, text: string, lineStart: number): Mistake | undefined {
  const indent = indentOf(text.slice(lineStart))
  const [, dash, word] = /^\s*(- +)?([\w./-]+)\s*$/.exec(before.text) ?? []
  if (word !== undefined && indent >= indentOf(before.text) + (dash === undefined ? 0 : 1)) {
    return {
      at: before.start + before.text.trimEnd().length,
      reason: `a ":" is missing after "${word}"`,
      hint: `Write "${word}:".`,
    }
  }
  const [, head = '', key, value] = /^(\s*(?:- +)?)([A-Za-z][\w.-]*):([^\s:/]\S*)\s*$/.exec(before.text) ?? []
  if (key === undefined) return undefined
  return {
    at: before.start + head.length + key.length + 1,
    reason: `a blank is missing after "${key}:"`,
    hint: `Write "${key}: ${value}".`,
  }
}

/** A line below `key: value` that is indented as if it belonged to the value. */
function tooDeep(before: Line, text: string, lineStart: number): Mistake | undefined {
  const here = lineAt(text, lineStart).text
  const key = /^(\s*(?:- +)?)[^\s#"'][^#"']*?:\s+[^\s|>&]/.exec(before.text)?.[1]
  const own = /^\s*/.exec(here)?.[0].length ?? 0
  if (key === undefined || own <= key.length || !/^\s*[^\s#:]+:(?:\s|$)/.test(here)) return undefined
  return {
    at: lineStart + own,
    reason: 'this line is indented deeper than the one above, which has its value already',
    hint: `Start it in column ${key.length + 1}, as the line above, or move that value to a line of its own.`,
  }
}

const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0
