/** Calls that the machine answers: waited for in the midst of a rendering, each made once. */
import { describe, expect, test } from 'vitest'
import type { Value } from '../../../../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../../../../shared/errors/error.ts'
import type { HostFunctions } from '../../../../../shared/render/host.ts'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'

interface Made {
  readonly calls: string[]
  readonly functions: HostFunctions
}

function machine(answers: Record<string, (...args: Value[]) => Value>, atOnce: readonly string[] = []): Made {
  const calls: string[] = []
  const run = (name: string, args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value => {
    calls.push(
      [name, ...args.map(String), ...[...keywords].map(([key, value]) => `${key}=${value}`)].join(' '),
    )
    return answers[name]?.(...args) ?? null
  }
  const functions: HostFunctions = {
    has: (name) => Object.hasOwn(answers, name),
    names: () => Object.keys(answers),
    now: (name, args, keywords) => (atOnce.includes(name) ? run(name, args, keywords) : undefined),
    call: async (name, args, keywords) => run(name, args, keywords),
  }
  return { calls, functions }
}

async function render(text: string, made: Made, partials: Record<string, string> = {}, said: string[] = []) {
  const { text: output } = await renderJinja({
    text,
    file: 'web/init.sls',
    variables: { pillar: new Map([['list', [1]]]), grains: new Map() },
    host: { functions: made.functions, log: (level, message) => said.push(`${level} ${message}`) },
    partial: async (name) =>
      partials[name] === undefined ? undefined : { text: partials[name], file: name },
  })
  return output
}

const counting = (): Made => {
  let count = 0
  return machine({ 'm.next': () => ++count, 'm.echo': (value = null) => value, 'm.now': () => ++count }, [
    'm.now',
  ])
}

describe('calls of the machine', () => {
  test('are made once each, in the order of the template, with their arguments', async () => {
    const made = counting()
    expect(
      await render("{{ salt['m.next']() }}{{ salt.m.echo('a', k=(1, 2)) }}{{ salt['m.next']() }}", made),
    ).toBe('1a2')
    expect(made.calls).toEqual(['m.next', 'm.echo a k=1,2', 'm.next'])
  })

  test('keep their order where some are answered at once', async () => {
    const made = counting()
    expect(
      await render('{{ salt.m.now() }}{{ salt.m.next() }}{{ salt.m.now() }}{{ salt.m.next() }}', made),
    ).toBe('1234')
    expect(made.calls).toEqual(['m.now', 'm.next', 'm.now', 'm.next'])
  })

  test.each([
    ['a macro', "{% macro f(x) %}<{{ salt['m.echo'](x) }}>{% endmacro %}{{ f(1) }}{{ f(2) }}", '<1><2>'],
    [
      'a call block',
      '{% macro f() %}[{{ caller() }}]{% endmacro %}{% call f() %}{{ salt.m.echo(3) }}{% endcall %}',
      '[3]',
    ],
    ['a loop', '{% for x in [1, 2, 3] %}{{ salt.m.echo(x) }}{% endfor %}', '123'],
    [
      'a recursive loop',
      '{% for x in [[1], [2]] recursive %}{% if x is iterable %}{{ loop(x) }}{% else %}{{ salt.m.echo(x) }}{% endif %}{% endfor %}',
      '12',
    ],
    ['a filter block', '{% filter upper %}{{ salt.m.echo("a") }}{% endfilter %}', 'A'],
    ['a set block', '{% set x %}{{ salt.m.echo("a") }}{% endset %}{{ x }}{{ x }}', 'aa'],
    ['an included file', "{% include 'inc.jinja' %}", 'included'],
    ['an imported file', "{% from 'imp.jinja' import value, f with context %}{{ value }}{{ f(2) }}", 'one2'],
    ['load_yaml', '{% load_yaml as x %}\na: {{ salt.m.echo("b") }}\n{% endload %}{{ x.a }}', 'b'],
    ['a default', "{{ nothing | default(salt['m.echo']('d')) }}", 'd'],
    ['a condition', "{% if salt['m.echo'](true) and not salt['m.echo'](false) %}yes{% endif %}", 'yes'],
  ])('work from %s', async (_, text, expected) => {
    const partials = {
      'inc.jinja': "{{ salt['m.echo']('included') }}",
      'imp.jinja':
        "{% set value = salt['m.echo']('one') %}{% macro f(x) %}{{ salt['m.echo'](x) }}{% endmacro %}",
    }
    expect(await render(text, counting(), partials)).toBe(expected)
  })

  test('find chance, time and changed data as they were', async () => {
    const text =
      `{% do pillar['list'].append(2) %}{% set r = range(1000000) | random %}{% set s = 'a' | random_hash %}
{%- set a = salt.m.echo(r) %}{% set b = salt.m.echo(r) %}{{ a == r and b == r }} {{ pillar['list'] }}`
        .replace('range(1000000) | random', '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] | random')
        .replace("'a' | random_hash", '99999 | random_hash')
    const made = counting()
    for (let round = 0; round < 20; round++) expect(await render(text, made)).toBe('True [1, 2]')
    expect(made.calls.length).toBe(40)
  })

  test('do not repeat what is logged', async () => {
    const said: string[] = []
    await render(
      "{% do salt.log.info('one') %}{% do salt.m.next() %}{% do salt.log.warning('two') %}",
      counting(),
      {},
      said,
    )
    expect(said).toEqual(['info one', 'warning two'])
  })

  test('fail at their place with their own error', async () => {
    const made = machine({
      'm.bad': () => {
        throw new TsaltError('user-unknown', { name: 'nobody2' })
      },
    })
    const error = await render('first\n  {{ salt.m.bad() }}', made).catch((caught: unknown) => caught)
    if (!isTsaltError(error)) throw error
    expect(error.code).toBe('user-unknown')
    expect(error.place).toMatchObject({ file: 'web/init.sls', line: 2 })
    expect(made.calls).toEqual(['m.bad'])
  })

  test('of a name that is not there are undefined, with what was meant', async () => {
    const made = counting()
    expect(
      await render("{{ salt['m.nexd'] is defined }} {{ 'm.next' in salt }} {{ 'm.nexd' in salt }}", made),
    ).toBe('False True False')
    await expect(render("{{ salt['m.nexd']() }}", made)).rejects.toMatchObject({
      code: 'jinja-undefined',
      hint: 'Did you mean "m.next"?',
    })
  })

  test('cannot take what is no data', async () => {
    await expect(
      render('{% macro f() %}{% endmacro %}{{ salt.m.echo(f) }}', counting()),
    ).rejects.toMatchObject({
      code: 'jinja-failed',
    })
  })

  test('come to an end in a loop without one', async () => {
    const text =
      '{% for a in range(90) %}{% for b in range(90) %}{% do salt.m.next() %}{% endfor %}{% endfor %}'
    const made = counting()
    await expect(render(text, made)).rejects.toMatchObject({ code: 'template-calls-limit' })
    expect(made.calls.length).toBe(1000)
  })
})
