/** Salt's filters against what Salt itself answered (record.py). */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PySet } from '../../../shared/render/jinja/salt/sets.ts'
import { noFlags } from '../../../shared/render/jinja/salt/regex/flags.ts'
import { PythonRegex, type RegexMatch, RegexSyntaxError } from '../../../shared/render/jinja/salt/regex/python-regex.ts'
import { saltCalls } from '../../../shared/render/jinja/salt-calls/registry.ts'
import type { Dict, Key, Value } from '../../../shared/data/value.ts'
import { saltFilters } from '../../../shared/render/jinja/salt/registry.ts'
import {
  dictSet,
  floatOf,
  PyBytes,
  PyError,
  PyIterator,
  PyTuple,
  type RuntimeDict,
  type RuntimeValue,
  repr,
} from '../../../shared/render/jinja/values.ts'
import { plainContext } from './template-context.ts'

process.env.TZ = 'UTC'

type Json = null | boolean | number | string | Json[] | { $: string; v: Json }
type Case = [string, Json[], Record<string, Json>, string | { error: string }]

const load = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'))

const grains: Dict = new Map<Key, Value>([
  ['os_family', 'Debian'],
  ['os', 'Debian'],
  ['roles', ['web', 'db']],
  ['osmajorrelease', 12],
  ['a', new Map([['b', 'Red*']])],
  ['none', null],
])

function called(name: string, args: RuntimeValue[], kwargs: ReadonlyMap<string, RuntimeValue>): RuntimeValue {
  const context = plainContext(saltFilters)
  const filter = saltFilters.get(name)
  if (filter !== undefined) return filter(context, args, kwargs)
  const run = saltCalls.get(name)
  if (run === undefined) throw new Error(`no filter or call ${name}`)
  return run({ context, variables: { grains }, reads: undefined }, args, kwargs)
}

function decode(value: Json): RuntimeValue {
  if (Array.isArray(value)) return value.map(decode)
  if (value === null || typeof value !== 'object') return value
  const { $: kind, v } = value
  if (kind === 'tuple') return new PyTuple((v as Json[]).map(decode))
  if (kind === 'bytes') return new PyBytes(Buffer.from(v as string, 'hex'))
  if (kind === 'int') return BigInt(v as string)
  if (kind === 'float') return floatOf(readFloat(v as string))
  const dict: RuntimeDict = new Map()
  for (const [key, item] of v as [Json, Json][]) dictSet(dict, decode(key), decode(item))
  return dict
}

const readFloat = (text: string): number => Number(text.replace('inf', 'Infinity'))

/** In the form that record.py gives. */
function shown(name: string, result: RuntimeValue): string {
  if (result instanceof PySet) return `set:${repr(result.items().map(repr).sort())}`
  if (result instanceof PyIterator) return repr([...result.items()])
  if (name === 'compare_dicts' && result instanceof Map) {
    const pairs = [...result].map(([key, item]) => [repr(key), repr(item)])
    return `dict:${repr(pairs.sort().map((pair) => new PyTuple(pair)))}`
  }
  return repr(result)
}

function answer([name, args, kwargs]: Case): string {
  const keywords = new Map(Object.entries(kwargs).map(([key, value]) => [key, decode(value)]))
  try {
    return shown(name, called(name, args.map(decode), keywords))
  } catch (error) {
    if (error instanceof PyError) return `error ${error.kind}: ${error.message}`
    throw error
  }
}

describe.each(['calls', 'strings', 'lists', 'dicts', 'regexes', 'hashes', 'network', 'dates'])('%s', (subject) => {
  const cases = load(subject) as Case[]
  const names = [...new Set(cases.map(([name]) => name))]
  test.each(names)('%s', (name) => {
    const differing = cases
      .filter(([one]) => one === name)
      .map((one) => ({ case: one, got: answer(one) }))
      .filter(({ case: [, , , wanted], got }) =>
        typeof wanted === 'string' ? wanted !== got : !got.startsWith('error '),
      )
    expect(differing.map(({ case: one, got }) => `${JSON.stringify(one)}\n  got ${got}`)).toEqual([])
  })
})

type RegexRow = [string, string, string, true | null, RecordedMatch?, RecordedMatch?, number[][]?, (string | null)?]
type RecordedMatch = [number[], (string | null)[]] | null

describe('regular expressions against Python', () => {
  test('match, search, every match and replacement are equal', () => {
    const rows = load('fuzzed-regexes') as RegexRow[]
    const differing = rows.filter((row) => JSON.stringify(regexAnswer(row)) !== JSON.stringify(row))
    expect(differing.map((row) => `${JSON.stringify(row)}\n  got ${JSON.stringify(regexAnswer(row))}`)).toEqual([])
    expect(rows.length).toBeGreaterThan(1000)
  })
})

function regexAnswer([pattern, text, value]: RegexRow): RegexRow {
  try {
    const regex = new PythonRegex(pattern, noFlags)
    const form = (match: RegexMatch | undefined): RecordedMatch =>
      match === undefined ? null : [[match.start, match.end], [...match.groups]]
    return [
      pattern,
      text,
      value,
      null,
      form(regex.match(text)),
      form(regex.search(text)),
      regex.all(text).map(({ start, end }) => [start, end]),
      replaced(regex, text, value),
    ]
  } catch (error) {
    if (error instanceof RegexSyntaxError) return [pattern, text, value, true]
    throw error
  }
}

function replaced(regex: PythonRegex, text: string, value: string): string | null {
  try {
    return regex.replace(text, value)
  } catch (error) {
    if (error instanceof RegexSyntaxError) return null
    throw error
  }
}
