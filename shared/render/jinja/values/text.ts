/** `str()` and `repr()` as Python prints. */
import { PyFloat } from '../../../data/value.ts'
import type { RuntimeValue } from '../values.ts'
import { PyError } from './errors.ts'
import { forEachPair } from './marked-keys.ts'
import { Markup, PyObject } from './objects.ts'
import { work } from './work.ts'

/** Data inside data beyond this is refused. */
const deepest = 200

export function str(value: RuntimeValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : floatText(value)
  if (value instanceof Markup) return value.text
  return value instanceof PyObject ? inside(value, () => value.str(repr)) : repr(value)
}

/** The text of a string or Markup; undefined for everything else. */
export function textOf(value: RuntimeValue): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof Markup ? value.text : undefined
}

type Container = RuntimeValue[] | Map<RuntimeValue, RuntimeValue> | PyObject

/** The containers that are being written: one that stands in itself is only hinted at. */
const open: unknown[] = []

export function repr(value: RuntimeValue): string {
  if (typeof value === 'string') return textRepr(value)
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : floatText(value)
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof PyFloat) return floatText(value.value)
  return inside(value, () => containerRepr(value))
}

function inside(value: Container, write: () => string): string {
  if (open.includes(value)) return repeatedRepr(value)
  if (open.length > deepest) throw new PyError('LimitError', `data nested more than ${deepest} levels`)
  open.push(value)
  try {
    return write()
  } finally {
    open.pop()
  }
}

function containerRepr(value: Container): string {
  work(1)
  if (Array.isArray(value)) {
    work(value.length)
    let text = '['
    for (let index = 0; index < value.length; index++) {
      const item = value[index] ?? null
      text += (index === 0 ? '' : ', ') + repr(item)
    }
    return `${text}]`
  }
  if (value instanceof PyObject) return value.repr(repr)
  let text = '{'
  forEachPair(value, (item, key) => {
    text += `${text.length === 1 ? '' : ', '}${repr(key)}: ${repr(item)}`
  })
  return `${text}}`
}

function repeatedRepr(value: Container): string {
  if (Array.isArray(value)) return '[...]'
  if (value instanceof Map) return '{...}'
  return value.type === 'tuple' ? '(...)' : '...'
}

/** The shortest text that reads back as the float, in Python's form: `1.0`, `1e+16`, `inf`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e')
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
  }
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

const plainText = /^[ -&(-[\]-~\u00a1-\u00ac\u00ae-\u02ff]*$/
const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

export function textRepr(text: string): string {
  if (plainText.test(text)) return `'${text}'`
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  let inner = ''
  for (const character of text) inner += escaped(character, quote)
  return quote + inner + quote
}

/** As `repr`, but with characters of ASCII alone. */
export function ascii(value: RuntimeValue): string {
  let text = ''
  for (const character of repr(value)) text += character < '\x7f' ? character : byNumber(character)
  return text
}

function escaped(character: string, quote: string): string {
  if (character === quote || character === '\\') return `\\${character}`
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return '\\t'
  return printable.test(character) ? character : byNumber(character)
}

function byNumber(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`
  return `\\U${code.toString(16).padStart(8, '0')}`
}
