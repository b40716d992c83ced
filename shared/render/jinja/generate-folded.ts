/**
 * Jinja computes what it can when it compiles, and puts the value into its code where it can be written there. It makes a
 * difference in few places: a slice of what cannot be sliced is undefined in such a computation and an error in the
 * rendering. Expressions with such a slice, or with a `~` of which nobody knows whether it is constant, are tried both ways;
 * others never come here.
 */
import { isConstant, mayBeConstant, ofRendering } from './constant-shapes.ts'
import { generateExpression } from './generate-expressions.ts'
import type { Frame, Generator } from './generator.ts'
import { childrenOf } from './node-walk.ts'
import type { Expression } from './nodes.ts'

/** Jinja leaves these as they are, and computes their parts. */
const unfolded: ReadonlySet<Expression['kind']> = new Set([
  'constant',
  'name',
  'list',
  'tuple',
  'dict',
  'slice',
])
const known = new WeakMap<Expression, boolean>()

/** Whether something in it comes out otherwise when it is computed beforehand. */
export function isOdd(node: Expression): boolean {
  if (node.kind === 'name' || node.kind === 'constant') return false
  const before = known.get(node)
  if (before !== undefined) return before
  const answer = isOddItself(node) || childrenOf(node).some((child) => child !== undefined && isOdd(child))
  known.set(node, answer)
  return answer
}

function isOddItself(node: Expression): boolean {
  // Marks are lost in it; where it is plainly constant the code says so.
  if (node.kind === 'concat') return !isConstant(node) && mayBeConstant(node)
  if (node.kind !== 'item' || node.key.kind !== 'slice' || !mayBeConstant(node)) return false
  const { start, stop, step } = node.key
  return !(canBeSliced(node.of) && [start, stop, step].every(isBound))
}

function canBeSliced(node: Expression): boolean {
  if (node.kind === 'constant') return typeof node.value === 'string'
  return node.kind === 'list' || node.kind === 'tuple'
}

function isBound(node: Expression | undefined): boolean {
  if (node === undefined) return true
  if (node.kind === 'negative') return isBound(node.of)
  if (node.kind !== 'constant' || typeof node.value === 'string') return false
  return node.value === null || typeof node.value === 'boolean' || 'int' in node.value
}

/** Whether it has to be tried. */
export function isTried(node: Expression, frame: Frame): boolean {
  if (frame.early || frame.escapes === 'asked') return false
  return !unfolded.has(node.kind) && isOdd(node)
}

/** Whether what is printed has to be tried: where nobody knows yet whether to escape, what is computed before is not. */
export function isPrintTried(node: Expression, frame: Frame): boolean {
  return frame.escapes === 'asked' ? mayBeConstant(node) : isOdd(node)
}

/** Nothing of it is known before the rendering, even if all its parts are. */
export function isLate(node: Expression, frame: Frame): boolean {
  if (node.kind === 'filter')
    return node.of === undefined || ofRendering.has(node.name) || frame.escapes === 'asked'
  return node.kind === 'name' || node.kind === 'call' || (node.kind === 'test' && frame.escapes === 'asked')
}

/** @param make the code of the expression itself, in a frame */
export function generateFolded(generator: Generator, frame: Frame, make: (frame: Frame) => string): string {
  const early = make({ ...frame, soft: true, early: true })
  return `${generator.use('folded')}(()=>${early},()=>${make(frame)})`
}

/** What is printed is written as a text, whatever it is. @param late the code of the rendering */
export function generateFoldedPrint(
  generator: Generator,
  node: Expression,
  frame: Frame,
  late: string,
): string {
  const early = generateExpression(generator, node, { ...frame, soft: true, early: true })
  return `${generator.use('foldedPrint')}(()=>${early},()=>${late})`
}
