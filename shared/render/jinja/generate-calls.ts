/** The JavaScript of calls: of functions, macros and methods, filters and tests. */
import { nearest } from '../../data/nearest.ts'
import { SyntaxFault } from './fault.ts'
import { generateExpression } from './generate-expressions.ts'
import { countersOf, recorded } from './generate-members.ts'
import type { Frame, Generator } from './generator.ts'
import type { Arguments, CallNode, Expression, FilterNode, TestNode } from './nodes.ts'
import type { FilterFunction, Signature } from './values.ts'

/** Positional and keyword arguments as two expressions; `first` stand before them. */
function generateArguments(
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

/** No `*rest` and `**rest`, no keyword twice. */
function isPlain({ rest, keywordRest, kwargs }: Arguments): boolean {
  return (
    rest === undefined &&
    keywordRest === undefined &&
    new Set(kwargs.map(({ name }) => name)).size === kwargs.length
  )
}

export function generateCall(
  generator: Generator,
  node: CallNode,
  frame: Frame,
  extra: readonly (readonly [string, string])[] = [],
): string {
  const { of } = node
  if (of.kind === 'attribute') return generateMethod(generator, node, of, frame, extra)
  const callee = generateExpression(generator, of, frame)
  if (extra.length > 0 || !isPlain(node))
    return `R.callAt(${callee},${generateArguments(generator, node, frame, [], extra)},${generator.at(node.at)})`
  return plainCall(generator, 'call', callee, node, frame, node.at)
}

function plainCall(
  generator: Generator,
  kind: 'call' | 'method',
  callee: string,
  node: Arguments,
  frame: Frame,
  offset: number,
): string {
  const make = (inner: Expression): string => generateExpression(generator, inner, frame)
  const args = node.args.map(make)
  if (node.kwargs.length > 0) {
    const names = node.kwargs.map(({ name }) => name)
    const list = generator.constant(`names ${JSON.stringify(names)}`, names)
    const values = [...args, ...node.kwargs.map(({ value }) => make(value))]
    return `${generator.use(`${kind}Named`)}(R,${callee},[${values.join(',')}],${list},${generator.at(offset)})`
  }
  if (args.length > 2)
    return `${generator.use(`${kind}Many`)}(R,${callee},[${args.join(',')}],${generator.at(offset)})`
  const name = `${kind}${args.length as 0 | 1 | 2}` as const
  return `${generator.use(name)}(${['R', callee, ...args, generator.at(offset)].join(',')})`
}

function generateMethod(
  generator: Generator,
  node: CallNode,
  of: Extract<Expression, { kind: 'attribute' }>,
  frame: Frame,
  extra: readonly (readonly [string, string])[],
): string {
  const counters = countersOf(generator, of.of, frame)
  if (counters !== undefined) {
    const choices = node.args.map((one) => generateExpression(generator, one, frame))
    return `${generator.use('cycle')}(${counters.index},[${choices.join(',')}])`
  }
  const name = JSON.stringify(of.name)
  const object = methodObject(generator, node, of, frame)
  if (extra.length > 0 || !isPlain(node)) {
    const args = generateArguments(generator, node, frame, [], extra)
    return `R.method(${object},${name},${args},${generator.at(of.at)})`
  }
  return plainCall(generator, 'method', `${object},${name}`, node, frame, of.at)
}

function methodObject(
  generator: Generator,
  node: CallNode,
  of: Extract<Expression, { kind: 'attribute' }>,
  frame: Frame,
): string {
  const [key] = node.args
  if (of.name === 'get' && key?.kind === 'constant' && typeof key.value === 'string') {
    const base = recorded(generator, of.of, frame)
    if (base !== undefined) return `R.readKey(${base.name},${base.value},${JSON.stringify(key.value)})`
  }
  return generateExpression(generator, of.of, frame)
}

/** @param inner the value where the filter's own is left open: the body of a block */
export function generateFilter(generator: Generator, node: FilterNode, frame: Frame, inner?: string): string {
  const value = node.of === undefined ? inner : generateFiltered(generator, node.of, frame, inner)
  const run = generator.filters.get(node.name)
  if (run === undefined) {
    const problem = unknownName('filter', node.name, generator.filters.keys(), node.at)
    if (!frame.soft) throw problem
    return `R.refuse(${JSON.stringify(problem.message)},${generator.at(node.at)})`
  }
  const first = value === undefined ? [] : [value]
  const direct = directCall(generator, `filter ${node.name}`, run, node, frame, first)
  if (direct !== undefined) return direct
  const args = generateArguments(generator, node, frame, first)
  const constant = generator.constant(`filter ${node.name}`, run)
  return `R.run(${constant},${args},${generator.at(node.at)})`
}

/** @param inner what a filter of a block is given */
function generateFiltered(
  generator: Generator,
  of: Expression,
  frame: Frame,
  inner: string | undefined,
): string {
  return of.kind === 'filter' && inner !== undefined
    ? generateFilter(generator, of, frame, inner)
    : generateExpression(generator, of, frame)
}

export function generateTest(generator: Generator, node: TestNode, frame: Frame): string {
  const run = generator.tests.get(node.name)
  const first = [generateExpression(generator, node.of, frame)]
  if (run === undefined) {
    const problem = unknownName('test', node.name, generator.tests.keys(), node.at)
    if (!frame.soft) throw problem
    return `R.refuse(${JSON.stringify(problem.message)},${generator.at(node.at)})`
  }
  const direct = directCall(generator, `test ${node.name}`, run, node, frame, first)
  if (direct !== undefined) return `(${direct}===true)`
  const args = generateArguments(generator, node, frame, first)
  const constant = generator.constant(`test ${node.name}`, run)
  return `R.check(${constant},${args},${generator.at(node.at)})`
}

/** Straight to the handler, with every parameter filled; undefined: that is to be seen when it runs. */
function directCall(
  generator: Generator,
  key: string,
  run: FilterFunction,
  node: FilterNode | TestNode,
  frame: Frame,
  first: readonly string[],
): string | undefined {
  const { signature } = run
  if (signature === undefined || !isPlain(node) || first.length === 0) return undefined
  const slots = slotsOf(signature, node.args.length + 1, node.kwargs)
  if (slots === undefined) return undefined
  const given = [
    ...first.map((value) => (kindOf(key) === 'filter' ? `${generator.use('weigh')}(R,${value})` : value)),
    ...node.args.map((one) => generateExpression(generator, one, frame)),
    ...node.kwargs.map(({ value }) => generateExpression(generator, value, frame)),
  ]
  const values = slots.map((slot, index) =>
    slot === undefined
      ? generator.constant(`${key} default ${index}`, signature.defaults[index])
      : (given[slot] ?? 'null'),
  )
  const handler = generator.constant(`${key} handler`, signature.handler)
  // The position is noted behind the last value: it is that of the call, not of what its arguments called.
  const last = values.pop() ?? 'null'
  const position = generator.at(node.at)
  if (/^[\w]+$/.test(last)) values.push(`(${position},${last})`)
  else {
    const temporary = generator.temporary()
    values.push(`(${temporary}=${last},${position},${temporary})`)
  }
  return `${handler}(R,${values.join(',')})`
}

function kindOf(key: string): string {
  return key.slice(0, key.indexOf(' '))
}

/** For each parameter the index of its argument, undefined for its default; no answer where they do not fit in order. */
function slotsOf(
  signature: Signature,
  positional: number,
  kwargs: readonly { readonly name: string }[],
): (number | undefined)[] | undefined {
  const { names, defaults } = signature
  if (signature.rest || signature.keywords || positional > names.length) return undefined
  const slots: (number | undefined)[] = names.map((_, index) => (index < positional ? index : undefined))
  let before = positional - 1
  for (const [index, { name }] of kwargs.entries()) {
    const at = names.indexOf(name)
    // Arguments are evaluated in the order in which they stand.
    if (at <= before) return undefined
    slots[at] = positional + index
    before = at
  }
  return slots.some((slot, index) => slot === undefined && defaults[index] === undefined) ? undefined : slots
}

function unknownName(kind: string, name: string, names: Iterable<string>, offset: number): SyntaxFault {
  const near = nearest(name, names)
  return new SyntaxFault(`No ${kind} named '${name}'.`, offset, near && `Did you mean "${near}"?`)
}
