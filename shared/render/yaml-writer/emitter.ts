/** Nodes as YAML text, byte for byte as libyaml's emitter under PyYAML writes them. */
import { plainTag } from '../yaml-scalars.ts'
import { analyze } from './analysis.ts'
import { writeBlockScalar } from './block-scalars.ts'
import type { MappingNode, ScalarNode, ScalarStyle, SequenceNode, WriterOptions, YamlNode } from './nodes.ts'
import { Page } from './page.ts'

/** Longer keys, in bytes, are written after a "?". */
const longestSimpleKey = 128

type Role = 'value' | 'mapping value' | 'key' | 'simple key'

/** One document with a newline at its end. */
export function writeYaml(root: YamlNode, options: WriterOptions): string {
  return new Emitter(root, options).document()
}

class Emitter {
  private readonly root: YamlNode
  private readonly options: WriterOptions
  private readonly page: Page
  private readonly anchors: ReadonlyMap<YamlNode, string>
  private readonly written = new Set<YamlNode>()
  private flowLevel = 0

  constructor(root: YamlNode, options: WriterOptions) {
    this.root = root
    this.options = options
    this.page = new Page(options)
    this.anchors = anchorsOf(root)
  }

  document(): string {
    if (this.options.explicitStart) this.page.indicator('---', true)
    this.node(this.root, 'value')
    this.page.startLine()
    if (this.options.explicitEnd || this.page.openEnded) {
      this.page.indicator('...', true)
      this.page.startLine()
    }
    return this.page.text
  }

  private node(node: YamlNode, role: Role): void {
    const anchor = this.anchors.get(node)
    if (anchor !== undefined) {
      if (this.written.has(node)) {
        this.page.indicator(`*${anchor}`, true)
        if (role === 'simple key') this.page.put(' ')
        return
      }
      this.written.add(node)
      this.page.indicator(`&${anchor}`, true)
    }
    if (node.kind === 'scalar') this.scalar(node, role)
    else if (node.kind === 'sequence') {
      if (this.flowLevel > 0 || node.flow || node.items.length === 0) this.flowSequence(node)
      else this.sequence(node, role)
    } else {
      if (node.isSet) this.page.indicator('!!set', true)
      if (this.flowLevel > 0 || node.flow || node.pairs.length === 0) this.flowMapping(node)
      else this.mapping(node)
    }
  }

  private sequence(node: SequenceNode, role: Role): void {
    const { page } = this
    const outer = page.indent
    // Under a key the dashes stand in the key's column.
    if (!(role === 'mapping value' && !page.indention)) this.deepen(false)
    for (const item of node.items) {
      page.startLine()
      page.indicator('-', true, false, true)
      this.node(item, 'value')
    }
    page.indent = outer
  }

  private flowSequence(node: SequenceNode): void {
    const { page } = this
    const outer = this.openFlow('[')
    for (const [at, item] of node.items.entries()) {
      if (at > 0) page.indicator(',', false)
      if (page.column > page.width) page.startLine()
      this.node(item, 'value')
    }
    this.closeFlow(']', outer)
  }

  private openFlow(sign: string): number {
    const outer = this.page.indent
    this.page.indicator(sign, true, true)
    this.deepen(true)
    this.flowLevel++
    return outer
  }

  private closeFlow(sign: string, outer: number): void {
    this.flowLevel--
    this.page.indent = outer
    this.page.indicator(sign, false)
  }

  private mapping(node: MappingNode): void {
    const { page } = this
    const outer = page.indent
    this.deepen(false)
    for (const [key, value] of node.pairs) {
      page.startLine()
      if (this.isSimple(key)) {
        this.node(key, 'simple key')
        page.indicator(':', false)
      } else {
        page.indicator('?', true, false, true)
        this.node(key, 'key')
        page.startLine()
        page.indicator(':', true, false, true)
      }
      this.node(value, 'mapping value')
    }
    page.indent = outer
  }

