/** Filters over texts: truth, numbers, cases, quoting, sizes. */

import { escapeHtml } from '../escape.ts'
import { capitalize } from '../methods/text-parts.ts'
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  floatOf,
  intOf,
  isFloat,
  isInt,
  iterate,
  lengthOf,
  Markup,
  numberOf,
  PyBytes,
  PyError,
  PyFloat,
  PyTuple,
  type RuntimeValue,
  str,
  textOf,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { bytesArgument, flagArgument, isHashableType, textArgument } from './arguments.ts'
import { floatFromText, intFromText } from './numbers-from-text.ts'
import { isSpace } from './regex/characters.ts'

export const stringFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('to_bool', ['val'], (_context, value) => toBool(value)),
  defineFilter('skip', ['data'], () => ''),
  defineFilter('quote', ['txt'], (_context, value) => quote(value)),
  defineFilter('method_call', ['obj', 'f_name', '*f_args', '**f_kwargs'], methodCall),
  defineFilter('to_bytes', ['s', ['encoding', null], ['errors', 'strict']], (_context, value) =>
    value instanceof PyBytes ? value : new PyBytes(bytesArgument(value)),
  ),
  defineFilter('to_num', ['text'], (_context, value) => toNumber(value)),
  defineFilter('str_to_num', ['text'], (_context, value) => toNumber(value)),
  defineFilter('is_hex', ['value'], (_context, value) => {
    const text = textOf(value)
    return text !== undefined && intFromText(text, 16) !== undefined
  }),
  defineFilter('contains_whitespace', ['text'], (_context, value) =>
    iterate(value).some((one) => isWhite(textArgument(one, 'contains_whitespace'))),
  ),
  defineFilter(
    'human_to_bytes',
    ['size', ['default_unit', 'B'], ['handle_metric', false]],
    (_context, size, unit, metric) =>
      humanToBytes(str(size), textArgument(unit, 'human_to_bytes(default_unit)'), flagArgument(metric)),
  ),
  defineFilter('to_snake_case', ['camel_input'], (_context, value) => {
    const letters = Array.from(textArgument(value, 'to_snake_case'))
    // To the first letter, which stays marked, Python adds plain ones.
    return value instanceof Markup
      ? new Markup(snakeCase(letters, escapeHtml))
      : snakeCase(letters, (letter) => letter)
  }),
  defineFilter('to_camelcase', ['snake_input', ['uppercamel', false]], (_context, value, upper) => {
    const [first, others] = camelCase(textArgument(value, 'to_camelcase'), flagArgument(upper))
    // What Python joins is plain, and is escaped where it comes behind a text that is marked.
    return value instanceof Markup ? new Markup(first + escapeHtml(others)) : first + others
  }),
  defineFilter('path_join', ['*parts', '**kwargs'], (_context, parts, options) => {
    if (options instanceof Map)
      for (const key of options.keys())
        if (key !== 'use_posixpath')
          throw new PyError('TypeError', `path_join() got an unexpected keyword argument '${String(key)}'`)
    return joinPaths(iterate(parts ?? null).map((part) => textArgument(part, 'path_join')))
  }),
]

const isWhite = (text: string): boolean =>
  text !== '' && Array.from(text).every((one) => isSpace(one.codePointAt(0) ?? 0))

function toBool(value: RuntimeValue): boolean {
  if (typeof value === 'boolean') return value
  const text = textOf(value)
  if (text !== undefined) return ['yes', '1', 'true'].includes(text.toLowerCase())
  if (isInt(value)) return value > 0
  return isHashableType(value) ? false : lengthOf(value) > 0
}

const shellSafe = /^[a-zA-Z0-9_@%+=:,./-]+$/

/** As Python's `shlex.quote`. */
export function quoteForShell(text: string): string {
  if (text === '') return "''"
  return shellSafe.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`
}

/** Python puts the quotes around what is marked as safe, which escapes them. */
function quotedMarkup(text: string): RuntimeValue {
  if (text === '') return "''"
  if (shellSafe.test(text)) return new Markup(text)
  const quote = escapeHtml("'")
  return new Markup(quote + text.replaceAll(quote, escapeHtml(`'"'"'`)) + quote)
}

function quote(value: RuntimeValue): RuntimeValue {
  if (value instanceof Markup) return quotedMarkup(value.text)
  const text = textOf(value)
  if (text !== undefined) return quoteForShell(text)
  if (!truthy(value)) return "''"
  throw new PyError(
    'TypeError',
    `expected string or bytes-like object, got '${typeName(value)}'`,
    'Make a text of it first: value | string | quote.',
  )
}

