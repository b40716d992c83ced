import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMarkedSecret, placeOfKey, placeOfValue } from '../../../../shared/data/provenance.ts'
import {
  type Dict,
  equalValues,
  isDict,
  PyFloat,
  toPlain,
  type Value,
} from '../../../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../../../shared/errors/error.ts'
import { loadYaml } from '../../../../shared/render/yaml.ts'
import { dumpJson, dumpYaml } from '../../../../shared/render/yaml-dump.ts'

interface ScalarCase {
  text: string
  type: 'int' | 'float' | 'str' | 'bool' | 'NoneType'
  value: string
}

const scalarCases: ScalarCase[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../cases/yaml/scalars.json'), 'utf8'),
)

const load = (text: string): Value => loadYaml(text, 'f.yaml')
const dict = (text: string): Dict => load(text) as Dict

function refusal(text: string): string {
  try {
    load(text)
  } catch (error) {
    if (isTsaltError(error)) return describeError(error)
    throw error
  }
  throw new Error('it was accepted')
}

function typeOf(value: Value | undefined): string {
  if (value === null) return 'NoneType'
  if (value instanceof PyFloat) return 'float'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int' : 'float'
  if (typeof value === 'bigint') return 'int'
  return typeof value === 'boolean' ? 'bool' : 'str'
}

function textOf(value: Value | undefined): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return String(value instanceof PyFloat ? value.value : value)
}

describe('plain scalars', () => {
  it(`are what PyYAML with Salt's differences makes of them (${scalarCases.length} recorded)`, () => {
    const wrong = scalarCases.filter(({ text, type, value }) => {
      const ours = dict(`k: ${text}`).get('k')
      if (typeOf(ours) !== type) return true
      if (type !== 'float') return textOf(ours) !== value
      const number = Number(value.replace('inf', 'Infinity'))
      return !Object.is(Number(textOf(ours)), number) && Number(textOf(ours)) !== number
    })
    expect(wrong).toEqual([])
  })

  it('keeps floats apart from integers, and integers exact', () => {
    expect(dict('a: 1.0').get('a')).toEqual(new PyFloat(1))
    expect(dict('a: 9007199254740993').get('a')).toBe(9007199254740993n)
    expect(Object.is(dict('a: -0').get('a'), 0)).toBe(true)
  })

  it('leaves quoted text alone, and obeys tags', () => {
    expect(toPlain(load('{a: "1", b: \'on\', c: !!str 1, d: !!int "7", e: !!float 1, f: ! x}'))).toEqual({
      a: '1',
      b: 'on',
      c: '1',
      d: 7,
      e: 1,
      f: 'x',
    })
  })
})

describe('mappings', () => {
  it('keep the order of keys that look like integers', () => {
    expect([...dict('b: 1\n10: 2\na: 3\n2: 4').keys()]).toEqual(['b', 10, 'a', 2])
  })

  it('refuse a colon without a key, which a template makes of an empty expression', () => {
    expect(refusal('a: 1\n:\n  b: 2')).toContain('nothing stands before the colon')
    expect(refusal('{: x}')).toContain('nothing stands before the colon')
    expect([...dict('? \n: x\n')]).toEqual([[null, 'x']])
  })

  it('refuse a key that stands twice, with both places', () => {
    expect(refusal('a: 1\nb: 2\n"a": 3')).toBe(
      [
        'Found conflicting ID "a": the same key stands twice in one mapping. [yaml-duplicate-key]',
        '  at f.yaml:3:1',
        '    3 | "a": 3',
        '      | ^',
        '  first written here',
        '  at f.yaml:1:1',
        '    1 | a: 1',
        '      | ^',
        '  hint: Rename one of them, or join their contents.',
      ].join('\n'),
    )
  })

  it('are merged by "<<", own keys winning wherever it stands', () => {
    const text = 'b: &b {x: 1, y: 2}\nc: {y: 3, <<: *b}\nd: {<<: [*b, {w: 9, z: 8}], y: 4}'
    expect(dumpJson(load(text))).toBe(
      '{"b": {"x": 1, "y": 2}, "c": {"x": 1, "y": 3}, "d": {"w": 9, "z": 8, "x": 1, "y": 4}}',
    )
  })

  it('of several mappings of "<<" may be the same only where the mapping has the key itself', () => {
    const both = 'a: &a {x: 1, y: 2}\nb: &b {x: 3, z: 4}\n'
    expect(dumpJson((load(`${both}c:\n  <<: [*a, *b]\n  x: 5`) as Dict).get('c') ?? null)).toBe(
      '{"z": 4, "y": 2, "x": 5}',
    )
    expect(dumpJson((load(`${both}c:\n  x: 5\n  <<: *a\n  q: 1\n  <<: *b`) as Dict).get('c') ?? null)).toBe(
      '{"y": 2, "z": 4, "x": 5, "q": 1}',
    )
    for (const merging of ['<<: [*a, *b]', '<<: *a\n  q: 1\n  <<: *b', '<<: [*a, *a]']) {
      const described = refusal(`${both}c:\n  ${merging}\n`)
      expect(described).toContain('Found conflicting ID "x"')
      expect(described).toContain('at f.yaml:4:3')
      expect(described).toContain('one of those that "<<" brings\n  at f.yaml:1:8')
      expect(described).toContain('hint: Write the key in the mapping itself')
    }
  })

  it('keep a merged secret secret', () => {
    const merged = dict('b: &b {x: !secret 1, y: 2}\nc: {<<: *b}').get('c')
    expect(isMarkedSecret(merged, 'x')).toBe(true)
    expect(isMarkedSecret(merged, 'y')).toBe(false)
  })
})