  private flowMapping(node: MappingNode): void {
    const { page } = this
    const outer = this.openFlow('{')
    for (const [at, [key, value]] of node.pairs.entries()) {
      if (at > 0) page.indicator(',', false)
      if (page.column > page.width) page.startLine()
      if (this.isSimple(key)) {
        this.node(key, 'simple key')
        page.indicator(':', false)
      } else {
        page.indicator('?', true)
        this.node(key, 'key')
        if (page.column > page.width) page.startLine()
        page.indicator(':', true)
      }
      this.node(value, 'mapping value')
    }
    this.closeFlow('}', outer)
  }

  private deepen(flow: boolean): void {
    const { page } = this
    if (page.indent < 0) page.indent = flow ? this.options.indent : 0
    else page.indent += this.options.indent
  }

  private isSimple(key: YamlNode): boolean {
    const anchor = this.anchors.get(key)
    let length = anchor?.length ?? 0
    if (anchor === undefined || !this.written.has(key)) {
      if (key.kind === 'scalar') {
        if (/[\n\r\x85\u2028\u2029]/.test(key.text)) return false
        length += Buffer.byteLength(key.text) + (this.tagOf(key)?.length ?? 0)
      } else if ((key.kind === 'sequence' ? key.items : key.pairs).length > 0) return false
    }
    return length <= longestSimpleKey
  }

  /** The tag to write: undefined where readers find it themselves. */
  private tagOf(node: ScalarNode): string | undefined {
    const isImplied = node.tag === 'str' || node.tag === plainTag(node.text)
    return isImplied ? undefined : `!!${node.tag}`
  }

  private scalar(node: ScalarNode, role: Role): void {
    const { page } = this
    const style = this.styleOf(node, role)
    const tag = this.tagOf(node) ?? (style !== 'plain' && node.tag !== 'str' ? '!' : undefined)
    if (tag !== undefined) page.indicator(tag, true)
    const outer = page.indent
    this.deepen(true)
    if (style === 'plain') page.plain(node.text, role !== 'simple key')
    else if (style === 'single') page.single(node.text, role !== 'simple key')
    else if (style === 'double') page.double(node.text, role !== 'simple key')
    else writeBlockScalar(page, node.text, style === 'folded', this.options.indent)
    page.indent = outer
  }

  private styleOf(node: ScalarNode, role: Role): ScalarStyle {
    const can = analyze(node.text, this.options)
    const isKey = role === 'simple key'
    let style = node.style ?? this.options.style ?? 'plain'
    if (isKey && can.multiline) return 'double'
    if (style === 'plain') {
      const fits = this.flowLevel > 0 ? can.flowPlain : can.blockPlain
      const isEmpty = node.text === '' && (this.flowLevel > 0 || isKey)
      if (fits && !isEmpty && (plainTag(node.text) === node.tag || this.tagOf(node) !== undefined))
        return style
      style = 'single'
    }
    if (style === 'single') return can.single ? style : 'double'
    if ((style === 'literal' || style === 'folded') && (!can.block || this.flowLevel > 0 || isKey))
      return 'double'
    return style
  }
}

/** Nodes that stand in several places, named in the order in which they are met again. */
function anchorsOf(root: YamlNode): ReadonlyMap<YamlNode, string> {
  const seen = new Set<YamlNode>()
  const anchors = new Map<YamlNode, string>()
  const visit = (node: YamlNode): void => {
    if (seen.has(node)) {
      if (!anchors.has(node)) anchors.set(node, `id${String(anchors.size + 1).padStart(3, '0')}`)
      return
    }
    seen.add(node)
    if (node.kind === 'sequence') for (const item of node.items) visit(item)
    else if (node.kind === 'mapping')
      for (const [key, value] of node.pairs) {
        visit(key)
        visit(value)
      }
  }
  visit(root)
  return anchors
}
