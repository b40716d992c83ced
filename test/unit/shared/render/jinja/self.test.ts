/** `self` is a name like others: a template may set it. What is expected was printed by Jinja2. */
import { expect, test } from 'vitest'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'

test.each([
  ['{% set self = 1 %}{{ self }}', '1'],
  ['{% block a %}{% set self = 2 %}{{ self }}{% endblock %}', '2'],
  ['{% block a %}x{% endblock %}{{ self.a() }}', 'xx'],
])('%s', async (text, expected) => {
  expect((await renderJinja({ text, file: 'self', variables: {} })).text).toBe(expected)
})
