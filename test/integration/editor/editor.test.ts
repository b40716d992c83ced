/** SLS files in an editor: the real yaml-language-server with our schema completes, explains and marks mistakes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LanguageClient } from './language-client.ts'

const project = join(import.meta.dirname, '../../..')
const schema = pathToFileURL(join(project, 'docs/schema/sls.schema.json')).href
const settings = {
  schemas: { [schema]: ['/srv/tsalt/**/*.sls', '/srv/tsalt/**/*.yaml'] },
  completion: true,
  hover: true,
  validate: true,
  schemaStore: { enable: false },
}

describe.each([
  [
    'yaml-language-server',
    [join(project, 'node_modules/yaml-language-server/bin/yaml-language-server'), '--stdio'],
  ],
  ['sls-language-server', [join(project, 'docs/editor/sls-language-server.mjs')]],
])('%s', (name, argv) => {
  let editor: LanguageClient
  let number = 0
  const fresh = (ending: string): string => `file:///srv/tsalt/${++number}.${ending}`

  const labels = async (text: string, ending = 'sls'): Promise<string[]> =>
    (await editor.complete(fresh(ending), text)).map(({ label }) => label)
  beforeAll(async () => {
    editor = await LanguageClient.start(argv, settings)
    // The schema is read once the server has asked for its settings.
    while ((await labels('a:\n  |\n')).length === 0) await new Promise((resolve) => setTimeout(resolve, 100))
  })
  afterAll(() => editor?.stop())

  const mistakes = async (text: string, ending = 'sls'): Promise<string[]> => {
    const uri = fresh(ending)
    editor.open(uri, text)
    return (await editor.diagnostics(uri)).map(({ message, range }) => `${range.start.line}: ${message}`)
  }

  test.each(['sls', 'yaml'])('completes functions and arguments in *.%s', async (ending) => {
    expect(await labels('/etc/motd:\n  file.|\n', ending)).toEqual(
      expect.arrayContaining(['file.managed', 'service.running', 'pkg.installed']),
    )
    const args = await labels('/etc/motd:\n  file.managed:\n    - |\n', ending)
    expect(args.join(' ')).toMatch(/\bcontents\b.*\bsource\b|\bsource\b.*\bcontents\b/)
    expect(args.join(' ')).toMatch(/\brequire\b/)
    expect(args.join(' ')).not.toMatch(/\brunlevel\b/)
  })

  test('knows the states of orchestrations', async () => {
    expect(await labels('deploy:\n  salt.|\n')).toEqual(
      expect.arrayContaining(['salt.state', 'salt.function', 'salt.parallel_runners']),
    )
    expect((await labels('deploy:\n  salt.state:\n    - |\n')).join(' ')).toMatch(/\btgt_type\b/)
    expect(await mistakes('deploy:\n  salt.state:\n    - tgt: web*\n    - slss: nginx\n')).toEqual([
      expect.stringMatching(/^3: .*slss/),
    ])
    expect(
      await mistakes(
        'deploy:\n  salt.state: [tgt: web*, sls: [a, b], batch: 10%, require: [{salt: x}]]\nx:\n  salt.runner: [name: jobs.active]\n',
      ),
    ).toEqual([])
  })

  test('completes values that are words of a few', async () => {
    expect(await labels('/a:\n  file.managed:\n    - encoding_errors: |\n')).toEqual(
      expect.arrayContaining(['strict', 'ignore']),
    )
  })

  test('explains functions and arguments', async () => {
    expect(await editor.hover(fresh('sls'), 'a:\n  service.run|ning:\n    - enable: True\n')).toContain(
      'Makes sure that a service runs.',
    )
    expect(await editor.hover(fresh('sls'), 'a:\n  service.running:\n    - en|able: True\n')).toContain(
      'start with the machine',
    )
  })

  test('marks a misspelt argument and a wrong type in their lines, and nothing in a right file', async () => {
    expect(await mistakes('a:\n  service.running:\n    - enabel: True\n')).toEqual([
      expect.stringMatching(/^2: .*enabel/),
    ])
    expect(await mistakes('/a:\n  file.managed:\n    - makedirs: perhaps\n')).toEqual([
      expect.stringMatching(/^2: Incorrect type/),
    ])
    expect(
      await mistakes(
        'include: [b]\n/a:\n  file.managed:\n    - contents: x\n    - require: [{pkg: x}]\n  cmd.run: [name: ls]\nb: test.nop\n',
      ),
    ).toEqual([])
  })

  test.runIf(name === 'sls-language-server')('the shipped example has no mistake', async () => {
    const text = readFileSync(join(project, 'states/redis/init.yaml'), 'utf8')
    expect(await mistakes(text, 'yaml')).toEqual([])
  })

  test.runIf(name === 'sls-language-server')('templates do not come between', async () => {
    const text = `{%- from "map.jinja" import web with context %}
{% if grains.os_family == 'Debian' %}
web:
  pkg.installed:
    - name: {{ web.package }}
{% else %}
web:
  pkg.installed:
    - name: httpd
{% endif %}
{# a note: with a colon #}
{% for name in web.sites %}
/etc/nginx/{{ name }}.conf:
  file.managed:
    - source: salt://nginx/{{ name }}
    - makedirs: {{ web.make }}
    - {{ web.more | yaml }}
    - modee: '0644'
{% endfor %}
`
    expect(await mistakes(text)).toEqual([expect.stringMatching(/^17: .*modee/)])
    const here = text.replace("- modee: '0644'", '- so|')
    expect((await labels(here)).join(' ')).toContain('source')
    expect(await editor.hover(fresh('sls'), text.replace('makedirs', 'make|dirs'))).toContain('Make missing')
    expect(
      await mistakes(
        '{{#each sites}}\n/srv/{{this}}:\n  file.directory:\n    - mood: 1\n{{/each}}\n',
        'yaml',
      ),
    ).toEqual([expect.stringMatching(/^3: .*mood/)])
  })

  test('is quick: a completion in 2,000 lines', async () => {
    const many = Array.from(
      { length: 400 },
      (_, n) =>
        `/etc/${n}:\n  file.managed:\n    - contents: x\n    - mode: '0644'\n    - require: [{pkg: a}]\n`,
    ).join('')
    await labels(`${many}/z:\n  file.managed:\n    - |\n`)
    const started = performance.now()
    await labels(`${many}/z:\n  file.managed:\n    - |\n`)
    expect(performance.now() - started).toBeLessThan(8_000)
  })
})
