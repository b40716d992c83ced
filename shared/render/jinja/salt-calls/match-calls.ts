/** The module match, and the global ifelse that belongs to it. */
import type { PureCall } from '../pure-calls/registry.ts'
import { iterate, PyError, type RuntimeDict, type RuntimeValue, str, textOf, truthy } from '../values.ts'
import { filterByTarget } from './choosing.ts'
import { type CallEntry, defineCall, minionIdOf } from './host.ts'
import { matchesTarget, type TargetKind } from './target-match.ts'

const withMinion: readonly TargetKind[] = ['compound', 'glob', 'list', 'pcre']
const withDelimiter: readonly TargetKind[] = ['grain', 'grain_pcre', 'pillar', 'pillar_pcre']
const kinds: readonly TargetKind[] = [...withMinion, ...withDelimiter, 'ipcidr']

export function matchCalls(): CallEntry[] {
  return [
    ...withMinion.map((kind) =>
      defineCall(`match.${kind}`, ['tgt', ['minion_id', null]], (call, expression, id) =>
        matchesTarget(call, { kind, expression, minionId: idOf(call, id) }),
      ),
    ),
    ...withDelimiter.map((kind) =>
      defineCall(`match.${kind}`, ['tgt', ['delimiter', ':']], (call, expression, delimiter) =>
        matchesTarget(call, {
          kind,
          expression,
          minionId: minionIdOf(call),
          delimiter: textOf(delimiter ?? null) ?? ':',
        }),
      ),
    ),
    defineCall('match.ipcidr', ['tgt'], (call, expression) =>
      matchesTarget(call, { kind: 'ipcidr', expression, minionId: minionIdOf(call) }),
    ),
    ...choosingCalls(),
  ]
}

/** The minion that is asked for, else the template's own. */
function idOf(call: PureCall, given: RuntimeValue = null): string {
  return truthy(given) ? str(given) : minionIdOf(call)
}

/** Values of a dict, or its keys, by targets. */
function choosingCalls(): CallEntry[] {
  return [
    defineCall(
      'match.filter_by',
      ['lookup', ...chooseOptions, ['default', 'default']],
      (call, lookup, type, id, merge, mergeLists, fallback) => {
        const kind = kindOf(type)
        return filterByTarget(call.context, {
          lookup,
          merge: merge ?? null,
          mergeLists: truthy(mergeLists ?? false),
          fallback: fallback ?? 'default',
          matches: (expression) => matchesTarget(call, { kind, expression, minionId: idOf(call, id) }),
        })
      },
    ),
    defineCall(
      'match.search_by',
      ['lookup', ['tgt_type', 'compound'], ['minion_id', null]],
      (call, lookup, type, id) => {
        const kind = kindOf(type)
        if (!(lookup instanceof Map))
          throw new PyError('TypeError', 'match.search_by: a dict of lists is wanted')
        const found: RuntimeValue[] = []
        for (const [key, targets] of lookup)
          for (const expression of iterate(targets))
            if (matchesTarget(call, { kind, expression, minionId: idOf(call, id) })) found.push(key)
        return found.length === 0 ? null : found
      },
    ),
    defineCall('match.ifelse', ['*args', '**kwargs'], (call, args, options) => {
      const given: RuntimeDict = options instanceof Map ? options : new Map()
      const [...values] = iterate(args ?? null)
      const otherwise = values.pop()
      if (otherwise === undefined || values.length % 2 === 1)
        throw new PyError('ValueError', 'The ifelse function must have an odd number of arguments!')
      const lookup: RuntimeDict = new Map()
      for (let at = 0; at < values.length; at += 2)
        lookup.set(conditionOf(values[at] ?? null), values[at + 1] ?? null)
      const kind = kindOf(given.get('tgt_type') ?? 'compound')
      if (values.length === 0) return otherwise
      lookup.set(fallbackKey, otherwise)
      return filterByTarget(call.context, {
        lookup,
        merge: given.get('merge') ?? null,
        mergeLists: truthy(given.get('merge_lists') ?? false),
        fallback: fallbackKey,
        matches: (expression) =>
          matchesTarget(call, { kind, expression, minionId: idOf(call, given.get('minion_id') ?? null) }),
      })
    }),
  ]
}

const chooseOptions = [
  ['tgt_type', 'compound'],
  ['minion_id', null],
  ['merge', null],
  ['merge_lists', false],
] as const

const fallbackKey = 'SALT_IFELSE_FUNCTION_DEFAULT'

/** A condition that is known already means all minions or none. */
function conditionOf(value: RuntimeValue): RuntimeValue {
  if (value === true) return '*'
  return value === false ? 'SALT_IFELSE_MATCH_NOTHING' : value
}

function kindOf(value: RuntimeValue = null): TargetKind {
  const kind = kinds.find((one) => one === textOf(value))
  if (kind === undefined)
    throw new PyError(
      'KeyError',
      `There is no kind of target "${str(value)}"`,
      `Known are ${kinds.join(', ')}.`,
    )
  return kind
}
