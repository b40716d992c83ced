/** The JavaScript of expressions: every operation goes through the runtime, and notes its position first. */
import { recordedByKey } from '../reads.ts'
import { constantTruth, isConstant } from './constant-shapes.ts'
import { generateCall, generateFilter, generateTest } from './generate-calls.ts'
import { generateFolded, isLate, isTried } from './generate-folded.ts'
import { generateAttribute, generateItem } from './generate-members.ts'
import type { Frame, Generator } from './generator.ts'
import type { Constant, Expression } from './nodes.ts'

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
  if (frame.early && isLate(node, frame)) return `${generator.use('unknown')}()`
  return isTried(node, frame)
    ? generateFolded(generator, frame, (inner) => generateItself(generator, node, inner))
    : generateItself(generator, node, frame)
}

function generateItself(generator: Generator, node: Expression, frame: Frame): string {
  const make = (inner: Expression): string => generateExpression(generator, inner, frame)
  if (frame.escapes !== 'asked' && !frame.early) generator.foresee(node)
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
      return generateItem(generator, node, frame)
    case 'slice':
      return `R.slice(${[node.start, node.stop, node.step].map((one) => (one === undefined ? 'null' : make(one))).join(',')})`
    case 'call':
      return generateCall(generator, node, frame)
    case 'filter':
      return generateFilter(generator, node, frame)
    case 'binary':
      return `${generator.use(binaryHelpers[node.operator])}(${make(node.left)},${make(node.right)},${generator.at(node.at)})`
    case 'and':
      return shortCircuit(generator, node.left, node.right, frame, true)
    case 'or':
      return shortCircuit(generator, node.left, node.right, frame, false)
    case 'negative':
      return `${generator.use('neg')}(${make(node.of)},${generator.at(node.at)})`
    case 'positive':
      return `${generator.use('pos')}(${make(node.of)},${generator.at(node.at)})`
    case 'concat':
      return generateConcat(
        generator,
        node.items.map(make),
        node.at,
        frame.escapes === 'always' && !frame.early && !isConstant(node),
      )
    case 'not':
    case 'test':
    case 'compare':
      return generateBoolean(generator, node, frame)
    case 'conditional': {
      // What is not reached may ask for filters that do not exist.
      const soft: Frame = { ...frame, soft: true }
      const make = (inner: Expression): string => generateExpression(generator, inner, soft)
      const none = frame.early ? `${generator.use('unknown')}()` : 'R.noElse()'
      return `(${generateTruth(generator, node.test, soft)}?${make(node.yes)}:${node.no === undefined ? none : make(node.no)})`
    }
  }
}

/** An expression whose value is JavaScript's true or false. */
export function generateTruth(generator: Generator, node: Expression, frame: Frame): string {
  if (isTried(node, frame) || (frame.early && isLate(node, frame)))
    return `${generator.use('truth')}(${generateExpression(generator, node, frame)},${generator.at(node.at)})`
  if (node.kind === 'not' || node.kind === 'test' || node.kind === 'compare') {
    if (frame.escapes !== 'asked' && !frame.early) generator.foresee(node)
    return generateBoolean(generator, node, frame)
  }
  if (node.kind === 'and' || node.kind === 'or') {
    if (frame.escapes !== 'asked' && !frame.early) generator.foresee(node)
    const sign = node.kind === 'and' ? '&&' : '||'
    const right = frameBeyond(node.left, node.kind === 'and', frame)
    return `(${generateTruth(generator, node.left, frame)}${sign}${generateTruth(generator, node.right, right)})`
  }
  return `${generator.use('truth')}(${generateExpression(generator, node, frame)},${generator.at(node.at)})`
}

type BooleanNode = Extract<Expression, { kind: 'test' | 'compare' | 'not' | 'negative' | 'positive' }>

function generateBoolean(generator: Generator, node: BooleanNode, frame: Frame): string {
  if (node.kind === 'test') return generateTest(generator, node, frame)
  if (node.kind === 'compare') return generateCompare(generator, node, frame)
  return `!${generateTruth(generator, node.of, frame)}`
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

export function knownRef(
  generator: Generator,
  name: string,
  frame: Frame,
): { ref: string; load: string | undefined } {
  const ref = frame.symbols.findRef(name)
  if (ref === undefined) throw new Error(`scope analysis has not seen "${name}" (${generator.lines.length})`)
  return { ref, load: frame.symbols.findLoad(ref)?.kind }
}

function generateDict(
  generator: Generator,
  pairs: readonly { key: Expression; value: Expression }[],
  frame: Frame,
  offset: number,
): string {
  if (pairs.length === 0) return 'new Map()'
  const parts = pairs.flatMap(({ key, value }) => [
    generateExpression(generator, key, frame),
    generateExpression(generator, value, frame),
  ])
  return `R.dict([${parts.join(',')}],${generator.at(offset)})`
}

/** Marks are lost in what Jinja computes beforehand, and where it does not know yet whether to escape. */
function generateConcat(
  generator: Generator,
  items: readonly string[],
  at: number,
  keepsMarks: boolean,
): string {
  const [a, b] = items
  if (keepsMarks) return `${generator.use('concatMarked')}([${items.join(',')}],${generator.at(at)})`
  return items.length === 2 && a !== undefined && b !== undefined
    ? `${generator.use('concat')}(${a},${b},${generator.at(at)})`
    : `${generator.use('concatMany')}([${items.join(',')}],${generator.at(at)})`
}

function shortCircuit(
  generator: Generator,
  left: Expression,
  right: Expression,
  frame: Frame,
  and: boolean,
): string {
  const temporary = generator.temporary()
  const first = `${generator.use('truth')}(${temporary}=${generateExpression(generator, left, frame)},${generator.at(left.at)})`
  const second = generateExpression(generator, right, frameBeyond(left, and, frame))
  return and ? `(${first}?${second}:${temporary})` : `(${first}?${temporary}:${second})`
}

/** Where a constant decides alone, Jinja compiles nothing of what stands beyond: it may ask for filters that do not exist. */
function frameBeyond(left: Expression, and: boolean, frame: Frame): Frame {
  if (frame.soft || !isConstant(left) || constantTruth(left) === and) return frame
  return { ...frame, soft: true }
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
    const runtime = operator === 'in' || operator === 'not in' ? 'R,' : ''
    const code = `${generator.use(compareHelpers[operator])}(${runtime}${left},${right},${generator.at(node.at)})`
    left = temporary ?? ''
    return code
  })
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join('&&')})`
}
