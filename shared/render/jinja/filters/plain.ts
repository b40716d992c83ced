/** Filters over single values: defaults, numbers, conversions, first and last. */

import { getAttribute } from '../attributes.ts'
import { escapeHtml } from '../escape.ts'
import { fixed, floatToBig, roundedTo } from '../format-numbers.ts'
import { checkItems } from '../limits.ts'
import { methodOf } from '../methods/methods.ts'
import { bigOf } from '../values/numbers.ts'
import {
  type CallContext,
  defineFilter,
  divide,
  type FilterFunction,
  floatOf,
  intOf,
  isFloat,
  isInt,
  isNumber,
  iterate,
  lengthOf,
  Markup,
  negate,
  numberOf,
  PyBytes,
  PyCallable,
  PyError,
  PyFloat,
  PyIterator,
  PyTuple,
  pairsOfDict,
  type RuntimeValue,
  str,
  textOf,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { parseFloatText, parseInteger } from './number-texts.ts'
import { pretty } from './pretty.ts'
import { attributeGetter } from './selecting.ts'
import { wholeOf } from './slicing.ts'

const otherwise: readonly (readonly [string, RuntimeValue])[] = [
  ['default_value', ''],
  ['boolean', false],
]

function useDefault(
  _: CallContext,
  value: RuntimeValue,
  fallback: RuntimeValue,
  boolean: RuntimeValue,
): RuntimeValue {
  if (value instanceof Undefined) return fallback
  return truthy(boolean) && !truthy(value) ? fallback : value
}

function latinText(value: PyBytes): string {
  return Buffer.from(value.bytes).toString('latin1')
}

function toInt(
  _: CallContext,
  value: RuntimeValue,
  fallback: RuntimeValue,
  base: RuntimeValue,
): RuntimeValue {
  if (value instanceof Undefined) value.fail()
  const isBytes = value instanceof PyBytes
  const text = isBytes ? latinText(value) : textOf(value)
  if (text !== undefined) {
    const isWhole = text.length <= 5_000 && (isBytes || isInt(base))
    const whole = isWhole ? parseInteger(text, isBytes ? 10 : wholeOf(base)) : undefined
    if (whole !== undefined) return whole
    const float = parseFloatText(text)
    return float === undefined || !Number.isFinite(float) ? fallback : intOf(floatToBig(float))
  }
  if (isInt(value)) return typeof value === 'boolean' ? Number(value) : value
  if (!isFloat(value)) return fallback
  const float = numberOf(value) ?? 0
  return Number.isNaN(float) ? fallback : intOf(floatToBig(float))
}

function toFloat(_: CallContext, value: RuntimeValue, fallback: RuntimeValue): RuntimeValue {
  if (value instanceof Undefined) value.fail()
  const text = value instanceof PyBytes ? latinText(value) : textOf(value)
  const number = text === undefined ? numberOf(value) : parseFloatText(text)
  return number === undefined ? fallback : floatOf(number)
}

function round(
  _: CallContext,
  value: RuntimeValue,
  precision: RuntimeValue,
  method: RuntimeValue,
): RuntimeValue {
  const places = wholeOf(precision)
  const how = str(method)
  if (how !== 'common' && how !== 'ceil' && how !== 'floor')
    throw new PyError('FilterArgumentError', 'method must be common, ceil or floor')
  if (!isNumber(value)) {
    if (value instanceof Undefined) value.fail()
    throw new PyError('TypeError', `type ${typeName(value)} doesn't define __round__ method`)
  }
  if (how === 'common')
    return isInt(value) ? roundInt(bigOf(value), places) : roundFloat(numberOf(value) ?? 0, places)
  return isInt(value) && places >= 0
    ? (divide(value, 1) ?? value)
    : roundUpOrDown(numberOf(value) ?? 0, places, how === 'ceil' ? Math.ceil : Math.floor)
}

/** Python makes an int of the scaled float, and divides the int. */
function roundUpOrDown(value: number, places: number, turn: (value: number) => number): RuntimeValue {
  if (places > 308) throw new PyError('OverflowError', 'int too large to convert to float')
  // JavaScript's 10 ** -4 is not 0.0001.
  const whole = intOf(floatToBig(turn(value * Number(`1e${places}`))))
  if (places >= 0) return divide(whole, intOf(10n ** BigInt(places))) ?? whole
  return divide(whole, floatOf(Number(`1e${places}`))) ?? whole
}

/** Half to even, as `round(int, -2)`. */
function roundInt(value: bigint, places: number): RuntimeValue {
  if (places >= 0) return intOf(value)
  if (places < -400) return 0
  const unit = 10n ** BigInt(-places)
  const rest = ((value % unit) + unit) % unit
  const low = value - rest
  const up = rest * 2n > unit || (rest * 2n === unit && (low / unit) % 2n !== 0n)
  return intOf(up ? low + unit : low)
}

function roundFloat(value: number, places: number): RuntimeValue {
  if (!Number.isFinite(value) || places > 330) return floatOf(value)
  const sign = value < 0 || Object.is(value, -0) ? -1 : 1
  if (places < -330) return new PyFloat(sign * 0)
  if (places >= 0) return floatOf(sign * Number(fixed(Math.abs(value), places)))
  return floatOf(sign * Number(roundedTo(Math.abs(value), -places)))
}

function first(context: CallContext, value: RuntimeValue): RuntimeValue {
  const item = value instanceof PyIterator ? value.next() : iterate(value)[0]
  return item === undefined ? context.undefined('No first item, sequence was empty.') : item
}

function last(context: CallContext, value: RuntimeValue): RuntimeValue {
  if (value instanceof PyIterator)
    throw new PyError(
      'TypeError',
      `'${value.type}' object is not reversible`,
      'Make it a list first: "| list | last".',
    )
  const item = iterate(value).at(-1)
  // Python goes through a text from its end by its own items, which stay marked.
  if (value instanceof Markup && typeof item === 'string') return new Markup(item)
  return item === undefined ? context.undefined('No last item, sequence was empty.') : item
}

function reverse(_: CallContext, value: RuntimeValue): RuntimeValue {
  const text = textOf(value)
  if (text !== undefined) {
    const turned = [...text].reverse().join('')
    return value instanceof Markup ? new Markup(turned) : turned
  }
  const items = [...iterate(value)].reverse()
  // What has no order but the one in which it comes is a list then.
  if (value instanceof PyIterator || typeName(value) === 'set') return items
  const types: Readonly<Record<string, string>> = {
    dict_keys: 'dict_reversekeyiterator',
    dict_values: 'dict_reversevalueiterator',
    dict_items: 'dict_reverseitemiterator',
    list: 'list_reverseiterator',
    dict: 'dict_reversekeyiterator',
    tuple: 'reversed',
    range: 'range_iterator',
  }
  return new PyIterator(items, types[typeName(value)] ?? 'reversed')
}

function join(
  context: CallContext,
  value: RuntimeValue,
  separator: RuntimeValue,
  attribute: RuntimeValue,
): RuntimeValue {
  const get = attribute === null ? undefined : attributeGetter(context, attribute)
  const items = iterate(value).map((item) => (get === undefined ? item : get(item)))
  context.spend(items.length)
  if (!context.autoescape) return items.map(str).join(str(separator))
  if (!(separator instanceof Markup) && !items.some((item) => item instanceof Markup))
    return items.map(str).join(str(separator))
  const safeText = (item: RuntimeValue): string =>
    item instanceof Markup ? item.text : escapeHtml(str(item))
  return new Markup(items.map(safeText).join(safeText(separator)))
}

function* pairs(value: RuntimeValue): Iterable<RuntimeValue> {
  if (value instanceof Undefined) return
  if (!(value instanceof Map)) throw new PyError('TypeError', 'Can only get item pairs from a mapping.')
  for (const pair of pairsOfDict(value)) yield new PyTuple(pair)
}

/** Attributes only, never items. */
function attr(context: CallContext, value: RuntimeValue, name: RuntimeValue): RuntimeValue {
  const key = textOf(name)
  if (key === undefined)
    throw new PyError('TypeError', `attribute name must be string, not '${typeName(name)}'`)
  if (value instanceof Undefined) return getAttribute(context, value, key)
  if (!key.startsWith('_')) {
    const object = value instanceof Map ? undefined : value
    if (object !== undefined && object !== null && typeof object === 'object' && 'attribute' in object) {
      const found = object.attribute(key)
      if (found !== undefined) return found
    }
    if (isNumber(value)) return getAttribute(context, value, key)
    if (methodOf(value, key) !== undefined)
      return value instanceof Map ? boundMethod(value, key) : getAttribute(context, value, key)
  }
  return context.undefined(`'${typeName(value)} object' has no attribute '${key}'`)
}

function boundMethod(self: RuntimeValue, name: string): RuntimeValue {
  return new PyCallable(
    name,
    (context, args, kwargs) => methodOf(self, name)?.(context, self, args, kwargs) ?? null,
  )
}

function random(context: CallContext, value: RuntimeValue): RuntimeValue {
  const items = iterate(value)
  const item = items[Math.floor(context.ports.random() * items.length)]
  return item === undefined ? context.undefined('No random item, sequence was empty.') : item
}

function toList(_: CallContext, value: RuntimeValue): RuntimeValue {
  return [...checkItems(iterate(value))]
}

function absolute(_: CallContext, value: RuntimeValue): RuntimeValue {
  if (value instanceof Undefined) value.fail()
  if (!isNumber(value)) throw new PyError('TypeError', `bad operand type for abs(): '${typeName(value)}'`)
  if (value instanceof PyFloat) return new PyFloat(Math.abs(value.value))
  const isNegative = (numberOf(value) ?? 0) < 0
  return isNegative ? (negate(value) ?? value) : typeof value === 'boolean' ? Number(value) : value
}

export const plainFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('default', ['value', ...otherwise], useDefault),
  defineFilter('d', ['value', ...otherwise], useDefault),
  defineFilter('int', ['value', ['default', 0], ['base', 10]], toInt),
  defineFilter('float', ['value', ['default', new PyFloat(0)]], toFloat),
  defineFilter('abs', ['x'], absolute),
  defineFilter('round', ['value', ['precision', 0], ['method', 'common']], round),
  defineFilter('length', ['obj'], (_, value) => lengthOf(value)),
  defineFilter('count', ['obj'], (_, value) => lengthOf(value)),
  defineFilter('first', ['seq'], first),
  defineFilter('last', ['seq'], last),
  defineFilter('reverse', ['value'], reverse),
  defineFilter('join', ['value', ['d', ''], ['attribute', null]], join),
  defineFilter('list', ['value'], toList),
  defineFilter('items', ['value'], (_, value) => new PyIterator(pairs(value), 'generator', 'do_items')),
  defineFilter('attr', ['obj', 'name'], attr),
  defineFilter('random', ['seq'], random),
  defineFilter('string', ['object'], (_, value) => (value instanceof Markup ? value : str(value))),
  defineFilter('pprint', ['value'], (_, value) => pretty(value)),
]
