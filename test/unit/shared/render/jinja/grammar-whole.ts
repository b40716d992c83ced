/** Random templates with options of the environment and other templates: whitespace, inheritance, includes, imports. */
import fc from 'fast-check'
import { body, expression } from './grammar.ts'

export interface Case {
  readonly template: string
  /** Which of `fileSets` it can reach; none: no other template. */
  readonly files?: number
  readonly options?: Readonly<Record<string, string | boolean>>
}

/** Other templates, in the default delimiters. */
const files: Readonly<Record<string, string>> = {
  base: 'B[{% block a %}A{{ n }}{% endblock %}|{% block b scoped %}b{% endblock b %}|{{ self.a() }}]\n',
  mid: '{% extends "base" %}{% block a %}<{{ super() }}>{% endblock %} lost {% set q = 1 %}',
  lib: '{% macro m(a, b=2, *c) %}{% endmacro %}',
  tools:
    'text{% macro m(a, b=n|default("no n")) %}({{ a }},{{ b }}{{ varargs }}{{ caller() if caller }}){% endmacro %}{% set v = "V" %}{% set _p = 1 %}\n',
  inc: 'I{{ n }}{{ v|default("-") }}{% set n = 99 %}\n  {%- if t %} yes {% endif %}\n',
  bad: '{{ nosuchvariable.x }}',
  loop: '{{ loop.index if loop is defined else "no loop" }}',
  outer: '{% include "inc" %}{% import "tools" as t2 %}{{ t2.m(1) }}',
}

const sign = fc.constantFrom('', '', '', '-', '+')
const gap = fc.constantFrom('', ' ', '\n', '\n\n', '  \n  ', '\t', 'x\n', ' y ', '\n    ')
const variable = fc.constantFrom('v', 'w', 'n', 'l')
const name = fc.constantFrom(
  '"inc"',
  '"bad"',
  '"outer"',
  '"loop"',
  '"nosuch"',
  '["nosuch", "inc"]',
  's',
  '[]',
  '"tools"',
)

