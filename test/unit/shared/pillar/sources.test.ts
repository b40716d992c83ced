import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { marksOf, placeOfValue } from '../../../../shared/data/provenance.ts'
import { type Dict, type Plain, toPlain, toValue, type Value } from '../../../../shared/data/value.ts'
import type { TsaltError } from '../../../../shared/errors/error.ts'
import { compilePillar, makePillarCache, type PillarSettings } from '../../../../shared/pillar/compile.ts'
import { type PillarMachine, SourceTrouble } from '../../../../shared/pillar/machine.ts'
import { pillarSources } from '../../../../shared/pillar/sources/registry.ts'
import type { HostFunctions } from '../../../../shared/render/host.ts'
import { dict, memoryTree, plainSettings } from '../sls/memory-tree.ts'

type Files = Readonly<Record<string, string>>
interface Options extends Partial<PillarSettings> {
  nodegroups?: Dict
  id?: string
  grains?: Plain
  cache?: ReturnType<typeof makePillarCache>
  functions?: HostFunctions
}

/** Opens blocks that say what is in them; commands and addresses answer what `answers` says. */
function machine(answers: Readonly<Record<string, string>> = {}) {
  const asked: string[] = []
  const answer = async (what: string): Promise<string> => {
    asked.push(what)
    const text = answers[what]
    if (text === undefined) throw new SourceTrouble(`nobody answers ${what}`)
    return text
  }
  const made: PillarMachine = {
    ciphers: { open: async (_, block) => /clear=(\w+)/.exec(block)?.[1] ?? '' },
    run: (command) => answer(typeof command === 'string' ? command : command.join('|')),
    get: (url, { headers }) => answer(headers.authorization ? `${url} as ${headers.authorization}` : url),
    files: async (folder) =>
      Object.entries(answers)
        .filter(([path]) => path.startsWith(`${folder}/`))
        .map(([path, text]) => ({ path: path.slice(folder.length + 1), text })),
  }
  return { machine: made, asked }
}

function compile(
  files: Files,
  { id = 'web1', grains = {}, cache, functions, ...settings }: Options,
  of?: PillarMachine,
) {
  return compilePillar({
    tree: memoryTree({ base: { 'top.sls': "base: {'*': [a]}", 'a.sls': 'a: 1\nb: {c: file}\n', ...files } }),
    id,
    grains: dict(grains),
    opts: dict({}),
    machine: of,
    ...(functions ? { host: { functions } } : {}),
    ...(cache ? { cache } : {}),
    settings: { ...plainSettings, merging: 'smart', mergeLists: false, includesOverride: false, ...settings },
  })
}

const sources = (configured: Plain, more: { first?: boolean; excluded?: string[] } = {}) => ({
  sources: { configured: toValue(configured), excluded: [], first: false, seconds: 5, ...more },
})
const plain = (value: Value): unknown => JSON.parse(JSON.stringify(toPlain(value)))
const said = (errors: readonly TsaltError[]): string[] =>
  errors.map(({ code, message }) => `${code}: ${message}`)

