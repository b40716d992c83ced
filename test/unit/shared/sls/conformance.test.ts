/** What real Salt answered for the trees beside this repository: order, names and kinds of errors must be the same. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileFiles, dict, readFolder, runOrder } from './memory-tree.ts'

const folder = join(import.meta.dirname, '../../../../../shared/conformance')

interface Expected {
  sls: string
  test: boolean
  errors?: string[]
  states?: { fun: string; id: string; name: string }[]
}

/** Where tsalt refuses on purpose what Salt lets fail in the middle of a run, with the code that it gives. */
const stricter: Readonly<Record<string, readonly string[]>> = {
  // A missing target of require is known before the first change.
  t5a: ['requisite-missing'],
  // As above: the target was excluded.
  t5c: ['requisite-missing'],
  // A cycle is known before the first change.
  t5e: ['requisite-cycle'],
}

/** The same mistakes in our words. */
const sameMistake: Readonly<Record<string, readonly string[]>> = {
  d1: ['sls-id-duplicate'],
  d3: ['yaml-duplicate-key'],
  t5b: ['requisite-missing'],
  t5d: ['extend-missing'],
  u3: ['jinja-undefined'],
  u4: ['yaml-syntax'],
  u5: ['jinja-undefined'],
  u6: ['requisite-dotted'],
  u8: ['sls-module-twice'],
}

/**
 * w1: `watch: sls: 'w1*'` of a state in w1, and a require of an SLS that only includes: both fail in Salt 3006 while
 * running, both work here, and so do sls references of listen. t1: Salt moves the dotted `cmd.run:` behind `test:`;
 * we keep what is written. dir.*: tplfile of what is imported with "./" is its path, not the text of the import.
 */
const differentOrder: Readonly<Record<string, readonly string[]>> = {
  'dir.sub': [
    'test.configurable_test_state vm/one/hi/lib.jinja/dir.sub | vm/one/hi/dir/sub/lib.jinja/dir.sub',
  ],
  'dir.other': [
    'test.configurable_test_state vm/one/hi/lib.jinja/dir.other | vm/one/hi/dir/lib.jinja/dir.other',
  ],
  t1: [
    'test.nop first',
    'test.nop one',
    'test.nop inc1_a',
    'cmd.run true',
    'test.nop z_first_defined',
    'cmd.run true',
    'test.nop mixed',
    'test.nop zz',
    'test.nop aa',
    'test.nop mm',
    'test.nop a_last_defined',
    'test.nop pulled',
    'test.nop pulls',
    'test.nop between',
    'test.nop neg',
    'test.nop inc1_last',
  ],
}

describe.skipIf(!existsSync(folder))('as Salt 3006 (skipped without ../shared/conformance)', () => {
  const files = existsSync(folder) ? readFolder(join(folder, 'srv')) : {}
  const cases = existsSync(folder)
    ? (JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as { cases: Expected[] }).cases
    : []
  for (const { sls, errors, states } of cases.filter(({ test }) => !test)) {
    it(`${sls}: ${errors ? 'is refused' : 'has its order'}`, async () => {
      const compiled = await compileFiles(files, {
        sls: [sls],
        pillar: dict({ top: 'one' }),
        grains: { id: 'vm' },
      })
      const codes = compiled.errors.map(({ code }) => code)
      if (errors) return expect(codes).toEqual(sameMistake[sls])
      if (stricter[sls]) return expect(codes).toEqual(stricter[sls])
      expect(codes).toEqual([])
      const ours = runOrder(compiled.chunks).map(({ state, fun, name }) => `${state}.${fun} ${name}`)
      const theirs = (states ?? [])
        .filter(({ id, fun }) => !id.startsWith('listen') && !fun.startsWith('Listen'))
        .map(({ fun, name }) => `${fun} ${name}`)
      expect(ours.slice(0, theirs.length)).toEqual(differentOrder[sls] ?? theirs)
    })
  }
})
