/** What a mistake in a template says beside its place: where its block or tag begins, who uses it, what was meant. */
import { expect, test } from 'vitest'
import { compileFiles } from '../../sls/memory-tree.ts'

const end = 'Unexpected end of template.'

interface Case {
  readonly a: string
  readonly lib?: string
  /** Part of the message, `LINE:COLUMN`. */
  readonly says: string
  readonly at: string
  readonly hint?: string
  readonly related?: readonly string[]
}

const cases: Readonly<Record<string, Case>> = {
  'a block without an end': {
    a: 'x: test.nop\n{% if a %}\ny: test.nop\n',
    says: end,
    at: 'a.sls:3:12',
    related: ['"if" begins here a.sls:2:4'],
  },
  'the block of an else': {
    a: '{% if a %}\n{% for b in [] %}{% endfor %}\n{% else %}\n{% set c = 1 %}\n',
    says: end,
    at: 'a.sls:4:16',
    related: ['"if" begins here a.sls:1:4'],
  },
  'a block in a comment of YAML': {
    a: '# {% if foo %}\nx: test.nop\n',
    says: end,
    at: 'a.sls:2:12',
    related: ['"if" begins here a.sls:1:6'],
    hint: 'Jinja reads what stands in a comment of YAML as well: write {# … #} around it.',
  },
  'a value in a comment of YAML': {
    a: "x: test.nop\n # {{ pillar['nope'].x }}\n",
    says: "no attribute 'nope'",
    at: 'a.sls:2:22',
    hint: 'Jinja reads what stands in a comment of YAML as well: write {# … #} around it.',
  },
  'a tag that is not closed': {
    a: '{{ foo\nx: test.nop\n',
    says: "expected end of print statement, got 'x'",
    at: 'a.sls:2:1',
    hint: 'The tag that begins in line 1 is not closed there.',
  },
  'a value in a statement': {
    a: 'x: {test.nop: [{name: {% grains.id %}}]}\n',
    says: "Encountered unknown tag 'grains'",
    at: 'a.sls:1:26',
    hint: '{% … %} is for statements; {{ … }} prints a value.',
  },
  'a mistake that has nothing to do with braces': {
    a: "{% set x = {'a': 1, 'b' 2} %}\n",
    says: "expected ':', got '2'",
    at: 'a.sls:1:25',
  },
  'braces as text': {
    a: 'x: {test.nop: [{name: "{% % %}"}]}\n',
    says: 'tag name expected',
    at: 'a.sls:1:27',
    hint: 'Braces that are meant as text stand between the tags raw and endraw.',
  },
  'a template that another one imports': {
    a: "x: test.nop\n{% from 'lib.jinja' import f %}\n",
    lib: '{% macro f() %}\n{% if x %}\n{% endmacro %}\n',
    says: "Encountered unknown tag 'endmacro'",
    at: 'lib.jinja:3:4',
    related: ['used from here a.sls:2:4'],
  },
  'an argument of a macro': {
    a: "{% macro f(name, mode='1') %}{% endmacro %}\n{{ f('a', mod='2') }}\n",
    says: "takes no keyword argument 'mod'",
    at: 'a.sls:2:5',
    hint: 'Did you mean "mode"?',
  },
  'a mapping taken apart': {
    a: "{% for k, v in {'a': 1} %}{% endfor %}\n",
    says: 'not enough values to unpack',
    at: 'a.sls:1:8',
    hint: 'Of a mapping, ".items()" gives keys with their values.',
  },
  'none in a loop': {
    a: '{% for k in none %}{% endfor %}\n',
    says: "'NoneType' object is not iterable",
    at: 'a.sls:1:13',
    hint: 'It is none: give it a default, as in pillar.get("name", []).',
  },
}

test.each(Object.entries(cases))('%s', async (_name, { a, lib = '', says, at, hint, related = [] }) => {
  const { errors } = await compileFiles({ 'a.sls': a, 'lib.jinja': lib }, { sls: ['a'] })
  expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining(says)])
  const [error] = errors
  const where = (place = error?.place): string => `${place?.file}:${place?.line}:${place?.column}`
  expect({ at: where(), hint: error?.hint }).toEqual({ at, hint })
  expect(error?.related.map(({ note, place }) => `${note} ${where(place)}`)).toEqual(related)
})
