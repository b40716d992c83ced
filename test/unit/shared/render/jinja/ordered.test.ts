/** What the filter `yaml` sorts, and what it leaves in its order, as Salt 3006 with its OrderedDict does. */
import { expect, test } from 'vitest'
import type { Dict, Value } from '../../../../../shared/data/value.ts'
import { markAllOrdered } from '../../../../../shared/render/ordered.ts'
import { renderData } from '../../../../../shared/render/pipeline.ts'
import { loadYaml } from '../../../../../shared/render/yaml.ts'

const text = 'b: {z: 1, a: [{y: 1, x: 2}]}\na: {d: 1, c: 2}'
const context = loadYaml(text, 'context') as Dict
markAllOrdered(context)
const variables = { context, pillar: loadYaml(text, 'pillar') }

test.each<[template: string, answer: string]>([
  ['{{ pillar | yaml }}', '{a: {c: 2, d: 1}, b: {a: [{x: 2, y: 1}], z: 1}}'],
  ['{{ context | yaml }}', '{b: {z: 1, a: [{y: 1, x: 2}]}, a: {d: 1, c: 2}}'],
  ['{{ context | yaml(False) }}', 'b:\n  z: 1\n  a:\n  - y: 1\n    x: 2\na:\n  d: 1\n  c: 2'],
  ["{{ odict([('b', 1), ('a', {'d': 1, 'c': 2})]) | yaml }}", '{b: 1, a: {c: 2, d: 1}}'],
  ["{% set o = odict() %}{% do o.update({'b': 1, 'a': 2}) %}{{ o | yaml }}", '{b: 1, a: 2}'],
  ['{{ context.copy() | yaml }}', '{b: {z: 1, a: [{y: 1, x: 2}]}, a: {d: 1, c: 2}}'],
  ['{{ dict(context.b) | yaml }}', '{a: [{y: 1, x: 2}], z: 1}'],
  ["{{ salt['slsutil.merge'](context.a, {'e': {'g': 1, 'f': 2}}) | yaml }}", '{d: 1, c: 2, e: {f: 2, g: 1}}'],
  ['{% load_yaml as x %}{b: 1, a: 2}{% endload %}{{ x | yaml }}', '{a: 2, b: 1}'],
  ['{{ context.a | json }}', '{"c": 2, "d": 1}'],
])('%s', async (template, answer) => {
  const rendered: Value = await renderData({
    text: template,
    file: 'f.sls',
    renderer: 'jinja|text',
    variables,
  })
  expect(rendered).toBe(answer)
})
