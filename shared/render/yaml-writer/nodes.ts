/** What a YAML document is written from: nodes with tags, styles and anchors, as PyYAML's representer makes them. */

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly text: string
  /** The part of the tag after `tag:yaml.org,2002:`. */
  readonly tag: ScalarTag
  /** undefined: as plain as the text can stand. */
  readonly style?: ScalarStyle | undefined
}

export type ScalarTag = 'str' | 'int' | 'float' | 'bool' | 'null' | 'binary'

export interface SequenceNode {
  readonly kind: 'sequence'
  readonly items: YamlNode[]
  flow: boolean
}

export interface MappingNode {
  readonly kind: 'mapping'
  readonly pairs: (readonly [key: YamlNode, value: YamlNode])[]
  readonly isSet: boolean
  flow: boolean
}

export type YamlNode = ScalarNode | SequenceNode | MappingNode

/** What PyYAML's `dump` takes, under its names in camel case. */
export interface WriterOptions {
  /** undefined: collections that hold only scalars are written in one line. */
  readonly flowStyle: boolean | undefined
  readonly sortKeys: boolean
  /** False: everything beyond ASCII is escaped. */
  readonly allowUnicode: boolean
  /** Spaces for each level, 2 to 9. */
  readonly indent: number
  /** Lines are folded at the first blank after this column. */
  readonly width: number
  readonly style: ScalarStyle | undefined
  readonly explicitStart: boolean
  readonly explicitEnd: boolean
  /** Signs that reorder text are escaped. */
  readonly forTerminals: boolean
}

export const writerDefaults: WriterOptions = {
  flowStyle: false,
  sortKeys: true,
  allowUnicode: true,
  indent: 2,
  width: 80,
  style: undefined,
  explicitStart: false,
  explicitEnd: false,
  forTerminals: false,
}
