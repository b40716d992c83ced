import { expect, it } from 'vitest'
import { isTsaltError } from '../../../../shared/errors/error.ts'
import { loadYaml } from '../../../../shared/render/yaml.ts'

it.each([
  ['a quote', 'a:\n  - "open\n  - b\n', '2:5', 'not closed', 'Write a "'],
  ['a quote far above', "a: 'x\nb: 1\nc: 2\nd: 3\n", '1:4', 'not closed', "Write a '"],
  ['a bracket', 'a: [1, 2\nb: 3\n', '1:4', '"["', 'Write a ]'],
  ['a colon', 'motd:\n  file.managed\n    - name: x\n', '2:15', '":" is missing', 'Write "file.managed:"'],
  ['a blank', 'a:\n  b:1\n  c: 2\n', '2:5', 'blank is missing', 'Write "b: 1"'],
  ['too deep', 'a:\n  b: 1\n   c: 2\n', '3:4', 'deeper than the one above', 'column 3'],
  ['a list below a mapping', '- a\nb: 1\n', '2:1', 'end of the stream', 'does not fit'],
  ['an error in the first line', '\n- a: b: c', '2:7', 'bad indentation', 'needs quotes'],
  ['behind a quote', "a: 'it's'\n", '1:8', 'bad indentation', 'quote the whole value'],
  ['Jinja', 'a: {% if x %}\n', '1:5', 'missed comma', 'looks like Jinja'],
])('%s', (_, text, place, reason, hint) => {
  try {
    loadYaml(text, 'x')
    expect.unreachable()
  } catch (error) {
    if (!isTsaltError(error)) throw error
    expect(`${error.place?.line}:${error.place?.column}`).toBe(place)
    expect(error.message).toContain(reason)
    expect(error.hint).toContain(hint)
  }
})
