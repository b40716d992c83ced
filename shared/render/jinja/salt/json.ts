/** Salt's `tojson`: keys in the order in which they stand, plain text, and options of Python's `json.dumps`. */
import { pythonJson } from '../filters/json-text.ts'
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  isInt,
  iterate,
  PyError,
  type RuntimeDict,
  type RuntimeValue,
  str,
  textOf,
  truthy,
} from '../values.ts'

export const jsonFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('tojson', ['val', ['indent', null], '**options'], toJson),
]

const known: ReadonlySet<RuntimeValue> = new Set(['sort_keys', 'ensure_ascii', 'separators'])

function toJson(
  _context: CallContext,
  value: RuntimeValue,
  indent: RuntimeValue = null,
  options: RuntimeValue = null,
): RuntimeValue {
  const given: RuntimeDict = options instanceof Map ? options : new Map()
  for (const name of given.keys())
    if (!known.has(name))
      throw new PyError('TypeError', `tojson() got an unexpected keyword argument '${str(name)}'`)
  const separators = given.get('separators') ?? null
  const ascii = given.get('ensure_ascii')
  const [item = ', ', key = ': '] = separators === null ? [] : iterate(separators).map(str)
  const text = pythonJson(value, {
    indent: isInt(indent) ? Number(indent) : textOf(indent),
    sortKeys: truthy(given.get('sort_keys') ?? false),
    ensureAscii: ascii === undefined || truthy(ascii),
    separators: separators === null ? undefined : [item, key],
  })
  return text
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026')
    .replaceAll("'", '\\u0027')
}
