/** What a minion that lies about its grains can get out of the master while its pillar is compiled. */
import { describe, expect, it } from 'vitest'
import { type Plain, toPlain, toValue, type Value } from '../../../../shared/data/value.ts'
import type { TsaltError } from '../../../../shared/errors/error.ts'
import { compilePillar, type PillarSettings } from '../../../../shared/pillar/compile.ts'
import type { PillarMachine } from '../../../../shared/pillar/machine.ts'
import { blocksIn, type Cipher } from '../../../../shared/render/ciphers.ts'
import { processorTime } from '../../processor-time.ts'
import { dict, memoryTree, plainSettings } from '../sls/memory-tree.ts'

type Files = Readonly<Record<string, string>>
interface Options extends Partial<PillarSettings> {
  id?: string
  grains?: Plain
}

const begin = '-----BEGIN PGP MESSAGE-----'
const end = '-----END PGP MESSAGE-----'
const body = 'hQEMA1clear0one0AQf/a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2\nw3x4=abcd'
const block = `${begin}\n\n${body}\n${end}`

/** Every block holds the same, every address answers with a secret. */
function machine() {
  const asked: string[] = []
  const made: PillarMachine = {
    ciphers: { open: async () => 'clear' },
    run: async () => '',
    get: async (url) => {
      asked.push(url)
      return 'web: {password: s3cret}\nport: 80'
    },
    files: async () => [],
  }
  return { made, asked }
}

function compile(files: Files, { id = 'web1', grains = {}, ...settings }: Options, of = machine().made) {
  return compilePillar({
    tree: memoryTree({ base: { 'top.sls': "base: {'*': [a]}", 'a.sls': 'a: 1\n', ...files } }),
    id,
    grains: dict(grains),
    opts: dict({}),
    machine: of,
    settings: {
      ...plainSettings,
      merging: 'smart',
      mergeLists: false,
      includesOverride: false,
      grainSecrets: { mode: 'refuse', trusted: [] },
      ...settings,
    },
  })
}

const plain = (value: Value): unknown => JSON.parse(JSON.stringify(toPlain(value)))
const short = (errors: readonly TsaltError[]): string[] =>
  errors.map(({ code, parameters }) => `${code} ${parameters.sls ?? parameters.source ?? ''}`.trim())

describe('a block that a minion hands in is not opened for it', () => {
  it.each<[string, string, Plain]>([
    ['as a value', 'x: {{ grains.note | tojson }}', { note: block }],
    ['with "\\n" in one line', "x: '{{ grains.note }}'", { note: block.replaceAll('\n', '\\n') }],
    ['as a piece of YAML', 'x: {{ grains.note }}', { note: `|\n  ${block.replaceAll('\n', '\n  ')}` }],
    ['letter by letter', "x: {{ grains.note | join('') | tojson }}", { note: [...block] }],
    ['indented', 'x: |\n  {{ grains.note | indent(2) }}', { note: block }],
    ['as a key', 'x: {{ grains.note.keys() | first | tojson }}', { note: { [block]: 1 } }],
  ])('%s', async (_, text, grains) => {
    const { pillar, errors } = await compile({ 'a.sls': `#!jinja|yaml|gpg\n${text}` }, { grains })
    expect([short(errors), plain(pillar)]).toEqual([['cipher-from-grain'], {}])
  })

  it('in a file that is opened whole, or along a path', async () => {
    const grains = { note: block }
    const whole = await compile({ 'a.sls': '#!jinja|gpg|yaml\nx: {{ grains.note | tojson }}' }, { grains })
    expect(short(whole.errors)).toEqual(['cipher-from-grain'])
    const decrypt = { paths: toValue(['x']), delimiter: ':', standard: 'gpg', allowed: ['gpg'] }
    const path = await compile(
      { 'a.sls': '#!jinja|yaml\nx: {{ grains.note | tojson }}' },
      { grains, decrypt },
    )
    expect(short(path.errors)).toEqual(['cipher-from-grain'])
  })

  it('but one of the tree is, whatever the grains say', async () => {
    const text = `#!jinja|yaml|gpg\nx: |\n  ${block.replaceAll('\n', '\n  ')}\ny: {{ grains.note }}`
    const { pillar, errors } = await compile(
      { 'a.sls': text },
      { grains: { note: begin.slice(5, 10), n: [1] } },
    )
    expect([errors, plain(pillar)]).toEqual([[], { x: 'clear', y: 'BEGIN' }])
  })
})

it.each<[Cipher, string]>([
  ['gpg', begin],
  ['age', '-----BEGIN AGE ENCRYPTED FILE-----'],
  ['age', 'YWdlLWVuY3J5cHRpb24ub3JnL3Yx '],
])('beginnings of %s blocks without an end are looked through in a moment: %s', (cipher, beginning) => {
  const from = processorTime()
  expect(blocksIn(cipher, beginning.repeat(35_000))).toEqual([])
  expect(processorTime() - from).toBeLessThan(5_000)
})

it('blocks of age are found in armour and in one line, each once', () => {
  const line = 'YWdlLWVuY3J5cHRpb24ub3JnL3YxAAAA='
  const armour = `-----BEGIN AGE ENCRYPTED FILE-----\n${line}\n-----END AGE ENCRYPTED FILE-----`
  const text = `a ${line} ${armour} b\n${armour}${line}`
  const found = blocksIn('age', text)
  expect(found.map(({ block: one }) => one)).toEqual([line, armour, armour, line])
  expect(found.map(({ at, block: one }) => text.slice(at, at + one.length))).toEqual([
    line,
    armour,
    armour,
    line,
  ])
})

