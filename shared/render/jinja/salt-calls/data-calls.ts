/** Calls on data: choosing, merging, serializing. */

import { writeYaml } from '../../yaml-writer/emitter.ts'
import { type ScalarStyle, type WriterOptions, writerDefaults } from '../../yaml-writer/nodes.ts'
import { nodeOf } from '../../yaml-writer/represent.ts'
import { type JsonStyle, pythonJson } from '../filters/json-text.ts'
import { textArgument } from '../salt/arguments.ts'
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  isInt,
  iterate,
  PyError,
  type RuntimeDict,
  type RuntimeValue,
  repr,
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
  _context: CallContext,
  name: RuntimeValue,
  value: RuntimeValue,
  options: RuntimeValue = null,
): RuntimeValue {
  const given: RuntimeDict = options instanceof Map ? options : new Map()
  switch (textArgument(name, 'slsutil.serialize')) {
    case 'json':
      return pythonJson(value, jsonStyle(given))
    case 'yaml':
      return toYaml(value, given)
    case 'python':
      return repr(value)
    default:
      throw unknownSerializer(name)
  }
}

function jsonStyle(given: RuntimeDict): JsonStyle {
  const indent = given.get('indent') ?? null
  const separators = given.get('separators') ?? null
  const [item = ', ', key = ': '] = separators === null ? [] : iterate(separators).map(str)
  return {
    sortKeys: truthy(given.get('sort_keys') ?? false),
    ensureAscii: isOn(given, 'ensure_ascii'),
    indent: isInt(indent) ? Number(indent) : textOf(indent),
    separators: separators === null ? undefined : [item, key],
  }
}

/** On where it is not given; `None` is off. */
function isOn(given: RuntimeDict, name: string): boolean {
  const flag = given.get(name)
  return flag === undefined || truthy(flag)
}

const styles: ReadonlyMap<RuntimeValue, ScalarStyle> = new Map<RuntimeValue, ScalarStyle>([
  ['"', 'double'],
  ["'", 'single'],
  ['|', 'literal'],
  ['>', 'folded'],
])

/** As Salt's serializer: PyYAML's own defaults, without the newline at the end. */
function toYaml(value: RuntimeValue, given: RuntimeDict): string {
  const flow = given.get('default_flow_style') ?? null
  const whole = (name: string, least: number, most: number, otherwise: number): number => {
    const number = Number(given.get(name) ?? Number.NaN)
    return number >= least && number <= most ? number : otherwise
  }
  const indent = whole('indent', 2, 9, 2)
  const options: WriterOptions = {
    ...writerDefaults,
    flowStyle: flow === null ? undefined : truthy(flow),
    sortKeys: isOn(given, 'sort_keys'),
    allowUnicode: truthy(given.get('allow_unicode') ?? false),
    indent,
    width: whole('width', indent * 2 + 1, Number.MAX_SAFE_INTEGER, 80),
    style: styles.get(given.get('default_style') ?? null),
    explicitStart: truthy(given.get('explicit_start') ?? false),
    explicitEnd: truthy(given.get('explicit_end') ?? false),
  }
  return writeYaml(nodeOf(value, options), options).replace(/(?:\n\.\.\.)?\n$/, '')
}

function deserialize(context: CallContext, name: RuntimeValue, text: RuntimeValue): RuntimeValue {
  const serializer = textArgument(name, 'slsutil.deserialize')
  if (serializer !== 'json' && serializer !== 'yaml') throw unknownSerializer(name)
  return context.filter(`load_${serializer}`, [text])
}

const unknownSerializer = (name: RuntimeValue): PyError =>
  new PyError('ValueError', `Serializer '${str(name)}' not found.`, 'Use "yaml" or "json".')
