import { describe, expect, it } from 'vitest'
import type { Value } from '../../../../../shared/data/value.ts'
import { renderHandlebars } from '../../../../../shared/render/handlebars/template.ts'

const numbers: Value[] = Array.from({ length: 5_000 }, (_, number) => number)
const pillar: Value = new Map<string, Value>([
  ['list', [1, 2]],
  ['big', numbers],
  ['text', 'a'.repeat(1_000)],
])
const variables = { pillar, grains: new Map([['os', 'Debian']]) }
const render = (text: string, partial?: (name: string) => Promise<{ text: string; file: string }>) =>
  renderHandlebars({ text, file: 'f', variables, ...(partial ? { partial } : {}) })

describe('a template', () => {
  it.each([
    '{{pillar.constructor}}',
    "{{lookup (lookup pillar 'constructor') 'constructor'}}",
    '{{pillar.__proto__}}',
    '{{#with pillar as |p|}}{{p.__proto__.x}}{{/with}}',
    '{{this.constructor.name}}',
    '{{grains.os.constructor}}',
    '{{#with pillar.list}}{{this.map}}{{/with}}',
    '{{helperMissing}}',
    '{{#blockHelperMissing pillar}}{{/blockHelperMissing}}',
    "{{lookupProperty pillar 'constructor'}}",
    '{{@root.constructor}}',
    '{{@root.__proto__}}',
    "{{log 'x'}}",
    '{{__defineGetter__}}',
    '{{pillar.list.push}}',
  ])('reaches nothing but data: %s', async (text) => {
    await expect(render(text)).rejects.toMatchObject({
      code: expect.stringMatching(/^template-(?:undefined|helper-unknown|argument)$/),
    })
  })

  it.each([
    '{{#each pillar.big}}{{#each @root.pillar.big}}x{{/each}}{{/each}}',
    `{{#each pillar.big}}${'{{json @root.pillar.big}}'.repeat(40)}{{/each}}`,
    "{{length (replace (replace (replace pillar.text 'a' pillar.text) 'a' pillar.text) 'a' pillar.text)}}",
    "{{length (replace (replace pillar.text '' pillar.text) '' pillar.text)}}",
  ])('costs no more than its budget: %s', async (text) => {
    await expect(render(text)).rejects.toMatchObject({ code: 'template-limit' })
  })

  it('whose partials double with every level is stopped, with output and without', async () => {
    for (const last of ['x', '']) {
      const doubled = async (name: string) => {
        const level = Number(name.slice(1))
        return { file: name, text: level < 40 ? `{{> p${level + 1}}}{{> p${level + 1}}}` : last }
      }
      await expect(render('{{> p0}}', doubled)).rejects.toMatchObject({ code: 'template-limit' })
    }
  })
})
