/** What the state.show_* functions answer, in Salt's shapes. */
import { describe, expect, it } from 'vitest'
import { showCompiled } from '../../../../minion/run/show.ts'
import { toPlain, type Value } from '../../../../shared/data/value.ts'
import { onlyId } from '../../../../shared/sls/only-id.ts'
import { compileFiles, memoryTree } from '../../shared/sls/memory-tree.ts'

const files = {
  base: {
    'top.sls': "base: {'*': [a, {dev: d}]}",
    'a.sls': 'include: [b]\nx: {test.nop: [{require: [y]}, {listen: [{test: z}]}, {foo: 1}]}\n',
    'b.sls': 'y: test.nop\nz: {test.nop: [{onchanges: [{test: y}]}]}\n',
    'unused.sls': 'u: test.nop',
    'only_includes.sls': 'include: [b]',
  },
  dev: { 'd.sls': 'extend: {y: {test: [{bar: 2}]}}\nexclude: [{id: e}]\ne: test.nop\nd: test.nop' },
}
const tree = memoryTree(files)
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(toPlain(value as Value)))

describe('shows', () => {
  it('the top file', async () => {
    const compiled = await compileFiles(files)
    expect(plain(showCompiled('top', compiled, tree))).toEqual({ base: ['a'], dev: ['d'] })
  })

  it('high data as it is written, with extends and excludes', async () => {
    const compiled = await compileFiles(files)
    const shown = plain(showCompiled('high', compiled, tree)) as Record<string, unknown>
    expect(Object.keys(shown)).toEqual(['x', 'y', 'z', 'e', 'd', '__extend__', '__exclude__'])
    expect(shown.x).toEqual({
      test: [{ require: ['y'] }, { listen: [{ test: 'z' }] }, { foo: 1 }, 'nop', { order: 10002 }],
      __sls__: 'a',
      __env__: 'base',
    })
    expect(shown.__extend__).toEqual([{ y: { test: [{ bar: 2 }], __sls__: 'd', __env__: 'dev' } }])
    expect(shown.__exclude__).toEqual([{ id: 'e' }])
  })

  it('low data in order', async () => {
    const compiled = await compileFiles(files)
    const shown = plain(showCompiled('low', compiled, tree)) as Record<string, unknown>[]
    expect(shown.map(({ __id__ }) => __id__)).toEqual(['y', 'z', 'x', 'd'])
    expect(shown[0]).toEqual({
      state: 'test',
      name: 'y',
      __sls__: 'b',
      __env__: 'base',
      __id__: 'y',
      bar: 2,
      order: 10000,
      fun: 'nop',
    })
  })

  it('the SLS of the run, and which of the trees are used', async () => {
    const compiled = await compileFiles(files)
    expect(showCompiled('states', compiled, tree)).toEqual(['b', 'a', 'd'])
    expect(plain(showCompiled('usage', compiled, tree))).toEqual({
      base: {
        used: ['a', 'b'],
        unused: ['only_includes', 'top', 'unused'],
        count_all: 5,
        count_used: 2,
        count_unused: 3,
      },
      dev: { used: ['d'], unused: [], count_all: 1, count_used: 1, count_unused: 0 },
    })
  })
})

describe('one ID', () => {
  it('is called with what it requires, but not with what it listens to', async () => {
    const { chunks } = await compileFiles(files)
    const kept = onlyId(chunks, 'x')
    expect(kept.map(({ id }) => id)).toEqual(['y', 'x'])
    expect(kept[1]?.requisites.map(({ kind, targets }) => `${kind} ${targets}`)).toEqual(['require 0'])
    expect(onlyId(chunks, 'z').map(({ id }) => id)).toEqual(['y', 'z'])
    expect(onlyId(chunks, 'nothing')).toEqual([])
  })
})

describe('a whitelist', () => {
  it('keeps of what the top file gives only its SLS, with what they include', async () => {
    const kept = await compileFiles(files, { whitelist: ['a', 'b'] })
    expect(kept.chunks.map(({ id }) => id)).toEqual(['y', 'z', 'x'])
    const none = await compileFiles(files, { whitelist: ['b'] })
    expect(none.errors.map(({ code, hint }) => `${code}: ${hint}`)).toEqual([
      'top-no-match: The whitelist (b) has none of: a, d.',
    ])
  })
})
