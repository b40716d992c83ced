import { describe, expect, it } from 'vitest'
import { isAggregated } from '../../../../shared/data/aggregate.ts'
import { isMarkedSecret, placeOfValue } from '../../../../shared/data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../../../../shared/data/value.ts'
import { describeError } from '../../../../shared/errors/error.ts'
import { renderData } from '../../../../shared/render/pipeline.ts'

const load = (text: string): Promise<Value> =>
  renderData({ text: `#!yamlex\n${text}`, file: 'f.sls', renderer: 'jinja|yaml', variables: {} })

/** With `+` before what is marked to be aggregated. */
function shown(value: Value): string {
  const mark = isAggregated(value) ? '+' : ''
  if (isList(value)) return `${mark}[${value.map(shown).join(', ')}]`
  if (isDict(value)) return `${mark}{${[...value].map(([key, item]) => `${key}: ${shown(item)}`).join(', ')}}`
  return typeof value === 'string' ? value : String(value)
}

/** Salt 3006's own answers, but where a list without tag stands twice: there Salt gives an empty list. */
const documents: readonly (readonly [text: string, answer: string])[] = [
  ['p: !aggregate foo\np: !aggregate bar\np: !aggregate baz', '{p: +[foo, bar, baz]}'],
  ['p: {!aggregate foo: {foo: 42}}\np: {!aggregate foo: {bar: null}}', '{p: {foo: +{foo: 42, bar: null}}}'],
  [
    'p: {!aggregate foo: {foo: 42}}\np: {!aggregate foo: {bar: null}}\n!reset p: {!aggregate foo: {baz: inga}}',
    '{p: {foo: +{baz: inga}}}',
  ],
  ['foo: first\nfoo: second\nbar: {first: foo}\nbar: {second: bar}', '{foo: second, bar: {second: bar}}'],
  ['foo: {first: value}\nfoo: !aggregate {second: value}', '{foo: +{second: value}}'],
  ['bar: !aggregate {first: value}\nbar: 42', '{bar: 42}'],
  ['baz: !aggregate [42]\nbaz: [fail]', '{baz: [fail]}'],
  ['qux: 42\nqux: !aggregate fail', '{qux: +[fail]}'],
  ['a: !aggregate [1, 2]\na: !aggregate [2, 3, 3]', '{a: +[1, 2, 3, 3]}'],
  ['a: !aggregate\na: !aggregate x', '{a: +[x]}'],
  ['a: !aggregate ~', '{a: +[]}'],
  [
    'a: !aggregate {x: !aggregate [1], y: {p: 1}}\na: !aggregate {x: !aggregate [2], y: {q: 2}}',
    '{a: +{x: +[1, 2], y: {q: 2}}}',
  ],
  ['a: {x: !aggregate [1], y: {p: 1}}\na: {x: !aggregate [2], z: 1}', '{a: {x: +[1, 2], z: 1}}'],
  [
    'b: &b {x: 1, y: !aggregate [1]}\nc:\n  y: !aggregate [2]\n  <<: *b\n  z: 3',
    '{b: {x: 1, y: +[1]}, c: {x: 1, y: +[1, 2], z: 3}}',
  ],
  ['b: &b {x: 1}\nd: &d {x: 2}\nc:\n  <<: [*b, *d]', '{b: {x: 1}, d: {x: 2}, c: {x: 1}}'],
  ['!aggregate a: 1\n!aggregate a: 2', '{a: +[1, 2]}'],
  ['!aggregate a: !reset {x: 1}\n!aggregate a: {y: 1}', '{a: +{x: 1, y: 1}}'],
  ['a: !aggregate {x: 1}\n!reset a: !aggregate {y: 1}\na: !aggregate {z: 1}', '{a: +{y: 1, z: 1}}'],
  ['a: !aggregate [ {x: 1} ]\na: !aggregate [ {x: 1}, {y: 1} ]', '{a: +[{x: 1}, {y: 1}]}'],
  ['a: &k !aggregate {x: 1}\nb: *k\nb: !aggregate {y: 2}', '{a: +{x: 1}, b: +{x: 1, y: 2}}'],
  ['a: {b: {c: 1}}\na: {b: {d: 1}}', '{a: {b: {d: 1}}}'],
  ['a: {b: !aggregate {c: [1]}}\na: {b: !aggregate {c: [2]}}', '{a: {b: +{c: [2]}}}'],
  ["a: !aggregate 'x'\na: !aggregate \"x\"\na: !aggregate '1'", '{a: +[x, 1]}'],
  ['!reset a: !aggregate x\na: y', '{a: y}'],
  ['!aggregate [a]', '+[a]'],
  ['a: !reset [1, 2]\nb: 0644', '{a: [1, 2], b: 644}'],
  ['plain: {as: yaml}\nlist:\n  - 1', '{plain: {as: yaml}, list: [1]}'],
]

describe('yamlex', () => {
  for (const [text, answer] of documents)
    it(JSON.stringify(text), async () => expect(shown(await load(text))).toBe(answer))

  it('keeps the later of two lists without tag, where Salt keeps none', async () => {
    expect(shown(await load('a: [1]\na: [2]'))).toBe('{a: [2]}')
  })

  it('knows the places of what came together, and what is secret of it', async () => {
    const value = (await load('a: !aggregate {x: !secret 1}\na: !aggregate {y: 2}')) as Dict
    expect(placeOfValue(value.get('a'), 'x')).toMatchObject({ line: 2, column: 27 })
    expect(placeOfValue(value.get('a'), 'y')).toMatchObject({ line: 3, column: 19 })
    expect(isMarkedSecret(value.get('a'), 'x')).toBe(true)
    expect(isMarkedSecret(value.get('a'), 'y')).toBe(false)
  })

  it('refuses other tags and what cannot be a key', async () => {
    const refusal = async (text: string): Promise<string> => describeError(await load(text).catch((e) => e))
    expect(await refusal('a: !unknown 1')).toContain('[yaml-tag-unknown]')
    expect(await refusal('? !aggregate [a]\n: 1')).toContain('[yaml-key-unhashable]')
    expect(await refusal('a: [')).toContain('[yaml-syntax]')
  })
})
