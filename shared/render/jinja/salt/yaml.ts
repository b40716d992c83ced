/** Filters that write one value as a YAML scalar. */
import {
  defineFilter,
  type FilterFunction,
  isFloat,
  isInt,
  numberOf,
  PyBytes,
  PyError,
  type RuntimeValue,
  repr,
  str,
  textOf,
  typeName,
  Undefined,
} from '../values.ts'

export const yamlFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('yaml_dquote', ['text'], (_context, value) => doubleQuoted(str(value))),
  defineFilter('yaml_squote', ['text'], (_context, value) => singleQuoted(str(value))),
  defineFilter('yaml_encode', ['data'], (_context, value) => encodeScalar(value)),
]

const named: Readonly<Partial<Record<number, string>>> = {
  0: '0',
  7: 'a',
  8: 'b',
  9: 't',
  10: 'n',
  11: 'v',
  12: 'f',
  13: 'r',
  27: 'e',
  34: '"',
  92: '\\',
  133: 'N',
  160: '_',
  8232: 'L',
  8233: 'P',
}

/** Everything but printable ASCII is escaped. */
export function doubleQuoted(text: string): string {
  let result = '"'
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const name = named[code]
    if (name !== undefined) result += `\\${name}`
    else if (code >= 0x20 && code <= 0x7e) result += character
    else if (code <= 0xff) result += `\\x${hex(code, 2)}`
    else result += code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
  }
  return `${result}"`
}

const hex = (code: number, width: number): string => code.toString(16).toUpperCase().padStart(width, '0')

/** Quotes and line breaks twice; other line breaks than the newline are themselves. */
export function singleQuoted(text: string): string {
  const breaks = text.replace(/[\n\x85\u2028\u2029]+/g, (row) => {
    const rest = row.startsWith('\n') ? `\n${row}` : row
    return rest
  })
  return `'${breaks.replaceAll("'", "''")}'`
}

function encodeScalar(value: RuntimeValue): string {
  const text = textOf(value)
  if (text !== undefined) return doubleQuoted(text)
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (isInt(value)) return str(value)
  if (isFloat(value)) return yamlFloat(value)
  if (value instanceof PyBytes) return base64Lines(value.bytes)
  if (value instanceof Undefined && value.strict) value.fail()
  throw new PyError(
    'TypeError',
    `yaml_encode() only works with YAML scalar data; failed for ${typeName(value)}`,
    'Use the filter yaml or json for lists and dicts.',
  )
}

/** PyYAML's form, in which an exponent has a fraction before it. */
export function yamlFloat(value: RuntimeValue): string {
  const number = numberOf(value) ?? 0
  if (Number.isNaN(number)) return '.nan'
  if (!Number.isFinite(number)) return number > 0 ? '.inf' : '-.inf'
  const text = repr(value)
  return text.includes('.') ? text : text.replace('e', '.0e')
}

function base64Lines(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64')
  return (text.match(/.{1,76}/g) ?? []).map((line) => `${line}\n`).join('')
}
