/** Digits of other scripts: to Python's int and float they are digits as ours are. */

const other = /(?![0-9])\p{Nd}/gu
const digit = /^\p{Nd}$/u

/** The text with every decimal digit of another script as one of ASCII. */
export function asciiDigits(text: string): string {
  return /[^\0-\x7f]/.test(text) ? text.replace(other, asciiDigit) : text
}

/** They stand in rows of ten, some rows directly behind one another. */
function asciiDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0
  let start = code
  while (digit.test(String.fromCodePoint(start - 1))) start -= 1
  return String((code - start) % 10)
}
