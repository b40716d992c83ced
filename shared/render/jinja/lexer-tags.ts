/** The inside of tags to tokens: names, numbers, strings, operators, with brackets that must close. */
import { SyntaxFault } from './fault.ts'
import type { Token } from './lexer.ts'

const space = /\s+/y
const float = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy
const integer = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy
const name = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}_]*/uy
const quoted = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y
const operator = /\*\*|\/\/|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/**
 * Reads up to `endRule` outside of brackets and pushes the tokens.
 * @returns where the end tag stands; undefined: the text ends before
 */
export function scanTag(
  text: string,
  start: number,
  endRule: RegExp,
  tokens: Token[],
  newline: string,
): { at: number; end: number } | undefined {
  const open: string[] = []
  let at = start
  for (;;) {
    if (open.length === 0) {
      const end = match(endRule, text, at)
      if (end !== undefined) return { at, end: at + end.length }
    }
    if (at >= text.length) return undefined
    const blank = match(space, text, at)
    if (blank !== undefined) {
      // A line statement ends at its line's end; so the end comes first, above.
      at += blank.length
      continue
    }
    const token = scanToken(text, at, newline)
    if (token.kind === 'operator') balance(token, open)
    tokens.push(token)
    at = token.end
  }
}

function match(rule: RegExp, text: string, at: number): string | undefined {
  rule.lastIndex = at
  return rule.exec(text)?.[0]
}

function scanToken(text: string, at: number, newline: string): Token {
  const decimal = match(float, text, at)
  if (decimal !== undefined) return { kind: 'float', value: decimal, at, end: at + decimal.length }
  const whole = match(integer, text, at)
  if (whole !== undefined) return { kind: 'integer', value: whole, at, end: at + whole.length }
  const word = match(name, text, at)
  if (word !== undefined) return { kind: 'name', value: word, at, end: at + word.length }
  const literal = match(quoted, text, at)
  if (literal !== undefined)
    return { kind: 'string', value: stringValue(literal, at, newline), at, end: at + literal.length }
  const sign = match(operator, text, at)
  if (sign !== undefined) return { kind: 'operator', value: sign, at, end: at + sign.length }
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  if (character === "'" || character === '"') throw new SyntaxFault('this text in quotes has no end', at)
  throw new SyntaxFault(`unexpected char '${character}'`, at)
}

/** Line breaks are those of the environment, those written as escapes stay. */
function stringValue(literal: string, at: number, newline: string): string {
  const inner = literal.slice(1, -1)
  return unescapeText(newline === '\n' ? inner : inner.replaceAll('\n', newline), at)
}

function balance(token: Token, open: string[]): void {
  const close = closing[token.value]
  if (close !== undefined) open.push(close)
  else if (token.value === ')' || token.value === ']' || token.value === '}') {
    const expected = open.pop()
    if (expected === undefined) throw new SyntaxFault(`unexpected '${token.value}'`, token.at)
    if (expected !== token.value)
      throw new SyntaxFault(`unexpected '${token.value}', expected '${expected}'`, token.at)
  }
}

const simple: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
}
const codes = /\\(?:x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}|[0-7]{1,3}|[\s\S])/gi

/** Escapes as in Python's text; unknown ones stay as they stand. */
function unescapeText(text: string, at: number): string {
  if (!text.includes('\\')) return text
  return text.replace(codes, (written) => {
    const kind = written[1] ?? ''
    if (written.length > 2 && (kind === 'x' || kind === 'u' || kind === 'U')) {
      const code = Number.parseInt(written.slice(2), 16)
      if (code > 0x10ffff) throw new SyntaxFault(`"${written}" is no character`, at)
      return String.fromCodePoint(code)
    }
    if (kind === 'x' || kind === 'u' || kind === 'U' || kind === 'N')
      throw new SyntaxFault(`"${written}" is cut short`, at)
    if (/[0-7]/.test(kind)) return String.fromCodePoint(Number.parseInt(written.slice(1), 8))
    return Object.hasOwn(simple, kind) ? (simple[kind] ?? '') : written
  })
}
