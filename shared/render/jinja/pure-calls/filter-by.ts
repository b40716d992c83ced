/** grains.filter_by: the entry of a table that fits a grain, over a base, under what is merged. */
import {
  bindParameters,
  dictGet,
  given,
  PyError,
  type RuntimeValue,
  sequenceOf,
  str,
  textOf,
  truthy,
  Undefined,
} from '../values.ts'
import { walk } from './look-up.ts'
import { deepCopy, mergeDeep } from './merging.ts'
import type { PureFunction } from './registry.ts'

/** Shell patterns as Python's fnmatch: `*`, `?`, `[…]`. */
function globMatches(pattern: string, text: string): boolean {
  if (!/[*?[]/.test(pattern)) return pattern === text
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? ''
    const close = character === '[' ? pattern.indexOf(']', at + 2) : -1
    if (character === '*') source += source.endsWith('[\\s\\S]*') ? '' : '[\\s\\S]*'
    else if (character === '?') source += '[\\s\\S]'
    else if (close !== -1) {
      const set = pattern
        .slice(at + 1, close)
        .replaceAll('\\', '\\\\')
        .replaceAll(']', '\\]')
      source += `[${set.startsWith('!') ? `^${set.slice(1)}` : set.replace(/^\^/, '\\^')}]`
      at = close
    } else source += character.replace(/[\\^$.|+(){}\]/-]/, '\\$&').replace('[', '\\[')
  }
  return new RegExp(`^${source}$`).test(text)
}

function choose(
  lookup: Map<RuntimeValue, RuntimeValue>,
  value: RuntimeValue | undefined,
): RuntimeValue | undefined {
  if (value === undefined) return undefined
  for (const one of sequenceOf(value) ?? [value]) {
    const text = textOf(one) ?? str(one)
    for (const [key, entry] of lookup) if (globMatches(str(key), text)) return entry
  }
  return undefined
}

const filterBy: PureFunction = (call, args, kwargs) => {
  const [lookup = null, grain = null, merge = null, fallback = null, base = null] = bindParameters(
    'filter_by',
    ['lookup_dict', ['grain', 'os_family'], ['merge', null], ['default', 'default'], ['base', null]],
    args,
    kwargs,
  )
  if (lookup instanceof Undefined) lookup.fail()
  if (!(lookup instanceof Map))
    throw new PyError('TypeError', 'grains.filter_by takes a dict as its first argument')
  const path = str(grain)
  call.reads?.key('grains', path.split(':')[0] ?? path)
  if (path.includes(':')) call.reads?.key('grains', path)
  const value = walk(call.variables.grains ?? new Map(), path, ':')
  let result: RuntimeValue = given(choose(lookup, value), given(dictGet(lookup, fallback), null))
  if (base !== null && truthy(base)) {
    const under = dictGet(lookup, base)
    if (under instanceof Map) result = result === null ? deepCopy(under) : mergeDeep(deepCopy(under), result)
  }
  if (merge instanceof Undefined) merge.fail()
  if (merge === null || !truthy(merge)) return result
  if (!(merge instanceof Map))
    throw new PyError('TypeError', 'filter_by merge argument must be a dictionary.')
  return result === null ? merge : mergeDeep(deepCopy(result), merge)
}

export const filterFunctions: readonly (readonly [string, PureFunction])[] = [['grains.filter_by', filterBy]]
