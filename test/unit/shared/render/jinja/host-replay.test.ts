/** A rendering that waits for answers comes out as one that has them at once, by the same calls in the same order. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Value } from '../../../../../shared/data/value.ts'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'

const expression = fc.oneof(
  fc.constantFrom(
    "salt['m.next']()",
    'salt.m.next()',
    "salt['m.echo'](x)",
    'salt.m.list(3)',
    'x',
    "pillar['l']",
  ),
  fc.constantFrom('salt.m.fail()', "f('q')", '[1, 2, 3] | random', '100 | random_hash', "pillar['l'].pop()"),
)

const { body } = fc.letrec<{ body: string; piece: string }>((tie) => ({
  body: fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('')),
  piece: fc.oneof(
    { maxDepth: 3 },
    expression.map((one) => `{{ ${one} }} `),
    expression.map((one) => `{% set x = ${one} %}`),
    expression.map((one) => `{% do pillar['l'].append(${one}) %}`),
    fc.tuple(expression, tie('body')).map(([one, inner]) => `{% if ${one} %}${inner}{% else %}-{% endif %}`),
    tie('body').map((inner) => `{% for x in salt.m.list(2) %}${inner}{% endfor %}`),
    tie('body').map((inner) => `{% macro f(x) %}${inner}{% endmacro %}`),
    tie('body').map((inner) => `{% call(x) g(1) %}${inner}{% endcall %}`),
    tie('body').map((inner) => `{% filter upper %}${inner}{% endfilter %}`),
    fc.constantFrom("{% include 'inc' %}", "{% from 'imp' import v, h with context %}{{ v }}{{ h() }}"),
  ),
}))

const partials: Record<string, string> = {
  inc: "<{{ salt['m.next']() }}{{ salt.m.echo(x | default(0)) }}>",
  imp: '{% set v = salt.m.next() %}{% macro h() %}{{ salt.m.next() }}{{ x | default("") }}{% endmacro %}',
}

/** @param atOnce which of the calls are answered without waiting */
async function outcome(
  text: string,
  atOnce: (count: number) => boolean,
): Promise<[string, readonly string[]]> {
  const calls: string[] = []
  let asked = 0
  let seed = 1
  const run = (name: string, args: readonly Value[]): Value => {
    calls.push(`${name}(${args.map((value) => JSON.stringify(value)).join()})`)
    if (name === 'm.next') return calls.length
    if (name === 'm.list') return Array.from({ length: Number(args[0]) }, (_, index) => index)
    if (name === 'm.fail') throw new Error('it failed')
    return args[0] ?? null
  }
  const functions = {
    has: (name: string) => ['m.next', 'm.echo', 'm.list', 'm.fail'].includes(name),
    names: () => ['m.next', 'm.echo', 'm.list', 'm.fail'],
    now: (name: string, args: readonly Value[]) => (atOnce(asked++) ? run(name, args) : undefined),
    call: async (name: string, args: readonly Value[]) => run(name, args),
  }
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  try {
    const { text: rendered } = await renderJinja({
      text: `{% set x = 0 %}{% macro f(x) %}{{ x }}{% endmacro %}{% macro g(n) %}{{ caller(n) }}{% endmacro %}${text}`,
      file: 'a.sls',
      variables: { pillar: new Map<string, Value>([['l', [1]]]) },
      host: { functions },
      ports: { random },
      partial: async (name) =>
        partials[name] === undefined ? undefined : { text: partials[name], file: name },
    })
    return [rendered, calls]
  } catch (error) {
    // A macro that calls itself without end meets one limit or another: depth, or calls that are waited for.
    if (String(error).includes('is stopped: more than')) return ['stopped', []]
    return [String(error), calls]
  }
}

test('whatever is waited for', async () => {
  let called = 0
  await fc.assert(
    fc.asyncProperty(body, fc.integer({ min: 2, max: 5 }), async (text, every) => {
      const expected = await outcome(text, () => true)
      called += expected[1].length
      expect(await outcome(text, () => false)).toEqual(expected)
      expect(await outcome(text, (count) => count % every === 0)).toEqual(expected)
    }),
    { numRuns: 150 },
  )
  expect(called).toBeGreaterThan(150)
})
