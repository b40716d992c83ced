/** Plain YAML 1.1 scalars as PyYAML's SafeLoader resolves them, with Salt's two differences (zeros, dates). */
import { PyFloat, type Scalar } from '../data/value.ts'

const words = new Map<string, Scalar>([
  ['', null],
  ['~', null],
  ...['null', 'Null', 'NULL'].map((word): [string, Scalar] => [word, null]),
  ...['yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word): [string, Scalar] => [
    word,
    true,
  ]),
  ...['no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word): [string, Scalar] => [
    word,
    false,
  ]),
])

const integer = new RegExp(
  [
    '^[-+]?0b[01_]+$',
    '^[-+]?0x[\\da-fA-F_]+$',
    '^[-+]?0[0-7_]+$',
    '^[-+]?(?:0|[1-9][\\d_]*)$',
    '^[-+]?[1-9][\\d_]*(?::[0-5]?\\d)+$',
  ].join('|'),
)
const float = new RegExp(
  [
    '^[-+]?\\d[\\d_]*\\.[\\d_]*(?:[eE][-+]\\d+)?$',
    '^\\.\\d[\\d_]*(?:[eE][-+]\\d+)?$',
    '^[-+]?\\d[\\d_]*(?::[0-5]?\\d)+\\.[\\d_]*$',
    '^[-+]?\\.(?:inf|Inf|INF)$',
    '^\\.(?:nan|NaN|NAN)$',
  ].join('|'),
)
const longestWord = 5

/** The value of an unquoted scalar without a tag. */
export function resolvePlain(text: string): Scalar {
  if (text.length <= longestWord) {
    const word = words.get(text)
    if (word !== undefined) return word
  }
  const first = text.charCodeAt(0)
  // Only + - . and digits start a number.
  if (first > 57 || first < 43 || first === 44 || first === 47) return text
  return readInteger(text) ?? readFloat(text) ?? text
}

/** undefined: not an integer. */
export function readInteger(text: string): Scalar | undefined {
  if (!integer.test(text)) return undefined
  // Salt: leading zeros are dropped instead of meaning octal, but only without a sign.
  const zeros = text.startsWith('0') && !text.startsWith('0b') && !text.startsWith('0x')
  const digits = (zeros ? text.replace(/^0+/, '') : text).replaceAll('_', '')
  const negative = digits.startsWith('-')
  const size = digits.replace(/^[-+]/, '')
  if (size === '') return 0
  return exact(negative ? -readDigits(size) : readDigits(size))
}

function readDigits(digits: string): bigint {
  if (digits.startsWith('0b') || digits.startsWith('0x')) return digits.length > 2 ? BigInt(digits) : 0n
  if (digits.includes(':')) return digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n)
  if (digits.startsWith('0') && digits.length > 1) return BigInt(`0o${digits.slice(1)}`)
  return BigInt(digits)
}

function exact(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** undefined: not a float. */
export function readFloat(text: string): Scalar | undefined {
  if (!float.test(text)) return undefined
  const plain = text.replaceAll('_', '').toLowerCase()
  const negative = plain.startsWith('-')
  const size = plain.replace(/^[-+]/, '')
  let value: number
  if (size === '.inf') value = Number.POSITIVE_INFINITY
  else if (size === '.nan') value = Number.NaN
  else if (size.includes(':')) value = size.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  else value = Number(size)
  return asFloat(negative ? -value : value)
}

export function asFloat(value: number): number | PyFloat {
  return Number.isInteger(value) ? new PyFloat(value) : value
}

export function readBoolean(text: string): boolean | undefined {
  const word = words.get(text)
  return typeof word === 'boolean' ? word : undefined
}

const timestamp =
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/

/** What PyYAML takes an unquoted text for; 'other' are dates, `<<` and `=`, which Salt does not read as such. */
export function plainTag(text: string): 'str' | 'int' | 'float' | 'bool' | 'null' | 'other' {
  if (text.length <= longestWord) {
    const word = words.get(text)
    if (word !== undefined) return word === null ? 'null' : 'bool'
  }
  const first = text.charCodeAt(0)
  if (text === '=' || text === '<<') return 'other'
  if (first > 57 || first < 43 || first === 44 || first === 47) return 'str'
  if (integer.test(text)) return 'int'
  if (float.test(text)) return 'float'
  return timestamp.test(text) ? 'other' : 'str'
}
