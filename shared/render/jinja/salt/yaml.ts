/** Filters that write one value as a YAML scalar. */
import { escaped } from '../../yaml-writer/page.ts'
import { base64Lines, yamlFloat } from '../../yaml-writer/represent.ts'
import {
  defineFilter,
  type FilterFunction,
  isFloat,
  isInt,
  numberOf,
  PyBytes,
  PyError,
  type RuntimeValue,
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

/** Everything but printable ASCII is escaped. */
export function doubleQuoted(text: string): string {
  let result = '"'
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const isPlain = code >= 0x20 && code <= 0x7e && code !== 0x22 && code !== 0x5c
    result += isPlain ? character : escaped(code)
  }
  return `${result}"`
}

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
  if (isFloat(value)) return yamlFloat(numberOf(value) ?? 0)
  if (value instanceof PyBytes) return base64Lines(value.bytes)
  if (value instanceof Undefined && value.strict) value.fail()
  throw new PyError(
    'TypeError',
    `yaml_encode() only works with YAML scalar data; failed for ${typeName(value)}`,
    'Use the filter yaml or json for lists and dicts.',
  )
}
