/** Keys of dicts as Python compares them: 1, 1.0 and True are one key, tuples with equal items too. */
import { PyFloat } from '../../../data/value.ts'
import type { RuntimeDict, RuntimeValue } from '../values.ts'
import { equalRuntime } from './equality.ts'
import { PyError } from './errors.ts'
import { forgetKey, markKey } from './marked-keys.ts'
import { intOf, numberOf } from './numbers.ts'
import { DictView, Markup, PyBytes, PyRange, PyTuple, Undefined } from './objects.ts'
import { typeName } from './truth.ts'

export function isHashable(value: RuntimeValue): boolean {
  if (value instanceof PyTuple) return value.values.every(isHashable)
  if (value instanceof DictView) return value.type === 'dict_values'
  return !Array.isArray(value) && !(value instanceof Map)
}

/** One object for each whole float that is a key, so that a Map finds it. */
const floatKeys = new Map<number, PyFloat>()
/** Further ones become the int that they are equal to. */
const mostFloatKeys = 10_000

const negativeZero = new PyFloat(-0)

function floatKey(key: PyFloat): RuntimeValue {
  if (Object.is(key.value, -0)) return negativeZero
  const known = floatKeys.get(key.value)
  if (known !== undefined) return known
  if (floatKeys.size >= mostFloatKeys || !Number.isFinite(key.value))
    return Number.isInteger(key.value) ? intOf(BigInt(key.value)) : key
  floatKeys.set(key.value, key)
  return key
}

/** The form in which a key stands in a Map. @throws PyError TypeError where it is not hashable */
export function dictKey(key: RuntimeValue): RuntimeValue {
  if (typeof key === 'string' || typeof key === 'number') return key
  if (key instanceof PyFloat) return floatKey(key)
  if (key instanceof Markup) return key.text
  requireHashable(key)
  return key
}

/** As Python's hash does: a tuple's items one after the other. @throws PyError TypeError, UndefinedError */
export function requireHashable(key: RuntimeValue): void {
  if (key instanceof PyTuple) for (const item of key.values) requireHashable(item)
  else if (key instanceof Undefined && key.strict) key.fail()
  else if (!isHashable(key)) throw new PyError('TypeError', `unhashable type: '${typeName(key)}'`)
}

/** Objects that are the same key by what they hold. */
function isCompared(key: RuntimeValue): boolean {
  return key instanceof PyTuple || key instanceof PyBytes || key instanceof PyRange
}

/** The key as the dict holds it; undefined: not in it. */
function held(dict: RuntimeDict, key: RuntimeValue): RuntimeValue | undefined {
  const form = dictKey(key)
  if (dict.has(form)) return form
  const number = numberOf(form)
  if (number !== undefined)
    return typeof form !== 'bigint' || BigInt(number) === form ? sameNumber(dict, number) : undefined
  if (!isCompared(form)) return undefined
  for (const other of dict.keys()) if (isCompared(other) && equalRuntime(form, other)) return other
  return undefined
}

/** The key that is equal to a number: an int, a bool, a whole float. */
function sameNumber(dict: RuntimeDict, number: number): RuntimeValue | undefined {
  const whole = Number.isInteger(number) ? intOf(BigInt(number)) : number
  if (dict.has(whole)) return whole
  if (number === 1 && dict.has(true)) return true
  if (number === 0 && dict.has(false)) return false
  if (number === 0 && dict.has(negativeZero)) return negativeZero
  const float = floatKeys.get(number)
  return float !== undefined && dict.has(float) ? float : undefined
}

export function dictGet(dict: RuntimeDict, key: RuntimeValue): RuntimeValue | undefined {
  if (typeof key === 'string') return dict.get(key)
  const form = held(dict, key)
  return form === undefined ? undefined : dict.get(form)
}

export function dictHas(dict: RuntimeDict, key: RuntimeValue): boolean {
  return typeof key === 'string' ? dict.has(key) : held(dict, key) !== undefined
}

export function dictSet(dict: RuntimeDict, key: RuntimeValue, value: RuntimeValue): void {
  if (typeof key === 'string') dict.set(key, value)
  else {
    const form = held(dict, key)
    dict.set(form === undefined ? dictKey(key) : form, value)
    if (form === undefined && key instanceof Markup) markKey(dict, key)
  }
}

/** @returns false where the key was not in it */
export function dictDelete(dict: RuntimeDict, key: RuntimeValue): boolean {
  const form = held(dict, key)
  if (form === undefined) return false
  forgetKey(dict, form)
  return dict.delete(form)
}
