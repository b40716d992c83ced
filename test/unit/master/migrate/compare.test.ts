/** Salt's low data beside ours: a tree compiled here, and a minion asked through its master. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareLow } from '../../../../master/migrate/compare-low.ts'
import { type Dict, isDict, type Plain, toValue } from '../../../../shared/data/value.ts'
import { migrated } from './migrated.ts'

let folder = ''
let low = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'compare-'))
  low = join(folder, 'low.json')
  mkdirSync(join(folder, 'salt'))
  writeFileSync(join(folder, 'salt/top.sls'), "base:\n  '*': [web]\n")
  writeFileSync(
    join(folder, 'salt/web.sls'),
    'a:\n  file.managed: [name: /srv/a, mode: 0644, context: {n: 1.0}]\nb:\n  test.nop:\n    - require: [file: a]\n',
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const common = { __sls__: 'web', __env__: 'base' }
const ofSalt = [
  {
    state: 'file',
    fun: 'managed',
    name: '/srv/a',
    mode: 644,
    context: { n: 1.0 },
    __id__: 'a',
    order: 10000,
    ...common,
  },
  { state: 'test', fun: 'nop', name: 'b', require: [{ file: 'a' }], __id__: 'b', order: 10001, ...common },
]
/** JSON as Python writes it: floats keep their point. */
const python = (value: unknown): string => JSON.stringify(value).replace('"n":1', '"n":1.0')

const compare = (...words: string[]) =>
  migrated('compare', ...words, low, '--local-tree', join(folder, 'salt'))

test('the same low data is equal, whoever of salt-call and salt wrote it', async () => {
  for (const id of ['local', 'web1.example.org']) {
    writeFileSync(low, python({ [id]: ofSalt }))
    const { code, out } = await compare()
    expect(out).toContain('2 of 2 states are equal, in the same order')
    expect(code).toBe(0)
  }
})

test('the first difference of each state is shown with both values', async () => {
  const [first, second] = ofSalt
  writeFileSync(
    low,
    python({ web1: [{ ...first, mode: 600 }, second, { ...second, __id__: 'c', name: 'c' }] }),
  )
  const { code, out } = await compare()
  expect(out).toMatch(/file\.managed \/srv\/a \(ID a\) {2}in web\n +mode\n +Salt: {2}600\n +tsalt: 644/)
  expect(out).toContain('1 are in Salt alone\n  test.nop c  in web')
  expect(code).toBe(1)
  const data = JSON.parse((await compare('--out', 'json')).out)
  expect(data).toMatchObject({
    salt: 3,
    tsalt: 2,
    equal: 1,
    different: [{ path: 'mode', salt: 600, tsalt: 644 }],
  })
})

test('another order is told where it begins', async () => {
  writeFileSync(low, python({ web1: [...ofSalt].reverse() }))
  const { code, out } = await compare()
  expect(out).toContain('2 of 2 states are equal, in another order')
  expect(out).toContain('Salt:  test.nop b\n  tsalt: file.managed /srv/a (ID a)')
  expect(code).toBe(1)
})

test('what is no low data is refused, with what it is', async () => {
  writeFileSync(low, JSON.stringify({ web1: ["Rendering SLS 'base:web' failed"] }))
  const { code, err } = await compare()
  expect(err).toContain("errors of Salt: Rendering SLS 'base:web' failed")
  expect(code).toBe(64)
})

test('secrets that the minion hides are counted, not compared', () => {
  const chunk = (password: Plain): Dict[] => {
    const made = toValue([{ state: 'test', fun: 'nop', name: 'a', __id__: 'a', password }])
    return Array.isArray(made) ? made.filter(isDict) : []
  }
  expect(compareLow(chunk('s3cret'), chunk('**********'))).toMatchObject({ equal: 1, hidden: 1 })
})
