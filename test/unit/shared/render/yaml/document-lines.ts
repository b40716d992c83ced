/** Nodes of random documents as lines. */

export interface Node {
  /** What stands behind the key or dash. */
  readonly head: string
  /** Lines below, to be indented. */
  readonly lines: readonly string[]
}

export function underSign(sign: string, item: Node, indent: number): string[] {
  if (item.head === '' && item.lines.length > 0 && indent > 1) {
    const [first = '', ...rest] = item.lines
    return [`${sign}${' '.repeat(indent - 1)}${first}`, ...rest.map((line) => ' '.repeat(indent) + line)]
  }
  return [`${sign} ${item.head}`, ...item.lines.map((line) => ' '.repeat(indent) + line)]
}

export const member = (head: string, item: Node, indent: number): string[] => [
  head + item.head,
  ...item.lines.map((line) => ' '.repeat(indent) + line),
]
