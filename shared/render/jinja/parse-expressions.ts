/** Expressions: Jinja's precedence, from the conditional down to names and literals. */
import { SyntaxFault } from './fault.ts'
import type { BinaryOperator, CompareOperator, Expression } from './nodes.ts'
import { parseArguments, parseFilter, parseTest } from './parse-arguments.ts'
import { describe, type TokenStream } from './token-stream.ts'

export function parseExpression(stream: TokenStream, conditional = true): Expression {
  return stream.nested(() => (conditional ? parseConditional(stream) : parseOr(stream)))
}

function parseConditional(stream: TokenStream): Expression {
  let result = parseOr(stream)
  while (stream.isName('if')) {
    const { at } = stream.take()
    const test = parseOr(stream)
    const no = stream.skipName('else') ? stream.nested(() => parseConditional(stream)) : undefined
    result = { kind: 'conditional', test, yes: result, no, at }
  }
  return result
}

function parseOr(stream: TokenStream): Expression {
  let left = parseAnd(stream)
  while (stream.isName('or')) {
    const { at } = stream.take()
    left = { kind: 'or', left, right: parseAnd(stream), at }
  }
  return left
}

function parseAnd(stream: TokenStream): Expression {
  let left = parseNot(stream)
  while (stream.isName('and')) {
    const { at } = stream.take()
    left = { kind: 'and', left, right: parseNot(stream), at }
  }
  return left
}

function parseNot(stream: TokenStream): Expression {
  if (!stream.isName('not')) return parseCompare(stream)
  const { at } = stream.take()
  return { kind: 'not', of: stream.nested(() => parseNot(stream)), at }
}

function parseCompare(stream: TokenStream): Expression {
  const { at } = stream.current
  const first = parseSum(stream)
  const others: { operator: CompareOperator; value: Expression }[] = []
  for (let operator = takeComparison(stream); operator !== undefined; operator = takeComparison(stream))
    others.push({ operator, value: parseSum(stream) })
  return others.length === 0 ? first : { kind: 'compare', first, others, at }
}

function takeComparison(stream: TokenStream): CompareOperator | undefined {
  if (stream.isOperator('==', '!=', '<', '<=', '>', '>=')) return stream.take().value as CompareOperator
  if (stream.skipName('in')) return 'in'
  const isNotIn = stream.isName('not') && stream.ahead.kind === 'name' && stream.ahead.value === 'in'
  if (!isNotIn) return undefined
  stream.take()
  stream.take()
  return 'not in'
}

function parseSum(stream: TokenStream): Expression {
  return parseBinary(stream, ['+', '-'], parseConcat)
}

function parseConcat(stream: TokenStream): Expression {
  const { at } = stream.current
  const first = parseProduct(stream)
  const items = [first]
  while (stream.skipOperator('~')) items.push(parseProduct(stream))
  return items.length === 1 ? first : { kind: 'concat', items, at }
}

function parseProduct(stream: TokenStream): Expression {
  return parseBinary(stream, ['*', '/', '//', '%'], parsePower)
}

function parsePower(stream: TokenStream): Expression {
  return parseBinary(stream, ['**'], parseUnary)
}

function parseBinary(
  stream: TokenStream,
  signs: readonly BinaryOperator[],
  parseOperand: (stream: TokenStream) => Expression,
): Expression {
  let left = parseOperand(stream)
  while (stream.isOperator(...signs)) {
    const token = stream.take()
    const right = parseOperand(stream)
    left = { kind: 'binary', operator: token.value as BinaryOperator, left, right, at: token.at }
  }
  return left
}

function parseUnary(stream: TokenStream, withFilter = true): Expression {
  const { at } = stream.current
  let node: Expression
  if (stream.skipOperator('-'))
    node = { kind: 'negative', of: stream.nested(() => parseUnary(stream, false)), at }
  else if (stream.skipOperator('+'))
    node = { kind: 'positive', of: stream.nested(() => parseUnary(stream, false)), at }
  else node = parsePrimary(stream)
  node = parsePostfix(stream, node)
  return withFilter ? parseFilterChain(stream, node) : node
}

export function parsePrimary(stream: TokenStream): Expression {
  const token = stream.current
  const { at, value } = token
  switch (token.kind) {
    case 'name':
      stream.take()
      return nameOrConstant(value, at)
    case 'string': {
      let text = ''
      while (stream.current.kind === 'string') text += stream.take().value
      return { kind: 'constant', value: text, at }
    }
    case 'integer':
      stream.take()
      return { kind: 'constant', value: { int: value.replaceAll('_', '') }, at }
    case 'float':
      stream.take()
      return { kind: 'constant', value: { float: value.replaceAll('_', '') }, at }
    default:
      return parseBracketed(stream)
  }
}

function nameOrConstant(name: string, at: number): Expression {
  if (name === 'true' || name === 'True') return { kind: 'constant', value: true, at }
  if (name === 'false' || name === 'False') return { kind: 'constant', value: false, at }
  if (name === 'none' || name === 'None') return { kind: 'constant', value: null, at }
  return { kind: 'name', name, at }
}

