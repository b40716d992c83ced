/** Tokens to nodes: Jinja's statements, and those that Salt adds. */
import { nearest } from '../../data/nearest.ts'
import { SyntaxFault } from './fault.ts'
import { tokenize } from './lexer.ts'
import type { Expression, NameNode, Statement, Target, TemplateNode } from './nodes.ts'
import { parseFilter } from './parse-arguments.ts'
import { parseExpression, parseTuple, type TupleOptions } from './parse-expressions.ts'
import { type StatementParser, statementParsers } from './parse-statements.ts'
import type { JinjaSettings } from './settings.ts'
import { describe, TokenStream } from './token-stream.ts'

/** @throws SyntaxFault */
export function parseTemplate(text: string, settings: JinjaSettings): TemplateNode {
  const parser = new Parser(new TokenStream(tokenize(text, settings)))
  try {
    return { body: parser.template() }
  } catch (error) {
    if (error instanceof SyntaxFault) error.inside = parser.lastTag
    throw error
  }
}

/** What the parsers of single statements work with. */
export class Parser {
  readonly stream: TokenStream
  private readonly open: { tag: string; ends: readonly string[]; at: number }[] = []
  /** Offsets of the statements that are being read, the innermost last. */
  private readonly starts: number[] = []
  /** Offset of the tag that was begun last. */
  lastTag: number | undefined
  private freeNames = 0
  readonly blocks = new Set<string>()

  constructor(stream: TokenStream) {
    this.stream = stream
  }

  template(): Statement[] {
    const body = this.statements([])
    this.stream.expect('eof')
    return body
  }

  /** A name that no template can have. */
  freeName(): string {
    this.freeNames += 1
    return `_fi ${this.freeNames}`
  }

  /** The body of a tag up to one of `ends`, which is read. @returns the end that was found */
  body(tag: string, ends: readonly string[]): { body: Statement[]; end: string } {
    this.stream.skipOperator(':')
    this.stream.expect('block_end')
    this.open.push({ tag, ends, at: this.starts.at(-1) ?? 0 })
    const body = this.stream.nested(() => this.statements(ends))
    if (this.stream.current.kind === 'eof') this.failUnknown(undefined)
    this.open.pop()
    return { body, end: this.stream.take().value }
  }

  private statements(ends: readonly string[]): Statement[] {
    const { stream } = this
    const body: Statement[] = []
    while (stream.current.kind !== 'eof') {
      const token = stream.take()
      if (token.kind !== 'data') this.lastTag = token.at
      if (token.kind === 'data') body.push({ kind: 'data', text: token.value, at: token.at })
      else if (token.kind === 'variable_begin') {
        const value = parseTuple(stream)
        body.push({ kind: 'print', value, at: token.at })
        stream.expect('variable_end')
      } else {
        if (stream.current.kind === 'name' && ends.includes(stream.current.value)) return body
        body.push(...this.statement())
        stream.expect('block_end')
      }
    }
    return body
  }

  private statement(): Statement[] {
    const token = this.stream.current
    if (token.kind !== 'name')
      throw new SyntaxFault(`tag name expected, got ${describe(token.kind, token.value)}`, token.at)
    const parse: StatementParser | undefined = statementParsers.get(token.value)
    if (parse === undefined) return this.failUnknown(token.value)
    this.stream.take()
    this.starts.push(token.at)
    const parsed = parse(this, token.at)
    this.starts.pop()
    return parsed
  }

  private failUnknown(name: string | undefined): never {
    const innermost = this.open.at(-1)
    const expected = innermost?.ends.map((end) => `'${end}'`).join(' or ')
    const words = [name === undefined ? 'Unexpected end of template.' : `Encountered unknown tag '${name}'.`]
    const isEnd = name !== undefined && this.open.some(({ ends }) => ends.includes(name))
    if (isEnd)
      words.push(
        `You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for ${expected}.`,
      )
    else if (expected !== undefined) words.push(`Jinja was looking for the following tags: ${expected}.`)
    if (innermost !== undefined)
      words.push(`The innermost block that needs to be closed is '${innermost.tag}'.`)
    const near =
      name === undefined ? undefined : nearest(name, [...statementParsers.keys(), ...(innermost?.ends ?? [])])
    const printed = this.stream.ahead.kind === 'operator' && /^[.[(|]$/.test(this.stream.ahead.value)
    const hint = printed ? '{% … %} is for statements; {{ … }} prints a value.' : undefined
    const opened = name === undefined ? innermost : undefined
    throw new SyntaxFault(
      words.join(' '),
      this.stream.current.at,
      near ? `Did you mean "${near}"?` : hint,
      opened,
    )
  }

  expression(): Expression {
    return parseExpression(this.stream)
  }

  tuple(options: TupleOptions = {}): Expression {
    return parseTuple(this.stream, options)
  }

  filter = (): ReturnType<typeof parseFilter> => parseFilter(this.stream, undefined)

  nameTarget(): NameNode {
    const token = this.stream.expect('name')
    this.refuseConstant(token.value, token.at)
    return { kind: 'name', name: token.value, at: token.at }
  }

  target(endName?: string, withNamespace = false): Target {
    const { stream } = this
    const { at } = stream.current
    if (withNamespace && stream.ahead.kind === 'operator' && stream.ahead.value === '.') {
      const { value } = stream.expect('name')
      stream.take()
      return { kind: 'namespace', name: value, attribute: stream.expect('name').value, at }
    }
    const options: TupleOptions = endName === undefined ? { simple: true } : { simple: true, endName }
    return this.asTarget(parseTuple(stream, options))
  }

  private asTarget(node: Expression): Target {
    if (node.kind === 'name') {
      this.refuseConstant(node.name, node.at)
      return node
    }
    if (node.kind === 'tuple') return { ...node, items: node.items.map((item) => this.asTarget(item)) }
    throw new SyntaxFault(`can't assign to '${node.kind === 'constant' ? 'const' : node.kind}'`, node.at)
  }

  private refuseConstant(name: string, at: number): void {
    if (/^(?:[Tt]rue|[Ff]alse|[Nn]one)$/.test(name)) throw new SyntaxFault("can't assign to 'const'", at)
  }
}
