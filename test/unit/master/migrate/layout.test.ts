/** Roots are found in trees as people lay them out. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { findLayout } from '../../../../master/migrate/layout.ts'

let folder = ''
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function layoutOf(...files: string[]): { states: unknown; pillars: unknown } {
  folder = mkdtempSync(join(tmpdir(), 'layout-'))
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), '')
  }
  const { states, pillars } = findLayout([folder])
  return JSON.parse(JSON.stringify({ states, pillars }).replaceAll(folder, '.'))
}

test.each([
  [
    'top files tell',
    ['salt/top.sls', 'salt/a.sls', 'pillar/top.sls', 'pillar/a.sls'],
    ['./salt'],
    ['./pillar'],
  ],
  ['a tree without top files', ['states/a.sls', 'states/b.sls', 'pillar/a.sls'], ['./states'], ['./pillar']],
  ['the folder itself', ['top.sls', 'web/init.sls'], ['.'], undefined],
  ['a role called salt', ['salt/init.sls', 'web/init.sls', 'db/init.sls', 'mail/init.sls'], ['.'], undefined],
  ['a formula, its tests left out', ['FORMULA', 'web/init.sls', 'test/salt/top.sls'], ['.'], undefined],
  [
    'formulas beside the tree',
    ['salt/top.sls', 'formulas/a-formula/a/init.sls'],
    ['./salt', './formulas/a-formula'],
    undefined,
  ],
])('%s', (_, files, states, pillars) => {
  const found = layoutOf(...files)
  expect(found).toEqual({ states: { base: states }, pillars: pillars === undefined ? {} : { base: pillars } })
})

test('base and others beside it are environments', () => {
  expect(layoutOf('states/base/top.sls', 'states/dev/top.sls').states).toEqual({
    base: ['./states/base'],
    dev: ['./states/dev'],
  })
})
