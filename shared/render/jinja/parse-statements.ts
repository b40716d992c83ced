/** The parsers of the tags, by name. Each starts after the tag's name and ends before the tag's end. */
import { SyntaxFault } from './fault.ts'
import type { Expression, FilterNode, MacroNode, NameNode, Statement, Target } from './nodes.ts'
import type { Parser } from './parser.ts'
import { describe } from './token-stream.ts'

/** @param at offset of the tag's name */
export type StatementParser = (parser: Parser, at: number) => Statement[]

export const statementParsers: ReadonlyMap<string, StatementParser> = new Map<string, StatementParser>([
  ['for', parseFor],
  ['if', parseIf],
  ['set', parseSet],
  ['with', parseWith],
  ['macro', parseMacro],
  ['call', parseCallBlock],
  ['filter', parseFilterBlock],
  ['block', parseBlock],
  ['extends', (parser, at) => [{ kind: 'extends', template: parser.expression(), at }]],
  ['include', parseInclude],
  ['import', parseImport],
  ['from', parseFromImport],
  ['autoescape', parseAutoescape],
  ['print', parsePrint],
  ['do', (parser, at) => [{ kind: 'do', value: parser.tuple(), at }]],
  ['break', (_, at) => [{ kind: 'break', at }]],
  ['continue', (_, at) => [{ kind: 'continue', at }]],
  ['load_yaml', loadTag('load_yaml')],
  ['load_json', loadTag('load_json')],
  ['load_text', loadTag('load_text')],
  ['import_yaml', importTag('load_yaml')],
  ['import_json', importTag('load_json')],
  ['import_text', importTag('load_text')],
  ['profile', parseProfile],
])

function parseFor(parser: Parser, at: number): Statement[] {
  const { stream } = parser
  const target = parser.target('in')
  stream.expect('name', 'in')
  const iterable = parser.tuple({ conditional: false, endName: 'recursive' })
  const condition = stream.skipName('if') ? parser.expression() : undefined
  const recursive = stream.skipName('recursive')
  const { body, end } = parser.body('for', ['endfor', 'else'])
  const otherwise = end === 'else' ? parser.body('for', ['endfor']).body : []
  return [{ kind: 'for', target, iterable, condition, recursive, body, otherwise, at }]
}

function parseIf(parser: Parser, at: number): Statement[] {
  const test = parser.tuple({ conditional: false })
  const ends = ['elif', 'else', 'endif']
  let part = parser.body('if', ends)
  const { body } = part
  const elifs: { test: Expression; body: Statement[] }[] = []
  while (part.end === 'elif') {
    const next = parser.tuple({ conditional: false })
    part = parser.body('if', ends)
    elifs.push({ test: next, body: part.body })
  }
  const otherwise = part.end === 'else' ? parser.body('if', ['endif']).body : []
  return [{ kind: 'if', test, body, elifs, otherwise, at }]
}

function parseSet(parser: Parser, at: number): Statement[] {
  const { stream } = parser
  const target = parser.target(undefined, true)
  if (stream.skipOperator('=')) return [{ kind: 'set', target, value: parser.tuple(), at }]
  const filter = parseFilters(parser)
  return [{ kind: 'setblock', target, filter, body: parser.body('set', ['endset']).body, at }]
}

/** `| a | b` before a body. */
function parseFilters(parser: Parser): FilterNode | undefined {
  let filter: FilterNode | undefined
  while (parser.stream.skipOperator('|')) filter = { ...parser.filter(), of: filter }
  return filter
}

function parseWith(parser: Parser, at: number): Statement[] {
  const targets: Target[] = []
  const values: Expression[] = []
  while (parser.stream.current.kind !== 'block_end') {
    if (targets.length > 0) parser.stream.expect('operator', ',')
    targets.push(parser.target())
    parser.stream.expect('operator', '=')
    values.push(parser.expression())
  }
  return [{ kind: 'with', targets, values, body: parser.body('with', ['endwith']).body, at }]
}

interface Signature {
  readonly parameters: NameNode[]
  readonly defaults: Expression[]
}

function parseSignature(parser: Parser): Signature {
  const { stream } = parser
  const signature: Signature = { parameters: [], defaults: [] }
  stream.expect('operator', '(')
  while (!stream.isOperator(')')) {
    if (signature.parameters.length > 0) stream.expect('operator', ',')
    signature.parameters.push(parser.nameTarget())
    if (stream.skipOperator('=')) signature.defaults.push(parser.expression())
    else if (signature.defaults.length > 0)
      throw new SyntaxFault('non-default argument follows default argument', stream.current.at)
  }
  stream.expect('operator', ')')
  return signature
}

function parseMacro(parser: Parser, at: number): Statement[] {
  const { name } = parser.nameTarget()
  const signature = parseSignature(parser)
  return [{ kind: 'macro', name, ...signature, body: parser.body('macro', ['endmacro']).body, at }]
}

function parseCallBlock(parser: Parser, at: number): Statement[] {
  const signature = parser.stream.isOperator('(') ? parseSignature(parser) : { parameters: [], defaults: [] }
  const call = parser.expression()
  if (call.kind !== 'call') throw new SyntaxFault('expected call', call.at)
  return [{ kind: 'callblock', call, ...signature, body: parser.body('call', ['endcall']).body, at }]
}

