/** Which file the path variables name in a template that another one takes in: recorded trees of Salt use both. */
import { expect, test } from 'vitest'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'
import { pathVariables } from '../../../../../shared/render/path-variables.ts'

async function render(text: string): Promise<string> {
  const partials: Record<string, string> = {
    'lib/paths.jinja': '{% macro folder() %}{{ tpldir }}{% endmacro %}{% set file = tplfile %}',
    'lib/shown.jinja': '{{ tpldir }}',
    'lib/outer.jinja': '{% from "lib/deep/inner.jinja" import inner with context %}{% set seen = inner %}',
    'lib/deep/inner.jinja': '{% set inner = tpldir %}',
  }
  const rendered = await renderJinja({
    text,
    file: 'web/sub/init.sls',
    variables: { ...pathVariables('web.sub', 'web/sub/init.sls'), pillar: new Map(), grains: new Map() },
    partial: async (name) =>
      partials[name] === undefined ? undefined : { text: partials[name], file: name },
  })
  return rendered.text
}

test.each([
  [
    "with context they are the importing template's",
    '{% from "lib/paths.jinja" import folder, file with context %}{{ folder() }} {{ file }} {{ tplfile }}',
    'web/sub web/sub/init.sls web/sub/init.sls',
  ],
  [
    'without context its own, and the importing template keeps its own',
    '{% from "lib/paths.jinja" import folder, file %}{{ folder() }} {{ file }} {{ tplfile }}',
    'lib lib/paths.jinja web/sub/init.sls',
  ],
  ['an include is with context', '{% include "lib/shown.jinja" %} {{ tpldir }}', 'web/sub web/sub'],
  [
    'an include without context has its own',
    '{% include "lib/shown.jinja" without context %} {{ tpldir }}',
    'lib web/sub',
  ],
  [
    'through two imports: the context of a template without one is its own',
    '{% from "lib/outer.jinja" import seen %}{{ seen }}',
    'lib',
  ],
  [
    'through two imports with context',
    '{% from "lib/outer.jinja" import seen with context %}{{ seen }}',
    'web/sub',
  ],
])('%s', async (_name, text, want) => {
  expect(await render(text)).toBe(want)
})
