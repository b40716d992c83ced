/**
 * Jinja computes what it can when it compiles, and puts the value into its code where it can be written there. It makes a
 * difference in one place: a slice of what cannot be sliced is undefined in such a computation and an error in the
 * rendering. Expressions with such a slice are tried both ways; others never come here.
 */
import { isConstant, isPrintedConstant, ofRendering } from './constant-shapes.ts'
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
const sliceable: ReadonlySet<Expression['kind']> = new Set(['list', 'tuple'])

const known = new WeakMap<Expression, boolean>()

function hasOddSlice(node: Expression): boolean {
  const before = known.get(node)
  if (before !== undefined) return before
  const answer =
    isOddSlice(node) || childrenOf(node).some((child) => child !== undefined && hasOddSlice(child))
  known.set(node, answer)
  return answer
}

function isOddSlice(node: Expression): boolean {
  if (node.kind !== 'item' || node.key.kind !== 'slice' || !isConstant(node.of)) return false
  if (node.of.kind === 'constant') return typeof node.of.value !== 'string'
  return !sliceable.has(node.of.kind)
}

/** Whether it has to be tried. */
export function isTried(node: Expression, frame: Frame): boolean {
  if (frame.early || frame.escapes === 'asked') return false
  return !unfolded.has(node.kind) && hasOddSlice(node) && !isPrintedConstant(node)
}

/** Nothing of it is known before the rendering, even if all its parts are. */
export function isLate(node: Expression): boolean {
  if (node.kind === 'filter') return node.of === undefined || ofRendering.has(node.name)
  return node.kind === 'name' || node.kind === 'call'
}

/** @param make the code of the expression itself, in a frame */
export function generateFolded(generator: Generator, frame: Frame, make: (frame: Frame) => string): string {
  const early = make({ ...frame, soft: true, early: true })
  return `${generator.use('folded')}(()=>${early},()=>${make(frame)})`
}
