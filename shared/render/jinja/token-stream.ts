/** The tokens of a template with one place to read from, and the words for what was found instead. */
import { SyntaxFault } from './fault.ts'
import type { Token, TokenKind } from './lexer.ts'

const endToken: Token = { kind: 'eof', value: '', at: 0, end: 0 }

/** Blocks inside one another, and brackets inside one another. */
const deepestNesting = 150

export class TokenStream {
  private readonly tokens: readonly Token[]
  private next = 0
  private depth = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  get current(): Token {
    return this.tokens[this.next] ?? endToken
  }

  get ahead(): Token {
    return this.tokens[this.next + 1] ?? endToken
  }

  take(): Token {
    const token = this.current
    if (this.next < this.tokens.length - 1) this.next += 1
    return token
  }

  isName(...names: readonly string[]): boolean {
    const { kind, value } = this.current
    return kind === 'name' && names.includes(value)
  }

  isOperator(...signs: readonly string[]): boolean {
    const { kind, value } = this.current
    return kind === 'operator' && signs.includes(value)
  }

  skipName(name: string): boolean {
    if (!this.isName(name)) return false
    this.take()
    return true
  }

  skipOperator(sign: string): boolean {
    if (!this.isOperator(sign)) return false
    this.take()
    return true
  }

  /** @throws SyntaxFault */
  expect(kind: TokenKind, value?: string): Token {
    const token = this.current
    if (token.kind === kind && (value === undefined || token.value === value)) return this.take()
    throw new SyntaxFault(
      token.kind === 'eof'
        ? `unexpected end of template, expected ${describe(kind, value)}`
        : `expected ${describe(kind, value)}, got ${describe(token.kind, token.value)}`,
      token.at,
    )
  }

  /** Runs one level deeper. @throws SyntaxFault where there are too many */
  nested<Result>(parse: () => Result): Result {
    if (this.depth >= deepestNesting)
      throw new SyntaxFault(`more than ${deepestNesting} levels inside one another`, this.current.at)
    this.depth += 1
    const result = parse()
    this.depth -= 1
    return result
  }
}

const words: Partial<Record<TokenKind, string>> = {
  variable_begin: 'begin of print statement',
  variable_end: 'end of print statement',
  block_begin: 'begin of statement block',
  block_end: 'end of statement block',
  eof: 'end of template',
  data: 'template data / text',
}

export function describe(kind: TokenKind, value?: string): string {
  if (kind === 'string') return value === undefined ? 'a text in quotes' : `the text ${JSON.stringify(value)}`
  return words[kind] ?? (value === undefined || value === '' ? `a ${kind}` : `'${value}'`)
}
