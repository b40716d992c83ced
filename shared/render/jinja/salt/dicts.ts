/** Filters over dicts: walking a path, setting and extending what stands at its end, comparing. */
import { readFloat, resolvePlain } from '../../yaml-scalars.ts'
import {
  type CallContext,
  defineFilter,
  dictGet,
  dictHas,
  dictSet,
  equalRuntime,
  type FilterFunction,
  isInt,
  iterate,
  lengthOf,
  PyBytes,
  PyError,
  PyTuple,
  pairsOfDict,
  type RuntimeDict,
  type RuntimeList,
  type RuntimeValue,
  textOf,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { isText, textArgument } from './arguments.ts'
import { intFromText } from './numbers-from-text.ts'
import { toNumber } from './strings.ts'

const pathParameters = ['in_dict', 'keys', 'value', ['delimiter', ':'], ['ordered_dict', false]] as const

export const dictFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter(
    'traverse',
    ['data', 'key', ['default', null], ['delimiter', ':']],
    (_context, data, key, fallback, delimiter) =>
      traverseRuntime(data, key, fallback, textArgument(delimiter, 'traverse(delimiter)')),
  ),
  defineFilter('set_dict_key_value', pathParameters, (context, dict, keys, value, delimiter) => {
    const [owner, key] = ownerOf(context, dict, keys, delimiter)
    dictSet(owner, key, value)
    return dict
  }),
  defineFilter('append_dict_key_value', pathParameters, (context, dict, keys, value, delimiter) => {
    listAt(context, ownerOf(context, dict, keys, delimiter), 'append').push(value)
    return dict
  }),
  defineFilter('extend_dict_key_value', pathParameters, (context, dict, keys, value, delimiter) => {
    const list = listAt(context, ownerOf(context, dict, keys, delimiter), 'extend')
    const items = [...iterate(value)]
    context.spend(items.length)
    for (const item of items) list.push(item)
    return dict
  }),
  defineFilter('update_dict_key_value', pathParameters, (context, dict, keys, value, delimiter) => {
    updateAt(context, ownerOf(context, dict, keys, delimiter), value)
    return dict
  }),
  defineFilter(
    'compare_dicts',
    [
      ['old', null],
      ['new', null],
    ],
    compareDicts,
  ),
  defineFilter('mysql_to_dict', ['data', 'key'], (context, data, key) => mysqlToDict(context, data, key)),
  ...['json_encode_dict', 'json_decode_dict', 'json_encode_list', 'json_decode_list'].map((name) =>
    defineFilter(name, ['data', '*args', '**kwargs'], (context, data) => {
      const wantsDict = name.endsWith('dict')
      if (wantsDict !== data instanceof Map)
        if (wantsDict || isText(data)) throw new PyError('TypeError', `${name}: not for ${typeName(data)}`)
      return wantsDict ? encoded(context, data) : iterate(data).map((item) => encoded(context, item))
    }),
  ),
]

/** As Salt's traverse_dict_and_list: names of keys as text, numbers into lists, and into the dicts of a list. */
export function traverseRuntime(
  data: RuntimeValue,
  key: RuntimeValue,
  fallback: RuntimeValue,
  delimiter = ':',
): RuntimeValue {
  const text = textOf(key)
  const steps: readonly RuntimeValue[] =
    text !== undefined ? text.split(delimiter) : isInt(key) ? [key] : iterate(key)
  let at = data
  for (const step of steps) {
    const next = Array.isArray(at) ? stepIntoList(at, step) : stepInto(at, step)
    if (next === undefined) return fallback
    at = next
  }
  return at
}

function stepIntoList(list: RuntimeList, step: RuntimeValue): RuntimeValue | undefined {
  const text = textOf(step)
  const index = text === undefined ? toNumber(step) : intFromText(text)
  const wanted = index ?? step
  for (const item of list) {
    const found = item instanceof Map ? dictGet(item, wanted) : undefined
    if (found !== undefined) return found
  }
  return typeof index === 'number' ? list.at(index) : undefined
}

function stepInto(at: RuntimeValue, step: RuntimeValue): RuntimeValue | undefined {
  if (at instanceof Undefined && at.strict) at.fail()
  if (at instanceof PyTuple) return isInt(step) ? at.values.at(Number(step)) : undefined
  if (isText(at)) return isInt(step) ? Array.from(textOf(at) ?? '').at(Number(step)) : undefined
  if (!(at instanceof Map)) return undefined
  const found = dictGet(at, step)
  const text = textOf(step)
  if (found !== undefined || text === undefined) return found
  const loaded = loadedKey(text)
  return loaded === undefined ? undefined : dictGet(at, loaded)
}

/** The key that YAML makes of the text, where it is another one. */
function loadedKey(text: string): RuntimeValue | undefined {
  if (/^[\d_\s]*$/.test(text) && text.includes('_')) return undefined
  if (text.trim() === '' || /[\t\r\n]/.test(text)) return undefined
  if (text === 'None') return null
  const scalar = resolvePlain(text.trim())
  if (typeof scalar === 'string') return readFloat(text) ?? undefined
  return scalar
}

type Owner = readonly [RuntimeDict, string]

