/** `str.expandtabs` as Python does it. */

export function expandTabs(text: string, size: number): string {
  let column = 0
  let made = ''
  for (const character of text) {
    if (character === '\t') {
      const width = size > 0 ? size - (column % size) : 0
      made += ' '.repeat(width)
      column += width
    } else {
      made += character
      column = character === '\n' || character === '\r' ? 0 : column + 1
    }
  }
  return made
}
