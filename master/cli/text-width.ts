/** How many columns a text takes on a terminal, and cutting it to fit. */

/** Cut at `columns`, with a sign that something is missing. The text has no escape codes. */
export function fitColumns(text: string, columns: number, unicode: boolean): string {
  if (text.length * 2 <= columns || columnsOf(text) <= columns) return text
  const dots = unicode ? '…' : '...'
  let room = columns - dots.length
  let kept = ''
  for (const character of text) {
    room -= widthOf(character)
    if (room < 0) break
    kept += character
  }
  return kept + dots
}

export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += widthOf(character)
  return columns
}

function widthOf(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x300) return 1
  if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) return 0
  return isWide(code) ? 2 : 1
}

/** East Asian wide and full-width blocks, and emoji: coarse, as the cut need not be exact. */
const isWide = (code: number): boolean =>
  (code >= 0x1100 && code <= 0x115f) ||
  (code >= 0x2e80 && code <= 0xa4cf) ||
  (code >= 0xac00 && code <= 0xd7a3) ||
  (code >= 0xf900 && code <= 0xfaff) ||
  (code >= 0xfe30 && code <= 0xfe6f) ||
  (code >= 0xff00 && code <= 0xff60) ||
  (code >= 0xffe0 && code <= 0xffe6) ||
  (code >= 0x1f300 && code <= 0x1faff) ||
  (code >= 0x20000 && code <= 0x3fffd)