describe('ext_pillar', () => {
  it.each<[string, Plain, Record<string, string>, unknown]>([
    [
      'a line of a shell',
      [{ cmd_yaml: 'give %s' }],
      { 'give web1': 'x: web1\nb: {d: 1}' },
      { a: 1, b: { c: 'file', d: 1 }, x: 'web1' },
    ],
    ['a program', [{ cmd_json: ['give', '%s'] }], { 'give|web1': '{"a": 2}' }, { a: 2, b: { c: 'file' } }],
    [
      'several, in order',
      [{ cmd_yaml: 'one' }, { cmd_yaml: 'two' }],
      { one: 'x: 1\ny: 1', two: 'x: 2' },
      { a: 1, b: { c: 'file' }, x: 2, y: 1 },
    ],
    ['nothing', [{ cmd_yaml: 'none' }], { none: '' }, { a: 1, b: { c: 'file' } }],
    [
      'an address',
      [{ http_yaml: { url: 'https://h/%s.yml' } }],
      { 'https://h/web1.yml': 'x: 1' },
      { a: 1, b: { c: 'file' }, x: 1 },
    ],
    [
      'an address with grains and an account',
      [{ http_json: { url: 'https://h/<os>/<net:dc>?%s', with_grains: true, username: 'u', password: 'p' } }],
      { 'https://h/Debian%2F..%20x/b?web1 as Basic dTpw': '{"x": 1}' },
      { a: 1, b: { c: 'file' }, x: 1 },
    ],
    [
      'a folder',
      [{ file_tree: { root_dir: '/srv/tree/', keep_newline: ['keep*'], template: ['*.j2'] } }],
      {
        '/srv/tree/hosts/web1/b/c': 'from a file\n',
        '/srv/tree/hosts/web1/keep': 'x\n',
        '/srv/tree/hosts/web1/t.j2': '{{ id }}',
      },
      { a: 1, b: { c: 'from a file' }, keep: 'x\n', 't.j2': 'web1' },
    ],
    [
      'a folder, with the former name of keep_newline',
      [{ file_tree: { root_dir: '/srv/tree', raw_data: true } }],
      { '/srv/tree/hosts/web1/keep': 'x\n' },
      { a: 1, b: { c: 'file' }, keep: 'x\n' },
    ],
  ])('%s', async (_, configured, answers, expected) => {
    const grains = { os: 'Debian/.. x', net: { dc: 'b' } }
    const { pillar, errors } = await compile({}, { ...sources(configured), grains }, machine(answers).machine)
    expect([said(errors), plain(pillar)]).toEqual([[], expected])
  })

  it('knows which source won, and the files that lost to it', async () => {
    const { pillar } = await compile({}, sources([{ cmd_yaml: 'x' }]), machine({ x: 'z: 1\na: 2' }).machine)
    expect(placeOfValue(pillar, 'a')).toMatchObject({ file: 'ext_pillar cmd_yaml', line: 2, column: 4 })
    expect(marksOf(pillar)?.lostAt?.('a')).toMatchObject([{ file: 'a.sls', line: 1 }])
    const tree = machine({ '/t/hosts/web1/b/c': 'x' }).machine
    const other = await compile({}, sources([{ file_tree: '/t' }]), tree)
    expect(placeOfValue(other.pillar.get('b'), 'c')?.file).toBe('/t/hosts/web1/b/c')
  })

  it('first: files see it and win over it', async () => {
    const files = { 'a.sls': 'a: {{ pillar.x }}\nx: file\n' }
    const asked = machine({ q: 'x: source\ny: 1' }).machine
    const { pillar } = await compile(files, sources([{ cmd_yaml: 'q' }], { first: true }), asked)
    expect(plain(pillar)).toEqual({ x: 'file', y: 1, a: 'source' })
  })

  it('passes over what is excluded', async () => {
    const { asked, machine: of } = machine({ q: 'x: 1' })
    await compile(
      {},
      sources([{ cmd_yaml: 'q' }, { cmd_json: 'r' }], { excluded: ['cmd_yaml', 'cmd_json'] }),
      of,
    )
    expect(asked).toEqual([])
  })

  it.each<[string, Plain, Options, string]>([
    [
      'silent',
      [{ cmd_yaml: 'q' }],
      {},
      'pillar-source-failed: ext_pillar source "cmd_yaml": nobody answers q.',
    ],
    ['a list', [{ cmd_yaml: 'list' }], {}, 'gave a list, not a mapping'],
    ['no YAML', [{ cmd_yaml: 'broken' }], {}, 'ext_pillar source "cmd_yaml": This is not YAML'],
    ['unknown', [{ cmd_yml: 'q' }], {}, 'pillar-source-unknown'],
    ['a setting that is none', [{ http_yaml: { ulr: 'x' } }], {}, 'did you mean "url"'],
    ['too many settings', [{ cmd_yaml: { command: 'a', more: 1 } }], {}, 'no setting "more"'],
    ['no list of mappings', ['cmd_yaml'], {}, 'pillar-source-invalid'],
    [
      'a grain that is missing',
      [{ http_yaml: { url: 'http://h/<nope>', with_grains: true } }],
      {},
      'no grain "nope"',
    ],
    [
      'a grain that climbs',
      [{ http_yaml: { url: 'http://h/<up>/x', with_grains: true } }],
      { grains: { up: '..' } },
      'nothing that a URL could hold',
    ],
    ['an id that climbs', [{ file_tree: '/t' }], { id: '../x' }, 'may not be used'],
    ['an id that runs', [{ cmd_yaml: 'list' }], { id: 'a;reboot' }, 'may not be used'],
    ['an id that is an option', [{ cmd_yaml: 'list' }], { id: '-rf' }, 'may not be used'],
    ['an id with dots', [{ cmd_yaml: 'list' }], { id: 'a..b' }, 'may not be used'],
  ])(
    'that is %s is an error with its name, and the rest is there',
    async (_, configured, options, expected) => {
      const { pillar, errors } = await compile(
        {},
        { ...sources(configured), ...options },
        machine({ list: '[1]', broken: 'a: [' }).machine,
      )
      expect(said(errors)).toEqual([expect.stringContaining(expected)])
      expect(plain(pillar)).toEqual({ a: 1, b: { c: 'file' } })
    },
  )

  it('is asked anew for every minion and every time', async () => {
    const cache = makePillarCache(10)
    const { asked, machine: of } = machine({ 'q m1': 'x: 1', 'q m2': 'x: 2' })
    const options = { ...sources([{ cmd_yaml: 'q %s' }]), cache }
    const answers: unknown[] = []
    for (const id of ['m1', 'm2', 'm1'])
      answers.push((await compile({}, { ...options, id }, of)).pillar.get('x'))
    expect([asked, answers]).toEqual([
      ['q m1', 'q m2', 'q m1'],
      [1, 2, 1],
    ])
  })
})

