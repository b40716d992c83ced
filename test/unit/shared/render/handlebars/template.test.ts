import fc from 'fast-check'
import Handlebars from 'handlebars'
import { describe, expect, it } from 'vitest'
import { type Dict, toPlain } from '../../../../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../../../../shared/errors/error.ts'
import { compileTemplate, parseTemplate } from '../../../../../shared/render/handlebars/engine.ts'
import { markTemplate, stripMarks } from '../../../../../shared/render/handlebars/markers.ts'
import { renderHandlebars } from '../../../../../shared/render/handlebars/template.ts'
import { viewVariables } from '../../../../../shared/render/handlebars/views.ts'
import { Reads } from '../../../../../shared/render/reads.ts'
import { TextSource } from '../../../../../shared/render/source-map.ts'
import { loadMappedYaml, loadYaml } from '../../../../../shared/render/yaml.ts'

const data = loadYaml(
  `
pillar:
  redis: {port: 6379, bind: [127.0.0.1, 10.0.0.1], fast: true, ratio: 1.0, none: null, text: "a\\nb", empty: {}, hosts: {x: 1, y: 2}}
  users: {10: zed, bob: x, 2: al}
grains: {level: production, os: Debian, disks: {1: sda}}
sls: a.b
braces: '{{sls}} {{/if}} \\{{'
default: the default
`,
  'variables',
) as Dict
const variables = Object.fromEntries([...data].map(([name, value]) => [String(name), value]))

const partials: Readonly<Record<string, string>> = {
  'p/item': '[{{k}} {{sls}}]',
  'p/broken': 'first\n  {{pillar.redis.prt}}\n',
  'p/loop': '{{> p/loop}}',
  'p/port': '{{port}}{{#if extra}}+{{extra}}{{/if}}\n',
}

const render = (text: string, reads?: Reads) =>
  renderHandlebars({
    text,
    file: 't.yaml',
    variables,
    ...(reads ? { reads } : {}),
    partial: async (name) => {
      const found = partials[name]
      return found === undefined ? undefined : { text: found, file: name }
    },
  })
const textOf = async (text: string): Promise<string> => (await render(text)).text

async function refusal(text: string): Promise<string> {
  try {
    const { text: output } = await render(text)
    throw new Error(`it rendered to ${output}`)
  } catch (error) {
    if (isTsaltError(error)) return describeError(error)
    throw error
  }
}