describe('places', () => {
  it('are known for keys, values and items', () => {
    const document = dict("a:\n  - x\n  - k: 'v'\nlong:   |\n  text\n")
    const list = document.get('a') as Value[]
    expect(placeOfKey(document, 'long')).toMatchObject({ line: 4, column: 1 })
    expect(placeOfValue(list, 0)).toMatchObject({ line: 2, column: 5, text: '  - x' })
    expect(placeOfKey(list[1], 'k')).toMatchObject({ line: 3, column: 5 })
    expect(placeOfValue(list[1], 'k')).toMatchObject({ line: 3, column: 8 })
  })

  it('know what !secret marks', () => {
    const document = dict('a: !secret x\nb: !secret {c: d}\ne: [f, !secret g]')
    expect(['a', 'b', 'e'].map((key) => isMarkedSecret(document, key))).toEqual([true, true, false])
    expect([0, 1].map((index) => isMarkedSecret(document.get('e'), index))).toEqual([false, true])
  })
})

describe('mistakes', () => {
  const mistakes: [text: string, code: string, hint: string][] = [
    ['a: @x', 'yaml-syntax', 'cannot start with "@"'],
    ['a: %x', 'yaml-syntax', 'cannot start with "%"'],
    ['a: `x`', 'yaml-syntax', 'cannot start with a backtick'],
    ['a:\n\tb: 1', 'yaml-syntax', 'does not allow tabs'],
    ['a: b: c', 'yaml-syntax', 'needs quotes'],
    ['a: "x', 'yaml-syntax', 'quote (") is opened here and not closed'],
    ['a: [1, 2', 'yaml-syntax', '"[" is opened here and not closed'],
    ['a: {{ b }}', 'yaml-key-unhashable', 'lost its quotes'],
    ['a: *b', 'yaml-alias-unknown', 'needs quotes'],
    ['a: &a [*a]', 'yaml-alias-recursive', 'cannot contain itself'],
    ['a: !foo 1', 'yaml-tag-unknown', 'needs quotes'],
    ['a: !!python/object:os.system {}', 'yaml-tag-unknown', ''],
    ['a: !!int x', 'yaml-tag-mismatch', ''],
    ['a: 1\n---\nb: 2', 'yaml-several-documents', 'split the file'],
    ['a: {<<: 1}', 'yaml-merge-invalid', ''],
    [`${'['.repeat(100)}${']'.repeat(100)}`, 'yaml-syntax', ''],
  ]
  for (const [text, code, hint] of mistakes) {
    it(`${JSON.stringify(text.slice(0, 40))} is ${code}`, () => {
      const described = refusal(text)
      expect(described).toContain(`[${code}]`)
      expect(described).toContain('at f.yaml:')
      expect(described).toContain(hint)
    })
  }

  it('stops documents that unfold to billions of values', () => {
    const levels = Array.from({ length: 12 }, (_, index) =>
      index === 0
        ? 'a0: &a0 [x, x, x]'
        : `a${index}: &a${index} [${Array(9)
            .fill(`*a${index - 1}`)
            .join(', ')}]`,
    )
    expect(refusal(levels.join('\n'))).toContain('[yaml-alias-limit]')
  })
})

describe('documents', () => {
  it('may be empty', () => {
    expect([load(''), load('# only a comment\n'), load('---\n'), load('~')]).toEqual([null, null, null, null])
  })

  it('are read with Windows line ends and a byte order mark', () => {
    expect(toPlain(load('\uFEFFa: 1\r\nb:\r\n  - x\r\n'))).toEqual({ a: 1, b: ['x'] })
  })

  it('never fail with anything but an error that has a place', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-c:\-\s\n"'{}[\],&*!|>#%@1.]{0,40}$/), (text) => {
        try {
          load(text)
        } catch (error) {
          expect(isTsaltError(error) && error.place?.file).toBe('f.yaml')
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

const scalars = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    'yes',
    '1',
    '1.0',
    '~',
    ' a',
    'a ',
    'a: b',
    '- a',
    '#',
    'x # y',
    '0644',
    '=',
    '<<',
    '12:30',
    '!x',
  ),
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.bigInt(),
  fc.double({ noNaN: true }).map((number) => (Number.isInteger(number) ? new PyFloat(number) : number)),
)
const values = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalars.map((scalar): Value => (typeof scalar === 'bigint' ? exact(scalar) : scalar)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(fc.string(), fc.integer(), fc.boolean()), tie('value')), { maxLength: 4 })
      .map((pairs): Value => new Map(pairs)),
  ),
})).value

function exact(value: bigint): Value {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

function same(a: Value, b: Value): boolean {
  return equalValues(a, b) && dumpJson(a) === dumpJson(b)
}

describe('what we write', () => {
  it('reads back as it was, as YAML', () => {
    fc.assert(
      fc.property(values, (value) => {
        const back = load(dumpYaml(value))
        expect(same(back, value), `${dumpYaml(value)}`).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('reads back as it was, inside other YAML, as one line of JSON', () => {
    fc.assert(
      fc.property(values, (value) => {
        const document = load(`key: ${dumpJson(value)}\n`)
        // JSON has no keys but text, and no infinities.
        if (!/"(?:true|false|-?\d+)": |null/.test(dumpJson(value)))
          expect(isDict(document) && same(document.get('key') ?? null, value)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
