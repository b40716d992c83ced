/** Methods of Python 2 are refused as Salt 3006 refuses them, with what to write instead. */
import { expect, test } from 'vitest'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'

test.each([
  ['{{ {}.iteritems() }}', 'iteritems', '".items()"'],
  ['{{ {}.itervalues() }}', 'itervalues', '".values()"'],
  ['{{ {}.iterkeys() }}', 'iterkeys', '".keys()"'],
  ['{{ {}.has_key("a") }}', 'has_key', '"KEY in DICT"'],
])('%s', async (text, name, instead) => {
  const rendered = renderJinja({ text, file: 'a.sls', variables: {} })
  await expect(rendered).rejects.toMatchObject({
    code: 'jinja-undefined',
    message: expect.stringContaining(`'dict object' has no attribute '${name}'`),
    hint: expect.stringContaining(instead),
  })
})

test('a key of that name is a key', async () => {
  expect(
    (await renderJinja({ text: '{{ {"iteritems": 1}.iteritems }}', file: 'a.sls', variables: {} })).text,
  ).toBe('1')
})
