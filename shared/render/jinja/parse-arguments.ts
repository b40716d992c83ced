/** Arguments of calls, filters and tests. */
import { SyntaxFault } from './fault.ts'
import type { Arguments, Expression, FilterNode } from './nodes.ts'
import { parseExpression, parsePostfix, parsePrimary } from './parse-expressions.ts'
import type { TokenStream } from './token-stream.ts'

export const noArguments: Arguments = { args: [], kwargs: [], rest: undefined, keywordRest: undefined }

export function parseArguments(stream: TokenStream): Arguments {
  const { at } = stream.expect('operator', '(')
  const args: Expression[] = []
  const kwargs: { name: string; value: Expression }[] = []
  let rest: Expression | undefined
  let keywordRest: Expression | undefined
  const ensure = (fine: boolean): void => {
    if (!fine) throw new SyntaxFault('invalid syntax for function call expression', at)
  }
  for (let first = true; !stream.isOperator(')'); first = false) {
    if (!first) stream.expect('operator', ',')
    if (stream.isOperator(')')) break
    if (stream.skipOperator('*')) {
      ensure(rest === undefined && keywordRest === undefined)
      rest = parseExpression(stream)
    } else if (stream.skipOperator('**')) {
      ensure(keywordRest === undefined)
      keywordRest = parseExpression(stream)
    } else if (
      stream.current.kind === 'name' &&
      stream.ahead.kind === 'operator' &&
      stream.ahead.value === '='
    ) {
      ensure(keywordRest === undefined)
      const name = stream.take().value
      stream.take()
      kwargs.push({ name, value: parseExpression(stream) })
    } else {
      ensure(rest === undefined && keywordRest === undefined && kwargs.length === 0)
      args.push(parseExpression(stream))
    }
  }
  stream.expect('operator', ')')
  return { args, kwargs, rest, keywordRest }
}

export function dottedName(stream: TokenStream): { name: string; at: number } {
  const token = stream.expect('name')
  let name = token.value
  while (stream.skipOperator('.')) name += `.${stream.expect('name').value}`
  return { name, at: token.at }
}

/** One filter, after its `|`. */
export function parseFilter(stream: TokenStream, of: Expression | undefined): FilterNode {
  const { name, at } = dottedName(stream)
  const given = stream.isOperator('(') ? parseArguments(stream) : noArguments
  return { kind: 'filter', of, name, ...given, at }
}

export function parseTest(stream: TokenStream, of: Expression): Expression {
  stream.take()
  const negated = stream.skipName('not')
  const { name, at } = dottedName(stream)
  const node: Expression = { kind: 'test', of, name, ...testArguments(stream), at }
  return negated ? { kind: 'not', of: node, at } : node
}

export function testArguments(stream: TokenStream): Arguments {
  if (stream.isOperator('(')) return parseArguments(stream)
  const { kind, at } = stream.current
  const starts = kind === 'name' || kind === 'string' || kind === 'integer' || kind === 'float'
  if (!starts && !stream.isOperator('[', '{')) return noArguments
  if (stream.isName('else', 'or', 'and')) return noArguments
  if (stream.isName('is')) throw new SyntaxFault('You cannot chain multiple tests with is', at)
  return { ...noArguments, args: [parsePostfix(stream, parsePrimary(stream))] }
}
