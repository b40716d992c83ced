/** Filters that write sizes, URLs and markup. */
import { decodeHTML } from 'entities/decode'
import { escapeHtml } from '../escape.ts'
import { floatToBig, formatFloat } from '../format-numbers.ts'
import {
  type CallContext,
  iterate,
  Markup,
  numberOf,
  PyBytes,
  PyError,
  PyIterator,
  PyObject,
  pairsOfDict,
  type RuntimeValue,
  str,
  textOf,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { parseFloatText } from './number-texts.ts'
import { soft } from './texts.ts'

const decimalUnits = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']
const binaryUnits = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']

export function fileSize(_: CallContext, value: RuntimeValue, binary: RuntimeValue): RuntimeValue {
  const text = textOf(value)
  const bytes = text === undefined ? numberOf(value) : parseFloatText(text)
  if (value instanceof Undefined) value.fail()
  if (bytes === undefined) throw new PyError('ValueError', `could not convert to float: '${soft(value)}'`)
  const base = truthy(binary) ? 1024 : 1000
  if (bytes === 1) return '1 Byte'
  if (bytes < base) return `${floatToBig(bytes)} Bytes`
  const units = truthy(binary) ? binaryUnits : decimalUnits
  for (const [index, unit] of units.entries()) {
    const size = base ** (index + 2)
    if (bytes < size || index === units.length - 1)
      return `${formatFloat((base * bytes) / size, 'f', 1, { plus: '-' })} ${unit}`
  }
  return ''
}

const safeInUrl = /[A-Za-z0-9_.~/-]/

export function quoteUrl(text: string, isQuery: boolean): string {
  return quoteBytes(new TextEncoder().encode(text), isQuery)
}

function quoteBytes(bytes: Uint8Array, isQuery: boolean): string {
  let made = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    if (safeInUrl.test(character) && !(isQuery && character === '/')) made += character
    else if (isQuery && character === ' ') made += '+'
    else made += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return made
}

export function urlEncode(_: CallContext, value: RuntimeValue): RuntimeValue {
  if (textOf(value) !== undefined || !isIterable(value)) return quoted(value, false)
  const pairs = value instanceof Map ? pairsOfDict(value) : iterate(value).map(pairOf)
  return pairs.map(([key, item]) => `${quoted(key ?? null, true)}=${quoted(item ?? null, true)}`).join('&')
}

function quoted(value: RuntimeValue, isQuery: boolean): string {
  return value instanceof PyBytes ? quoteBytes(value.bytes, isQuery) : quoteUrl(soft(value), isQuery)
}

function pairOf(value: RuntimeValue): readonly RuntimeValue[] {
  const items = iterate(value)
  if (items.length !== 2) throw new PyError('ValueError', `${items.length} values to unpack (expected 2)`)
  return items
}

function isIterable(value: RuntimeValue): boolean {
  if (Array.isArray(value) || value instanceof Map || value instanceof PyIterator) return true
  return value instanceof PyObject && value.items() !== undefined
}

export function xmlAttributes(
  context: CallContext,
  value: RuntimeValue,
  autospace: RuntimeValue,
): RuntimeValue {
  if (!(value instanceof Map))
    throw new PyError('AttributeError', `'${typeName(value)}' object has no attribute 'items'`)
  const parts: string[] = []
  for (const [key, item] of pairsOfDict(value)) {
    if (item === null || item instanceof Undefined) continue
    if (textOf(key) === undefined)
      throw new PyError('TypeError', `expected string or bytes-like object, got '${typeName(key)}'`)
    if (/[\s/>=]/.test(str(key)))
      throw new PyError('ValueError', `Invalid character in attribute name: '${str(key)}'`)
    parts.push(`${escaped(key)}="${escaped(item)}"`)
  }
  const text = (truthy(autospace) && parts.length > 0 ? ' ' : '') + parts.join(' ')
  return context.autoescape ? new Markup(text) : text
}

const escaped = (value: RuntimeValue): string =>
  value instanceof Markup ? value.text : escapeHtml(str(value))

export function escapeValue(value: RuntimeValue): RuntimeValue {
  return value instanceof Markup ? value : new Markup(escapeHtml(str(value)))
}

export function stripTags(value: RuntimeValue): RuntimeValue {
  const text = soft(value)
  const plain = text.replace(/<!--[\s\S]*?-->/g, '').replace(/<[^>]*>/g, '')
  return unescapeHtml(
    plain
      .split(/\s+/)
      .filter((word) => word !== '')
      .join(' '),
  )
}

/** What stands for a character: `&lt;`, `&#60;`, `&#x3c;`, as Python's html.unescape takes them. */
const reference = /&(?:#(\d+);?|#x([\da-f]+);?|[^\t\n\f <&#;]{1,32};?)/gi

function unescapeHtml(text: string): string {
  return text.replace(reference, (whole, decimal?: string, hex?: string) => {
    if (decimal === undefined && hex === undefined) return decodeHTML(whole)
    return characterOf(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal))
  })
}

/** Of a number: 0x80 to 0x9f as browsers read them, nothing for what no text may have. */
function characterOf(code: number): string {
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd'
  if (code >= 0x80 && code <= 0x9f) return decodeHTML(`&#${code};`)
  const isControl = code < 0x20 ? ![0x9, 0xa, 0xc, 0xd].includes(code) : code === 0x7f
  const isNone = (code & 0xfffe) === 0xfffe || (code >= 0xfdd0 && code <= 0xfdef)
  return isControl || isNone ? '' : String.fromCodePoint(code)
}
