/** `int()` and `float()` of a text, as Python reads them. */
import { asciiDigits } from '../decimal-digits.ts'
import { floatOf, intOf, type RuntimeValue } from '../values.ts'

const digitsOfBase: Readonly<Record<number, string>> = { 2: '01', 8: '0-7', 10: '0-9', 16: '0-9a-fA-F' }
const prefixOfBase: Readonly<Record<number, string>> = { 2: '0[bB]_?', 8: '0[oO]_?', 16: '0[xX]_?' }

/** undefined: not an integer in this base. */
export function intFromText(text: string, base: 2 | 8 | 10 | 16 = 10): RuntimeValue | undefined {
  const plain = asciiDigits(text.trim())
  const digits = `[${digitsOfBase[base]}]`
  const prefix = prefixOfBase[base]
  const pattern = new RegExp(`^([+-]?)(?:${prefix ?? '(?!)'})?(${digits}+(?:_${digits}+)*)$`)
  const [, sign, body = ''] = pattern.exec(plain) ?? []
  if (sign === undefined || body.length > 4300) return undefined
  const lead = { 2: '0b', 8: '0o', 16: '0x' }[base as 2 | 8 | 16] ?? ''
  const value = BigInt(lead + body.replaceAll('_', ''))
  return intOf(sign === '-' ? -value : value)
}

/** undefined: not a float. */
export function floatFromText(text: string): RuntimeValue | undefined {
  const plain = asciiDigits(text.trim())
  const word = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(plain)
  if (word !== null) return word[2] === undefined ? Number.NaN : word[1] === '-' ? -Infinity : Infinity
  const digits = '\\d+(?:_\\d+)*'
  if (!new RegExp(`^[+-]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:[eE][+-]?${digits})?$`).test(plain))
    return undefined
  return floatOf(Number(plain.replaceAll('_', '')))
}
