/** `str.count` and `str.replace` as Python does them. */
import { checkRepeated, checkText } from '../limits.ts'
import { lengthOf } from '../values.ts'

export function countIn(text: string, sub: string): number {
  if (sub === '') return lengthOf(text) + 1
  checkText(text.length)
  let found = 0
  for (let at = text.indexOf(sub); at !== -1; at = text.indexOf(sub, at + sub.length)) found += 1
  return found
}

/** Below this nobody counts. */
const smallEnough = 100_000

export function replace(text: string, before: string, after: string, most: number): string {
  checkText(text.length)
  if (most < 0) {
    if (after.length > before.length && (text.length + 1) * after.length > smallEnough)
      checkRepeated(text.length + countIn(text, before) * after.length)
    if (before !== '')
      return after.includes('$') ? text.split(before).join(after) : text.replaceAll(before, after)
  }
  const pieces = before === '' ? ['', ...text] : text.split(before)
  const places = before === '' ? pieces.length : pieces.length - 1
  const times = most < 0 ? places : Math.min(most, places)
  checkRepeated(text.length + times * after.length)
  return pieces
    .map((piece, index) => piece + (index < times ? after : index < pieces.length - 1 ? before : ''))
    .join('')
}
