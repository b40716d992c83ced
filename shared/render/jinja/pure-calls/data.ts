/** pillar.get, grains.get, config.get and their kin: values by a path of keys. */
import {
  bindParameters,
  dictGet,
  given,
  type Parameter,
  PyError,
  type RuntimeDict,
  type RuntimeValue,
  repr,
  sequenceOf,
  str,
  textOf,
  truthy,
  Undefined,
} from '../values.ts'
import { deepCopy, mergeDeep } from './merging.ts'
import type { PureCall, PureFunction } from './registry.ts'

const notGiven = new Undefined('no default was given', true)

/** A function with Python's rules for arguments. */
export function define(
  name: string,
  parameters: readonly Parameter[],
  run: (call: PureCall, ...values: RuntimeValue[]) => RuntimeValue,
): [string, PureFunction] {
  return [name, (call, args, kwargs) => run(call, ...bindParameters(name, parameters, args, kwargs))]
}

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
    return found === undefined && /^-?\d+$/.test(step) ? dictGet(value, Number(step)) : found
  }
  const items = sequenceOf(value)
  if (items === undefined) return undefined
  if (/^-?\d+$/.test(step)) return items.at(Number(step))
  for (const item of items) {
    const found = item instanceof Map ? dictGet(item, step) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function look(
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

function pillarGet(
  call: PureCall,
  key: RuntimeValue,
  otherwise: RuntimeValue,
  merge: RuntimeValue,
  nested: RuntimeValue,
  delimiter: RuntimeValue,
): RuntimeValue {
  if (key === '') {
    call.reads?.whole('pillar')
    return call.variables.pillar ?? new Map()
  }
  const found = look(call, 'pillar', key, delimiter)
  if (truthy(merge) && otherwise instanceof Map && (found === undefined || found instanceof Map)) {
    if (found === undefined) return deepCopy(otherwise)
    return truthy(nested) ? mergeDeep(deepCopy(otherwise), found) : new Map([...otherwise, ...found])
  }
  if (truthy(merge) && Array.isArray(otherwise) && Array.isArray(found)) return [...otherwise, ...found]
  return given(found, otherwise)
}

function configGet(
  call: PureCall,
  key: RuntimeValue,
  otherwise: RuntimeValue,
  delimiter: RuntimeValue,
  merge: RuntimeValue,
  omitted: ReadonlySet<string>,
): RuntimeValue {
  const sources = ['opts', 'grains', 'pillar']
  const found = sources.map((variable) =>
    omitted.has(variable) ? undefined : look(call, variable, key, delimiter),
  )
  found.push(omitted.has('master') ? undefined : masterOption(call, key, delimiter))
  if (merge === null || merge === notGiven || !truthy(merge))
    return given(
      found.find((value) => value !== undefined),
      otherwise,
    )
  let result: RuntimeDict = otherwise instanceof Map ? mergeDeep(new Map(), otherwise) : new Map()
  for (const value of found.reverse())
    if (value instanceof Map)
      result = str(merge) === 'overwrite' ? new Map([...result, ...value]) : mergeDeep(result, value)
  return result.size === 0
    ? given(
        found.find((value) => value !== undefined),
        otherwise,
      )
    : result
}

/** Where `pillar_opts` puts the master's options. */
function masterOption(call: PureCall, key: RuntimeValue, delimiter: RuntimeValue): RuntimeValue | undefined {
  const options = look(call, 'pillar', 'master', ':')
  return options instanceof Map ? walk(options, str(key), str(delimiter)) : undefined
}

/** Names of the places whose flag says so. */
function omittedPlaces(flags: Readonly<Record<string, RuntimeValue>>): ReadonlySet<string> {
  return new Set(Object.keys(flags).filter((name) => truthy(flags[name] ?? false)))
}

function listing(variable: string): PureFunction {
  return (call) => {
    call.reads?.whole(variable)
    return call.variables[variable] ?? new Map()
  }
}

function itemOf(variable: string): PureFunction {
  return (call, args) => {
    const result: RuntimeDict = new Map()
    for (const key of args) {
      const found = look(call, variable, key, ':')
      if (found !== undefined || variable === 'pillar') result.set(str(key), given(found, ''))
    }
    return result
  }
}

function hasValue(variable: string): PureFunction {
  return (call, args) => {
    const [key] = args
    if (key === undefined)
      throw new PyError('TypeError', `${variable}.has_value() missing 1 required positional argument: 'key'`)
    const found = look(call, variable, key, ':')
    return found !== undefined && truthy(found)
  }
}

const empty = new Map<RuntimeValue, RuntimeValue>()

export const dataFunctions: readonly (readonly [string, PureFunction])[] = [
  define(
    'pillar.get',
    [
      'key',
      ['default', ''],
      ['merge', false],
      ['merge_nested_lists', null],
      ['delimiter', ':'],
      ['pillarenv', null],
      ['saltenv', null],
    ],
    (call, key, otherwise, merge, _nested, delimiter) =>
      pillarGet(call, key, otherwise, merge, true, delimiter),
  ),
  define(
    'pillar.fetch',
    ['key', ['default', ''], ['merge', false], ['merge_nested_lists', null], ['delimiter', ':']],
    (call, key, otherwise, merge, _nested, delimiter) =>
      pillarGet(call, key, otherwise, merge, true, delimiter),
  ),
  define('test.echo', ['text'], (_, text) => text),
  ['pillar.items', listing('pillar')],
  ['pillar.item', itemOf('pillar')],
  ['pillar.raw', listing('pillar')],
  define('pillar.keys', ['key', ['delimiter', ':']], (call, key, delimiter) => {
    const found = look(call, 'pillar', key, delimiter)
    if (!(found instanceof Map))
      throw new PyError('ValueError', `Pillar value in key ${repr(key)} is not a dict`)
    return [...found.keys()]
  }),
  define(
    'grains.get',
    ['key', ['default', ''], ['delimiter', ':'], ['ordered', true]],
    (call, key, otherwise, delimiter) => given(look(call, 'grains', key, delimiter), otherwise),
  ),
  ['grains.items', listing('grains')],
  ['grains.item', itemOf('grains')],
  ['grains.has_value', hasValue('grains')],
  define('grains.ls', [], (call) => {
    call.reads?.whole('grains')
    const grains = call.variables.grains ?? empty
    return grains instanceof Map ? [...grains.keys()] : []
  }),
  define(
    'config.get',
    [
      'key',
      ['default', ''],
      ['delimiter', ':'],
      ['merge', null],
      ['omit_opts', false],
      ['omit_pillar', false],
      ['omit_master', false],
      ['omit_grains', false],
    ],
    (call, key, otherwise, delimiter, merge, opts, pillar, master, grains) =>
      configGet(
        call,
        key,
        otherwise,
        delimiter,
        merge,
        omittedPlaces({
          opts: opts ?? false,
          pillar: pillar ?? false,
          master: master ?? false,
          grains: grains ?? false,
        }),
      ),
  ),
  define(
    'config.option',
    [
      'value',
      ['default', null],
      ['omit_opts', false],
      ['omit_master', false],
      ['omit_pillar', false],
      ['wildcard', false],
    ],
    (call, key, otherwise, opts, master, pillar) => {
      const options = truthy(opts ?? false) ? undefined : look(call, 'opts', key, ':')
      const masters = truthy(master ?? false) ? undefined : masterOption(call, key, ':')
      const values = truthy(pillar ?? false) ? undefined : look(call, 'pillar', key, ':')
      return given(options, given(masters, given(values, otherwise === null ? '' : otherwise)))
    },
  ),
]
