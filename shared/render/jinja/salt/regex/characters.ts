/** Which characters \d, \w, \s, ranges and literals mean in Python, as tests on one code point. */
import type { CharacterTest } from './nodes.ts'

export interface CharacterFlags {
  readonly ignoreCase: boolean
  /** \d, \w, \s, \b and the folding of case look at ASCII alone. */
  readonly ascii: boolean
}

const unicodeDigit = /^\p{Nd}$/u
const unicodeWord = /^[\p{L}\p{N}_]$/u
const unicodeSpace = /^[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/u

const asciiDigit = (code: number): boolean => code >= 48 && code <= 57
const asciiWord = (code: number): boolean =>
  asciiDigit(code) || code === 95 || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
const asciiSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13)

const isDigit = (code: number): boolean =>
  code < 128 ? asciiDigit(code) : unicodeDigit.test(String.fromCodePoint(code))
export const isWord = (code: number): boolean =>
  code < 128 ? asciiWord(code) : unicodeWord.test(String.fromCodePoint(code))
export const isAsciiWord = asciiWord
/** What `str.isspace` holds for white space; without \x1c to \x1f in ASCII mode. */
export const isSpace = (code: number): boolean =>
  code < 128 ? asciiSpace(code) || (code >= 28 && code <= 31) : unicodeSpace.test(String.fromCodePoint(code))

/** The class of a letter such as `d` or `S`; undefined for every other letter. */
export function categoryTest(letter: string, ascii: boolean): CharacterTest | undefined {
  switch (letter) {
    case 'd':
      return ascii ? asciiDigit : isDigit
    case 'w':
      return ascii ? asciiWord : isWord
    case 's':
      return ascii ? asciiSpace : isSpace
    case 'D':
    case 'W':
    case 'S': {
      const test = categoryTest(letter.toLowerCase(), ascii)
      return test === undefined ? undefined : (code) => !test(code)
    }
    default:
      return undefined
  }
}

/** The code points that are the same letter in another case, the letter itself among them. */
export function caseVariants(code: number, ascii: boolean): readonly number[] {
  if (code < 128 || ascii) {
    const isUpper = code >= 65 && code <= 90
    const isLower = code >= 97 && code <= 122
    const variants = isUpper ? [code, code + 32] : isLower ? [code, code - 32] : [code]
    // Kelvin sign and long s fold to ASCII letters.
    if (!ascii && (code | 32) === 107 && variants.length > 1) variants.push(0x212a)
    if (!ascii && (code | 32) === 115 && variants.length > 1) variants.push(0x17f)
    return variants
  }
  const character = String.fromCodePoint(code)
  const upper = character.toUpperCase()
  const found = new Set([code])
  for (const text of [character.toLowerCase(), upper, upper.toLowerCase()]) {
    const variant = singleCode(text)
    if (variant !== undefined) found.add(variant)
  }
  return [...found]
}

function singleCode(text: string): number | undefined {
  const code = text.codePointAt(0)
  return code !== undefined && String.fromCodePoint(code) === text ? code : undefined
}

export function literalTest(code: number, flags: CharacterFlags): CharacterTest {
  if (!flags.ignoreCase) return (other) => other === code
  const variants = caseVariants(code, flags.ascii)
  if (variants.length === 1) return (other) => other === code
  return (other) => variants.includes(other)
}

export interface SetMember {
  readonly test?: CharacterTest
  /** Inclusive. */
  readonly range?: readonly [number, number]
}

export function setTest(
  members: readonly SetMember[],
  negated: boolean,
  flags: CharacterFlags,
): CharacterTest {
  const ranges = members.flatMap(({ range }) => (range === undefined ? [] : [range]))
  const tests = members.flatMap(({ test }) => (test === undefined ? [] : [test]))
  const holds = (code: number): boolean =>
    ranges.some(([low, high]) => code >= low && code <= high) || tests.some((test) => test(code))
  const inSet: CharacterTest = flags.ignoreCase
    ? (code) => caseVariants(code, flags.ascii && code < 128).some(holds)
    : holds
  return negated ? (code) => !inSet(code) : inSet
}