describe('decrypt_pillar', () => {
  const block = (clear: string): string =>
    `"-----BEGIN PGP MESSAGE----- clear=${clear} -----END PGP MESSAGE-----"`
  const files = {
    'a.sls': `s: {db: ${block('one')}, list: [x, ${block('two')}]}\nother: ${block('three')}\n`,
  }
  const decrypt = (paths: Plain, more = {}) => ({
    decrypt: { paths: toValue(paths), delimiter: ':', standard: 'gpg', allowed: ['gpg', 'age'], ...more },
  })

  it('opens the paths that it names, and those values are secret', async () => {
    const cache = makePillarCache(10)
    const plainly = await compile(files, { cache }, machine().machine)
    const opened = await compile(
      files,
      { ...decrypt(['s:db', { 's:list:1': 'gpg' }, 'nope:x']), cache },
      machine().machine,
    )
    expect(opened.errors).toEqual([])
    expect(plain(opened.pillar)).toMatchObject({ s: { db: 'one', list: ['x', 'two'] } })
    expect(opened.secrets).toEqual(['s:db', 's:list:1'])
    expect(opened.pillar.get('other')).toContain('PGP')
    expect(placeOfValue(opened.pillar.get('s'), 'db')).toMatchObject({ file: 'a.sls', line: 1 })
    // What minions share is as it was.
    expect((plainly.pillar.get('s') as Dict).get('db')).toContain('PGP')
    expect((await compile(files, { cache }, machine().machine)).secrets).toEqual([])
  })

  it('of a branch, by another delimiter', async () => {
    const { pillar } = await compile(files, decrypt(['s/list'], { delimiter: '/' }), machine().machine)
    expect(plain(pillar.get('s') ?? null)).toMatchObject({
      list: ['x', 'two'],
      db: expect.stringContaining('PGP'),
    })
  })

  it.each<[Plain, object, string]>([
    [[{ 's:db': 'nacl' }], {}, 'opens nothing'],
    [['s:db'], { allowed: ['age'] }, 'not one of decrypt_pillar_renderers'],
    [[1], {}, 'not a path'],
  ])('refuses %j', async (paths, more, expected) => {
    const { errors } = await compile(files, decrypt(paths, more), machine().machine)
    expect(said(errors)).toEqual([expect.stringContaining(expected)])
  })
})

