/** Calls on data: choosing, merging, serializing. */

import { textArgument } from '../salt/arguments.ts'
import { dumpJson } from '../salt/json.ts'
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  iterate,
  PyError,
  type RuntimeDict,
  type RuntimeValue,
  repr,
  sequenceOf,
  sortValues,
  str,
  textOf,
  truthy,
} from '../values.ts'
import { filterByGrain } from './choosing.ts'
import { deepCopy } from './copies.ts'
import { type CallEntry, defineCall, grainAt, plainCall } from './host.ts'
import { mergeTwo, updateInto } from './merge-dicts.ts'

export const filterCalls: readonly CallEntry[] = [
  defineCall(
    'grains.filter_by',
    ['lookup_dict', ['grain', 'os_family'], ['merge', null], ['default', 'default'], ['base', null]],
    (call, lookup = null, grain = null, merge = null, fallback = null, base = null) =>
      filterByGrain(call.context, { lookup, found: grainAt(call, grain, []), merge, fallback, base }),
  ),
]

const mergeOptions = [
  ['strategy', 'smart'],
  ['renderer', 'yaml'],
  ['merge_lists', false],
] as const

const mergeFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter(
    'slsutil.merge',
    ['obj_a', 'obj_b', ...mergeOptions],
    (context, a, b, strategy, _renderer, lists) => mergeTwo(context, a, b, str(strategy), truthy(lists)),
  ),
  defineFilter(
    'slsutil.merge_all',
    ['lst', ...mergeOptions],
    (context, objects, strategy, _renderer, lists) => {
      let merged: RuntimeValue = new Map()
      for (const one of iterate(objects))
        merged = mergeTwo(context, merged, one, str(strategy), truthy(lists))
      return merged
    },
  ),
  defineFilter(
    'slsutil.update',
    ['dest', 'upd', ['recursive_update', true], ['merge_lists', false]],
    (context, into, from, recursive, lists) =>
      updateInto(context, into, from, { recursive: truthy(recursive), mergeLists: truthy(lists) }),
  ),
  defineFilter(
    'slsutil.boolstr',
    ['value', ['true', 'true'], ['false', 'false']],
    (_context, value, yes, no) => (truthy(value) ? yes : no),
  ),
  defineFilter('defaults.merge', ['dest', 'src', ...defaultsOptions(false)], mergeDefaults),
  defineFilter('defaults.update', ['dest', 'defaults', ...defaultsOptions(true)], updateDefaults),
  defineFilter('defaults.deepcopy', ['source'], deepCopy),
  defineFilter('slsutil.serialize', ['serializer', 'obj', '**kwargs'], serialize),
  defineFilter('slsutil.deserialize', ['serializer', 'stream_or_string', '**kwargs'], deserialize),
]

export const mergeCalls: readonly CallEntry[] = mergeFilters.map(plainCall)

function defaultsOptions(mergeLists: boolean): readonly (readonly [string, RuntimeValue])[] {
  return [
    ['merge_lists', mergeLists],
    ['in_place', true],
    ['convert_none', true],
  ]
}

function mergeDefaults(
  context: CallContext,
  into: RuntimeValue,
  from: RuntimeValue = null,
  mergeLists: RuntimeValue = false,
  inPlace: RuntimeValue = true,
  convertNone: RuntimeValue = true,
): RuntimeValue {
  const source = from === null && truthy(convertNone) ? new Map() : from
  if (into === null && truthy(convertNone) && truthy(inPlace))
    throw new PyError('TypeError', "Can't perform in-place merge into NoneType", 'Give it in_place=False.')
  const target = into === null && truthy(convertNone) ? new Map() : into
  const merged = truthy(inPlace) ? target : deepCopy(context, target)
  return updateInto(context, merged, source, { mergeLists: truthy(mergeLists) })
}

/** The defaults below each entry of the dict. */
function updateDefaults(
  context: CallContext,
  into: RuntimeValue,
  defaults: RuntimeValue = null,
  mergeLists: RuntimeValue = true,
  inPlace: RuntimeValue = true,
  convertNone: RuntimeValue = true,
): RuntimeValue {
  if (into === null && truthy(inPlace))
    throw new PyError('TypeError', "Can't perform in-place update into NoneType")
  const given = into === null && truthy(convertNone) ? new Map() : into
  const nodes = truthy(inPlace) ? given : deepCopy(context, given)
  if (!(nodes instanceof Map)) throw new PyError('TypeError', 'defaults.update: a dict of dicts is wanted')
  const below = defaults === null && truthy(convertNone) ? new Map() : defaults
  context.willChange(nodes)
  for (const [name, node] of nodes)
    nodes.set(name, mergeDefaults(context, deepCopy(context, below), node, mergeLists, true, convertNone))
  return nodes
}

function serialize(
  context: CallContext,
  name: RuntimeValue,
  value: RuntimeValue,
  options: RuntimeValue = null,
): RuntimeValue {
  const given: RuntimeDict = options instanceof Map ? options : new Map()
  switch (textArgument(name, 'slsutil.serialize')) {
    case 'json': {
      const indent = given.get('indent') ?? null
      return dumpJson(context, value, {
        sortKeys: truthy(given.get('sort_keys') ?? false),
        ensureAscii: truthy(given.get('ensure_ascii') ?? true),
        indent:
          indent === null
            ? undefined
            : typeof indent === 'number'
              ? ' '.repeat(Math.min(indent, 100))
              : str(indent),
        itemSeparator: indent === null ? ', ' : ',',
        keySeparator: ': ',
      })
    }
    case 'yaml':
      return toYaml(context, value, given)
    case 'python':
      return repr(value)
    default:
      throw unknownSerializer(name)
  }
}

/** As PyYAML: keys sorted, where they can be; data without data in it in one line unless told otherwise. */
function toYaml(context: CallContext, value: RuntimeValue, options: RuntimeDict): string {
  const flow = options.get('default_flow_style') ?? null
  const ordered = truthy(options.get('sort_keys') ?? true) ? sorted(context, value) : value
  const inner = value instanceof Map ? [...value.values()] : (sequenceOf(value) ?? [])
  const isLeaf = !inner.some((item) => item instanceof Map || sequenceOf(item) !== undefined)
  return textOf(context.filter('yaml', [ordered, flow === null ? isLeaf : flow])) ?? ''
}

function sorted(context: CallContext, value: RuntimeValue): RuntimeValue {
  context.spend(1)
  if (Array.isArray(value)) return value.map((item) => sorted(context, item))
  if (!(value instanceof Map)) return value
  const entries = [...value].map(([key, item]) => [key, sorted(context, item)] as const)
  return new Map(inOrder(entries))
}

function inOrder<Entry extends readonly [RuntimeValue, RuntimeValue]>(
  entries: readonly Entry[],
): readonly Entry[] {
  try {
    return sortValues(entries, ([key]) => key)
  } catch {
    // Keys of several types have no order; they stay as they are.
    return entries
  }
}

function deserialize(context: CallContext, name: RuntimeValue, text: RuntimeValue): RuntimeValue {
  const serializer = textArgument(name, 'slsutil.deserialize')
  if (serializer !== 'json' && serializer !== 'yaml') throw unknownSerializer(name)
  return context.filter(`load_${serializer}`, [text])
}

const unknownSerializer = (name: RuntimeValue): PyError =>
  new PyError('ValueError', `Serializer '${str(name)}' not found.`, 'Use "yaml" or "json".')
