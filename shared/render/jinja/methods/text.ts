/** Methods of str. */

import { escapeHtml } from '../escape.ts'
import { formatText } from '../format.ts'
import { checkItems, checkRepeated } from '../limits.ts'
import {
  isInt,
  iterate,
  lengthOf,
  Markup,
  numberOf,
  PyBytes,
  PyError,
  PyTuple,
  type RuntimeList,
  type RuntimeValue,
  str,
  textOf,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { method } from './define.ts'
import { encode } from './encode.ts'
import { expandTabs } from './expand-tabs.ts'
import type { Method, Methods } from './methods.ts'
import { countIn, replace } from './replace-text.ts'
import {
  capitalize,
  foldCase,
  isTitle,
  partition,
  rpartition,
  rsplit,
  split,
  splitLines,
  strip,
  swapCase,
  titleCase,
} from './text-parts.ts'
import { translate } from './translate.ts'

function need(value: RuntimeValue, what = 'str'): string {
  const text = textOf(value)
  if (text !== undefined) return text
  if (value instanceof Undefined) value.fail()
  throw new PyError('TypeError', `expected ${what}, got ${typeName(value)}`)
}

function count(value: RuntimeValue): number {
  if (!isInt(value))
    throw new PyError('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`)
  return numberOf(value) ?? 0
}

/** An argument of a method: what is marked as safe keeps what comes in escaped. */
function argument(self: RuntimeValue, value: RuntimeValue): string {
  const text = need(value)
  return self instanceof Markup && !(value instanceof Markup) ? escapeHtml(text) : text
}

/** Markup stays Markup. */
function as(self: RuntimeValue, text: string): RuntimeValue {
  return self instanceof Markup ? new Markup(text) : text
}

function changed(name: string, change: (text: string) => string): [string, Method] {
  return method(name, [], (_, self) => as(self, change(need(self))))
}

function asks(name: string, pattern: RegExp): [string, Method] {
  return method(name, [], (_, self) => pattern.test(need(self)))
}

function strips(name: string, left: boolean, right: boolean): [string, Method] {
  return method(name, [['chars', null]], (_, self, chars) =>
    as(self, strip(need(self), chars === null ? undefined : argument(self, chars), left, right)),
  )
}

function pads(name: string, pad: (missing: number) => number): [string, Method] {
  return method(name, ['width', ['fillchar', ' ']], (_, self, width, fill) => {
    const text = need(self)
    const missing = count(width) - lengthOf(text)
    const filling = argument(self, fill)
    if (lengthOf(filling) !== 1)
      throw new PyError('TypeError', 'The fill character must be exactly one character long')
    if (missing <= 0) return as(self, text)
    checkRepeated(missing)
    const left = pad(missing)
    return as(self, filling.repeat(left) + text + filling.repeat(missing - left))
  })
}

/** Bounds as of a slice, which count characters; the result counts JavaScript's units. */
function range(text: string, start: RuntimeValue, end: RuntimeValue): { from: number; to: number } {
  const length = start === null && end === null ? text.length : lengthOf(text)
  const place = (bound: RuntimeValue, otherwise: number): number => {
    if (bound === null) return otherwise
    const at = count(bound)
    return Math.max(0, Math.min(length, at < 0 ? at + length : at))
  }
  const units = (points: number): number =>
    length === text.length ? points : [...text].slice(0, points).join('').length
  // A start beyond the end finds nothing, not even the empty text.
  const from = start === null ? 0 : count(start) > length ? text.length + 1 : units(place(start, 0))
  return { from, to: units(place(end, length)) }
}

function findIn(
  self: RuntimeValue,
  sub: RuntimeValue,
  bounds: readonly [RuntimeValue, RuntimeValue],
  last: boolean,
): number {
  const text = need(self)
  const { from, to } = range(text, ...bounds)
  if (from > to) return -1
  const part = text.slice(from, to)
  const at = last ? part.lastIndexOf(need(sub)) : part.indexOf(need(sub))
  return at === -1 ? -1 : lengthOf(text.slice(0, at + from))
}

function finds(name: string, last: boolean, must: boolean): [string, Method] {
  return method(name, ['sub', ['start', null], ['end', null]], (_, self, sub, start, end) => {
    const at = findIn(self, sub, [start, end], last)
    if (at === -1 && must) throw new PyError('ValueError', 'substring not found')
    return at
  })
}

function begins(name: string, matches: (text: string, part: string) => boolean): [string, Method] {
  return method(name, ['prefix', ['start', null], ['end', null]], (_, self, prefix, start, end) => {
    if (typeof self === 'string' && typeof prefix === 'string' && start === null && end === null)
      return matches(self, prefix)
    const { from, to } = range(need(self), start, end)
    if (from > to) return false
    const text = need(self).slice(from, to)
    const options = prefix instanceof PyTuple ? prefix.values : [prefix]
    return options.some((option) => {
      if (textOf(option) === undefined && !(option instanceof Undefined))
        throw new PyError(
          'TypeError',
          `${name} first arg must be str or a tuple of str, not ${typeName(option)}`,
        )
      return matches(text, need(option))
    })
  })
}

function list(items: string[], self: RuntimeValue): RuntimeList {
  if (typeof self === 'string') return checkItems(items)
  return checkItems(items).map((item) => as(self, item))
}

const joins = method('join', ['iterable'], (context, self, iterable) => {
  const items = iterate(iterable)
  context.spend(items.length)
  const texts = items.map((item, index) => {
    if (textOf(item) !== undefined) return argument(self, item)
    if (item instanceof Undefined && (item.strict || !(self instanceof Markup))) item.fail()
    // What is marked as safe takes everything, as it stands in HTML.
    if (self instanceof Markup) return escapeHtml(str(item))
    throw new PyError(
      'TypeError',
      `sequence item ${index}: expected str instance, ${typeName(item)} found`,
      'The filter join takes items of every kind.',
    )
  })
  return as(self, texts.join(need(self)))
})

export const textMethods: Methods = new Map<string, Method>([
  changed('upper', (text) => text.toUpperCase()),
  changed('lower', (text) => text.toLowerCase()),
  method('casefold', [], (_, self) => foldCase(need(self))),
  changed('capitalize', capitalize),
  changed('title', titleCase),
  changed('swapcase', swapCase),
  strips('strip', true, true),
  strips('lstrip', true, false),
  strips('rstrip', false, true),
  pads('ljust', () => 0),
  pads('rjust', (missing) => missing),
  method('center', ['width', ['fillchar', ' ']], (_, self, width, fill) => {
    const text = need(self)
    const filling = argument(self, fill)
    if (lengthOf(filling) !== 1)
      throw new PyError('TypeError', 'The fill character must be exactly one character long')
    const missing = Math.max(0, count(width) - lengthOf(text))
    checkRepeated(missing)
    // CPython gives the odd one to the left where the width is odd.
    const left = (missing >> 1) + (missing & count(width) & 1)
    return as(self, filling.repeat(left) + text + filling.repeat(missing - left))
  }),
  method('zfill', ['width'], (_, self, width) => {
    const text = need(self)
    const missing = Math.max(0, count(width) - lengthOf(text))
    checkRepeated(missing)
    const sign = /^[+-]/.exec(text)?.[0] ?? ''
    return as(self, sign + '0'.repeat(missing) + text.slice(sign.length))
  }),
  method('expandtabs', [['tabsize', 8]], (_, self, size) => {
    checkRepeated(need(self).length * Math.max(1, count(size)))
    return as(self, expandTabs(need(self), count(size)))
  }),
  method('replace', ['old', 'new', ['count', -1]], (_, self, before, after, most) =>
    as(self, replace(need(self), argument(self, before), argument(self, after), count(most))),
  ),
  method('removeprefix', ['prefix'], (_, self, prefix) => {
    const text = need(self)
    return text.startsWith(need(prefix)) ? text.slice(need(prefix).length) : text
  }),
  method('removesuffix', ['suffix'], (_, self, suffix) => {
    const text = need(self)
    const cut = need(suffix) !== '' && text.endsWith(need(suffix))
    return cut ? text.slice(0, -need(suffix).length) : text
  }),
  method(
    'split',
    [
      ['sep', null],
      ['maxsplit', -1],
    ],
    (_, self, separator, most) =>
      list(split(need(self), separator === null ? undefined : separatorOf(separator), count(most)), self),
  ),
  method(
    'rsplit',
    [
      ['sep', null],
      ['maxsplit', -1],
    ],
    (_, self, separator, most) =>
      list(rsplit(need(self), separator === null ? undefined : separatorOf(separator), count(most)), self),
  ),
  method('splitlines', [['keepends', false]], (_, self, keep) =>
    list(splitLines(need(self), truthy(keep)), self),
  ),
  method(
    'partition',
    ['sep'],
    (_, self, separator) => new PyTuple(list(partition(need(self), separatorOf(separator, self)), self)),
  ),
  method(
    'rpartition',
    ['sep'],
    (_, self, separator) => new PyTuple(list(rpartition(need(self), separatorOf(separator, self)), self)),
  ),
  joins,
  begins('startswith', (text, part) => text.startsWith(part)),
  begins('endswith', (text, part) => text.endsWith(part)),
  finds('find', false, false),
  finds('rfind', true, false),
  finds('index', false, true),
  finds('rindex', true, true),
  method('count', ['sub', ['start', null], ['end', null]], (_, self, sub, start, end) => {
    const { from, to } = range(need(self), start, end)
    return from > to ? 0 : countIn(need(self).slice(from, to), need(sub))
  }),
  asks('isdigit', /^[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089]+$/u),
  asks('isdecimal', /^\p{Nd}+$/u),
  asks('isnumeric', /^\p{N}+$/u),
  asks('isalpha', /^\p{L}+$/u),
  asks('isalnum', /^[\p{L}\p{N}]+$/u),
  asks('isspace', /^\s+$/),
  asks('isascii', /^[\0-\x7f]*$/),
  asks('isidentifier', /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u),
  asks('isprintable', /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u),
  method('isupper', [], (_, self) => /\p{Lu}/u.test(need(self)) && !/[\p{Ll}\p{Lt}]/u.test(need(self))),
  method('islower', [], (_, self) => /\p{Ll}/u.test(need(self)) && !/[\p{Lu}\p{Lt}]/u.test(need(self))),
  method('istitle', [], (_, self) => isTitle(need(self))),
  method(
    'encode',
    [
      ['encoding', 'utf-8'],
      ['errors', 'strict'],
    ],
    (_, self, encoding) => new PyBytes(encode(need(self), need(encoding))),
  ),
  [
    'format',
    (context, self, args, kwargs) =>
      as(self, formatText(context, need(self), args, kwargs, self instanceof Markup)),
  ],
  method('format_map', ['mapping'], (context, self, mapping) => {
    if (!(mapping instanceof Map)) throw new PyError('TypeError', 'format_map takes a mapping')
    const named = new Map<string, RuntimeValue>()
    for (const [key, value] of mapping) if (typeof key === 'string') named.set(key, value)
    return as(self, formatText(context, need(self), [], named, self instanceof Markup))
  }),
  method('translate', ['table'], (_, self, table) => as(self, translate(need(self), table))),
])

/** @param self where a marked text is parted in three: what it is parted at is escaped first; not so where it is split */
function separatorOf(value: RuntimeValue, self: RuntimeValue = null): string {
  const text = self instanceof Markup ? argument(self, value) : need(value, 'str or None')
  if (text === '') throw new PyError('ValueError', 'empty separator')
  return text
}
