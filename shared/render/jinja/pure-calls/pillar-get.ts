/** pillar.get, for templates and command lines alike: a value by its path, or a default that it may be merged over. */
import { copyDict, deepCopy } from '../salt-calls/copies.ts'
import { joined, updateInto } from '../salt-calls/merge-dicts.ts'
import { PyError, type RuntimeValue, str, truthy, Undefined } from '../values.ts'
import { look } from './look-up.ts'
import type { PureCall } from './registry.ts'

/** Stands for a default that was not given. */
export const notGiven = new Undefined('no default was given', true)

export const pillarGetParameters = [
  'key',
  ['default', notGiven],
  ['merge', false],
  ['merge_nested_lists', null],
  ['delimiter', ':'],
  ['pillarenv', null],
  ['saltenv', null],
] as const

/** @throws PyError KeyError where there is no value, no default, and pillar_raise_on_missing */
export function pillarGet(call: PureCall, ...values: RuntimeValue[]): RuntimeValue {
  const [key = '', otherwise = notGiven, merge = false, nested = null, delimiter = ':'] = values
  if (key === '') {
    call.reads?.whole('pillar')
    return call.variables.pillar ?? new Map()
  }
  const found = look(call, 'pillar', key, delimiter)
  const both = truthy(merge) ? merged(call, otherwise, found, nested) : undefined
  if (both !== undefined) return both
  if (found !== undefined) return found
  if (otherwise !== notGiven) return otherwise
  if (!option(call, 'pillar_raise_on_missing')) return ''
  throw new PyError(
    'KeyError',
    `Pillar key not found: ${str(key)}`,
    'Give it a default, or set it in the pillar: the option pillar_raise_on_missing is on.',
  )
}

/** undefined: the two are not of one kind, and Salt does not merge them then. */
function merged(
  call: PureCall,
  otherwise: RuntimeValue,
  found: RuntimeValue | undefined,
  nested: RuntimeValue,
): RuntimeValue | undefined {
  const { context } = call
  if (otherwise instanceof Map && (found === undefined || found instanceof Map)) {
    const mergeLists = nested === null ? option(call, 'pillar_merge_lists') : truthy(nested)
    return updateInto(context, copyDict(context, otherwise), found ?? new Map(), { mergeLists })
  }
  if (!Array.isArray(otherwise)) return undefined
  if (found === undefined) return deepCopy(context, otherwise)
  return Array.isArray(found) ? joined(context, otherwise, found) : undefined
}

function option(call: PureCall, name: string): boolean {
  return truthy(look(call, 'opts', name, ':') ?? false)
}
