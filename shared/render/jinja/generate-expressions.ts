/** The JavaScript of expressions: every operation goes through the runtime, and notes its position first. */
import { nearest } from '../../data/nearest.ts'
import { recordedByKey } from '../reads.ts'
import { SyntaxFault } from './fault.ts'
import type { Frame, Generator } from './generator.ts'
import type { Arguments, CallNode, Constant, Expression, FilterNode, TestNode } from './nodes.ts'

const binaryHelpers = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '//': 'floordiv',
  '%': 'mod',
  '**': 'pow',
} as const

const compareHelpers = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  in: 'isIn',
  'not in': 'notIn',
} as const

/** An expression whose value is a RuntimeValue. */
export function generateExpression(generator: Generator, node: Expression, frame: Frame): string {
  const make = (inner: Expression): string => generateExpression(generator, inner, frame)
  switch (node.kind) {
    case 'constant':
      return constantCode(node.value)
    case 'name':
      return generateName(generator, node.name, frame)
    case 'tuple':
      return `R.tuple([${node.items.map(make).join(',')}])`
    case 'list':
      return `[${node.items.map(make).join(',')}]`
    case 'dict':
      return generateDict(generator, node.pairs, frame, node.at)
    case 'attribute':
      return generateAttribute(generator, node.of, node.name, frame, node.at)
    case 'item':
      return generateItem(generator, node.of, node.key, frame, node.at)
    case 'slice':
      return `R.slice(${[node.start, node.stop, node.step].map((one) => (one === undefined ? 'null' : make(one))).join(',')})`
    case 'call':
      return generateCall(generator, node, frame)
    case 'filter':
      return generateFilter(generator, node, frame)
    case 'binary':
      return `R.${binaryHelpers[node.operator]}(${make(node.left)},${make(node.right)},${at(generator, node.at)})`
    case 'and':
      return shortCircuit(generator, node.left, node.right, frame, true)
    case 'or':
      return shortCircuit(generator, node.left, node.right, frame, false)
    case 'negative':
      return `R.neg(${make(node.of)},${at(generator, node.at)})`
    case 'positive':
      return `R.pos(${make(node.of)},${at(generator, node.at)})`
    case 'concat':
      return `R.concat([${node.items.map(make).join(',')}],${at(generator, node.at)})`
    case 'not':
    case 'test':
    case 'compare':
      return generateBoolean(generator, node, frame)
    case 'conditional':
      return `(${generateTruth(generator, node.test, frame)}?${make(node.yes)}:${node.no === undefined ? 'R.noElse()' : make(node.no)})`
  }
}

/** An expression whose value is JavaScript's true or false. */
export function generateTruth(generator: Generator, node: Expression, frame: Frame): string {
  if (node.kind === 'not' || node.kind === 'test' || node.kind === 'compare')
    return generateBoolean(generator, node, frame)
  if (node.kind === 'and' || node.kind === 'or') {
    const sign = node.kind === 'and' ? '&&' : '||'
    return `(${generateTruth(generator, node.left, frame)}${sign}${generateTruth(generator, node.right, frame)})`
  }
  return `R.truth(${generateExpression(generator, node, frame)},${at(generator, node.at)})`
}

type BooleanNode = Extract<Expression, { kind: 'test' | 'compare' | 'not' | 'negative' | 'positive' }>

function generateBoolean(generator: Generator, node: BooleanNode, frame: Frame): string {
  if (node.kind === 'test') return generateTest(generator, node, frame)
  if (node.kind === 'compare') return generateCompare(generator, node, frame)
  return `!${generateTruth(generator, node.of, frame)}`
}

/** The last argument of a helper: notes the position after the other arguments were evaluated. */
function at(generator: Generator, offset: number): string {
  return `p=B+${generator.position(offset)}`
}

