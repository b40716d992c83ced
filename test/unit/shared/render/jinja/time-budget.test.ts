/** A rendering ends in time whatever its data is: what one step costs depends on what a minion calls its grains. */
import { expect, test } from 'vitest'
import { type Plain, toValue, type Value } from '../../../../../shared/data/value.ts'
import { callPure } from '../../../../../shared/render/jinja/call-pure.ts'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'

const list = (length: number, make: (index: number) => Plain): Plain =>
  Array.from({ length }, (_, at) => make(at))
const shuffled = list(100_000, (index) => `s${(index * 7919) % 100_000}`)

/** Each held the process for 9 to 160 seconds. */
const slow: [name: string, text: string, grains: Record<string, Plain>][] = [
  [
    'a text in a text',
    '{% for a in g.l if a in g.s %}{% endfor %}',
    { l: list(60_000, (i) => `xxxxx${i}`), s: 'xxxxx'.repeat(100_000) },
  ],
  [
    'an item in a list',
    '{% for a in g.l if a in g.m %}{% endfor %}',
    { l: list(60_000, (i) => i), m: list(90_000, (i) => -i - 1) },
  ],
  [
    'the test "in"',
    '{{ g.l | select("in", g.m) | list | length }}',
    { l: list(60_000, (i) => i), m: list(90_000, (i) => -i - 1) },
  ],
  ['sorting', '{% for i in range(100000) %}{% set x = g.l | sort %}{% endfor %}', { l: shuffled }],
  [
    'sorting in place',
    '{% for i in range(100000) %}{% do g.l.sort(reverse=i % 2) %}{% endfor %}',
    { l: shuffled },
  ],
  [
    'splitting',
    "{% for i in range(100000) %}{% set x = g.s.split('a') %}{% endfor %}",
    { s: 'a'.repeat(900_000) },
  ],
  [
    'counting',
    "{% for i in range(100000) %}{% set x = g.s.count('b') %}{% endfor %}",
    { s: 'a'.repeat(900_000) },
  ],
  ['printing data', '{% for i in range(100000) %}{% set x = g.l | tojson %}{% endfor %}', { l: shuffled }],
]

test.each(slow)('%s', async (_, text, grains) => {
  const variables = { g: toValue(grains) as Value }
  const from = performance.now()
  const rendered = renderJinja({ text, file: 'a', variables, longest: 500 })
  await expect(rendered).rejects.toMatchObject({ code: 'jinja-limit' })
  // Whatever the machine does beside: nowhere near the seconds that it would take.
  expect(performance.now() - from).toBeLessThan(6_000)
})

/** Each would hold more pieces than a heap has room for, in less than the time of a rendering. */
test.each([
  ['pieces', "{% do k.append(g.s.split('a')) %}"],
  ['lines', '{% do k.append(g.s.splitlines()) %}'],
  ['characters', '{% do k.append(g.s | list) %}'],
])('so many %s are not kept', async (_, body) => {
  const text = `{% set k = [] %}{% for i in range(100000) %}${body}{% endfor %}`
  const variables = { g: toValue({ s: 'a\n'.repeat(500_000) }) as Value }
  const rendered = renderJinja({ text, file: 'a', variables, longest: 60_000 })
  await expect(rendered).rejects.toThrow(/taken apart/)
})

test('what is called beside renderings has a budget of its own each time', () => {
  const a = toValue(Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, { v: at }])))
  for (let round = 0; round < 400; round++) callPure('slsutil.serialize', ['json', a], new Map(), {})
})
