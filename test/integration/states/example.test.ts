/** The shipped trees compile for every machine that they are for, and a machine knows the secrets of its own role alone. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { programs } from '../stage/daemon.ts'

const root = mkdtempSync(join(tmpdir(), 'tsalt-example-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** What `tsalt-call` of a machine of this id and role answers. */
function call(id: string, role: readonly string[], fun: string): unknown {
  const folder = join(root, id)
  mkdirSync(join(folder, 'etc/tsalt'), { recursive: true })
  const level = id.split('.')[1] ?? ''
  writeFileSync(
    join(folder, 'etc/tsalt/minion'),
    `id: ${id}\ngrains: ${JSON.stringify({ level, ...(role.length > 0 ? { role } : {}) })}\n`,
  )
  const project = join(programs, '..')
  const trees = ['--file-root', join(project, 'states'), '--pillar-root', join(project, 'pillars')]
  const words = ['--local', '--root-dir', folder, ...trees, '--out=json', fun]
  const { stdout, stderr } = spawnSync(process.execPath, [join(programs, 'tsalt-call.cjs'), ...words], {
    encoding: 'utf8',
  })
  try {
    return JSON.parse(stdout).local
  } catch {
    throw new Error(`${fun} of ${id}: ${stdout}\n${stderr}`)
  }
}

interface Chunk {
  readonly __sls__: string
}
const slsOf = (low: unknown): string[] => [...new Set((low as Chunk[]).map((chunk) => chunk.__sls__))].sort()

const machines: readonly [string, readonly string[], readonly string[]][] = [
  ['web1', [], ['welcome']],
  ['app1', ['app'], ['app', 'common', 'nginx', 'postgresql', 'redis', 'welcome']],
  ['docs1', ['docs'], ['apache', 'common', 'docs', 'mariadb', 'memcached', 'welcome']],
  [
    'social1',
    ['social'],
    ['common', 'nginx', 'postgresql', 'redis', 'social', 'social.kernel', 'social.pool', 'welcome'],
  ],
  ['node1', ['monitor'], ['common', 'monitor', 'monitor.firewall', 'welcome']],
]

describe.each(['production', 'staging'])('at the level %s', (level) => {
  test.each(machines)('%s with the roles %j', (name, role, expected) => {
    expect(slsOf(call(`${name}.${level}`, role, 'state.show_lowstate'))).toEqual(expected)
  })

  test('each role goes with the monitoring agent', () => {
    for (const [name, role, expected] of machines) {
      const both = slsOf(call(`${name}.${level}`, [...role, 'monitor'], 'state.show_lowstate'))
      expect(both).toEqual([...new Set([...expected, 'common', 'monitor', 'monitor.firewall'])].sort())
    }
  })
})

test('secrets follow the id, whatever role a machine says it has', () => {
  const everything = ['app', 'docs', 'social', 'monitor']
  const known = (id: string): string[] =>
    JSON.stringify(call(id, everything, 'pillar.items')).match(
      /[0-9a-z]+(?:-[a-z]+)*-(?:production|staging)/g,
    ) ?? []
  expect(known('web1.production')).toEqual(['kea-umbra-violet-production'])
  expect(known('docs1.staging').sort()).toEqual(['kea-umbra-violet-staging', 'oriole-sepia-basalt-staging'])
  expect(known('social1.production').sort()).toEqual([
    '90d1c7be42f84e0b9a63-production',
    'heron-indigo-marble-production',
    'kea-umbra-violet-production',
  ])
})