function constantCode(value: Constant): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if ('int' in value) {
    const big = BigInt(value.int)
    return big <= 9007199254740991n ? big.toString() : `${big}n`
  }
  const float = Number(value.float)
  // 1e999 is infinite in Python too.
  if (!Number.isFinite(float)) return 'Infinity'
  return Number.isInteger(float) ? `R.float(${JSON.stringify(float)})` : JSON.stringify(float)
}

function generateName(generator: Generator, name: string, frame: Frame): string {
  const known = knownRef(generator, name, frame)
  if (known.load === 'parameter' && !frame.unsafe) return known.ref
  const value = `(${known.ref}===undefined?R.miss(X,${JSON.stringify(name)}):${known.ref})`
  return known.load === 'resolve' && recordedByKey.has(name)
    ? `R.whole(${JSON.stringify(name)},${value})`
    : value
}

function knownRef(
  generator: Generator,
  name: string,
  frame: Frame,
): { ref: string; load: string | undefined } {
  const ref = frame.symbols.findRef(name)
  if (ref === undefined) throw new Error(`scope analysis has not seen "${name}" (${generator.lines.length})`)
  return { ref, load: frame.symbols.findLoad(ref)?.kind }
}

/** The base of an access by key: what is read of grains, pillar and opts is noted key by key. */
function recorded(
  generator: Generator,
  node: Expression,
  frame: Frame,
): { name: string; value: string } | undefined {
  if (node.kind !== 'name' || !recordedByKey.has(node.name)) return undefined
  const { ref, load } = knownRef(generator, node.name, frame)
  if (load !== 'resolve') return undefined
  const name = JSON.stringify(node.name)
  return { name, value: `(${ref}===undefined?R.miss(X,${name}):${ref})` }
}

function generateAttribute(
  generator: Generator,
  of: Expression,
  name: string,
  frame: Frame,
  offset: number,
): string {
  const base = recorded(generator, of, frame)
  const key = JSON.stringify(name)
  if (base !== undefined)
    return `R.attr(R.readKey(${base.name},${base.value},${key}),${key},${at(generator, offset)})`
  return `R.attr(${generateExpression(generator, of, frame)},${key},${at(generator, offset)})`
}

function generateItem(
  generator: Generator,
  of: Expression,
  key: Expression,
  frame: Frame,
  offset: number,
): string {
  const base = recorded(generator, of, frame)
  if (base !== undefined && key.kind === 'constant' && typeof key.value === 'string') {
    const text = JSON.stringify(key.value)
    return `R.item(R.readKey(${base.name},${base.value},${text}),${text},${at(generator, offset)})`
  }
  const container = generateExpression(generator, of, frame)
  return `R.item(${container},${generateExpression(generator, key, frame)},${at(generator, offset)})`
}

function generateDict(
  generator: Generator,
  pairs: readonly { key: Expression; value: Expression }[],
  frame: Frame,
  offset: number,
): string {
  const parts = pairs.flatMap(({ key, value }) => [
    generateExpression(generator, key, frame),
    generateExpression(generator, value, frame),
  ])
  return `R.dict([${parts.join(',')}],${at(generator, offset)})`
}

/** Positional and keyword arguments as two expressions; `first` stand before them. */
export function generateArguments(
  generator: Generator,
  node: Arguments,
  frame: Frame,
  first: readonly string[] = [],
  extra: readonly (readonly [string, string])[] = [],
): string {
  const make = (inner: Expression): string => generateExpression(generator, inner, frame)
  const args = [...first, ...node.args.map(make)]
  if (node.rest !== undefined) args.push(`...R.spread(${make(node.rest)})`)
  const keywords = [
    ...node.kwargs.map(({ name, value }) => [JSON.stringify(name), make(value)] as const),
    ...extra.map(([name, value]) => [JSON.stringify(name), value] as const),
  ]
  const pairs = keywords.map(([name, value]) => `[${name},${value}]`).join(',')
  const rest = node.keywordRest === undefined ? '' : `,${make(node.keywordRest)}`
  const kwargs = keywords.length === 0 && rest === '' ? 'R.none' : `R.keywords([${pairs}]${rest})`
  return `[${args.join(',')}],${kwargs}`
}

