/** A small Salt tree with one of everything that `tsalt migrate check` tells its owner. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Migrated, migrated } from './migrated.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'migrate-'))
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tree = {
  'salt/top.sls': "base:\n  '*':\n    - web\n",
  'salt/web/init.sls': `{%- set greeting = pillar['greeting'] %}
web:
  file.managed:
    - name: /srv/{{ greeting }}
    - contnts: x
  zfs.filesystem_present:
    - name: tank
`,
  'salt/web/order.sls': 'both:\n  cmd.run:\n    - name: a\n  test: [nop]\n',
  'salt/web/alone.sls': 'alone:\n  test.nop:\n    - require:\n      - file: web\n',
  'salt/web/asks.sls': `{%- if salt['cmd.run']('uname') == 'Linux' %}
yes: test.nop
{%- endif %}
{{ salt.site.own() }}
`,
  'salt/web/filter.sls': '{{ "x" | no_such_filter }}\n',
  'salt/web/data.sls': "x:\n  test.nop:\n    - name: {{ pillar['missing']['key'] }}\n",
  'salt/web/program.sls': '#!py\ndef run():\n  return {}\n',
  'salt/web/broken.sls': 'x: [\n',
  'salt/_modules/site.py': 'def own(): pass\n',
  'pillar/top.sls': "base:\n  'role:web':\n    - match: grain\n    - web\n  '*':\n    - web\n",
  'pillar/web.sls': 'greeting: hello\n',
}

const check = (...words: string[]): Promise<Migrated> => migrated('check', ...words, folder)

test('every finding has its group, file and line', async () => {
  const { code, out } = await check('--out', 'json')
  const data = JSON.parse(out)
  const found = data.findings.map((one: Record<string, unknown>) =>
    [one.group, one.subject, String(one.file).slice(folder.length + 1), one.line].join(' '),
  )
  expect(found.sort()).toEqual([
    'argument file.managed contnts salt/web/init.sls 5',
    'compile jinja-syntax salt/web/filter.sls 1',
    'compile yaml-syntax salt/web/broken.sls 1',
    'data jinja-undefined salt/web/data.sls 3',
    'different order within one ID salt/web/order.sls 2',
    'different pillars chosen by grains pillar/top.sls 2',
    'filter filter no_such_filter salt/web/filter.sls 1',
    'function site.own salt/web/asks.sls 4',
    'machine cmd.run salt/web/asks.sls 1',
    'python _modules salt/_modules/site.py 1',
    'renderer #!py salt/web/program.sls 1',
    'state zfs.filesystem_present salt/web/init.sls 6',
    'together requisite-missing salt/web/alone.sls 4',
    'untold sls-invalid salt/web/asks.sls 1',
  ])
  const statuses = Object.fromEntries(data.sls.map((one: Record<string, string>) => [one.sls, one.status]))
  expect(statuses).toEqual({
    web: 'compiles',
    'web.alone': 'together',
    'web.asks': 'machine',
    'web.broken': 'fails',
    'web.data': 'data',
    'web.filter': 'fails',
    'web.order': 'compiles',
    'web.program': 'program',
  })
  expect(data.highstate).toEqual({ sls: 1, errors: 0 })
  expect(code).toBe(1)
})

test('people read counts, places and what to do', async () => {
  const { out } = await check()
  expect(out).toContain('2 of 8 SLS files compile (25 %)')
  expect(out).toContain('Did you mean "contents"?')
  expect(out).toMatch(/zfs\.filesystem_present +1 +\S*salt\/web\/init\.sls:6/)
  expect(out).toContain('It is in web.')
})

test('a tree in which nothing is to be mended ends with 0', async () => {
  const small = join(folder, 'small')
  mkdirSync(small)
  writeFileSync(join(small, 'a.sls'), 'a: test.nop\n')
  const { code, out } = await migrated('check', small)
  expect(out).toContain('1 of 1 SLS files compile (100 %)')
  expect(code).toBe(0)
  rmSync(small, { recursive: true })
})

test('a folder that is not there is a usage error', async () => {
  const { code, err } = await migrated('check', join(folder, 'none'))
  expect(err).toContain('There is no folder')
  expect(code).toBe(64)
})

test('pillar and grains are taken as Salt prints them, and a pillar with one key stays whole', async () => {
  const pillar = join(folder, 'pillar.json')
  const grains = join(folder, 'grains.json')
  writeFileSync(grains, JSON.stringify({ local: { id: 'web1', os: 'Debian', os_family: 'Debian' } }))
  for (const around of [
    { missing: { key: 'x' } },
    { local: { missing: { key: 'x' } } },
    { web1: { missing: { key: 'x' } } },
  ]) {
    writeFileSync(pillar, JSON.stringify(around))
    const { out } = await check('--out', 'json', '--pillar', pillar, '--grains', grains)
    const data = JSON.parse(out)
    expect(data.id).toBe('web1')
    expect(data.sls.find(({ sls }: { sls: string }) => sls === 'web.data').status).toBe('compiles')
  }
})