describe('secrets that grains choose', () => {
  const files = {
    'top.sls': `
base:
  '*': [a]
  'G@role:db': [db]
  'web* and S@10.0.0.0/8': [net]
  'os:Debian': [{match: grain}, debian]
  'N@group': [group, grouped]
  'vm*': [byid]
  'G@role:web or L@web1': [byid]
  'E@web.*': [plain{{ grains.level }}]
  'web1': [mixed]
`,
    'db.sls': 'db: {password: x}',
    'net.sls': 'net: {password: x}',
    'debian.sls': 'include: [db]\nport: 1',
    'group.sls': 'group: no secret',
    'grouped.sls': 'grouped: {token: x}',
    'byid.sls': 'token: x',
    'plain7.sls': 'plain: !secret x',
    'mixed.sls': 'mixed: {password: {{ grains.level }}}',
  }
  const grains = { role: 'db', os: 'Debian', ipv4: ['10.1.2.3'], level: 7, id: 'web1' }
  const run = (mode: 'refuse' | 'warn' | 'allow', trusted: string[] = []) =>
    compile(files, { grains, grainSecrets: { mode, trusted }, nodegroups: dict({ group: ['G@role:db'] }) })
  const short = (errors: readonly TsaltError[]): string[] =>
    errors.map(
      ({ code, parameters }) =>
        `${code.slice('pillar-secret-'.length)} ${parameters.sls} ${parameters.grains}`,
    )

  it('are withheld, and said to be', async () => {
    const { pillar, errors, warnings } = await run('refuse')
    expect(short(errors)).toEqual([
      'chosen-by-grain db role',
      'chosen-by-grain net ipv4',
      'chosen-by-grain db os',
      'chosen-by-grain grouped role',
      'chosen-by-grain plain7 level',
    ])
    // The top file read the grain, and might have left out what it brings in.
    expect(short(warnings)).toEqual(['behind-grain byid level', 'beside-grain mixed level'])
    expect(Object.keys(plain(pillar) as object).sort()).toEqual(['a', 'b', 'group', 'mixed', 'token'])
  })

  it('are there where the operator wants that, with a warning or without', async () => {
    const warned = await run('warn')
    expect([warned.errors, short(warned.warnings).length]).toEqual([[], 7])
    expect(plain(warned.pillar)).toMatchObject({ db: { password: 'x' }, plain: 'x' })
    const allowed = await run('allow')
    expect([allowed.errors, allowed.warnings]).toEqual([[], []])
    const trusting = await run('refuse', ['role', 'os', 'ipv4', 'level'])
    expect([trusting.errors, trusting.warnings]).toEqual([[], []])
  })
})

describe('what is not kept', () => {
  it.each([
    ['chance', '{{ range(90000) | random }}'],
    ['the machine', "{{ salt['cmd.run']('x') }}"],
  ])('%s', async (_, expression) => {
    let calls = 0
    const functions: HostFunctions = { has: () => true, names: () => ['cmd.run'], call: async () => ++calls }
    const cache = makePillarCache(10)
    const values = new Set<unknown>()
    for (const id of ['m1', 'm1', 'm2'])
      values.add((await compile({ 'a.sls': `x: ${expression}` }, { cache, functions, id })).pillar.get('x'))
    expect(values.size).toBe(3)
  })

  it('a rendering that missed a template which is there now', async () => {
    const cache = makePillarCache(10)
    const text = "{% include 'maybe.jinja' ignore missing %}\nx: 1\n"
    const before = await compile({ 'a.sls': text }, { cache })
    const after = await compile({ 'a.sls': text, 'maybe.jinja': 'y: 2' }, { cache })
    expect([plain(before.pillar), plain(after.pillar)]).toEqual([{ x: 1 }, { y: 2, x: 1 }])
  })
})

it('templates ask which files of the pillar there are', async () => {
  const ask = (path: string) => `{{ salt['pillar.file_exists']('${path}') }}`
  const { pillar, errors } = await compile({ 'a.sls': `yes: ${ask('/a.sls')}\nno: ${ask('b.sls')}\n` }, {})
  expect([said(errors), plain(pillar)]).toEqual([[], { true: true, false: false }])
})

it('targets with an order come in that order, and one that is written again in another top file replaces the first', async () => {
  const files = {
    'top.sls':
      "include: [more]\nbase:\n  '*': [{order: 2}, a]\n  'w*': [{order: 1}, b]\n  'x*': [a]\n  'web1': [b]\n",
    'more.sls': "base:\n  'web1': [c, {order: 3}]\n",
    'a.sls': 'who: a',
    'b.sls': 'who: b',
    'c.sls': 'c: 1',
  }
  const { pillar, top } = await compile(files, {})
  expect([plain(pillar), [...top]]).toEqual([{ who: 'a', c: 1 }, [['base', ['b', 'a', 'c']]]])
})

it('every source of the folder is in the registry', () => {
  const files = readdirSync(join(import.meta.dirname, '../../../../shared/pillar/sources'))
  const shared = ['command.ts', 'contract.ts', 'http.ts', 'registry.ts']
  const names = files
    .filter((file) => !shared.includes(file))
    .map((file) => file.replace('.ts', '').replace('-', '_'))
  expect([...pillarSources.keys()].sort()).toEqual(names.sort())
})
