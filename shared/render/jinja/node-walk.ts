/** Walks over nodes: the names, bodies and expressions in them. */
import type { Arguments, Expression, Statement } from './nodes.ts'

export function namesIn(node: Expression): string[] {
  const names: string[] = []
  walk(node, (name) => names.push(name))
  return names
}

function walk(node: Expression | undefined, found: (name: string) => void): void {
  if (node === undefined) return
  if (node.kind === 'name') found(node.name)
  else for (const child of childrenOf(node)) walk(child, found)
}

export function childrenOf(node: Expression): (Expression | undefined)[] {
  switch (node.kind) {
    case 'tuple':
    case 'list':
    case 'concat':
      return [...node.items]
    case 'dict':
      return node.pairs.flatMap(({ key, value }) => [key, value])
    case 'attribute':
    case 'not':
    case 'negative':
    case 'positive':
      return [node.of]
    case 'item':
      return [node.of, node.key]
    case 'slice':
      return [node.start, node.stop, node.step]
    case 'call':
    case 'filter':
    case 'test':
      return [node.of, ...argumentsOf(node)]
    case 'binary':
    case 'and':
    case 'or':
      return [node.left, node.right]
    case 'compare':
      return [node.first, ...node.others.map(({ value }) => value)]
    case 'conditional':
      return [node.test, node.yes, node.no]
    default:
      return []
  }
}

function argumentsOf(node: Arguments): (Expression | undefined)[] {
  return [...node.args, ...node.kwargs.map(({ value }) => value), node.rest, node.keywordRest]
}

/** Whether statements ask for a name anywhere, in scopes inside too; blocks are on their own. */
export function mentions(statements: readonly Statement[], name: string): boolean {
  return statements.some((node) => {
    if (expressionsOf(node).some((one) => namesIn(one).includes(name))) return true
    return node.kind !== 'block' && bodiesOf(node).some((body) => mentions(body, name))
  })
}

/** Whether a statement for which `test` holds stands anywhere inside. */
export function anywhere(statements: readonly Statement[], test: (node: Statement) => boolean): boolean {
  return statements.some((node) => test(node) || bodiesOf(node).some((body) => anywhere(body, test)))
}

export function bodiesOf(node: Statement): (readonly Statement[])[] {
  switch (node.kind) {
    case 'for':
      return [node.body, node.otherwise]
    case 'if':
      return [node.body, ...node.elifs.map(({ body }) => body), node.otherwise]
    case 'macro':
    case 'callblock':
    case 'filterblock':
    case 'with':
    case 'setblock':
    case 'block':
    case 'autoescape':
    case 'scope':
      return [node.body]
    default:
      return []
  }
}

export function expressionsOf(node: Statement): Expression[] {
  switch (node.kind) {
    case 'print':
    case 'do':
    case 'set':
    case 'autoescape':
      return [node.value]
    case 'for':
      return node.condition === undefined ? [node.iterable] : [node.iterable, node.condition]
    case 'if':
      return [node.test, ...node.elifs.map(({ test }) => test)]
    case 'macro':
      return [...node.defaults]
    case 'callblock':
      return [node.call, ...node.defaults]
    case 'filterblock':
      return [node.filter]
    case 'with':
      return [...node.values]
    case 'setblock':
      return node.filter === undefined ? [] : [node.filter]
    case 'extends':
    case 'include':
    case 'import':
    case 'fromimport':
      return [node.template]
    default:
      return []
  }
}