describe('what a template sees', () => {
  const cases: [template: string, output: string][] = [
    ['{{pillar.redis.port}} {{pillar "redis:port"}} {{pillar "redis:bind:1"}}', '6379 6379 10.0.0.1'],
    ['{{grains.level}} {{grain "os"}} {{grain "disks:1"}} {{grains.disks.[1]}}', 'production Debian sda sda'],
    ['{{pillar "no:such" "fallback"}}|{{grain "nope" 5}}', 'fallback|5'],
    ['{{pillar.redis.fast}} {{pillar.redis.ratio}} [{{pillar.redis.none}}]', 'true 1.0 []'],
    ['{{{pillar.redis.text}}} & <b>', 'a\nb & <b>'],
    ['{{braces}}', '{{sls}} {{/if}} \\{{'],
    ['{{default}} {{default pillar.none "x"}} {{default sls "x"}}', 'the default x a.b'],
    [
      '{{#each pillar.users}}{{@index}}:{{@key}}={{this}}{{#unless @last}}, {{/unless}}{{/each}}',
      '0:10=zed, 1:bob=x, 2:2=al',
    ],
    [
      '{{#each pillar.redis.bind as |address at|}}{{at}} {{address}} {{../sls}};{{/each}}',
      '0 127.0.0.1 a.b;1 10.0.0.1 a.b;',
    ],
    ['{{#each pillar.redis.empty}}x{{else}}none{{/each}}', 'none'],
    ['{{#each pillar.users}}{{@root.sls}} {{grains "os"}};{{/each}}', 'a.b Debian;a.b Debian;a.b Debian;'],
    ['{{#with pillar.redis}}{{port}} {{../grains.os}}{{/with}}', '6379 Debian'],
    ['{{#with pillar.redis as |r|}}{{r.port}}{{/with}}', '6379'],
    ['{{#if (eq grains.level "production")}}p{{else if (eq grains.level "x")}}x{{else}}s{{/if}}', 'p'],
    ['{{#if pillar.nope}}yes{{else}}no{{/if}}{{#if pillar.redis.empty}}yes{{else}}no{{/if}}', 'nono'],
    ['{{#pillar.redis.bind}}<{{this}}>{{/pillar.redis.bind}}', '<127.0.0.1><10.0.0.1>'],
    [
      '{{#pillar.redis}}{{port}}{{/pillar.redis}}{{^pillar.redis.empty}}empty{{/pillar.redis.empty}}',
      '6379empty',
    ],
    ['{{join pillar.redis.bind}}|{{join pillar.redis.bind " "}}', '127.0.0.1, 10.0.0.1|127.0.0.1 10.0.0.1'],
    [
      '{{length pillar.users}} {{length sls}} {{pillar.redis.bind.length}} {{pillar.redis.bind.[0]}}',
      '3 3 2 127.0.0.1',
    ],
    [
      '{{upper sls}} {{lower "ABC"}} {{replace sls "." "/"}} {{concat sls ":" pillar.redis.port}} {{trim " x "}}',
      'A.B abc a/b a.b:6379 x',
    ],
    [
      '{{lookup pillar.users "bob"}} {{lookup pillar.redis.bind 1}} {{lookup pillar.users 10}}',
      'x 10.0.0.1 zed',
    ],
    [
      '{{lt 1 2}} {{le 2 2}} {{gt "b" "a"}} {{ge 1 2}} {{ne 1 1.0}} {{eq 1 1.0}} {{not ""}} {{add 1 2}}',
      'true true true false false true true 3',
    ],
    [
      '{{and 1 0 2}} {{or "" "x"}} {{or pillar.nope "y"}} {{contains pillar.redis.bind "10.0.0.1"}} {{contains pillar.users "bob"}}',
      '0 x y true true',
    ],
    ['{{json pillar.users}}', '{"10": "zed", "bob": "x", "2": "al"}'],
    ['{{json pillar.redis.bind indent=1}}', '[\n "127.0.0.1",\n "10.0.0.1"\n]'],
    ['a:\n  {{indent (yaml pillar.redis.bind) 2}}', 'a:\n  - 127.0.0.1\n  - 10.0.0.1'],
    ['{{#each (split "a,b" ",")}}{{this}};{{/each}}', 'a;b;'],
    ['{{add 1 2}}{{add 1 2}}{{pillar.redis.port}}{{pillar.redis.port}}', '3363796379'],
    ['{{~add 1 2~}}{{~add 1 2~}}', '33'],
    ['\\{{sls}} {{{{raw}}}}{{sls}}{{{{/raw}}}}', '{{sls}} {{sls}}'],
    [
      '{{> p/item k=1}}{{#with pillar.redis}}{{> p/port}}{{> p/port extra=2}}{{/with}}',
      '[1 a.b]6379\n6379+2\n',
    ],
    ['{{#if true}}\n  x\n{{/if}}\ny {{~sls~}} z', '  x\nya.bz'],
  ]
  for (const [template, output] of cases) {
    it(template, async () => expect(await textOf(template)).toBe(output))
  }
})

