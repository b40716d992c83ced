/** Template text to tokens: data between tags, and what stands in tags; whitespace control is done here. */
import { SyntaxFault } from './fault.ts'
import { scanTag } from './lexer-tags.ts'
import type { JinjaSettings } from './settings.ts'

export type TokenKind =
  | 'data'
  | 'variable_begin'
  | 'variable_end'
  | 'block_begin'
  | 'block_end'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'eof'

export interface Token {
  readonly kind: TokenKind
  /** Data and names as they stand, strings without quotes and escapes. */
  readonly value: string
  readonly at: number
  readonly end: number
}

interface Rules {
  readonly root: RegExp
  readonly rawEnd: RegExp
  readonly commentEnd: RegExp
  readonly blockEnd: RegExp
  readonly variableEnd: RegExp
}

const known = new WeakMap<JinjaSettings, Rules>()

function rulesOf(settings: JinjaSettings): Rules {
  const found = known.get(settings)
  if (found !== undefined) return found
  const rules = makeRules(settings)
  known.set(settings, rules)
  return rules
}

function makeRules(settings: JinjaSettings): Rules {
  const block = escapeRegExp(settings.blockStart)
  const blockEnd = escapeRegExp(settings.blockEnd)
  const suffix = settings.trimBlocks ? '\\n?' : ''
  const begins: { length: number; name: string; source: string }[] = [
    { length: settings.commentStart.length, name: 'comment', source: escapeRegExp(settings.commentStart) },
    { length: settings.blockStart.length, name: 'block', source: block },
    { length: settings.variableStart.length, name: 'variable', source: escapeRegExp(settings.variableStart) },
  ]
  const { lineStatementPrefix, lineCommentPrefix } = settings
  if (lineStatementPrefix !== undefined)
    begins.push({
      length: lineStatementPrefix.length,
      name: 'linestatement',
      source: `^[ \\t\\v]*${escapeRegExp(lineStatementPrefix)}`,
    })
  if (lineCommentPrefix !== undefined)
    begins.push({
      length: lineCommentPrefix.length,
      name: 'linecomment',
      source: `(?:^|(?<=\\S))[^\\S\\r\\n]*${escapeRegExp(lineCommentPrefix)}`,
    })
  // The longest first; among equals as Jinja: by name, downwards.
  begins.sort((a, b) => b.length - a.length || (a.name < b.name ? 1 : -1))
  const raw = `(?<raw>${block}(?<rawSign>[-+]?)\\s*raw\\s*(?:-${blockEnd}\\s*|${blockEnd}))`
  const others = begins.map(({ name, source }) => `(?<${name}>${source}(?<${name}Sign>[-+]?))`)
  return {
    root: new RegExp([raw, ...others].join('|'), 'gm'),
    rawEnd: new RegExp(
      `${block}(?<sign>[-+]?)\\s*endraw\\s*(?:\\+${blockEnd}|-${blockEnd}\\s*|${blockEnd}${suffix})`,
      'g',
    ),
    commentEnd: new RegExp(
      `\\+${escapeRegExp(settings.commentEnd)}|-${escapeRegExp(settings.commentEnd)}\\s*|${escapeRegExp(settings.commentEnd)}${suffix}`,
      'g',
    ),
    blockEnd: new RegExp(`\\+${blockEnd}|-${blockEnd}\\s*|${blockEnd}${suffix}`, 'y'),
    variableEnd: new RegExp(
      `-${escapeRegExp(settings.variableEnd)}\\s*|${escapeRegExp(settings.variableEnd)}`,
      'y',
    ),
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

const lineStatementEnd = /\s*(?:\n|$)/y

interface Scan {
  readonly text: string
  readonly settings: JinjaSettings
  readonly rules: Rules
  readonly tokens: Token[]
  at: number
  lineStarting: boolean
}

/** A template's text as Jinja reads it: every line ends with a newline alone. */
export function readText(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

/** @param source with newlines alone, as `readText` gives it. @throws SyntaxFault */
export function tokenize(source: string, settings: JinjaSettings): Token[] {
  const text = settings.keepTrailingNewline ? source : source.replace(/\n$/, '')
  const scan: Scan = { text, settings, rules: rulesOf(settings), tokens: [], at: 0, lineStarting: true }
  while (scan.at < text.length) {
    const { root } = scan.rules
    root.lastIndex = scan.at
    const found = root.exec(text)
    if (found === null) {
      pushData(scan, scan.at, text.length)
      break
    }
    openTag(scan, found)
  }
  scan.tokens.push({ kind: 'eof', value: '', at: text.length, end: text.length })
  return scan.tokens
}

function pushData(scan: Scan, at: number, end: number): void {
  if (end <= at) return
  const { newlineSequence } = scan.settings
  const text = scan.text.slice(at, end)
  const value = newlineSequence === '\n' ? text : text.replaceAll('\n', newlineSequence)
  scan.tokens.push({ kind: 'data', value, at, end })
}

/** End of the data before a tag, after whitespace control. */
function dataEnd(scan: Scan, end: number, sign: string, isVariable: boolean): number {
  const { text, settings } = scan
  if (sign === '-') {
    let last = end
    while (last > scan.at && /\s/.test(text[last - 1] ?? '')) last -= 1
    return last
  }
  if (sign === '+' || !settings.lstripBlocks || isVariable) return end
  const line = Math.max(text.lastIndexOf('\n', end - 1) + 1, scan.at)
  if (end === scan.at) return end
  if ((line > scan.at || scan.lineStarting) && /^\s*$/.test(text.slice(line, end))) return line
  return end
}

function openTag(scan: Scan, found: RegExpExecArray): void {
  const { groups = {}, index } = found
  const sign =
    groups.rawSign ||
    groups.blockSign ||
    groups.commentSign ||
    groups.variableSign ||
    groups.linestatementSign ||
    groups.linecommentSign ||
    ''
  const isVariable = groups.variable !== undefined
  pushData(scan, scan.at, dataEnd(scan, index, sign, isVariable))
  const start = index
  scan.at = index + found[0].length
  scan.lineStarting = found[0].endsWith('\n')
  if (groups.raw !== undefined) readRaw(scan, start)
  else if (groups.comment !== undefined) skipComment(scan, start)
  else if (groups.linecomment !== undefined) skipLine(scan)
  else readTag(scan, start, isVariable, groups.linestatement !== undefined)
}

function readRaw(scan: Scan, start: number): void {
  const { rawEnd } = scan.rules
  rawEnd.lastIndex = scan.at
  const end = rawEnd.exec(scan.text)
  if (end === null) throw new SyntaxFault('Missing end of raw directive', start)
  pushData(scan, scan.at, dataEnd(scan, end.index, end.groups?.sign ?? '', false))
  scan.at = end.index + end[0].length
  scan.lineStarting = end[0].endsWith('\n')
}

function skipComment(scan: Scan, start: number): void {
  const { commentEnd } = scan.rules
  commentEnd.lastIndex = scan.at
  const end = commentEnd.exec(scan.text)
  if (end === null) throw new SyntaxFault('Missing end of comment tag', start)
  scan.at = end.index + end[0].length
  scan.lineStarting = end[0].endsWith('\n')
}

function skipLine(scan: Scan): void {
  const end = scan.text.indexOf('\n', scan.at)
  scan.at = end === -1 ? scan.text.length : end
  scan.lineStarting = false
}

function readTag(scan: Scan, start: number, isVariable: boolean, isLine: boolean): void {
  const { rules, tokens, text } = scan
  tokens.push({ kind: isVariable ? 'variable_begin' : 'block_begin', value: '', at: start, end: scan.at })
  const endRule = isVariable ? rules.variableEnd : isLine ? lineStatementEnd : rules.blockEnd
  const end = scanTag(text, scan.at, endRule, tokens, scan.settings.newlineSequence)
  if (end === undefined) {
    // An open tag at the end of the file: the parser says what it misses.
    scan.at = text.length
    return
  }
  tokens.push({ kind: isVariable ? 'variable_end' : 'block_end', value: '', at: end.at, end: end.end })
  scan.at = end.end
  scan.lineStarting = text[end.end - 1] === '\n'
}
