/** The parts of a Python regular expression, with flags and group names resolved. */

export type CharacterTest = (code: number) => boolean

export type Anchor = 'text-start' | 'text-end' | 'before-last-newline' | 'line-start' | 'line-end' | Boundary
export type Boundary = 'word' | 'not-word' | 'ascii-word' | 'ascii-not-word'

export type RepeatMode = 'greedy' | 'lazy' | 'possessive'

export type Node =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'alternatives'; readonly options: readonly Node[] }
  | { readonly kind: 'group'; readonly index: number; readonly body: Node }
  | Repeat
  | {
      readonly kind: 'look'
      readonly behind: number | undefined
      readonly negated: boolean
      readonly body: Node
    }
  | { readonly kind: 'atomic'; readonly body: Node }
  | { readonly kind: 'reference'; readonly group: number; readonly ignoreCase: boolean }
  | { readonly kind: 'condition'; readonly group: number; readonly yes: Node; readonly no: Node }
  | { readonly kind: 'anchor'; readonly anchor: Anchor }

export interface Repeat {
  readonly kind: 'repeat'
  readonly body: Node
  readonly min: number
  readonly max: number
  readonly mode: RepeatMode
}

/** The text is no regular expression, or one that is not offered here; the message is a clause without a full stop. */
export class RegexSyntaxError extends Error {}

/** Smallest and largest number of characters that a node takes. */
export function widthOf(node: Node, groups: readonly (Node | undefined)[]): readonly [number, number] {
  switch (node.kind) {
    case 'character':
      return [1, 1]
    case 'sequence':
      return node.items.reduce<readonly [number, number]>(
        ([low, high], item) => {
          const [itemLow, itemHigh] = widthOf(item, groups)
          return [low + itemLow, high + itemHigh]
        },
        [0, 0],
      )
    case 'alternatives':
      return widest(node.options, groups)
    case 'condition':
      return widest([node.yes, node.no], groups)
    case 'group':
    case 'atomic':
      return widthOf(node.body, groups)
    case 'repeat': {
      const [low, high] = widthOf(node.body, groups)
      return [low * node.min, high === 0 ? 0 : high * node.max]
    }
    case 'reference': {
      const body = groups[node.group]
      return body === undefined ? [0, 0] : widthOf(body, groups)
    }
    case 'look':
    case 'anchor':
      return [0, 0]
  }
}

function widest(nodes: readonly Node[], groups: readonly (Node | undefined)[]): readonly [number, number] {
  const widths = nodes.map((node) => widthOf(node, groups))
  return [Math.min(...widths.map(([low]) => low)), Math.max(...widths.map(([, high]) => high))]
}
