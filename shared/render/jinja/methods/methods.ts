/** The methods that templates may call on values; what stands in no table does not exist. */
import { type CallContext, Markup, PyBytes, PyFloat, PyRange, PyTuple, type RuntimeValue } from '../values.ts'
import { bytesMethods } from './bytes.ts'
import { dictMethods } from './dict.ts'
import { listMethods, tupleMethods } from './list.ts'
import { floatMethods, intMethods } from './numbers.ts'
import { textMethods } from './text.ts'

/** A method for calls with a fixed number of arguments. */
export type DirectMethod = (
  context: CallContext,
  self: RuntimeValue,
  a?: RuntimeValue,
  b?: RuntimeValue,
) => RuntimeValue

export interface Method {
  (
    context: CallContext,
    self: RuntimeValue,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
  ): RuntimeValue
  /** By the number of arguments; none: it is to be called with a list. */
  readonly byCount?: readonly (DirectMethod | undefined)[]
}

export type Methods = ReadonlyMap<string, Method>

const tables = [textMethods, listMethods, tupleMethods, dictMethods, intMethods, floatMethods, bytesMethods]

/** All names of methods. */
export const methodNames: ReadonlySet<string> = new Set(tables.flatMap((table) => [...table.keys()]))

export function methodOf(value: RuntimeValue, name: string): Method | undefined {
  return tableOf(value)?.get(name)
}

export function tableOf(value: RuntimeValue): Methods | undefined {
  if (typeof value === 'string' || value instanceof Markup) return textMethods
  if (value instanceof Map) return dictMethods
  if (Array.isArray(value)) return listMethods
  if (value instanceof PyTuple || value instanceof PyRange) return tupleMethods
  if (typeof value === 'number') return Number.isInteger(value) ? intMethods : floatMethods
  if (typeof value === 'bigint' || typeof value === 'boolean') return intMethods
  if (value instanceof PyFloat) return floatMethods
  return value instanceof PyBytes ? bytesMethods : undefined
}
