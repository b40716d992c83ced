/** Attempts to get out of a template, or to hold the process: each ends in an error, soon. */
import { describe, expect, it } from 'vitest'
import { isTsaltError } from '../../../../../shared/errors/error.ts'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'

const attempts = [
  "{{ [].constructor.constructor('return process')() }}",
  "{{ ''.constructor }}",
  "{{ ''.__class__.__mro__ }}",
  '{{ ({}).__proto__ }}',
  "{{ {}['__proto__'] }}",
  "{{ {}['constructor'] }}",
  '{{ [].push }}',
  "{{ ''['replaceAll'] }}",
  "{{ ''|attr('constructor') }}",
  "{{ [''.upper]|map(attribute='constructor')|first }}",
  "{{ '{0.constructor}'.format(1) }}",
  "{{ '{0.__class__}'.format(1) }}",
  "{{ '{0[constructor]}'.format([]) }}",
  '{{ range.constructor }}',
  '{{ range.run }}',
  '{{ cycler(1).choices }}',
  '{% macro m() %}{% endmacro %}{{ m.run }}',
  '{% for i in [1] %}{{ loop.iterator }}{% endfor %}',
  '{{ self.context }}',
  '{{ salt.port }}',
  "{{ salt['constructor'].constructor }}",
  "{{ ''|constructor }}",
  "{{ ''|__proto__ }}",
  '{{ 1 is constructor }}',
  '{{ toString }}',
  '{{ R }}',
  '{{ process }}',
  '{{ globalThis }}',
  "{% set __proto__ = {'x': 1} %}{{ x }}",
  "{% include 'constructor' %}",
  "{% include '../../etc/passwd' %}",
  '{{ range(10000000) }}',
  "{{ 'a' * 1000000000 }}",
  '{{ [0] * 1000000000 }}',
  "{{ '%1000000000d' % 1 }}",
  "{{ '{:1000000000}'.format(1) }}",
  "{{ 'a'.ljust(1000000000) }}",
  "{{ 'a'|center(1000000000) }}",
  "{{ 'a'|indent(1000000000) }}",
  '{{ 9 ** 9 ** 9 ** 9 ** 9 ** 9 ** 9 }}',
  '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}',
  "{% import 'self' as s %}",
  '{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}',
  '{% set l = [1] %}{% for x in l %}{% do l.append(1) %}{% endfor %}',
  '{% set l = [] %}{% do l.append(l) %}{{ l|json }}',
  "{% set x = 'aaaaaaaaaaaaaaaa' %}{% for i in range(99) %}{% set x = x * 2 %}{{ x * 99999 }}{{ x * 99999 }}{% endfor %}",
  `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`,
  `${'{% if 1 %}'.repeat(5000)}${'{% endif %}'.repeat(5000)}`,
]

describe('no way out of a template', () => {
  for (const text of attempts) {
    it(text.slice(0, 70), async () => {
      const start = performance.now()
      const rendered = renderJinja({
        text,
        file: 'main.sls',
        variables: {},
        partial: async (name) =>
          name === 'self' ? { text: "{% import 'self' as s %}", file: 'self' } : undefined,
      })
      await expect(rendered).rejects.toSatisfy(isTsaltError)
      expect(performance.now() - start).toBeLessThan(4_000)
    })
  }

  it('what a template changes in its variables is put back', async () => {
    const pillar = new Map([['a', [1]]])
    const text = "{% do pillar.a.append(2) %}{% do pillar.update({'b': 1}) %}{{ pillar }}"
    const { text: shown } = await renderJinja({ text, file: 'x', variables: { pillar } })
    expect(shown).toBe("{'a': [1, 2], 'b': 1}")
    expect(pillar).toEqual(new Map([['a', [1]]]))
  })

  it('what one template changes in loaded YAML no other sees', async () => {
    const text = "{% set a = 'x: [1]'|load_yaml %}{% do a.x.append(2) %}{{ a }}"
    for (let time = 0; time < 3; time++)
      expect((await renderJinja({ text, file: 'x', variables: {} })).text).toBe("{'x': [1, 2]}")
  })

  it('text that looks like code stays text', async () => {
    const code = ['`$', '{process.exit()}`\u2028"\'\\'].join('')
    const text = `{{ '${code.slice(0, -2)}' }}</script>${code}`
    const { text: shown } = await renderJinja({ text, file: 'x', variables: {} })
    expect(shown).toBe(`${code.slice(0, -2)}</script>${code}`)
  })
})
