/** Mistakes in a tree: each gives one message with its place and what to do, before anything is touched. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bench } from './bench.ts'

interface Mistake {
  readonly title: string
  /** Of states/site.yaml; MARK is a file that a state of the same tree would write. */
  readonly text: string
  /** Further files, below the folder. */
  readonly files?: Readonly<Record<string, string>>
  readonly words?: readonly string[]
  /** What has to be on the screen, in this order. */
  readonly says: readonly string[]
}

const state = (id: string, ...lines: readonly string[]): string =>
  `${id}:\n  file.managed:\n${lines.map((line) => `    - ${line}\n`).join('')}`
const good = state('marker', 'name: MARK', 'contents: here')
const pillarTop = "base:\n  '*':\n    - app\n"

const mistakes: readonly Mistake[] = [
  {
    title: 'a misspelt argument of a state',
    text: good + state('motd', 'name: MARK2', 'contnts: hello'),
    says: [
      'file.managed has no argument "contnts"',
      'at site.yaml:8:7',
      '8 |     - contnts: hello',
      'Did you mean "contents"?',
    ],
  },
  {
    title: 'a misspelt argument that a template wrote in a loop',
    text: `${good}{{#each pillar.names}}\n${state('{{this}}', 'name: MARK2', 'contnts: {{this}}')}{{/each}}\n`,
    files: { 'pillar/top.yaml': pillarTop, 'pillar/app.yaml': 'names: [a, b]\n' },
    says: ['file.managed has no argument "contnts"', 'at site.yaml:9:7', '- contnts: {{this}}'],
  },
  {
    title: 'a value of the wrong kind',
    text: good + state('motd', 'name: relative/motd', 'makedirs: maybe'),
    says: [
      'an absolute path is expected, not "relative/motd"',
      'at site.yaml:7:13',
      'True or False is expected',
      'at site.yaml:8:17',
    ],
  },
  {
    title: 'an argument that is missing',
    text: `${good}link:\n  file.symlink:\n    - name: MARK2\n`,
    says: ['file.symlink needs the argument "target"', 'at site.yaml:6:3'],
  },
  {
    title: 'an unknown state function',
    text: `${good}motd:\n  file.manged:\n    - name: MARK2\n`,
    says: ['State function "file.manged" does not exist', 'at site.yaml:6:3', 'Did you mean "file.managed"?'],
  },
  {
    title: 'an unknown state module',
    text: `${good}motd:\n  zpool.present: []\n`,
    says: ['"zpool.present" does not exist', 'at site.yaml:6:3', 'State modules: acl, alias, alternatives, '],
  },
  {
    title: 'a requisite that names nothing',
    text: `${good}${state('motd', 'name: MARK2', 'require:\n      - file: markr')}`,
    says: [
      '"require" of ID "motd"',
      'names "file: markr", which is not part of this run',
      'at site.yaml:9:9',
      'Did you mean "marker"?',
    ],
  },
  {
    title: 'a requisite on the wrong module',
    text: `${good}${state('motd', 'name: MARK2', 'require:\n      - pkg: marker')}`,
    says: ['names "pkg: marker"', 'at site.yaml:9:9', '"marker" is a file state: write "- file: marker"'],
  },
  {
    title: 'states that wait for each other',
    text: `${good}${state('a', 'name: MARK2', 'require:\n      - file: b')}${state('b', 'name: MARK3', 'require:\n      - file: a')}`,
    says: [
      'These states wait for each other: file: a',
      '→ file: b',
      'at site.yaml:6:3',
      '"b"',
      'at site.yaml:11:3',
      'Remove one of the requisites',
    ],
  },
  {
    title: 'an ID in two files',
    text: `include:\n  - other\n${good}`,
    files: { 'states/other.yaml': state('marker', 'name: MARK2') },
    says: [
      'conflicting IDs: "marker"',
      'at other.yaml:1:1',
      'first written here',
      'at site.yaml:3:1',
      'rename one of them',
    ],
  },
  {
    title: 'an ID twice in a file',
    text: good + good,
    says: [
      'conflicting ID "marker"',
      'at site.yaml:5:1',
      'first written here',
      'at site.yaml:1:1',
      'Rename one of them',
    ],
  },
  {
    title: 'a quote that is not closed',
    text: `${good}motd:\n  file.managed:\n    - name: "MARK2\n    - contents: hello\n`,
    says: [
      'This is not YAML',
      'a quote (") is opened here and not closed',
      'at site.yaml:7:13',
      'Write a " where it ends',
    ],
  },
  {
    title: 'a colon that is missing',
    text: `${good}motd:\n  file.managed\n    - name: MARK2\n`,
    says: ['a ":" is missing after "file.managed"', 'at site.yaml:6:15', 'Write "file.managed:"'],
  },
  {
    title: 'a tab',
    text: `${good}motd:\n\tfile.managed: []\n`,
    says: ['This is not YAML', 'at site.yaml:6:1', 'Indent with spaces'],
  },
  {
    title: 'a block of a template that is not closed',
    text: `${good}{{#if pillar}}\nmotd:\n  test.nop: []\n`,
    says: [
      'the block "if" is opened here and not closed',
      'at site.yaml:5:1',
      '5 | {{#if pillar}}',
      'Write {{/if}}',
    ],
  },
  {
    title: 'a helper that does not exist',
    text: `${good}motd:\n  test.nop:\n    - x: {{uper "a"}}\n`,
    says: ['There is no helper "uper"', 'at site.yaml:7:12', 'Did you mean "upper"?'],
  },
  {
    title: 'a pillar key that is not there',
    text: `${good}motd:\n  test.nop:\n    - x: {{ pillar.app.usr }}\n`,
    files: { 'pillar/top.yaml': pillarTop, 'pillar/app.yaml': 'app:\n  user: joe\n' },
    says: ['"pillar.app.usr" is not defined for this minion', 'at site.yaml:7:13', 'Did you mean "user"?'],
  },
  {
    title: 'a grain that is not there',
    text: `${good}motd:\n  test.nop:\n    - x: {{ grains.levl }}\n`,
    says: ['"grains.levl" is not defined for this minion', 'at site.yaml:7:13', '{{grain "levl" "DEFAULT"}}'],
  },
  {
    title: 'an include that does not exist',
    text: `include:\n  - ngnx\n${good}`,
    files: { 'states/nginx/init.yaml': 'a: test.nop\n' },
    says: ['SLS "ngnx" is not in environment "base"', 'at site.yaml:2:5', 'Did you mean "nginx"?'],
  },
  {
    title: 'an SLS that does not exist, on the command line',
    text: good,
    words: ['state.apply', 'sit'],
    says: ['SLS "sit" is not in environment "base"', 'Did you mean "site"?'],
  },
  {
    title: 'an SLS that does not exist, in the top file',
    text: good,
    files: { 'states/top.yaml': "base:\n  '*':\n    - site\n    - ngnx\n" },
    words: ['state.highstate'],
    says: ['SLS "ngnx" is not in environment "base"', 'at top.yaml:4:7'],
  },
  {
    title: 'a match type of the top file',
    text: good,
    files: { 'states/top.yaml': "base:\n  'os:Debian':\n    - match: grian\n    - site\n" },
    words: ['state.highstate'],
    says: ['match type "grian"', 'at top.yaml:2:3', 'Did you mean "grain"?'],
  },
  {
    title: 'no top file at all',
    text: good,
    words: ['state.highstate'],
    says: ['No top file names any SLS for the minion "bench"', 'Make the file top.sls or top.yaml'],
  },
  {
    title: 'a pillar that is not YAML',
    text: good,
    files: { 'pillar/top.yaml': pillarTop, 'pillar/app.yaml': 'app:\n  user: joe\n   group: joe\n' },
    says: ['Pillar failed to render', 'indented deeper', 'at app.yaml:3:4', 'Start it in column 3'],
  },
  {
    title: 'a pillar SLS that does not exist',
    text: good,
    files: { 'pillar/top.yaml': "base:\n  '*':\n    - ap\n", 'pillar/app.yaml': 'a: 1\n' },
    says: ['Pillar SLS "ap" is not in environment "base"', 'at top.yaml:3:7', 'Did you mean "app"?'],
  },
]

