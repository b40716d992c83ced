/** The JavaScript of `object.name` and `object[key]`. */
import { recordedByKey } from '../reads.ts'
import { generateExpression, knownRef } from './generate-expressions.ts'
import type { Counters, Frame, Generator } from './generator.ts'
import { dictMethods } from './methods/dict.ts'
import type { Expression, GetItemNode } from './nodes.ts'

/** The base of an access by key: what is read of grains, pillar and opts is noted key by key. */
export function recorded(
  generator: Generator,
  node: Expression,
  frame: Frame,
): { name: string; value: string } | undefined {
  if (node.kind !== 'name' || !recordedByKey.has(node.name)) return undefined
  const { ref, load } = knownRef(generator, node.name, frame)
  if (load !== 'resolve') return undefined
  const name = JSON.stringify(node.name)
  return { name, value: `(${ref}===undefined?R.miss(X,${name}):${ref})` }
}

export function generateAttribute(
  generator: Generator,
  of: Expression,
  name: string,
  frame: Frame,
  offset: number,
): string {
  const counters = countersOf(generator, of, frame)
  if (counters !== undefined) return counted(counters, name)
  const base = recorded(generator, of, frame)
  const key = JSON.stringify(name)
  const object =
    base === undefined
      ? generateExpression(generator, of, frame)
      : `R.readKey(${base.name},${base.value},${key})`
  const get = generator.use(dictMethods.has(name) ? 'attr' : 'member')
  return `${get}(R,${object},${key},${generator.at(offset)})`
}

export function generateItem(generator: Generator, node: GetItemNode, frame: Frame): string {
  const { of, key, at: offset } = node
  const base = recorded(generator, of, frame)
  const item = generator.use('item')
  if (base !== undefined && key.kind === 'constant' && typeof key.value === 'string') {
    const text = JSON.stringify(key.value)
    return `${item}(R,R.readKey(${base.name},${base.value},${text}),${text},${generator.at(offset)})`
  }
  const container = generateExpression(generator, of, frame)
  if (key.kind === 'slice' && frame.early === true)
    return `${generator.use('sliceOfConstant')}(R,${container},${generateExpression(generator, key, frame)},${generator.at(offset)})`
  return `${item}(R,${container},${generateExpression(generator, key, frame)},${generator.at(offset)})`
}

/** Of `loop` where it is not an object but counters. */
export function countersOf(generator: Generator, node: Expression, frame: Frame): Counters | undefined {
  if (node.kind !== 'name' || node.name !== 'loop' || generator.counters.size === 0) return undefined
  const ref = frame.symbols.findRef('loop')
  return ref === undefined ? undefined : generator.counters.get(ref)
}

/** What `loop` tells without an object; `length` and what needs it only where no condition skips items. */
export const countable = new Set(['index', 'index0', 'first', 'cycle'])
export const countableWithLength = new Set(['last', 'length', 'revindex', 'revindex0', ...countable])

function counted({ index, length }: Counters, name: string): string {
  switch (name) {
    case 'index':
      return `(${index}+1)`
    case 'index0':
      return index
    case 'first':
      return `(${index}===0)`
    case 'length':
      return length
    case 'last':
      return `(${index}+1>=${length})`
    case 'revindex':
      return `(${length}-${index})`
    case 'revindex0':
      return `(${length}-${index}-1)`
    default:
      throw new Error(`loop.${name} needs the loop object`)
  }
}
