/** Values of the template's variables by a path of keys, as Salt walks. */
import { resolvePlain } from '../../yaml-scalars.ts'
import {
  dictGet,
  type RuntimeDict,
  type RuntimeValue,
  sequenceOf,
  str,
  textOf,
  Undefined,
} from '../values.ts'
import type { PureCall } from './registry.ts'

/** One of the template's variables, with its first key noted as read. */
function source(call: PureCall, variable: string, path: string, delimiter: string): RuntimeValue {
  const first = path.split(delimiter)[0] ?? ''
  call.reads?.key(variable, first)
  if (first !== path) call.reads?.key(variable, path)
  return call.variables[variable] ?? new Map()
}

/** As Salt walks: keys of dicts, numbers in lists; in a list of dicts the first that has the key. */
export function walk(data: RuntimeValue, path: string, delimiter: string): RuntimeValue | undefined {
  let current: RuntimeValue | undefined = data
  for (const step of path.split(delimiter)) {
    if (current === undefined) return undefined
    current = stepInto(current, step)
  }
  return current
}

function stepInto(value: RuntimeValue, step: string): RuntimeValue | undefined {
  if (value instanceof Map) {
    const found = dictGet(value, step)
    return found === undefined ? otherwiseWritten(value, step) : found
  }
  const items = sequenceOf(value)
  if (items === undefined) return undefined
  const index = /^[-+]?\d+$/.test(step) ? Number(step) : undefined
  for (const item of items) {
    const found = item instanceof Map ? dictGet(item, index ?? step) : undefined
    if (found !== undefined) return found
  }
  return index === undefined ? undefined : items.at(index)
}

/** A key that is a number, a truth value or null in YAML. */
function otherwiseWritten(dict: RuntimeDict, step: string): RuntimeValue | undefined {
  const key = resolvePlain(step)
  return key === step ? undefined : dictGet(dict, key)
}

export function look(
  call: PureCall,
  variable: string,
  key: RuntimeValue,
  delimiter: RuntimeValue,
): RuntimeValue | undefined {
  const path = textOf(key) ?? str(key)
  if (key instanceof Undefined) key.fail()
  const data = source(call, variable, path, str(delimiter))
  // A key that has the delimiter in it counts as it stands, where there is one.
  const whole = data instanceof Map ? dictGet(data, path) : undefined
  return whole === undefined ? walk(data, path, str(delimiter)) : whole
}