describe('mistakes', () => {
  const cases: [template: string, code: string, at: string, hint: string][] = [
    ['a\n  {{pillar.redis.prt}}', 'template-undefined', 't.yaml:2:5', 'Did you mean "port"?'],
    ['{{pilar.redis}}', 'template-undefined', 't.yaml:1:3', 'Did you mean "pillar"?'],
    ['{{pillar "redis:prt"}}', 'template-undefined', 't.yaml:1:1', 'Did you mean "port"?'],
    ['x {{uper "a"}}', 'template-helper-unknown', 't.yaml:1:5', 'Did you mean "upper"'],
    ['{{#if pillar.foo.bar}}{{/if}}', 'template-undefined', 't.yaml:1:7', 'redis, users'],
    ['a: b\nc: {{pillar.redis}}', 'template-unprintable', 't.yaml:2:4', 'json'],
    ['{{pillar.redis.bind}}', 'template-unprintable', 't.yaml:1:1', 'json'],
    ['{{lookup pillar "nope"}}', 'template-undefined', 't.yaml:1:1', ''],
    ['{{eq pillar.nope 1}}', 'template-argument', 't.yaml:1:1', ''],
    ['{{eq 1}}', 'template-argument', 't.yaml:1:1', ''],
    ['{{eq 1 2 3}}', 'template-argument', 't.yaml:1:1', ''],
    ['{{lt 1 "a"}}', 'template-argument', 't.yaml:1:1', ''],
    ['{{#each sls}}{{/each}}', 'template-argument', 't.yaml:1:1', ''],
    ['{{#each pillar.nope}}{{/each}}', 'template-argument', 't.yaml:1:1', 'if'],
    ['a\n b {{#if sls}}\n', 'template-syntax', 't.yaml:2:4', 'Write {{/if}}'],
    ['a {{/if}}', 'template-syntax', 't.yaml:1:3', 'Close every block'],
    ['{{#if sls}}{{/each}}', 'template-syntax', 't.yaml:1:', 'Write {{/if}}'],
    ['{{#if sls}}\n{{#each pillar}}\n{{/each}}', 'template-syntax', 't.yaml:1:1', 'Write {{/if}}'],
    ['a\n{{ sls\nb', 'template-syntax', 't.yaml:2:1', 'A tag ends with "}}"'],
    ['a\n{{ sls }b', 'template-syntax', 't.yaml:2:8', 'A tag ends with "}}"'],
    ['{{pillar.redis.nothing}}', 'template-undefined', 't.yaml:1:3', '{{pillar "redis:nothing" "DEFAULT"}}'],
    ['{{nothing}}', 'template-undefined', 't.yaml:1:3', 'Defined here: '],
    ['{{#if (uper sls)}}{{/if}}', 'template-helper-unknown', 't.yaml:1:8', 'Did you mean "upper"'],
    ['{{> p/no}}', 'template-partial-missing', 't.yaml:1:1', 'path from the root'],
    ['\n{{> p/broken}}', 'template-undefined', 'p/broken:2:5', 'Did you mean "port"?'],
    ['{{> p/loop}}', 'template-limit', 'p/loop:1:1', 'includes itself'],
    ['{{> (lookup pillar "x")}}', 'template-syntax', 't.yaml:1:1', 'Choose'],
    ['{{#*inline "x"}}{{/inline}}', 'template-syntax', 't.yaml:1:1', 'file of its own'],
    ['{{constructor}}', 'template-undefined', 't.yaml:1:3', ''],
    ['{{pillar.constructor.name}}', 'template-undefined', 't.yaml:1:3', ''],
    ['{{pillar.__proto__}}', 'template-undefined', 't.yaml:1:3', ''],
    ['{{sls.constructor}}', 'template-undefined', 't.yaml:1:3', ''],
    ['{{@root.constructor}}', 'template-undefined', 't.yaml:1:3', ''],
    ['\uFDD0{{sls}}', 'template-syntax', 't.yaml:1:1', 'Remove'],
  ]
  for (const [template, code, at, hint] of cases) {
    it(JSON.stringify(template), async () => {
      const described = await refusal(template)
      expect(described).toContain(`[${code}]`)
      expect(described).toContain(`at ${at}`)
      expect(described).toContain(hint)
    })
  }

  it('stops loops that never end', async () => {
    const list = '{{#each pillar.redis.bind}}'
    const template = `${list.repeat(24)}x${'{{/each}}'.repeat(24)}`.replaceAll('pillar', '@root.pillar')
    expect(await refusal(template)).toContain('[template-limit]')
  })
})

describe('reads', () => {
  const cases: [template: string, reads: object][] = [
    ['{{grains.level}} {{sls}}', { grains: ['level'], sls: 'all' }],
    ['{{#if grains.nope}}{{/if}}{{grain "os"}}', { grains: ['nope', 'os'] }],
    ['{{json grains}}', { grains: 'all' }],
    ['{{#each grains}}{{/each}}', { grains: 'all' }],
    ['{{#each pillar.users}}{{@root.sls}}{{/each}}', { pillar: ['users'], sls: 'all' }],
    ['{{lookup grains "os"}}', { grains: ['os'] }],
  ]
  for (const [template, expected] of cases) {
    it(`are recorded: ${template}`, async () => {
      const reads = new Reads()
      await render(template, reads)
      const found = [...reads.variables].map(([name, keys]) => [name, keys === 'all' ? keys : [...keys]])
      expect(Object.fromEntries(found)).toEqual(expected)
    })
  }
})

