/** Reactor files: Salt's old and new forms, mistakes with their places, and text of events that wants to be more. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openFolderTree } from '../../../../master/files/folder-tree.ts'
import type { Reaction } from '../../../../master/reactor/reaction.ts'
import { openReactorFiles } from '../../../../master/reactor/reactor-files.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { type Dict, type Plain, toPlain, toValue } from '../../../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../../../shared/errors/error.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-reactor-'))
  mkdirSync(join(folder, 'tree/reactor'), { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

const files = () =>
  openReactorFiles({
    tree: openFolderTree({
      roots: { base: [join(folder, 'tree')] },
      order: [],
      clock: systemClock,
      logger: pino({ level: 'silent' }),
    }),
    renderer: 'jinja|yaml',
    variables: async () => ({ grains: new Map(), pillar: new Map(), opts: new Map() }),
    host: {},
  })

async function read(text: string, data: Plain = {}, trusted = false, name = 'r.sls'): Promise<Reaction[]> {
  const file = join(folder, name)
  writeFileSync(file, text)
  return files().reactions(file, { tag: 'my/tag', data: toValue(data) as Dict, trusted })
}

const shown = (reactions: readonly Reaction[]) =>
  reactions.map(({ place: _, args, kwargs, ...reaction }) => ({
    ...reaction,
    args: toPlain([...args]),
    kwargs: toPlain(kwargs),
  }))

const local = (more: object) => [
  {
    kind: 'local',
    id: 'x',
    fun: 'state.apply',
    target: { kind: 'glob', expression: 'web1' },
    args: [],
    kwargs: {},
    ...more,
  },
]

test('which files are there', async () => {
  writeFileSync(join(folder, 'tree/reactor/there.sls'), '')
  writeFileSync(join(folder, 'there-1.sls'), '')
  const there = (name: string) => files().isThere(name)
  expect(await there('salt://reactor/there.sls')).toBe(true)
  expect(await there('salt://reactor/other.sls')).toBe(false)
  expect(await there('salt://reactor/there.sls?saltenv=dev')).toBe(false)
  expect(await there(join(folder, 'there-1.sls'))).toBe(true)
  expect(await there(join(folder, 'there-*.sls'))).toBe(true)
  expect(await there(join(folder, 'other-*.sls'))).toBe(false)
  expect(await there('/nowhere/a.sls')).toBe(false)
})

test.each<[string, string, object[]]>([
  [
    'old',
    'x:\n  local.state.apply:\n    - tgt: web1\n    - arg: [nginx]\n    - kwarg: {test: true}',
    local({ args: ['nginx'], kwargs: { test: true } }),
  ],
  ['old, cmd', 'x:\n  cmd.state.apply:\n    - tgt: web1\n    - arg: nginx', local({ args: ['nginx'] })],
  [
    'new',
    'x:\n  local.state.apply:\n    - tgt: web1\n    - args:\n      - mods: nginx\n      - test: true',
    local({ kwargs: { mods: 'nginx', test: true } }),
  ],
  [
    'new, a mapping',
    'x:\n  local.state.apply:\n    tgt: web1\n    args: {mods: nginx}',
    local({ kwargs: { mods: 'nginx' } }),
  ],
  ['the function apart', 'x:\n  local:\n    - state.apply\n    - tgt: web1', local({})],
  [
    'a kind of target',
    "x:\n  local.state.apply:\n    - tgt: 'os:Debian'\n    - tgt_type: grain",
    local({ target: { kind: 'grain', expression: 'os:Debian' } }),
  ],
  [
    'the old word for it',
    "x:\n  local.state.apply:\n    - tgt: 'os:Debian'\n    - expr_form: grain",
    local({ target: { kind: 'grain', expression: 'os:Debian' } }),
  ],
  [
    'a list',
    'x:\n  local.state.apply:\n    - tgt: [web1, web2]\n    - ret: ""\n    - timeout: 5',
    local({ target: { kind: 'list', expression: 'web1,web2' } }),
  ],
  [
    'a runner, old',
    'x:\n  runner.state.orchestrate:\n    - mods: deploy\n    - pillar: {a: 1}',
    [
      {
        kind: 'runner',
        id: 'x',
        fun: 'state.orchestrate',
        args: [],
        kwargs: { mods: 'deploy', pillar: { a: 1 } },
      },
    ],
  ],
  [
    'a runner, new',
    'x:\n  runner.state.orchestrate:\n    - args:\n      - mods: deploy\n      - pillar:\n          a: 1',
    [
      {
        kind: 'runner',
        id: 'x',
        fun: 'state.orchestrate',
        args: [],
        kwargs: { mods: 'deploy', pillar: { a: 1 } },
      },
    ],
  ],
  [
    'a runner, arg and kwarg',
    'x:\n  runner.a.b:\n    - arg: [1]\n    - kwarg: {c: 2}',
    [{ kind: 'runner', id: 'x', fun: 'a.b', args: [1], kwargs: { c: 2 } }],
  ],
  [
    'a runner without arguments',
    'x: runner.cache.clear_all',
    [{ kind: 'runner', id: 'x', fun: 'cache.clear_all', args: [], kwargs: {} }],
  ],
  [
    'a runner with nothing after it',
    'x:\n  runner.cache.clear_all: []',
    [{ kind: 'runner', id: 'x', fun: 'cache.clear_all', args: [], kwargs: {} }],
  ],
  [
    'a wheel',
    'x:\n  wheel.key.accept:\n    - match: web1',
    [{ kind: 'wheel', id: 'x', fun: 'key.accept', args: [], kwargs: { match: 'web1' } }],
  ],
  ['Handlebars', '#!handlebars|yaml\nx:\n  local.state.apply:\n    - tgt: {{data.id}}', local({})],
  ['nothing this time', '{% if false %}x: y{% endif %}', []],
])('%s', async (_name, text, reactions) => {
  expect(shown(await read(text, { id: 'web1' }))).toEqual(reactions)
})

test.each<[string, string, string, string]>([
  ['x:\n  loca.state.apply: []', 'reactor-reaction-unknown', ':2:3', 'Did you mean "local"?'],
  ['x:\n  pkg.installed: []', 'reactor-reaction-unknown', ':2:3', 'There are local.FUNCTION'],
  ['x:\n  caller.file.touch:\n    - args: [/tmp/x]', 'reactor-caller', ':2:3', 'local.file.touch with tgt'],
  [
    'x:\n  local.state.apply:\n    - tgt: a\n    - require:\n      - y',
    'reactor-requisite',
    ':4:7',
    'runner.state.orchestrate',
  ],
  ['x:\n  local.state.apply:\n    - tgt: a\n  require: []', 'reactor-requisite', ':4:3', ''],
  ['x:\n  local.state.apply:\n    - arg: [a]', 'reactor-sls-wrong', ':2:3', 'needs "tgt"'],
  [
    'x:\n  local.state.apply:\n    - tgt: a\n    - mods: b',
    'reactor-keyword-unknown',
    ':4:13',
    'below "args"',
  ],
  [
    'x:\n  local.state.apply:\n    - tgt: a\n    - kwargs: {}',
    'reactor-keyword-unknown',
    ':4:15',
    'Did you mean',
  ],
  [
    'x:\n  local.state.apply:\n    - tgt: a\n    - tgt_type: grian',
    'reactor-sls-wrong',
    ':4:17',
    '(did you mean "grain"?)',
  ],
  ['x:\n  local.state.apply:\n    - tgt: a\n    - ret: smtp', 'reactor-sls-wrong', ':4:12', 'returner'],
  [
    'x:\n  local.state.apply:\n    - tgt: a\n    - arg: [a]\n    - args: [{b: c}]',
    'reactor-sls-wrong',
    ':4:12',
    'exclude each other',
  ],
  ['x:\n  runner.a.b:\n    - args: [{c: 1}]\n    - d: 2', 'reactor-sls-wrong', ':4:10', 'beside "args"'],
  ['x:\n  local.apply:\n    - tgt: a', 'reactor-sls-wrong', ':2:3', 'names no function'],
  ['x:\n  - local.state.apply', 'reactor-sls-wrong', '', 'names no function'],
  ['include:\n  - other', 'reactor-sls-wrong', ':1:1', 'includes no other'],
  ['- x', 'reactor-sls-wrong', ':1:1', 'a mapping of IDs'],
  ['x: {{ data.', 'jinja', '', ''],
  ['x: [', 'yaml', '', ''],
])('%j is %s', async (text, code, place, words) => {
  const error = await read(text).catch((thrown: unknown) => thrown)
  expect(isTsaltError(error) && error.code).toMatch(new RegExp(`^${code}`))
  expect(describeError(error)).toContain(place === '' ? 'r.sls' : `r.sls${place}`)
  expect(describeError(error)).toContain(words)
})

describe('where files are', () => {
  it('finds them in the tree, with what they import', async () => {
    writeFileSync(join(folder, 'tree/reactor/map.jinja'), "{% set who = 'web1' %}")
    const text = "{% from 'reactor/map.jinja' import who %}x:\n  local.state.apply:\n    - tgt: {{ who }}"
    writeFileSync(join(folder, 'tree/reactor/a.sls'), text)
    const event = { tag: 't', data: new Map(), trusted: false }
    expect(shown(await files().reactions('salt://reactor/a.sls', event))).toEqual(local({}))
    await expect(files().reactions('salt://reactor/b.sls', event)).rejects.toThrow('There is no reactor file')
    await expect(files().reactions('/nowhere/b.sls', event)).rejects.toThrow('no reactor file /nowhere/b.sls')
  })

  it('takes a glob for the last part of a path', async () => {
    mkdirSync(join(folder, 'many'), { recursive: true })
    for (const name of ['b.sls', 'a.sls', 'c.txt']) writeFileSync(join(folder, 'many', name), '')
    expect(await files().expand(join(folder, 'many/*.sls'))).toEqual([
      join(folder, 'many/a.sls'),
      join(folder, 'many/b.sls'),
    ])
    await expect(files().expand(join(folder, 'many/*.yaml'))).rejects.toThrow('There is no reactor file')
  })
})

describe('text of an event that wants to be more', () => {
  const template =
    'x:\n  local.state.apply:\n    - tgt: web1\n    - kwarg:\n        pillar:\n          version: {{ data.v }}\n'
  const quoted = template.replace('{{ data.v }}', '"{{ data.v }}"')
  const flow = 'x:\n  local.cmd.run:\n    - tgt: web1\n    - arg: [{{ data.v }}, safe]\n'
  const block = 'x:\n  local.cmd.run:\n    - tgt: web1\n    - arg:\n      - |\n        {{ data.v }}\n'

  test.each<[string, string, string]>([
    ['another reaction', template, '1\ny:\n  local.cmd.run:\n    - tgt: "*"\n    - arg: [id]'],
    ['another argument', template, '1\n          evil: 1'],
    ['another target', template, '1\n    - subset: 5'],
    ['out of quotes', quoted, '1", evil: "2'],
    ['out of quotes, on a line of its own', quoted, '1"\n    - subset: "1'],
    ['a mapping in a scalar', template, '{evil: 1}'],
    ['a list in a scalar', template, '[1, 2]'],
    ['one more item', flow, 'a, b'],
    ['out of a block', block, 'a\n    - subset: 1'],
    ['a mapping of a line', template, 'a: b'],
    ['a comment', 'x:\n  local.cmd.run:\n    - tgt: {{ data.v }}\n    - arg: [a]\n', '# web1'],
  ])('%s is refused', async (_name, text, v) => {
    const error = await read(text, { v }).catch((thrown: unknown) => thrown)
    expect(isTsaltError(error) && error.code).toBe(
      v === '# web1' ? 'reactor-sls-wrong' : 'reactor-data-injects',
    )
  })

  const line = 'x: {local.state.apply: [{kwarg: {pillar: {version: {{ data.v }} }}}, {tgt: web1}]}\n'
  const lines =
    'x:\n  local.cmd.run:\n    - kwarg: {cwd: {{ data.v }} }\n    - tgt: web1\n    - arg: [{{ data.w }}]\n'

  test.each<[string, string, Plain]>([
    ['another target', line, { v: '1}}}, {tgt: "*"}]} #' }],
    [
      'another kind of target',
      line.replace('tgt: web1', 'arg: a}, {tgt: web1'),
      { v: '1}}}, {tgt_type: pcre}, {tgt: web1}]} #' },
    ],
    ['another target, of two texts', lines, { v: '/}\n    - tgt: "*"\n    - arg: ["id #', w: '"' }],
  ])('of as many parts is refused: %s', async (_name, text, data) => {
    await expect(read(text, data)).rejects.toMatchObject({ code: 'reactor-data-injects' })
  })

  it('goes by who decides: trust_data', async () => {
    const reactions = await read(template, { v: '{a: 1}' }, true)
    expect(shown(reactions)).toEqual(local({ kwargs: { pillar: { version: { a: 1 } } } }))
    await expect(read(template, { v: '{a: 1}' })).rejects.toMatchObject({ code: 'reactor-data-injects' })
  })

  test.each<[string, string, Plain, unknown]>([
    ['plain words', template, '1.2-rc1', '1.2-rc1'],
    ['a path and a time', template, '/srv/x y@10:30#2', '/srv/x y@10:30#2'],
    ['a URL', template, 'https://host:8080/a?b=c&d', 'https://host:8080/a?b=c&d'],
    ['json', template.replace('data.v', 'data.v | json'), 'a: "b"\n{c}', 'a: "b"\n{c}'],
    ['json of all', template.replace('data.v', 'data | json'), 'a: "b"\n{c}', { v: 'a: "b"\n{c}' }],
    ['a mapping as Python writes it', template, { a: 'b c' }, { a: 'b c' }],
    ['yaml_dquote', template.replace('data.v', 'data.v | yaml_dquote'), 'a: "b"\n', 'a: "b"\n'],
    ['a part of a text', template.replace('data.v', 'data.v.split(",")[0] | upper'), 'a b,c', 'A B'],
    ['the length of a text', template.replace('data.v', 'data.v | length'), 'a,\n"...', 7],
    ['a text in quotes', quoted, "it's # fine: {so}", "it's # fine: {so}"],
  ])('%s pass', async (_name, text, v, version) => {
    expect(shown(await read(text, { v }))).toEqual(local({ kwargs: { pillar: { version } } }))
  })
})
