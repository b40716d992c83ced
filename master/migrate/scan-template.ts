/** What a Jinja template calls and filters with, in every branch of it, reached or not. */
import type { Place } from '../../shared/data/place.ts'
import { builtinFilters, builtinTests } from '../../shared/render/jinja/library.ts'
import { bodiesOf, childrenOf, expressionsOf } from '../../shared/render/jinja/node-walk.ts'
import type { Expression, Statement } from '../../shared/render/jinja/nodes.ts'
import { parseTemplate } from '../../shared/render/jinja/parser.ts'
import { defaultSettings } from '../../shared/render/jinja/settings.ts'
import { TextSource } from '../../shared/render/source-map.ts'

export interface TemplateUse {
  readonly kind: 'function' | 'filter' | 'test'
  readonly name: string
  readonly place: Place
}

/** Nothing where the template cannot be read: compiling it says why. */
export function scanTemplate(text: string, file: string): readonly TemplateUse[] {
  if (!/\{[{%]/.test(text)) return []
  let body: readonly Statement[]
  try {
    body = parseTemplate(text, defaultSettings).body
  } catch {
    // A syntax error is told with its place by whoever compiles the file.
    return []
  }
  const source = new TextSource(text, file)
  const uses: TemplateUse[] = []
  const use = (kind: TemplateUse['kind'], name: string, at: number): void => {
    uses.push({ kind, name, place: source.placeOf(at) })
  }
  walkStatements(body, (node) => {
    const called = functionOf(node)
    if (called !== undefined) use('function', called, node.at)
    else if (node.kind === 'filter' && !builtinFilters.has(node.name)) use('filter', node.name, node.at)
    else if (node.kind === 'test' && !builtinTests.has(node.name)) use('test', node.name, node.at)
  })
  return uses
}

/** `salt['m.f']` and `salt.m.f` */
function functionOf(node: Expression): string | undefined {
  if (node.kind === 'item' && isSalt(node.of) && node.key.kind === 'constant') {
    const { value } = node.key
    return typeof value === 'string' && value.includes('.') ? value : undefined
  }
  if (node.kind !== 'attribute' || node.of.kind !== 'attribute' || !isSalt(node.of.of)) return undefined
  return `${node.of.name}.${node.name}`
}

const isSalt = (node: Expression): boolean => node.kind === 'name' && node.name === 'salt'

function walkStatements(statements: readonly Statement[], found: (node: Expression) => void): void {
  for (const statement of statements) {
    for (const expression of expressionsOf(statement)) walkExpression(expression, found)
    for (const body of bodiesOf(statement)) walkStatements(body, found)
  }
}

function walkExpression(node: Expression | undefined, found: (node: Expression) => void): void {
  if (node === undefined) return
  found(node)
  for (const child of childrenOf(node)) walkExpression(child, found)
}
