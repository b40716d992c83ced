import {
  bindParameters,
  given,
  type Parameter,
  PyError,
  type RuntimeDict,
  type RuntimeValue,
  repr,
  str,
  truthy,
} from '../values.ts'
import { look, walk } from './look-up.ts'
import { mergeDeep } from './merging.ts'
import { notGiven, pillarGet, pillarGetParameters } from './pillar-get.ts'
import type { PureCall, PureFunction } from './registry.ts'

/** A function with Python's rules for arguments. */
export function define(
  name: string,
  parameters: readonly Parameter[],
  run: (call: PureCall, ...values: RuntimeValue[]) => RuntimeValue,
): [string, PureFunction] {
  return [name, (call, args, kwargs) => run(call, ...bindParameters(name, parameters, args, kwargs))]
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
  define('pillar.get', pillarGetParameters, pillarGet),
  define('pillar.fetch', pillarGetParameters, pillarGet),
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
