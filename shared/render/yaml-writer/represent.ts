/** Values of templates and of data as nodes, as PyYAML's safe representer under Salt makes them. */
import { PyFloat } from '../../data/value.ts'
import { sortValues } from '../jinja/values/equality.ts'
import { PyError } from '../jinja/values/errors.ts'
import { PyBytes, type PyObject, PyTuple } from '../jinja/values/objects.ts'
import { floatText } from '../jinja/values/text.ts'
import type { RuntimeDict, RuntimeValue } from '../jinja/values.ts'
import { isOrdered } from '../ordered.ts'
import type { MappingNode, ScalarNode, SequenceNode, WriterOptions, YamlNode } from './nodes.ts'

const deepest = 100

type Container = RuntimeValue[] | RuntimeDict | PyObject

/** What the safe representer has no rule for, undefined names too. */
const unknown: ScalarNode = { kind: 'scalar', text: 'NULL', tag: 'null' }

/** @throws PyError for data nested deeper than a document may be */
export function nodeOf(value: RuntimeValue, options: WriterOptions): YamlNode {
  return new Representer(options).node(value, 0)
}

class Representer {
  private readonly options: WriterOptions
  /** A list or mapping is one node, wherever it stands. */
  private readonly nodes = new Map<object, YamlNode>()

  constructor(options: WriterOptions) {
    this.options = options
  }

  node(value: RuntimeValue, depth: number): YamlNode {
    const scalar = scalarNode(value)
    if (scalar !== undefined) return scalar
    return this.shared(value as Container, depth)
  }

  private shared(value: Container, depth: number): YamlNode {
    if (depth > deepest) throw new PyError('LimitError', `data nested more than ${deepest} levels`)
    const known = this.nodes.get(value)
    if (known !== undefined) return known
    if (Array.isArray(value)) return this.sequence(value, value, depth)
    if (value instanceof PyTuple) return this.sequence(value, value.values, depth)
    if (value instanceof Map) return this.mapping(value, this.pairsOf(value), false, depth)
    if (value.type === 'set')
      return this.mapping(value, this.inOrder((value.items() ?? []).map((item) => [item, null])), true, depth)
    const node = { ...unknown }
    this.nodes.set(value, node)
    return node
  }

  private sequence(value: object, items: readonly RuntimeValue[], depth: number): SequenceNode {
    const node: SequenceNode = { kind: 'sequence', items: [], flow: false }
    // An empty tuple is the same everywhere in Python.
    if (items.length > 0 || Array.isArray(value)) this.nodes.set(value, node)
    for (const item of items) node.items.push(this.node(item, depth + 1))
    node.flow = this.options.flowStyle ?? node.items.every((item) => this.isBare(item))
    return node
  }

  private pairsOf(dict: RuntimeDict): readonly (readonly [RuntimeValue, RuntimeValue])[] {
    return isOrdered(dict) ? [...dict] : this.inOrder([...dict])
  }

  private inOrder(
    pairs: readonly (readonly [RuntimeValue, RuntimeValue])[],
  ): readonly (readonly [RuntimeValue, RuntimeValue])[] {
    if (!this.options.sortKeys || pairs.length < 2) return pairs
    try {
      return sortValues(pairs, ([key]) => key)
    } catch {
      // Keys of several types have no order; they stay as they are.
      return pairs
    }
  }

  private mapping(
    value: object,
    pairs: readonly (readonly [RuntimeValue, RuntimeValue])[],
    isSet: boolean,
    depth: number,
  ): MappingNode {
    const node: MappingNode = { kind: 'mapping', pairs: [], isSet, flow: false }
    this.nodes.set(value, node)
    for (const [key, item] of pairs) node.pairs.push([this.node(key, depth + 1), this.node(item, depth + 1)])
    node.flow = this.options.flowStyle ?? node.pairs.every((pair) => pair.every((item) => this.isBare(item)))
    return node
  }

  private isBare(node: YamlNode): boolean {
    return node.kind === 'scalar' && (node.style ?? this.options.style) === undefined
  }
}

function scalarNode(value: RuntimeValue): ScalarNode | undefined {
  if (typeof value === 'string') return { kind: 'scalar', text: value, tag: 'str' }
  if (value === null) return { kind: 'scalar', text: 'null', tag: 'null' }
  if (typeof value === 'boolean') return { kind: 'scalar', text: String(value), tag: 'bool' }
  if (typeof value === 'bigint') return { kind: 'scalar', text: value.toString(), tag: 'int' }
  if (value instanceof PyFloat) return { kind: 'scalar', text: yamlFloat(value.value), tag: 'float' }
  if (typeof value === 'number')
    return Number.isInteger(value)
      ? { kind: 'scalar', text: String(value), tag: 'int' }
      : { kind: 'scalar', text: yamlFloat(value), tag: 'float' }
  if (value instanceof PyBytes)
    return { kind: 'scalar', text: base64Lines(value.bytes), tag: 'binary', style: 'literal' }
  return undefined
}

/** As YAML 1.1 reads it back: an exponent has a fraction before it. */
export function yamlFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  const text = floatText(value)
  return text.includes('.') ? text : text.replace('e', '.0e')
}

/** As Python's `base64.encodebytes`. */
export function base64Lines(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64')
  return (text.match(/.{1,76}/g) ?? []).map((line) => `${line}\n`).join('')
}