describe('refused before anything is touched', () => {
  test.each(mistakes)('$title', async ({ text, files, words, says }) => {
    const bench = new Bench()
    try {
      bench.write('states/site.yaml', text.replaceAll('MARK', bench.path('marker')))
      for (const [path, content] of Object.entries(files ?? {})) bench.write(path, content)
      const { code, stdout, stderr } = await bench.call(...(words ?? ['state.apply', 'site']))
      expect(stderr).toBe('')
      expect(code).toBe(1)
      expect(stdout).toContain('Data failed to compile; nothing was changed')
      let from = 0
      for (const part of says) {
        const at = stdout.indexOf(part, from)
        expect(at, `${part}\n--- in ---\n${stdout}`).toBeGreaterThanOrEqual(0)
        from = at
      }
      expect(bench.has('marker')).toBe(false)
    } finally {
      bench.remove()
    }
  })
})

describe('found by a state when it runs', () => {
  const bench = new Bench()
  beforeAll(() => {
    bench.write('states/files/motd', 'hi\n')
    bench.write('states/files/motd.hbs', 'line one\nuser {{ pillar.app.usr }}\n')
    bench.write('pillar/top.yaml', pillarTop)
    bench.write('pillar/app.yaml', 'app:\n  user: joe\n')
  })
  afterAll(() => bench.remove())

  const apply = async (...lines: readonly string[]): Promise<string> => {
    bench.write('states/site.yaml', state('motd', `name: ${bench.path('motd')}`, ...lines))
    const { code, stdout } = await bench.call('state.apply', 'site')
    expect(code, stdout).toBe(1)
    expect(bench.has('motd')).toBe(false)
    return stdout
  }

  test('a source that does not exist', async () => {
    const shown = await apply('source: salt://files/mtd')
    expect(shown).toContain('There is no file salt://files/mtd in environment "base"')
    expect(shown).toContain('at site.yaml:4:15')
    expect(shown).toContain('Did you mean salt://files/motd?')
  })

  test('a template of a file: the place is in the template, and then where it is used', async () => {
    const shown = await apply('source: salt://files/motd.hbs', 'template: handlebars')
    expect(shown).toMatch(/"pillar\.app\.usr" is not defined[\s\S]*motd\.hbs:2:9[\s\S]*at site\.yaml:2:3/)
    expect(shown).toContain('Did you mean "user"?')
  })

  test('a key of the pillar that is to be the content', async () => {
    const shown = await apply('contents_pillar: app:usr')
    expect(shown).toContain('Pillar app:usr does not exist')
    expect(shown).toContain('Did you mean "app:user"?')
    expect(shown).toContain('at site.yaml:2:3')
  })

  test('a folder that does not exist', async () => {
    bench.write('states/site.yaml', state('motd', `name: ${bench.path('none', 'motd')}`, 'contents: x'))
    const { code, stdout } = await bench.call('state.apply', 'site')
    expect(code).toBe(1)
    expect(stdout).toContain('Parent directory not present')
    expect(stdout).toContain(`Give "makedirs: True", or let an earlier state make ${bench.path('none')}`)
    expect(bench.has('none')).toBe(false)
  })

  test('an account that does not exist', async () => {
    const shown = await apply('contents: x', 'user: nobody-of-that-name')
    expect(shown).toContain('User nobody-of-that-name is not available')
    expect(shown).toContain('user.present')
  })
})