describe('a grain does not bring in secrets', () => {
  const files = { 'secrets/db.sls': 'db: {password: x}', 'plain.sls': 'port: 1' }
  it.each<[string, Files, Plain]>([
    ['as the name of an include', { 'a.sls': 'include: [secrets.{{ grains.role }}]' }, { role: 'db' }],
    [
      'as a line break in a value',
      { 'a.sls': 'note: {{ grains.note }}' },
      { note: 'x\ninclude: [secrets.db]' },
    ],
    [
      'in an include of an include',
      { 'a.sls': 'include: [{{ grains.b }}]', 'b.sls': 'include: [secrets.db]' },
      { b: 'b' },
    ],
    [
      'with a name that stands on its line by chance',
      { 'a.sls': 'include: [{{ grains.db }}]', 'db.sls': 'password: x' },
      { db: 'db' },
    ],
    [
      'after the beginning of a name',
      { 'a.sls': 'include: [db{{ grains.more }}]', 'db.sls': 'password: x' },
      { more: '' },
    ],
    ['as a target', { 'top.sls': "base: {'{{ grains.name }}': [secrets.db]}" }, { name: '*' }],
    [
      'as a line of the top file',
      { 'top.sls': "base:\n  'x': [{{ grains.x }}]" },
      { x: "a]\n  '*': [secrets.db" },
    ],
    [
      'as a name that is on the line by chance',
      { 'top.sls': "base: {'*': [{{ grains['db'] }}]}", 'db.sls': 'password: x' },
      { db: 'db' },
    ],
  ])('%s', async (_, more, grains) => {
    const all = Object.fromEntries(
      Object.entries({ ...files, ...more }).map(([name, text]) => [name, `#!jinja|yaml\n${text}`]),
    )
    const { pillar, errors } = await compile(all, { grains })
    expect(JSON.stringify(plain(pillar))).not.toContain('password')
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['pillar-secret-chosen-by-grain']))
  })

  it('written names stay what they are, with a warning where a grain may have decided', async () => {
    const text =
      "#!jinja|yaml\n{% if grains.role == 'db' %}\ninclude:\n  - secrets.db\n  - 'plain'\n{% endif %}\n"
    const { pillar, errors, warnings } = await compile(
      { ...files, 'a.sls': text },
      { grains: { role: 'db' } },
    )
    expect([errors, short(warnings)]).toEqual([[], ['pillar-secret-behind-grain secrets.db']])
    expect(plain(pillar)).toEqual({ db: { password: 'x' }, port: 1 })
    const top = "#!jinja|yaml\nbase:\n  '*':\n{% if grains.role == 'db' %}\n    - secrets.db\n{% endif %}\n"
    const byTop = await compile({ ...files, 'top.sls': top }, { grains: { role: 'db' } })
    expect([byTop.errors, short(byTop.warnings)]).toEqual([[], ['pillar-secret-behind-grain secrets.db']])
  })

  it.each([
    ['with options', '#!jinja|yaml\n# {{ grains.role }}\ninclude:\n  - secrets.db:\n      key: in\n'],
    ['in brackets', "#!jinja|yaml\n# {{ grains.role }}\ninclude: [plain, 'secrets.db']\n"],
    ['relative', '#!jinja|yaml\n# {{ grains.role }}\ninclude:\n  - .secrets.db # as ever\n'],
    ['in Handlebars', '#!handlebars|yaml\n# {{ grains.role }}\ninclude:\n  - "secrets.db"\n'],
    ['after text of a template', '#!handlebars|yaml\nrole: {{ grains.role }}\ninclude:\n  - secrets.db\n'],
  ])('a name that is written there: %s', async (_, text) => {
    const { errors, warnings } = await compile({ ...files, 'a.sls': text }, { grains: { role: 'x' } })
    expect([errors, short(warnings)]).toEqual([[], ['pillar-secret-behind-grain secrets.db']])
  })
})

describe('a grain in an address', () => {
  const sources = (url: string): Partial<PillarSettings> => ({
    sources: {
      configured: toValue([{ http_yaml: { url, with_grains: true } }]),
      excluded: [],
      first: false,
      seconds: 5,
    },
  })

  it('chooses no secrets, unless somebody vouches for it', async () => {
    const settings = { ...sources('https://h/%s/<role>'), grains: { role: 'db' } }
    const refused = await compile({}, settings)
    expect([short(refused.errors), plain(refused.pillar)]).toEqual([
      ['pillar-source-chosen-by-grain http_yaml'],
      { a: 1 },
    ])
    const trusting = await compile({}, { ...settings, grainSecrets: { mode: 'refuse', trusted: ['role'] } })
    expect([trusting.errors, plain(trusting.pillar)]).toEqual([
      [],
      { a: 1, port: 80, web: { password: 's3cret' } },
    ])
    const warned = await compile({}, { ...settings, grainSecrets: { mode: 'warn', trusted: [] } })
    expect([warned.errors, short(warned.warnings)]).toEqual([[], ['pillar-source-chosen-by-grain http_yaml']])
  })

  it.each(['../../other/db', '..\\other', 'a/./b', 'a/..', '/../x', 'x\ny', 'x\0y'])(
    'does not climb or break out: %j',
    async (role) => {
      const { made, asked } = machine()
      const { errors } = await compile({}, { ...sources('https://h/%s/<role>'), grains: { role } }, made)
      expect([asked, short(errors)]).toEqual([[], ['pillar-source-failed http_yaml']])
    },
  )
})
