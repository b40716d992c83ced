import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeValue } from '../../../../shared/data/codec.ts'
import {
  equalValues,
  type Plain,
  PyFloat,
  toPlain,
  toValue,
  type Value,
} from '../../../../shared/data/value.ts'
import { durationWords } from '../../../../shared/output/durations.ts'
import { jsonText } from '../../../../shared/output/json-text.ts'
import { pythonRepr, pythonText } from '../../../../shared/output/python-text.ts'
import { harmless, harmlessLine } from '../../../../shared/output/terminal-text.ts'
import { yamlText } from '../../../../shared/output/yaml-text.ts'
import { loadYaml } from '../../../../shared/render/yaml.ts'

const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'ab: \n-#\'"{}[]|>&*!%@`0159.,_+e~=') }),
  fc.constantFrom(
    'yes',
    'null',
    '~',
    '1_000',
    '0644',
    '12:30',
    '2024-01-02',
    '.inf',
    '1e3',
    '- a',
    'a: b',
    'y',
    '=',
    '<<',
  ),
)
const { value: values } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    texts,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(texts, tie('value')), { maxLength: 4 }).map((pairs): Value => new Map(pairs)),
  ),
}))

describe('JSON and YAML', () => {
  it('JSON is read back as it was', () => {
    const plainKeys = fc.jsonValue({ maxDepth: 4 }).map((json) => toValue(json as Plain))
    fc.assert(
      fc.property(plainKeys, (value) => {
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(toPlain(value))))
        expect(JSON.parse(jsonText(value, -1))).toEqual(JSON.parse(jsonText(value)))
      }),
    )
  })

  it('JSON keeps what JavaScript would lose', () => {
    expect(jsonText(new PyFloat(1))).toBe('1.0')
    expect(jsonText(2n ** 70n)).toBe('1180591620717411303424')
    expect(
      jsonText(
        new Map<string | number, Value>([
          ['b', 1],
          [1, 2],
        ]),
        -1,
      ),
    ).toBe('{"b": 1, "1": 2}')
    expect(jsonText('\x9b\u202e')).toBe('"\\u009b\\u202e"')
  })

  it('YAML is read back as it was', () => {
    fc.assert(
      fc.property(values, (value) => {
        const text = yamlText(new Map([['m1', value]]))
        const again = loadYaml(text, 'again')
        expect(equalValues(again, new Map([['m1', value]]))).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  it("YAML looks like Salt's", () => {
    const value = toValue({
      m1: { list: ['a', { b: 1, c: [] }], text: 'one\ntwo\n', mode: '0644', none: null },
    })
    expect(yamlText(value)).toBe(
      "m1:\n  list:\n  - a\n  - b: 1\n    c: []\n  mode: '0644'\n  none: null\n  text: 'one\n\n    two\n\n    '\n",
    )
  })
})

describe('texts of other machines', () => {
  it('keep nothing that a terminal obeys', () => {
    const dangerous = fc.string({
      unit: fc.constantFrom('\x1b', '\x07', '\x9b', '\r', '\n', '\t', '\x7f', '\u202e', 'a', 'é', '語'),
    })
    fc.assert(
      fc.property(dangerous, (text) => {
        for (const character of harmless(text))
          expect('\n\taé語\\x0123456789bcdefnru'.includes(character)).toBe(true)
        expect(harmlessLine(text)).not.toContain('\n')
      }),
    )
  })

  it.each([
    ['a\r\nb\r\n', 'a\nb\n'],
    ['a\r\nb\n', 'a\\r\nb\n'],
    ['10%\r20%\r', '10%\\r20%\\r'],
    ['plain é 語 😀', 'plain é 語 😀'],
    ['arabic عربي', 'arabic عربي'],
  ])('%j', (text, shown) => {
    expect(harmless(text)).toBe(shown)
  })
})

describe('scalars', () => {
  it.each([
    [decodeValue({ $float: '1.0' }), '1.0'],
    [1e-7, '1e-07'],
    [0.1, '0.1'],
    [decodeValue({ $float: '1e+22' }), '1e+22'],
    [true, 'True'],
    [null, 'None'],
  ])('%s', (value, text) => {
    expect(pythonText(value as number)).toBe(text)
  })

  it('repr', () => {
    expect(pythonRepr(toValue({ a: ["it's", 'say "x"', true, null] }))).toBe(
      "{'a': [\"it's\", 'say \"x\"', True, None]}",
    )
  })

  it.each([
    [0.3, '<1 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [59_960, '1 min'],
    [125_000, '2 min 5 s'],
    [3_700_000, '1 h 1 min'],
  ])('%d milliseconds', (duration, text) => {
    expect(durationWords(duration)).toBe(text)
  })
})