function tag(...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  return fc
    .tuple(sign, sign, ...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map(([left, right, ...rest]) => `{%${left} ${rest.join('')} ${right}%}`)
}

function row(...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  return fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((all) => all.join(''))
}

const including = fc.oneof(
  tag('include ', name),
  tag('include ', name, ' ignore missing'),
  tag('include ', name, ' without context'),
  tag('include ', name, ' ignore missing with context'),
)

const importing = fc.oneof(
  row(tag('import "tools" as tt'), '{{ tt.m(', expression, ') }}{{ tt.v }}'),
  row(tag('import "tools" as tt with context'), '{{ tt.m(b=1, a=', expression, ') }}{{ tt._p }}'),
  row(tag('from "tools" import m'), '{{ m(1, 2) }}'),
  row(tag('from "tools" import m as mm, v as vv with context'), '{{ mm(', expression, ') }}{{ vv }}'),
  row(tag('from "tools" import nosuch'), '{{ nosuch }}'),
  row(tag('from "tools" import m'), tag('call m(3)'), gap, tag('endcall')),
  row(tag('from "tools" import m'), tag('call(z) m(3)'), '{{ z }}', tag('endcall')),
)

const macros = fc.oneof(
  row(
    '{% macro rec(k) %}{{ k }}{% if k > 0 %}{{ rec(k - 1) }}{% endif %}{% endmacro %}{{ rec(',
    fc.constantFrom('3', '0', 'z'),
    ') }}',
  ),
  row('{% macro two(a, b=a, c="c") %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ two(', expression, ') }}'),
  fc.constant(
    '{% macro cc() %}[{{ caller(1, 2) }}]{% endmacro %}{% call(a, b=5) cc() %}{{ a }}{{ b }}{% endcall %}',
  ),
  fc.constant(
    '{% macro cc() %}[{{ caller() }}]{% endmacro %}{% call cc() %}{% call cc() %}{{ n }}{% endcall %}{% endcall %}',
  ),
  fc.constant(
    '{% macro k() %}{{ kwargs|dictsort }}{{ varargs|join("-") }}{% endmacro %}{{ k(1, 2, z=3, y=4) }}{{ k(*l) }}{{ k(**{"a": 1}) }}',
  ),
  fc.constant(
    '{% macro o(a) %}{{ o.name }}{{ o.arguments }}{{ o.catch_kwargs }}{{ o.caller }}{% endmacro %}{{ o(1) }}',
  ),
  fc.constant('{% macro miss(a) %}{{ a is defined }}{% endmacro %}{{ miss() }}{{ miss(none) }}'),
)

const loops = fc.oneof(
  row(
    tag('for ', variable, ' in ', expression),
    fc.constantFrom(
      '{{ loop.cycle("a", "b") }}',
      '{{ loop.changed(loop.index0 // 2) }}',
      '{{ loop.previtem|default("P") }}{{ loop.nextitem|default("N") }}',
      '{{ loop.index }}/{{ loop.length }}{{ "," if not loop.last }}',
      '{{ loop.revindex0 }}{{ loop.first }}{{ loop.depth }}',
      '{% for i in range(2) %}{{ loop.index }}{{ i }}{% else %}E{% endfor %}{{ loop.index }}',
      '{% set k = loop.index %}{{ k }}',
      '{% if loop.index is odd %}{% continue %}{% endif %}{{ loop.index }}',
      '{% include "loop" %}',
      '{{ loop }}',
    ),
    gap,
    tag('endfor'),
  ),
  row(
    '{% for a, b in ',
    fc.constantFrom(
      'd.items()',
      'd|dictsort',
      '[(1, 2), (3, 4)]',
      'ed.items()',
      '{"x": 1}.items()',
      'us',
      'l',
      '"ab"',
    ),
    fc.constantFrom('', ' if a', ' if loop is defined'),
    ' %}{{ a }}={{ b }}',
    fc.constantFrom('', '{{ loop.index }}{{ loop.last }}', '{{ loop.length }}', '{{ loop.revindex }}'),
    '{% else %}none{% endfor %}',
  ),
  row(
    '{% for a in ',
    fc.constantFrom('[[1, [2, 3]], [4]]', '[{"k": [{"k": []}]}]', 'l', '[]'),
    ' recursive %}{{ loop.depth0 }}{{ loop.index }}',
    fc.constantFrom(
      '{% if a is sequence and a is not string %}{{ loop(a) }}{% endif %}',
      '{% if a.k %}<{{ loop(a.k) }}>{% endif %}',
      '{{ loop(a) if a is iterable }}',
      '',
    ),
    tag('endfor'),
  ),
  fc.constant(
    '{% for g in us|groupby("t") %}{{ g.grouper }}{{ g.list|length }}{% for x in g[1] %}{{ x.n }}{% endfor %}{% endfor %}',
  ),
  fc.constant(
    '{% for b in l|batch(2) %}{{ b|join }};{% endfor %}{% for c in "abc" %}{{ c }}{{ loop.last }}{% endfor %}',
  ),
  fc.constant(
    '{% set ns = namespace(l=[]) %}{% for i in l %}{% do ns.l.append(i * 2) %}{% endfor %}{{ ns.l }}{{ ns }}',
  ),
  fc.constant(
    '{% for i in l %}{% if loop.first %}{% set first = i %}{% endif %}{{ first is defined }}{% endfor %}',
  ),
)

const blocks = fc.oneof(
  row(
    tag('filter ', fc.constantFrom('upper', 'trim', 'indent(2)', 'replace("a", "b")|upper', 'e')),
    gap,
    body,
    tag('endfilter'),
  ),
  row(tag('set ', variable), gap, body, tag('endset'), '{{ v }}'),
  row(tag('with v = 1, w = ', expression), gap, '{{ w }}', tag('endwith'), gap),
  row(tag('with'), '{% set q = 5 %}{{ q }}', tag('endwith'), '{{ q is defined }}'),
  row(
    tag('autoescape ', fc.constantFrom('true', 'false')),
    '{{ "<b>" }}{{ "<i>"|safe }}',
    body,
    tag('endautoescape'),
  ),
  row(tag('raw'), gap, '{{ x }}{% y %}', gap, tag('endraw')),
  row(fc.constantFrom('{#', '{#-', '{#+'), gap, 'c', gap, fc.constantFrom('#}', '-#}', '+#}')),
  row(tag('do l.append(', expression, ')'), '{{ l|length }}'),
  row(tag('block zz'), gap, '{{ n }}', tag('endblock'), '{{ self.zz() }}'),
  row(tag('set a, b = ', expression), '{{ a }}{{ b }}'),
  row(tag('if ', expression), gap, tag('elif ', expression), gap, tag('else'), gap, tag('endif')),
  row('\n', fc.constantFrom('', '  ', '\t'), '# if t\n', gap, '{{ n }}\n', '# endif\n'),
  row('\n# for q in l:\n{{ q }}\n', fc.constantFrom('# endfor', '  # endfor', '#endfor'), '\n'),
  row('\n', gap, '## a comment {{ n }}\n', gap),
  row('{{ n }} ## behind\n'),
  row('\n%% set q = [1,\n 2]\n{{ q }}\n'),
  row('// what\n'),
  row('a\r\nb\rc\r\n{{ "x\r\ny" }}'),
  row(fc.constantFrom('{{-', '{{', '{{+'), ' n ', fc.constantFrom('-}}', '}}'), gap),
  row('{%- print ', expression, ', n %}'),
)

const plain = fc
  .array(fc.oneof(body, gap, including, importing, macros, loops, blocks), { maxLength: 5 })
  .map((all) => all.join(''))

const extending = row(
  tag('extends ', fc.constantFrom('"base"', '"mid"', '"base" if t else "mid"')),
  gap,
  fc.constantFrom(
    '',
    '{% set n = 3 %}',
    '{% import "tools" as tools %}',
    'text',
    '{% macro z() %}z{% endmacro %}',
  ),
  tag('block a'),
  fc.oneof(body, loops, fc.constantFrom('{{ super() }}', '{{ super.super() }}', '{{ self.b() }}', '{{ n }}')),
  tag('endblock'),
  gap,
  fc.constantFrom(
    '',
    '{% block b %}mine{{ super() }}{{ n }}{% endblock %}',
    '{% block c %}never{% endblock %}',
  ),
)

const delimiters: readonly Readonly<Record<string, string>>[] = [
  {},
  {
    block_start_string: '<%',
    block_end_string: '%>',
    variable_start_string: '<<',
    variable_end_string: '>>',
    comment_start_string: '<#',
    comment_end_string: '#>',
  },
  {
    block_start_string: '[%',
    block_end_string: '%]',
    variable_start_string: '[[',
    variable_end_string: ']]',
    comment_start_string: '[#',
    comment_end_string: '#]',
  },
  { variable_start_string: '${', variable_end_string: '}' },
]

function translated(text: string, strings: Readonly<Record<string, string>>): string {
  const pairs: readonly (readonly [string, string])[] = [
    ['{%', strings['block_start_string'] ?? '{%'],
    ['%}', strings['block_end_string'] ?? '%}'],
    ['{{', strings['variable_start_string'] ?? '{{'],
    ['}}', strings['variable_end_string'] ?? '}}'],
    ['{#', strings['comment_start_string'] ?? '{#'],
    ['#}', strings['comment_end_string'] ?? '#}'],
  ]
  return text.replace(
    /\{%|%\}|\{\{|\}\}|\{#|#\}/g,
    (found) => pairs.find(([from]) => from === found)?.[1] ?? found,
  )
}

/** The other templates, once for each kind of delimiters. */
export const fileSets: readonly Readonly<Record<string, string>>[] = delimiters.map((strings) =>
  Object.fromEntries(Object.entries(files).map(([key, value]) => [key, translated(value, strings)])),
)

const rarely = fc.constantFrom(false, false, true)

const options = fc.record({
  kind: fc.constantFrom(0, 0, 0, ...delimiters.keys()),
  trim_blocks: rarely,
  lstrip_blocks: rarely,
  keep_trailing_newline: rarely,
  allow_undefined: rarely,
  newline_sequence: fc.constantFrom('\n', '\n', '\n', '\r\n'),
  line_statement_prefix: fc.constantFrom('', '', '#', '%%'),
  line_comment_prefix: fc.constantFrom('', '', '##', '//'),
})

export const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.oneof({ weight: 5, arbitrary: plain }, { weight: 1, arbitrary: extending }), options, gap)
  .map(([text, { kind, ...others }, end]) => {
    const strings = delimiters[kind] ?? {}
    const given: Record<string, string | boolean> = { ...strings }
    for (const [key, value] of Object.entries(others))
      if (value !== '' && value !== false && value !== '\n') given[key] = value
    return { template: translated(text + end, strings), files: kind, options: given }
  })