function parseFilterBlock(parser: Parser, at: number): Statement[] {
  let filter = parser.filter()
  while (parser.stream.skipOperator('|')) filter = { ...parser.filter(), of: filter }
  return [{ kind: 'filterblock', filter, body: parser.body('filter', ['endfilter']).body, at }]
}

function parseBlock(parser: Parser, at: number): Statement[] {
  const { stream } = parser
  const name = stream.expect('name').value
  if (parser.blocks.has(name)) throw new SyntaxFault(`block '${name}' defined twice`, at)
  parser.blocks.add(name)
  const scoped = stream.skipName('scoped')
  const required = stream.skipName('required')
  if (stream.isOperator('-'))
    throw new SyntaxFault('a block name has no hyphens; use an underscore instead', stream.current.at)
  const { body } = parser.body('block', ['endblock'])
  if (required && body.some((node) => node.kind !== 'data' || node.text.trim() !== ''))
    throw new SyntaxFault('Required blocks can only contain comments or whitespace', at)
  stream.skipName(name)
  return [{ kind: 'block', name, scoped, required, body, at }]
}

function parseContext(parser: Parser): boolean | undefined {
  const { stream } = parser
  if (!stream.isName('with', 'without') || stream.ahead.value !== 'context') return undefined
  const { value } = stream.take()
  stream.take()
  return value === 'with'
}

function parseInclude(parser: Parser, at: number): Statement[] {
  const { stream } = parser
  const template = parser.expression()
  const ignoreMissing = stream.isName('ignore') && stream.ahead.value === 'missing'
  if (ignoreMissing) {
    stream.take()
    stream.take()
  }
  return [{ kind: 'include', template, ignoreMissing, withContext: parseContext(parser) ?? true, at }]
}

function parseImport(parser: Parser, at: number): Statement[] {
  const template = parser.expression()
  parser.stream.expect('name', 'as')
  const target = parser.nameTarget().name
  return [{ kind: 'import', template, target, withContext: parseContext(parser) ?? false, at }]
}

function parseFromImport(parser: Parser, at: number): Statement[] {
  const { stream } = parser
  const template = parser.expression()
  stream.expect('name', 'import')
  const names: { name: string; as: string; at: number }[] = []
  let withContext: boolean | undefined
  for (;;) {
    if (names.length > 0) stream.expect('operator', ',')
    if (stream.current.kind !== 'name') stream.expect('name')
    withContext = parseContext(parser)
    if (withContext !== undefined) break
    const target = parser.nameTarget()
    if (target.name.startsWith('_'))
      throw new SyntaxFault('names starting with an underline can not be imported', target.at)
    const as = stream.skipName('as') ? parser.nameTarget().name : target.name
    names.push({ name: target.name, as, at: target.at })
    withContext = parseContext(parser)
    if (withContext !== undefined || !stream.isOperator(',')) break
  }
  return [{ kind: 'fromimport', template, names, withContext: withContext ?? false, at }]
}

function parseAutoescape(parser: Parser, at: number): Statement[] {
  const value = parser.expression()
  const { body } = parser.body('autoescape', ['endautoescape'])
  return [{ kind: 'scope', body: [{ kind: 'autoescape', value, body, at }], at }]
}

function parsePrint(parser: Parser, at: number): Statement[] {
  const printed: Statement[] = []
  while (parser.stream.current.kind !== 'block_end') {
    if (printed.length > 0) parser.stream.expect('operator', ',')
    printed.push({ kind: 'print', value: parser.expression(), at })
  }
  return printed
}

/** The body as a macro of its own, so that what it sets stays inside; its text goes through the filter. */
function loadTag(filter: string): StatementParser {
  return (parser, at) => {
    parser.stream.expect('name', 'as')
    const target = parser.target()
    const { body } = parser.body(filter, ['endload'])
    const macro: MacroNode = {
      kind: 'macro',
      name: parser.freeName(),
      parameters: [],
      defaults: [],
      body,
      at,
    }
    const none = { args: [], kwargs: [], rest: undefined, keywordRest: undefined, at }
    const text: Expression = { kind: 'call', of: { kind: 'name', name: macro.name, at }, ...none }
    return [macro, { kind: 'set', target, value: { kind: 'filter', of: text, name: filter, ...none }, at }]
  }
}

/** The file is a template of its own; its text goes through the filter. */
function importTag(filter: string): StatementParser {
  return (parser, at) => {
    const [statement] = parseImport(parser, at)
    if (statement?.kind !== 'import') throw new SyntaxFault('expected an import', at)
    const target: NameNode = { kind: 'name', name: statement.target, at }
    const none = { args: [], kwargs: [], rest: undefined, keywordRest: undefined, at }
    return [
      statement,
      { kind: 'set', target, value: { kind: 'filter', of: target, name: filter, ...none }, at },
    ]
  }
}

/** `profile as 'x'`: Salt measures its body; the body is what remains. */
function parseProfile(parser: Parser, at: number): Statement[] {
  const { stream } = parser
  if (!stream.skipName('as')) {
    const { kind, value } = stream.current
    throw new SyntaxFault(`expected 'as', got ${describe(kind, value)}`, stream.current.at)
  }
  parser.expression()
  const { body } = parser.body('profile', ['endprofile'])
  return [{ kind: 'scope', body, at }]
}
