/** What the calls of this folder take from a rendering, and how they are defined. */
import { type Dict, isDict } from '../../../data/value.ts'
import type { PureCall, PureFunction } from '../pure-calls/registry.ts'
import { traverseRuntime } from '../salt/dicts.ts'
import {
  bindParameters,
  type FilterFunction,
  type Parameter,
  type RuntimeValue,
  sequenceOf,
  str,
  textOf,
} from '../values.ts'

export type CallEntry = readonly [string, PureFunction]

/** A call with Python's rules for arguments that needs the rendering's variables. */
export function defineCall(
  name: string,
  parameters: readonly Parameter[],
  run: (call: PureCall, ...values: RuntimeValue[]) => RuntimeValue,
): CallEntry {
  return [name, (call, args, kwargs) => run(call, ...bindParameters(name, parameters, args, kwargs))]
}

/** A call that needs nothing but its arguments. */
export function plainCall([name, run]: readonly [string, FilterFunction]): CallEntry {
  return [name, (call, args, kwargs) => run(call.context, args, kwargs)]
}

/** Grains or pillar as a whole; the result of the rendering then holds only for the same ones. */
export function wholeOf(call: PureCall, variable: 'grains' | 'pillar'): Dict {
  call.reads?.whole(variable)
  const value = call.variables[variable]
  return value !== undefined && isDict(value) ? value : new Map()
}

/** One grain by its path, with what was asked for noted. */
export function grainAt(call: PureCall, path: RuntimeValue, fallback: RuntimeValue): RuntimeValue {
  const [first = null] = sequenceOf(path) ?? [path]
  const key = textOf(first)?.split(':')[0] ?? str(first)
  call.reads?.key('grains', key)
  return traverseRuntime(call.variables.grains ?? new Map(), path, fallback)
}

export function minionIdOf(call: PureCall): string {
  call.reads?.key('grains', 'id')
  const { grains, opts } = call.variables
  const id = grains !== undefined && isDict(grains) ? grains.get('id') : undefined
  if (typeof id === 'string') return id
  call.reads?.key('opts', 'id')
  const configured = opts !== undefined && isDict(opts) ? opts.get('id') : undefined
  return typeof configured === 'string' ? configured : ''
}
