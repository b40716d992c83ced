/**
 * What Jinja fails over before it renders anything, also where the rendering would never come: it computes constants
 * when it compiles, and most of what goes wrong there it leaves to the rendering, but not these: the truth or the text of
 * something undefined, and a key that cannot be one. Found by comparing with Jinja2 3.1.
 */
import { mayBeConstant } from './constant-shapes.ts'
import { childrenOf } from './node-walk.ts'
import type { Expression } from './nodes.ts'

export interface EarlyQuestion {
  /** Computed one after another, up to the first that fails. */
  readonly constants: readonly Expression[]
  readonly areKeys: boolean
  readonly at: number
  /** Where it stands in what is printed, and that is computed as a whole, nothing is asked. */
  readonly whole?: Expression | undefined
}

/** Parts of these are computed with them; a list that stands alone is left as it is. */
const computed: ReadonlySet<Expression['kind']> = new Set([
  'attribute',
  'item',
  'call',
  'filter',
  'test',
  'binary',
  'and',
  'or',
  'negative',
  'positive',
  'not',
  'concat',
  'compare',
  'conditional',
])

/**
 * Of this node alone; almost always none.
 * @param whole what is printed, where the node stands in it
 */
export function earlyQuestions(node: Expression, whole: Expression | undefined): EarlyQuestion[] {
  const asked = askedBy(node)
  const questions: EarlyQuestion[] = asked.some(mayBeUndefined)
    ? [{ constants: asked, areKeys: false, at: node.at }]
    : []
  if (computed.has(node.kind)) for (const child of childrenOf(node)) questions.push(...keysIn(child))
  return questions.map((question) => ({ ...question, whole }))
}

/** The constants whose truth or text is asked for. */
function askedBy(node: Expression): Expression[] {
  switch (node.kind) {
    case 'and':
    case 'or':
      return mayBeConstant(node.left) ? [node.left] : []
    case 'conditional':
      return mayBeConstant(node.test) ? [node.test] : []
    case 'concat': {
      const end = node.items.findIndex((item) => !mayBeConstant(item))
      return node.items.slice(0, end === -1 ? undefined : end)
    }
    default:
      return []
  }
}

function mayBeUndefined(node: Expression): boolean {
  switch (node.kind) {
    case 'attribute':
    case 'item':
    case 'filter':
      return true
    case 'and':
    case 'or':
      return mayBeUndefined(node.left) || mayBeUndefined(node.right)
    case 'conditional':
      return mayBeUndefined(node.yes) || (node.no !== undefined && mayBeUndefined(node.no))
    default:
      return false
  }
}

function keysIn(node: Expression | undefined): EarlyQuestion[] {
  if (node?.kind === 'list' || node?.kind === 'tuple') return node.items.flatMap(keysIn)
  if (node?.kind !== 'dict') return []
  const inside = node.pairs.flatMap(({ key, value }) => [...keysIn(key), ...keysIn(value)])
  const end = node.pairs.findIndex(({ key, value }) => !(mayBeConstant(key) && mayBeConstant(value)))
  const keys = node.pairs.slice(0, end === -1 ? undefined : end).map(({ key }) => key)
  if (keys.every(({ kind }) => kind === 'constant')) return inside
  return [...inside, { constants: keys, areKeys: true, at: node.at }]
}
