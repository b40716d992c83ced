/** Trees to compile: plain states, states out of macros, imports and pillar look-ups, and a dense graph. */

type Files = Readonly<Record<string, string>>
export interface BenchTree {
  readonly name: string
  readonly files: Files
  readonly pillar: Readonly<Record<string, unknown>>
  readonly states: number
  /** Milliseconds, at most, and what Salt 3006 took on such a machine; undefined: not measured. */
  readonly budget: number
  readonly salt: number | undefined
}

const many = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => of(index)).join('\n')

const plain = (index: number): string =>
  `state-${index}:\n  file.managed:\n    - name: /srv/app/f${index}.conf\n    - makedirs: True\n    - mode: '0644'\n    - contents: |\n        # file ${index}\n        a = ${index}\n`

const map = `{% set defaults = {'user': 'app', 'port': 8000} %}
{% macro site(name, port) %}
{{ name }}_conf:
  file.managed:
    - name: /etc/{{ name }}.conf
    - user: {{ pillar['apps'][name]['user'] | default(defaults.user) }}
    - contents: {{ 'port = ' ~ port }}
    - require:
      - test: base
{% endmacro %}
`
const sites = `{% from 'map.jinja' import site, defaults with context %}
base:
  test.nop: []
{% for i in range(99) %}
{% set name = 'app' ~ i %}
{{ site(name, pillar.get('apps', {}).get(name, {}).get('port', defaults.port)) }}
{% endfor %}
`
const apps = Object.fromEntries(
  Array.from({ length: 99 }, (_, index) => [`app${index}`, { user: `u${index}`, port: 9000 + index }]),
)

const linked = (index: number): string =>
  index < 8
    ? `s${index}: test.nop`
    : `s${index}:\n  test.nop:\n    - require:\n      - test: s${index - 1}\n      - test: s${index - 8}`

const tree = (name: string, states: number, files: Files, budget: number, salt?: number): BenchTree => ({
  name,
  files,
  pillar: { apps },
  states,
  budget,
  salt,
})

export const benchTrees: readonly BenchTree[] = [
  tree('100 plain states', 100, { 'a.sls': many(100, plain) }, 4, 7.9),
  tree('100 states out of macros', 100, { 'a.sls': sites, 'map.jinja': map }, 8, 87),
  tree('1,000 plain states', 1000, { 'a.sls': many(1000, plain) }, 40, 105),
  tree('2,500 states, 5,000 requisites', 2500, { 'a.sls': many(2500, linked) }, 150),
  tree('5,000 states, 10,000 requisites', 5000, { 'a.sls': many(5000, linked) }, 300),
  tree('10,000 states, 20,000 requisites', 10000, { 'a.sls': many(10000, linked) }, 600),
]
