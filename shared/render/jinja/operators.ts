/** Operators between values of any kind: numbers, texts, lists, and what they do with one another. */

import { escapeHtml } from './escape.ts'
import { checkRepeated, checkText } from './limits.ts'
import { formatPercent } from './percent.ts'
import { PySet } from './salt/sets.ts'
import { unsupported } from './values/numbers.ts'
import {
  add,
  DictView,
  divide,
  floorDivide,
  isInt,
  isNumber,
  iterate,
  Markup,
  modulo,
  multiply,
  negate,
  numberOf,
  PyBytes,
  PyError,
  PyTuple,
  power,
  type RuntimeList,
  type RuntimeValue,
  str,
  subtract,
  textOf,
  typeName,
  Undefined,
} from './values.ts'

function failUndefined(a: RuntimeValue, b: RuntimeValue): void {
  if (a instanceof Undefined) a.fail()
  if (b instanceof Undefined) b.fail()
}

export function addValues(a: RuntimeValue, b: RuntimeValue): RuntimeValue {
  if (typeof a === 'number' && typeof b === 'number' && Number.isInteger(a) && Number.isInteger(b)) {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  if (typeof a === 'string' && typeof b === 'string') {
    checkText(a.length + b.length)
    return a + b
  }
  failUndefined(a, b)
  if (a instanceof Markup || b instanceof Markup) {
    const left = a instanceof Markup ? a.text : textOf(a)
    const right = b instanceof Markup ? b.text : textOf(b)
    if (left !== undefined && right !== undefined)
      return new Markup(
        (a instanceof Markup ? left : escapeHtml(left)) + (b instanceof Markup ? right : escapeHtml(right)),
      )
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    checkRepeated(a.length + b.length)
    return a.concat(b)
  }
  if (a instanceof PyTuple && b instanceof PyTuple) {
    checkRepeated(a.values.length + b.values.length)
    return new PyTuple(a.values.concat(b.values))
  }
  if (a instanceof PyBytes && b instanceof PyBytes)
    return new PyBytes(new Uint8Array([...a.bytes, ...b.bytes]))
  return add(a, b) ?? failAdd(a, b)
}

function failAdd(a: RuntimeValue, b: RuntimeValue): never {
  if (typeof a === 'string') {
    throw new PyError(
      'TypeError',
      `can only concatenate str (not "${typeName(b)}") to str`,
      'Join text and other values with "~".',
    )
  }
  if (Array.isArray(a) || a instanceof PyTuple)
    throw new PyError(
      'TypeError',
      `can only concatenate ${typeName(a)} (not "${typeName(b)}") to ${typeName(a)}`,
    )
  throw unsupported('+', a, b)
}

/** Both small ints, so that plain arithmetic is exact as long as the result is safe. */
function areInts(a: RuntimeValue, b: RuntimeValue): boolean {
  return typeof a === 'number' && typeof b === 'number' && Number.isInteger(a) && Number.isInteger(b)
}

export function subtractValues(a: RuntimeValue, b: RuntimeValue): RuntimeValue {
  if (areInts(a, b)) {
    const difference = Number(a) - Number(b)
    if (Number.isSafeInteger(difference)) return difference
  }
  failUndefined(a, b)
  const result = subtract(a, b) ?? differenceOf(a, b)
  if (result === undefined) throw unsupported('-', a, b)
  return result
}

/** Of sets; keys and items of a dict are subtracted from whatever can be walked through, and the other way. */
function differenceOf(a: RuntimeValue, b: RuntimeValue): RuntimeValue | undefined {
  const areSets = a instanceof PySet && b instanceof PySet
  if (!areSets && !isSetView(a) && !isSetView(b)) return undefined
  const taken = new PySet(iterate(b))
  return new PySet(new PySet(iterate(a)).items().filter((item) => !taken.has(item)))
}

const isSetView = (value: RuntimeValue): boolean => value instanceof DictView && value.type !== 'dict_values'

export function multiplyValues(a: RuntimeValue, b: RuntimeValue): RuntimeValue {
  if (areInts(a, b)) {
    // Minus zero is a float's.
    const made = Number(a) * Number(b) + 0
    if (Number.isSafeInteger(made)) return made
  }
  failUndefined(a, b)
  const product = multiply(a, b)
  if (product !== undefined) return product
  const repeated = repeat(a, b) ?? repeat(b, a)
  if (repeated === undefined) {
    const isSequence = typeof a === 'string' || Array.isArray(a) || a instanceof PyTuple
    if (isSequence)
      throw new PyError('TypeError', `can't multiply sequence by non-int of type '${typeName(b)}'`)
    throw unsupported('*', a, b)
  }
  return repeated
}

function repeat(value: RuntimeValue, by: RuntimeValue): RuntimeValue | undefined {
  if (!isInt(by)) return undefined
  const wanted = numberOf(by) ?? 0
  if (wanted < -(2 ** 63) && isRepeatable(value))
    throw new PyError('OverflowError', "cannot fit 'int' into an index-sized integer")
  const times = Math.max(0, wanted)
  const text = textOf(value)
  if (text !== undefined) {
    checkRepeated(text.length * times)
    const made = text === '' ? '' : text.repeat(times)
    return typeof value === 'string' ? made : new Markup(made)
  }
  if (value instanceof PyBytes) {
    checkRepeated(value.bytes.length * times)
    return new PyBytes(Buffer.concat(Array.from({ length: times }, () => value.bytes)))
  }
  if (Array.isArray(value)) return repeatItems(value, times)
  return value instanceof PyTuple ? new PyTuple(repeatItems(value.values, times)) : undefined
}

const isRepeatable = (value: RuntimeValue): boolean =>
  textOf(value) !== undefined || value instanceof PyBytes || Array.isArray(value) || value instanceof PyTuple

function repeatItems(items: readonly RuntimeValue[], times: number): RuntimeList {
  checkRepeated(items.length * times)
  const made: RuntimeList = []
  if (items.length > 0) for (let time = 0; time < times; time++) for (const item of items) made.push(item)
  return made
}

export function divideValues(a: RuntimeValue, b: RuntimeValue): RuntimeValue {
  failUndefined(a, b)
  const result = divide(a, b)
  if (result === undefined) throw unsupported('/', a, b)
  return result
}

export function floorDivideValues(a: RuntimeValue, b: RuntimeValue): RuntimeValue {
  failUndefined(a, b)
  const result = floorDivide(a, b)
  if (result === undefined) throw unsupported('//', a, b)
  return result
}

export function moduloValues(a: RuntimeValue, b: RuntimeValue): RuntimeValue {
  if (typeof a === 'string') return formatPercent(a, b)
  if (a instanceof Markup) return new Markup(formatPercent(a.text, b, true))
  if (areInts(a, b) && Number(a) >= 0 && Number(b) > 0) return Number(a) % Number(b)
  failUndefined(a, b)
  const result = modulo(a, b)
  if (result === undefined) throw unsupported('%', a, b)
  return result
}

export function powerValues(a: RuntimeValue, b: RuntimeValue): RuntimeValue {
  failUndefined(a, b)
  const result = power(a, b)
  if (result === undefined) throw unsupported('** or pow()', a, b)
  return result
}

export function negateValue(value: RuntimeValue): RuntimeValue {
  if (value instanceof Undefined) value.fail()
  const result = negate(value)
  if (result === undefined)
    throw new PyError('TypeError', `bad operand type for unary -: '${typeName(value)}'`)
  return result
}

export function positiveValue(value: RuntimeValue): RuntimeValue {
  if (value instanceof Undefined) value.fail()
  if (typeof value === 'boolean') return value ? 1 : 0
  if (!isNumber(value)) throw new PyError('TypeError', `bad operand type for unary +: '${typeName(value)}'`)
  return value
}

/** `a ~ b` */
export function concatValues(items: readonly RuntimeValue[], escaping: boolean): RuntimeValue {
  if (escaping && items.some((item) => item instanceof Markup))
    return new Markup(
      items.map((item) => (item instanceof Markup ? item.text : escapeHtml(str(item)))).join(''),
    )
  let text = ''
  for (const item of items) text += typeof item === 'string' ? item : str(item)
  return text
}
