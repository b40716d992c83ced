/** Escapes that mean one character, the same in patterns and in replacement texts. */

export const controlCharacters: Readonly<Partial<Record<string, number>>> = Object.assign(
  Object.create(null),
  {
    a: 7,
    f: 12,
    n: 10,
    r: 13,
    t: 9,
    v: 11,
    '\\': 92,
  },
)

export const isHexText = (text: string): boolean => /^[0-9a-fA-F]+$/.test(text)

/** `first` and up to two octal digits more from `at` on. */
export function readOctal(text: readonly string[], at: number, first: string): string {
  let digits = first
  for (const digit of text.slice(at, at + 2)) {
    if (!/^[0-7]$/.test(digit)) break
    digits += digit
  }
  return digits
}
