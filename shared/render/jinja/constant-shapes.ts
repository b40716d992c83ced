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
/** Parts of what is printed and computed as a whole. */
const printed = new WeakSet<Expression>()

function markPrinted(node: Expression | undefined): void {
  if (node === undefined) return
  printed.add(node)
  for (const child of childrenOf(node)) markPrinted(child)
}

/** Nothing in it has to wait for the rendering. */
export function isConstant(node: Expression): boolean {
  const before = known.get(node)
  if (before !== undefined) return before
  const answer = hasConstantShape(node)
  known.set(node, answer)
  return answer
}

function hasConstantShape(node: Expression): boolean {
  if (node.kind === 'name' || node.kind === 'call') return false
  if (node.kind === 'filter' && (node.of === undefined || ofRendering.has(node.name))) return false
  // Without an else it is constant only where its test holds.
  if (node.kind === 'conditional' && node.no === undefined) return false
  return childrenOf(node).every((child) => child === undefined || isConstant(child))
}

/** A part of what Jinja has computed before it prints it. */
export function isPrintedConstant(node: Expression): boolean {
  return printed.has(node)
}

/** Told of what is printed: if it is constant it is computed as a whole. */
export function printedConstant(node: Expression): boolean {
  if (isConstant(node)) {
    markPrinted(node)
    return true
  }
  // So are constants that decide, whatever else stands there.
  if (node.kind === 'and') {
    printedConstant(node.left)
    if (isConstant(node.left)) printedConstant(node.right)
  } else if (node.kind === 'conditional' && isConstant(node.test)) {
    for (const part of [node.test, node.yes, node.no]) if (part !== undefined) printedConstant(part)
  }
  return false
}

/** Constant, though nobody knows yet whether texts are to be escaped. */
export function isConstantWithoutFilters(node: Expression): boolean {
  if (node.kind === 'filter' || node.kind === 'test' || !isConstant(node)) return false
  return childrenOf(node).every((child) => child === undefined || isConstantWithoutFilters(child))
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