describe('places after rendering', () => {
  it('are those of the template, in content, expressions, loops and partials', async () => {
    const template = [
      'first: 1',
      '{{#each pillar.users}}',
      'user_{{@key}}:   {{this}}',
      '{{/each}}',
      '{{#if sls}}',
      'inside: {{pillar.redis.port}}   # and a comment',
      '{{/if}}',
      'last: [a, {{sls}}]',
      '',
    ].join('\n')
    const { text, source } = await render(template)
    expect(text).toContain('user_bob:   x\nuser_2:   al\ninside: 6379')
    const at = (part: string): string => {
      const { line, column } = source.placeOf(text.indexOf(part))
      return `${line}:${column}`
    }
    expect([
      at('first'),
      at('user_10'),
      at('10:'),
      at('zed'),
      at('user_2'),
      at('inside'),
      at('6379'),
      at('# and'),
    ]).toEqual(['1:1', '3:1', '3:6', '3:18', '3:1', '6:1', '6:9', '6:33'])
    expect([at('last'), at('a.b]'), at(']')]).toEqual(['8:1', '8:11', '8:18'])
  })

  it('lead a YAML error to the line of the template', async () => {
    const { text, source } = await render('{{#if sls}}\n# gone\n{{/if}}\na: 1\n{{sls}}: 2\na: 3\n')
    try {
      loadMappedYaml(text, source)
      expect.unreachable()
    } catch (error) {
      expect(isTsaltError(error) && [error.place?.line, error.related[0]?.place.line]).toEqual([6, 4])
    }
  })
})

/** Templates from pieces that are valid wherever they stand, with all kinds of blanks around them. */
const pieces = fc.letrec<{ template: string }>((tie) => ({
  template: fc
    .array(
      fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(
          'a',
          ' ',
          '\n',
          '\n  ',
          '\t',
          ': ',
          'x: y\n',
          '- ',
          '{',
          '}',
          '\\',
          '\\\\',
          '# c\n',
          '\r\n',
          'ä',
        ),
        fc.constantFrom(
          '{{sls}}',
          '{{~sls}}',
          '{{sls~}}',
          '{{~sls~}}',
          '{{{sls}}}',
          '{{{ sls }}}',
          '{{& sls}}',
        ),
        fc.constantFrom(
          '{{! c }}',
          '{{!-- }} --}}',
          '{{~! c ~}}',
          '\\{{sls}}',
          '\\\\{{sls}}',
          '{{{{raw}}}} {{x}}\n{{{{/raw}}}}',
        ),
        fc.constantFrom('{{pillar.redis.port}}', '{{upper sls}}', '\n{{!-- c --}}\n', '{{concat "}}" "{"}}'),
        fc
          .tuple(
            fc.constantFrom('', '~'),
            fc.constantFrom('', '~'),
            tie('template'),
            tie('template'),
            fc.boolean(),
          )
          .map(
            ([left, right, yes, no, one]) =>
              `{{${left}#if ${one ? 'sls' : 'pillar.none'}${right}}}${yes}{{${left}else${right}}}${no}{{${right}/if${left}}}`,
          ),
        fc
          .tuple(fc.constantFrom('', '\n', '  '), tie('template'))
          .map(
            ([blank, body]) =>
              `${blank}{{#each pillar.redis.hosts}}${blank}${body.replaceAll('sls', '@key')}${blank}{{/each}}${blank}`,
          ),
      ),
      { maxLength: 7 },
    )
    .map((parts) => parts.join('')),
})).template

describe('marks', () => {
  it('change nothing of what a template prints', () => {
    const budget = () => ({ steps: 0, output: 0, depth: 0 })
    fc.assert(
      fc.property(pieces, (template) => {
        let plain: string
        const root = () => viewVariables(variables, undefined)
        const source = new TextSource(template, 'f')
        try {
          plain = compileTemplate(template)(root(), { data: { root: root(), budget: budget() } })
        } catch {
          return // Pieces next to one another can make a tag that is none.
        }
        const marked = markTemplate(source, parseTemplate(template), 77)
        const output = compileTemplate(marked.text)(root(), { data: { root: root(), budget: budget() } })
        const stripped = stripMarks(output, new Map([[77, { source, marked }]]), source)
        expect(stripped.text).toBe(plain)
        for (let offset = 0; offset < stripped.text.length; offset += 3) stripped.source.placeOf(offset)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('agreement with plain Handlebars', () => {
  it('prints the same wherever both know what to do', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (template) => {
        // Numbers as text: plain Handlebars adds two that stand side by side.
        const plain = JSON.parse(
          JSON.stringify({ pillar: toPlain(data.get('pillar') ?? null), sls: 'a.b' }).replaceAll(
            '6379',
            '"6379"',
          ),
        )
        const usable = template
          .replaceAll(/\{\{(?:upper|concat)[^}]*(?:"}}"[^}]*)?\}\}/g, '')
          .replaceAll('{{{{raw}}}}', '')
          .replaceAll('{{{{/raw}}}}', '')
        let expected: string
        try {
          expected = Handlebars.compile(usable, { noEscape: true, strict: true })(plain, {
            allowedProtoProperties: {},
          })
        } catch {
          return
        }
        expect((await render(usable)).text).toBe(expected)
      }),
      { numRuns: 1_000 },
    )
  })
})