/** Members of a dict are no methods, so a name that is no method gives None. */
function methodCall(
  context: CallContext,
  object: RuntimeValue,
  name: RuntimeValue,
  args: RuntimeValue = new PyTuple([]),
  kwargs: RuntimeValue = null,
): RuntimeValue {
  const method = context.attribute(object, textArgument(name, 'method_call'))
  if (method instanceof Undefined) return null
  if (object instanceof Map && [...object.values()].includes(method)) return null
  const keywords = new Map<string, RuntimeValue>()
  if (kwargs instanceof Map) for (const [key, value] of kwargs) keywords.set(String(key), value)
  return context.call(method, iterate(args), keywords)
}

/** The integer or float that the text is; a text that is none stays itself. */
export function toNumber(value: RuntimeValue): RuntimeValue {
  if (isInt(value)) return typeof value === 'bigint' ? value : Number(value)
  if (isFloat(value)) return truncated(numberOf(value) ?? 0, value)
  const text = value instanceof PyBytes ? Buffer.from(value.bytes).toString('latin1') : textOf(value)
  if (text !== undefined) return intFromText(text) ?? floatFromText(text) ?? value
  if (value instanceof Undefined && value.strict) value.fail()
  throw new PyError(
    'TypeError',
    `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
  )
}

function truncated(number: number, value: RuntimeValue): RuntimeValue {
  if (Number.isNaN(number)) return value
  if (!Number.isFinite(number)) throw new PyError('OverflowError', 'cannot convert float infinity to integer')
  return intOf(BigInt(Math.trunc(number)))
}

function humanToBytes(text: string, defaultUnit: string, metric: boolean): RuntimeValue {
  const match = /^([0-9.]*)\s*([^\n]*)$/.exec(text.trim())
  if (match === null)
    throw new PyError('ValueError', 'human_to_bytes: a size is one line', 'Write it as in 5 MB or 1.5GiB.')
  const [, digits = '', given = ''] = match
  const unit = given.toLowerCase() || defaultUnit.toLowerCase()
  const value = intFromText(digits) ?? floatFromText(digits)
  if (value === undefined) return 0
  const isMetric = /^[kmgtpezy]b/.test(unit) && unit.length === 2
  if (!isMetric && !/^(?:b|[kmgtpezy](?:ib)?)$/.test(unit)) return 0
  const power = BigInt('bkmgtpezy'.indexOf(unit[0] ?? 'b'))
  const factor = isMetric && metric ? 10n ** (power * 3n) : 2n ** (power * 10n)
  if (isInt(value)) return intOf(BigInt(value) * factor)
  const product = Number(value instanceof PyFloat ? value.value : value) * Number(factor)
  return truncated(product, floatOf(product))
}

const isUpper = (character: string | undefined): boolean =>
  character !== undefined && /^\p{Lu}$/u.test(character)
const isLower = (character: string | undefined): boolean =>
  character !== undefined && /^\p{Ll}$/u.test(character)

function snakeCase(text: readonly string[], added: (letter: string) => string): string {
  const [first] = text
  if (first === undefined) throw new PyError('IndexError', 'string index out of range')
  let result = first.toLowerCase()
  for (const [index, letter] of text.entries()) {
    if (index === 0) continue
    // A word begins after a small letter, and before a small letter that ends a row of capitals.
    if (isUpper(letter) && (isLower(text[index - 1]) || isLower(text[index + 1]))) result += '_'
    result += added(letter.toLowerCase())
  }
  return result
}

/** The first word, and the others. */
function camelCase(text: string, upper: boolean): readonly [string, string] {
  const [first = '', ...others] = text.split('_')
  return [upper ? capitalize(first) : first, others.map(capitalize).join('')]
}

/** As Python's `os.path.normpath`. */
export function normalizePath(path: string): string {
  if (path === '') return '.'
  const lead = /^\/\/(?!\/)/.test(path) ? '//' : path.startsWith('/') ? '/' : ''
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..' || (lead === '' && parts.length === 0) || parts.at(-1) === '..') parts.push(part)
    else parts.pop()
  }
  return lead + parts.join('/') || '.'
}

/** Joins as one path even where later parts are absolute. */
export function joinPaths(parts: readonly string[]): string {
  const [root, ...others] = parts.map(normalizePath)
  if (root === undefined) return ''
  let path = root
  for (const part of others) {
    const stripped = part.replace(/^\/+/, '')
    path = path === '' || path.endsWith('/') ? path + stripped : `${path}/${stripped}`
  }
  return normalizePath(path)
}
