/** What templates and the command line write, against PyYAML, Python's json and what Salt makes of them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { yamlText } from '../../../../../shared/output/yaml-text.ts'
import { pythonJson } from '../../../../../shared/render/jinja/filters/json-text.ts'
import { doubleQuoted, singleQuoted } from '../../../../../shared/render/jinja/salt/yaml.ts'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'
import { findDumpDifferences } from './dump-differences.ts'
import { anyForms, build, texts } from './dump-grammar.ts'
import { hasPyYaml, judge } from './judge.ts'

const rendered = async (text: string): Promise<string> =>
  (await renderJinja({ text, file: 'main', variables: {}, variablesAreGlobal: false })).text

interface Answer {
  readonly ok?: string
  readonly err?: string
}

// Without Debian's python3-yaml there is no judge.
describe.skipIf(!hasPyYaml)('random data', () => {
  it('is written as PyYAML writes it (5,000)', () => {
    expect(findDumpDifferences(5_000, 20_261_122)).toEqual([])
  })

  it('is JSON as Python writes it (3,000)', () => {
    const options = fc.record(
      {
        ensure_ascii: fc.boolean(),
        sort_keys: fc.boolean(),
        indent: fc.constantFrom(0, 2, 4, '\t', '--'),
        separators: fc.constantFrom([',', ':'], [', ', ': '], ['|', '=']),
      },
      { requiredKeys: ['ensure_ascii'] },
    )
    const cases = fc.sample(fc.record({ value: anyForms, options }), { numRuns: 3_000, seed: 5 })
    const answers = judge<Answer>('json', cases)
    const wrong = cases.filter(({ value, options: { ensure_ascii, sort_keys, indent, separators } }, at) => {
      const { ok } = answers[at] ?? {}
      try {
        return (
          ok !==
          pythonJson(build(value), {
            ensureAscii: ensure_ascii,
            sortKeys: sort_keys ?? false,
            indent,
            separators: separators === undefined ? undefined : [separators[0] ?? '', separators[1] ?? ''],
          })
        )
      } catch {
        return ok !== undefined
      }
    })
    expect(wrong.slice(0, 3)).toEqual([])
  })

  it('is quoted as Salt quotes it (3,000)', () => {
    const cases = fc.sample(texts, { numRuns: 3_000, seed: 6 })
    const answers = judge<readonly [string, string]>('quotes', cases)
    const wrong = cases.filter(
      (text, at) => answers[at]?.[0] !== doubleQuoted(text) || answers[at]?.[1] !== singleQuoted(text),
    )
    expect(wrong).toEqual([])
  })
})

describe("Salt's filters", () => {
  it.each([
    ["{{ {'b': 1, 'a': [1, {'c': none}]}|yaml }}", '{a: [1, {c: null}], b: 1}'],
    ["{{ {'b': 1, 'a': [1, {'c': none}]}|yaml(false) }}", 'a:\n- 1\n- c: null\nb: 1'],
    ["{{ {'b': 1, 'a': [1, 2]}|yaml(none) }}", 'a: [1, 2]\nb: 1'],
    ["{{ 'yes'|yaml }} {{ '0644'|yaml }} {{ 'a: b'|yaml }} {{ ''|yaml }}", "'yes' '0644' 'a: b' ''"],
    ['{{ 1e20|yaml }} {{ 1.0|yaml }} {{ true|yaml }} {{ none|yaml }}', '1.0e+20 1.0 true null'],
    ["{{ 'grüße 語'|yaml }} {{ '😀'|yaml }}", 'grüße 語 "\\U0001F600"'],
    ["{% set l = [1] %}{{ {'x': l, 'y': l}|yaml }}", '{x: &id001 [1], y: *id001}'],
    ['{{ nothing_here|yaml }}', 'NULL'],
    ["{{ {'b': 1, 'a': 'x'}|dict_to_sls_yaml_params }}", '- b: 1\n- a: x'],
    ["{{ {'b': 'é', 'a': 1}|json }}", '{"a": 1, "b": "é"}'],
    ["{{ {'b': 'é', 'a': 1}|json(sort_keys=false, indent=1) }}", '{\n "b": "é",\n "a": 1\n}'],
    ["{{ {'b': 'é<', 'a': 1}|tojson }}", '{"b": "\\u00e9\\u003c", "a": 1}'],
    ["{{ salt['slsutil.serialize']('yaml', {'b': [1], 'a': 'é'}) }}", 'a: "\\xE9"\nb: [1]'],
    [
      "{{ salt['slsutil.serialize']('yaml', {'b': 'é', 'a': 1}, default_flow_style=false, allow_unicode=true, sort_keys=false) }}",
      'b: é\na: 1',
    ],
  ])('%s', async (template, text) => {
    expect(await rendered(template)).toBe(text)
  })

  it('fold at 80 columns', async () => {
    const text = await rendered(`{{ {'a': ${JSON.stringify('word '.repeat(30).trim())}}|yaml(false) }}`)
    expect(text.split('\n').map((line) => line.length)).toEqual([82, 71])
  })
})

describe('the command line', () => {
  it('prints nothing that a terminal obeys', () => {
    expect(yamlText(new Map([['m', 'a\u202eb \u009b1m é']]))).toBe('m: "a\\u202Eb \\x9B1m é"\n')
  })
})