export function generateCall(
  generator: Generator,
  node: CallNode,
  frame: Frame,
  extra: readonly (readonly [string, string])[] = [],
): string {
  const { of } = node
  if (of.kind === 'attribute') {
    const [key] = node.args
    const base = of.name === 'get' && key?.kind === 'constant' ? recorded(generator, of.of, frame) : undefined
    const text =
      key?.kind === 'constant' && typeof key.value === 'string' ? JSON.stringify(key.value) : undefined
    const object =
      base !== undefined && text !== undefined
        ? `R.readKey(${base.name},${base.value},${text})`
        : generateExpression(generator, of.of, frame)
    const args = generateArguments(generator, node, frame, [], extra)
    return `R.method(${object},${JSON.stringify(of.name)},${args},${at(generator, of.at)})`
  }
  const callee = generateExpression(generator, of, frame)
  return `R.callAt(${callee},${generateArguments(generator, node, frame, [], extra)},${at(generator, node.at)})`
}

/** @param inner the value where the filter's own is left open: the body of a block */
export function generateFilter(generator: Generator, node: FilterNode, frame: Frame, inner?: string): string {
  const value = node.of === undefined ? inner : generateFiltered(generator, node.of, frame, inner)
  const args = generateArguments(generator, node, frame, value === undefined ? [] : [value])
  const run = generator.filters.get(node.name)
  if (run === undefined) {
    const problem = unknownName('filter', node.name, generator.filters.keys(), node.at)
    if (!frame.soft) throw problem
    return `R.refuse(${JSON.stringify(problem.message)},${at(generator, node.at)})`
  }
  return `R.run(${generator.filterConstant('filter', node.name, run)},${args},${at(generator, node.at)})`
}

function generateFiltered(
  generator: Generator,
  of: Expression,
  frame: Frame,
  inner: string | undefined,
): string {
  return of.kind === 'filter'
    ? generateFilter(generator, of, frame, inner)
    : generateExpression(generator, of, frame)
}

function generateTest(generator: Generator, node: TestNode, frame: Frame): string {
  const args = generateArguments(generator, node, frame, [generateExpression(generator, node.of, frame)])
  const run = generator.tests.get(node.name)
  if (run === undefined) {
    const problem = unknownName('test', node.name, generator.tests.keys(), node.at)
    if (!frame.soft) throw problem
    return `R.refuse(${JSON.stringify(problem.message)},${at(generator, node.at)})`
  }
  return `R.check(${generator.filterConstant('test', node.name, run)},${args},${at(generator, node.at)})`
}

function unknownName(kind: string, name: string, names: Iterable<string>, offset: number): SyntaxFault {
  const near = nearest(name, names)
  return new SyntaxFault(`No ${kind} named '${name}'.`, offset, near && `Did you mean "${near}"?`)
}

function shortCircuit(
  generator: Generator,
  left: Expression,
  right: Expression,
  frame: Frame,
  and: boolean,
): string {
  const temporary = generator.temporary()
  const first = `R.truth(${temporary}=${generateExpression(generator, left, frame)},${at(generator, left.at)})`
  const second = generateExpression(generator, right, frame)
  return and ? `(${first}?${second}:${temporary})` : `(${first}?${temporary}:${second})`
}

type CompareNode = Extract<Expression, { kind: 'compare' }>

/** `a < b < c`: b is evaluated once. */
function generateCompare(generator: Generator, node: CompareNode, frame: Frame): string {
  const make = (inner: Expression): string => generateExpression(generator, inner, frame)
  let left = make(node.first)
  const parts = node.others.map(({ operator, value }, index) => {
    const isLast = index === node.others.length - 1
    const temporary = isLast ? undefined : generator.temporary()
    const right = temporary === undefined ? make(value) : `${temporary}=${make(value)}`
    const code = `R.${compareHelpers[operator]}(${left},${right},${at(generator, node.at)})`
    left = temporary ?? ''
    return code
  })
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join('&&')})`
}