function parseBracketed(stream: TokenStream): Expression {
  const { at, kind, value } = stream.current
  if (stream.skipOperator('(')) {
    const inner = parseTuple(stream, { explicit: true })
    stream.expect('operator', ')')
    return inner
  }
  if (stream.skipOperator('['))
    return { kind: 'list', items: parseUntil(stream, ']', () => parseExpression(stream)), at }
  if (stream.skipOperator('{')) {
    const pairs = parseUntil(stream, '}', () => {
      const key = parseExpression(stream)
      stream.expect('operator', ':')
      return { key, value: parseExpression(stream) }
    })
    return { kind: 'dict', pairs, at }
  }
  throw new SyntaxFault(`unexpected ${describe(kind, value)}`, at)
}

/** Items with commas between, one may follow the last. */
function parseUntil<Item>(stream: TokenStream, close: string, parseItem: () => Item): Item[] {
  const items: Item[] = []
  while (!stream.isOperator(close)) {
    if (items.length > 0) stream.expect('operator', ',')
    if (stream.isOperator(close)) break
    items.push(parseItem())
  }
  stream.expect('operator', close)
  return items
}

export interface TupleOptions {
  /** Names and literals only. */
  readonly simple?: boolean
  readonly conditional?: boolean
  /** A name that ends the tuple. */
  readonly endName?: string
  /** In parentheses: may be empty. */
  readonly explicit?: boolean
}

/** One expression, or a tuple where there are commas. */
export function parseTuple(stream: TokenStream, options: TupleOptions = {}): Expression {
  const { at, kind, value } = stream.current
  const items: Expression[] = []
  let isTuple = false
  for (;;) {
    if (items.length > 0) stream.expect('operator', ',')
    if (isTupleEnd(stream, options.endName)) break
    items.push(
      options.simple === true ? parsePrimary(stream) : parseExpression(stream, options.conditional ?? true),
    )
    if (!stream.isOperator(',')) break
    isTuple = true
  }
  const [only] = items
  if (!isTuple && only !== undefined) return only
  if (!isTuple && options.explicit !== true)
    throw new SyntaxFault(`Expected an expression, got ${describe(kind, value)}`, at)
  return { kind: 'tuple', items, at }
}

function isTupleEnd(stream: TokenStream, endName: string | undefined): boolean {
  const { kind } = stream.current
  if (kind === 'variable_end' || kind === 'block_end' || stream.isOperator(')')) return true
  return endName !== undefined && stream.isName(endName)
}

export function parsePostfix(stream: TokenStream, start: Expression): Expression {
  let node = start
  for (;;) {
    const { at } = stream.current
    if (stream.skipOperator('.')) node = parseDot(stream, node, at)
    else if (stream.skipOperator('[')) node = parseSubscript(stream, node, at)
    else if (stream.isOperator('(')) node = { kind: 'call', of: node, ...parseArguments(stream), at }
    else return node
  }
}

function parseFilterChain(stream: TokenStream, start: Expression): Expression {
  let node = start
  for (;;) {
    const { at } = stream.current
    if (stream.isOperator('|')) {
      stream.take()
      node = parseFilter(stream, node)
    } else if (stream.isName('is')) node = parseTest(stream, node)
    else if (stream.isOperator('(')) node = { kind: 'call', of: node, ...parseArguments(stream), at }
    else return node
  }
}

function parseDot(stream: TokenStream, of: Expression, at: number): Expression {
  const token = stream.take()
  if (token.kind === 'name') return { kind: 'attribute', of, name: token.value, at: token.at }
  if (token.kind !== 'integer') throw new SyntaxFault('expected name or number', token.at)
  const key: Expression = { kind: 'constant', value: { int: token.value }, at: token.at }
  return { kind: 'item', of, key, at }
}

function parseSubscript(stream: TokenStream, of: Expression, at: number): Expression {
  const keys: Expression[] = []
  while (!stream.isOperator(']')) {
    if (keys.length > 0) stream.expect('operator', ',')
    keys.push(parseSubscribed(stream))
  }
  stream.expect('operator', ']')
  const [only] = keys
  return {
    kind: 'item',
    of,
    key: keys.length === 1 && only !== undefined ? only : { kind: 'tuple', items: keys, at },
    at,
  }
}

function parseSubscribed(stream: TokenStream): Expression {
  const { at } = stream.current
  const start = stream.isOperator(':') ? undefined : parseExpression(stream)
  if (!stream.skipOperator(':') && start !== undefined) return start
  const isBound = (): boolean => !stream.isOperator(':', ']', ',')
  const stop = isBound() ? parseExpression(stream) : undefined
  const step = stream.skipOperator(':') && isBound() ? parseExpression(stream) : undefined
  return { kind: 'slice', start, stop, step, at }
}
