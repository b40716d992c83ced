/** `int()` and `float()` of a text, as Jinja's filters have them: in any base, with digits of any script. */
import { asciiDigits } from '../decimal-digits.ts'
import { intOf, type RuntimeValue } from '../values.ts'

const intPattern =
  /^[\s]*([+-]?)(0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|\d+(?:_\d+)*|[\da-zA-Z]+(?:_[\da-zA-Z]+)*)[\s]*$/

const prefixes: Readonly<Record<number, string>> = { 16: '0x', 8: '0o', 2: '0b' }

/** What the literal says, where nobody does; undefined: it is no literal. */
function baseOf(digits: string): number | undefined {
  for (const [base, prefix] of Object.entries(prefixes)) if (digits.startsWith(prefix)) return Number(base)
  return /^0+[1-9a-z]/.test(digits) ? undefined : 10
}

/** `int(text, base)`; undefined: it is none. */
export function parseInteger(text: string, given: number): RuntimeValue | undefined {
  const match = intPattern.exec(asciiDigits(text))
  if (match === null) return undefined
  let digits = (match[2] ?? '').replaceAll('_', '').toLowerCase()
  const base = given === 0 ? baseOf(digits) : given
  if (base === undefined || base < 2 || base > 36) return undefined
  const prefix = prefixes[base]
  if (prefix !== undefined && digits.startsWith(prefix)) digits = digits.slice(2)
  if (digits === '') return undefined
  let value = 0n
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36)
    if (!(worth < base)) return undefined
    value = value * BigInt(base) + BigInt(worth)
  }
  return intOf(match[1] === '-' ? -value : value)
}

const floatPattern =
  /^\s*[+-]?(?:(?:\d+(?:_\d+)*)(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?\s*$/

/** `float(text)`; undefined: it is none. */
export function parseFloatText(given: string): number | undefined {
  const text = asciiDigits(given)
  if (floatPattern.test(text)) return Number(text.replaceAll('_', ''))
  const special = /^\s*([+-]?)(inf(?:inity)?|nan)\s*$/i.exec(text)
  if (special === null) return undefined
  if ((special[2] ?? '').toLowerCase() === 'nan') return Number.NaN
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}