/** The dict in which the last key of the path stands, made where it is missing. */
function ownerOf(
  context: CallContext,
  dict: RuntimeValue,
  keys: RuntimeValue,
  delimiter: RuntimeValue,
): Owner {
  if (dict instanceof Undefined && dict.strict) dict.fail()
  if (!(dict instanceof Map))
    throw new PyError('TypeError', `a dict is wanted before the filter, not ${typeName(dict)}`)
  const path = textArgument(keys, 'keys').split(textArgument(delimiter, 'delimiter'))
  const last = path.pop() ?? ''
  let owner = dict
  for (const step of path) {
    const next = owner.get(step)
    if (next instanceof Map) owner = next
    else {
      const made: RuntimeDict = new Map()
      context.willChange(owner)
      owner.set(step, made)
      owner = made
    }
    context.spend(1)
  }
  context.willChange(owner)
  return [owner, last]
}

function listAt(context: CallContext, [owner, key]: Owner, word: string): RuntimeList {
  const there = owner.get(key) ?? null
  if (there === null) {
    const made: RuntimeList = []
    owner.set(key, made)
    return made
  }
  if (!Array.isArray(there))
    throw new PyError('TypeError', `The last key contains a ${typeName(there)}, which cannot ${word}.`)
  context.willChange(there)
  return there
}

function updateAt(context: CallContext, [owner, key]: Owner, value: RuntimeValue): void {
  let there = owner.get(key) ?? null
  if (there === null) {
    there = new Map()
    owner.set(key, there)
  }
  if (!(there instanceof Map))
    throw new PyError('TypeError', `The last key contains a ${typeName(there)}, which cannot update.`)
  context.willChange(there)
  const wrong = (): PyError => new PyError('TypeError', `Cannot update a dict with a ${typeName(value)}.`)
  if (value instanceof Map) for (const [name, item] of pairsOfDict(value)) dictSet(there, name, item)
  else {
    if (!Array.isArray(value) && !(value instanceof PyTuple)) throw wrong()
    for (const pair of iterate(value)) {
      if (isText(pair) ? lengthOf(pair) !== 2 : !Array.isArray(pair) && !(pair instanceof PyTuple))
        throw wrong()
      const [name, item, ...more] = iterate(pair)
      if (name === undefined || item === undefined || more.length > 0) throw wrong()
      dictSet(there, name, item)
    }
  }
}

function compareDicts(context: CallContext, old: RuntimeValue, now: RuntimeValue): RuntimeValue {
  const before = comparable(old, now)
  const after = comparable(now, old)
  const changes: RuntimeDict = new Map()
  context.spend(before.size + after.size)
  for (const [key, value] of pairsOfDict(after)) {
    const former = dictGet(before, key)
    if (former === undefined || !equalRuntime(former, value))
      dictSet(
        changes,
        key,
        new Map([
          ['old', former === undefined ? '' : former],
          ['new', value],
        ]),
      )
  }
  for (const [key, value] of pairsOfDict(before))
    if (!dictHas(after, key))
      dictSet(
        changes,
        key,
        new Map([
          ['new', ''],
          ['old', value],
        ]),
      )
  return changes
}

/** None counts as empty beside what is empty too. */
function comparable(value: RuntimeValue, other: RuntimeValue): RuntimeDict {
  if (value instanceof Map) return value
  if (value instanceof Undefined && value.strict) value.fail()
  if (value === null && !truthy(other)) return new Map()
  throw new PyError('TypeError', `compare_dicts: a dict is wanted, not ${typeName(value)}`)
}

/** Lines of a MySQL client's table. */
function mysqlToDict(context: CallContext, data: RuntimeValue, key: RuntimeValue): RuntimeValue {
  const table: RuntimeDict = new Map()
  let headers: readonly string[] = ['']
  for (const item of iterate(data)) {
    context.spend(1)
    const line = textArgument(item, 'mysql_to_dict')
    if (line === '' || line.startsWith('+')) continue
    const cells = line.split('|').map((cell) => cell.trim())
    if (headers.length <= 1) {
      headers = cells
      continue
    }
    const row: RuntimeDict = new Map()
    for (let field = 1; field < headers.length - 1; field++) {
      const cell = cells[field]
      if (cell === undefined) throw new PyError('IndexError', 'list index out of range')
      dictSet(row, headers[field] ?? '', toNumber(cell))
    }
    const name = dictGet(row, key)
    if (name === undefined) throw new PyError('KeyError', `mysql_to_dict: no column ${String(key)}`)
    dictSet(table, name, row)
  }
  return table
}

/** Every text, keys too, as bytes. */
function encoded(context: CallContext, value: RuntimeValue): RuntimeValue {
  context.spend(1)
  const text = textOf(value)
  if (text !== undefined) return new PyBytes(Buffer.from(text, 'utf8'))
  if (Array.isArray(value)) return value.map((item) => encoded(context, item))
  if (value instanceof PyTuple) return value.values.map((item) => encoded(context, item))
  if (!(value instanceof Map)) return value
  const dict: RuntimeDict = new Map()
  for (const [key, item] of value) dictSet(dict, encoded(context, key), encoded(context, item))
  return dict
}
