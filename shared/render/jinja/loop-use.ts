/** What a loop's body asks of `loop`: nothing, what the counters of a plain loop tell, or the object. */
import { countable, countableWithLength } from './generate-members.ts'
import { anywhere, bodiesOf, childrenOf, expressionsOf } from './node-walk.ts'
import type { Expression, ForNode, Statement } from './nodes.ts'

export type LoopUse = 'none' | 'counters' | 'object'

export function loopUse(node: ForNode): LoopUse {
  if (anywhere(node.body, (inner) => inner.kind === 'block' && inner.scoped)) return 'object'
  const uses: Expression[] = []
  collect(node.body, uses)
  // As in Jinja, an include sees the loop only where something else asks for it.
  if (uses.length === 0) return 'none'
  if (anywhere(node.body, seesAll)) return 'object'
  if (anywhere(node.body, (inner) => bringsLoop(inner) || inner.kind === 'macro' || changesLists(inner)))
    return 'object'
  const names = node.condition === undefined && !hasBreak(node.body) ? countableWithLength : countable
  return uses.every((use) => isCounted(use, names)) ? 'counters' : 'object'
}

/** The loop, or one in it, may end early: nobody asks for the length of an iterator that keeps the rest then. */
export function hasBreak(body: readonly Statement[]): boolean {
  return anywhere(body, (inner) => inner.kind === 'break')
}

/** Other templates that get all variables. */
function seesAll(node: Statement): boolean {
  return (node.kind === 'include' || node.kind === 'import' || node.kind === 'fromimport') && node.withContext
}

/** `loop.length` is asked once: where the list may grow meanwhile the object knows. */
function changesLists(node: Statement): boolean {
  return node.kind === 'do'
}

/** Whether the loop, or anything in it, gives `loop` another value. */
export function storesLoop(node: ForNode): boolean {
  return anywhere([node], (inner) => {
    if (inner.kind === 'set' || inner.kind === 'setblock')
      return inner.target.kind !== 'namespace' && names(inner.target)
    return inner.kind === 'for' && names(inner.target)
  })
}

/** Another `loop`, in a way that Jinja allows: what `storesLoop` tells of is refused before. */
function bringsLoop(node: Statement): boolean {
  if (node.kind === 'with') return node.targets.some(names)
  if (node.kind === 'import') return node.target === 'loop'
  if (node.kind === 'callblock') return node.parameters.some(names)
  return node.kind === 'fromimport' && node.names.some(({ as }) => as === 'loop')
}

function names(target: {
  readonly kind: string
  readonly name?: string
  readonly items?: readonly object[]
}): boolean {
  if (target.kind === 'name') return target.name === 'loop'
  return target.kind === 'tuple' && JSON.stringify(target).includes('"loop"')
}

/** A member of `loop` by name, or `loop.cycle(…)`. */
function isCounted(use: Expression, known: ReadonlySet<string>): boolean {
  if (use.kind === 'attribute') return use.name !== 'cycle' && known.has(use.name)
  if (use.kind !== 'call' || use.of.kind !== 'attribute' || use.of.name !== 'cycle') return false
  return (
    use.args.length > 0 && use.kwargs.length === 0 && use.rest === undefined && use.keywordRest === undefined
  )
}

/** The smallest expressions that use the name: with what is asked of it. */
function collect(statements: readonly Statement[], uses: Expression[]): void {
  for (const node of statements) {
    for (const one of expressionsOf(node)) collectIn(one, uses)
    if (node.kind === 'for' && !node.recursive) {
      // The inner loop has a `loop` of its own, but not in what follows it where it was empty.
      collect(node.otherwise, uses)
    } else if (node.kind !== 'block') for (const body of bodiesOf(node)) collect(body, uses)
  }
}

function collectIn(node: Expression, uses: Expression[]): void {
  if (isLoop(node)) uses.push(node)
  else if (node.kind === 'attribute' && isLoop(node.of)) uses.push(node)
  else if (node.kind === 'call' && node.of.kind === 'attribute' && isLoop(node.of.of)) {
    uses.push(node)
    for (const one of childrenOf(node).slice(1)) if (one !== undefined) collectIn(one, uses)
  } else for (const child of childrenOf(node)) if (child !== undefined) collectIn(child, uses)
}

function isLoop(node: Expression): boolean {
  return node.kind === 'name' && node.name === 'loop'
}
