/**
 * What Jinja computes when it compiles: expressions of constants alone. Two of them come out otherwise than they would in the
 * rendering: `~` makes a plain text even of what is marked as safe, and a slice of what has none is undefined.
 */
import { childrenOf } from './node-walk.ts'
import type { Expression } from './nodes.ts'

/** Filters that want to know the rendering. */
export const ofRendering: ReadonlySet<string> = new Set([
  'map',
  'select',
  'reject',
  'selectattr',
  'rejectattr',
  'random',
])

const known = new WeakMap<Expression, boolean>()
/** Nothing in it has to wait for the rendering. */
export function isConstant(node: Expression): boolean {
  const plain = isPlainlyConstant(node)
  if (plain !== undefined) return plain
  const before = known.get(node)
  if (before !== undefined) return before
  const answer = hasConstantShape(node)
  known.set(node, answer)
  return answer
}

/** Of those that most expressions are made of; the answers for others are kept. */
function isPlainlyConstant({ kind }: Expression): boolean | undefined {
  if (kind === 'constant') return true
  return kind === 'name' || kind === 'call' ? false : undefined
}

function hasConstantShape(node: Expression): boolean {
  if (node.kind === 'filter' && (node.of === undefined || ofRendering.has(node.name))) return false
  // Without an else it is constant only where its test holds.
  if (node.kind === 'conditional' && node.no === undefined) return false
  return childrenOf(node).every((child) => child === undefined || isConstant(child))
}

const decidable = new WeakMap<Expression, boolean>()

/** Constant, or perhaps so: constants decide in it whether what is not constant is looked at. */
export function mayBeConstant(node: Expression): boolean {
  const plain = isPlainlyConstant(node)
  if (plain !== undefined) return plain
  const before = decidable.get(node)
  if (before !== undefined) return before
  const answer = isConstant(node) || hasDecidableShape(node)
  decidable.set(node, answer)
  return answer
}

function hasDecidableShape(node: Expression): boolean {
  switch (node.kind) {
    case 'filter':
      if (node.of === undefined || ofRendering.has(node.name)) return false
      break
    case 'and':
    case 'or':
      return mayBeConstant(node.left)
    case 'conditional':
      if (!mayBeConstant(node.test)) return false
      return mayBeConstant(node.yes) || (node.no !== undefined && mayBeConstant(node.no))
    case 'compare':
      return mayBeConstant(node.first) && node.others.slice(0, 1).every(({ value }) => mayBeConstant(value))
  }
  return childrenOf(node).every((child) => child === undefined || mayBeConstant(child))
}

/** Of a constant, as far as it can be seen without computing. */
export function constantTruth(node: Expression): boolean | undefined {
  switch (node.kind) {
    case 'constant':
      if (node.value === null || typeof node.value !== 'object') return Boolean(node.value)
      return Number('int' in node.value ? node.value.int : node.value.float) !== 0
    case 'list':
    case 'tuple':
      return node.items.length > 0
    case 'dict':
      return node.pairs.length > 0
    case 'negative':
    case 'positive':
      return isNumber(node.of) ? constantTruth(node.of) : undefined
    case 'not': {
      const truth = constantTruth(node.of)
      return truth === undefined ? undefined : !truth
    }
    case 'and':
    case 'or': {
      const truth = constantTruth(node.left)
      if (truth === undefined) return undefined
      return truth === (node.kind === 'and') ? constantTruth(node.right) : truth
    }
    default:
      return undefined
  }
}

function isNumber(node: Expression): boolean {
  return node.kind === 'constant' && node.value !== null && typeof node.value !== 'string'
}
