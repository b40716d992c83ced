/** Low data in Salt's own form, as public trees were seen to have it. */
import { expect, test } from 'vitest'
import { toPlain } from '../../../../shared/data/value.ts'
import { compileFiles, plainSettings } from './memory-tree.ts'

async function lowOf(text: string): Promise<Record<string, unknown>[]> {
  const compiled = await compileFiles(
    { 'a.sls': text },
    { id: 'vm', grains: {}, pillar: {}, sls: ['a'], settings: plainSettings },
  )
  return compiled.low().map((chunk) => JSON.parse(JSON.stringify(toPlain(chunk))))
}

const watched = (low: Record<string, unknown>[], id: string, key = 'watch'): unknown =>
  low.find((chunk) => chunk['__id__'] === id)?.[key]

test('what is asked of a state stands at the target, and where it was written', async () => {
  const low = await lowOf(
    'a:\n  test.nop:\n    - watch_in: [{test: b}]\nb:\n  test.nop:\n    - watch: [{test: c}]\nc: test.nop\n',
  )
  expect(watched(low, 'a', 'watch_in')).toEqual([{ test: 'b' }])
  expect(watched(low, 'b')).toEqual([{ test: 'c' }, { test: 'a' }])
})

test('a name is found also where an ID of that name has another module', async () => {
  const low = await lowOf(
    'ntp:\n  pkg.installed: []\nconf:\n  file.managed:\n    - watch_in: [{service: ntp}]\nntpd:\n  service.running:\n    - name: ntp\n',
  )
  expect(watched(low, 'ntpd')).toEqual([{ file: 'conf' }])
})

test('a list of several asks again for the earlier ones', async () => {
  const low = await lowOf(
    'a:\n  test.nop:\n    - require_in: [{test: b}, {test: c}]\nb: test.nop\nc: test.nop\n',
  )
  expect(watched(low, 'b', 'require')).toEqual([{ test: 'a' }, { test: 'a' }])
  expect(watched(low, 'c', 'require')).toEqual([{ test: 'a' }])
})

test('an SLS begins the list of what is asked again anew', async () => {
  const low = await lowOf(
    'w:\n  test.nop:\n    - prereq_in: [{test: b}, {sls: a}, {test: c}]\nb: test.nop\nc: test.nop\n',
  )
  const [w, b, c] = [{ test: 'w' }, { test: 'b' }, { test: 'c' }]
  expect(watched(low, 'w', 'prerequired')).toEqual([b, w, b, c, w, b, c, c])
  expect(watched(low, 'b', 'prereq')).toEqual([w, w, w])
  expect(watched(low, 'c', 'prereq')).toEqual([w, w, w])
})

test('one state that asks thousands costs no more than what Salt makes of it', async () => {
  const count = 2000
  const each = (of: (index: number) => string): string =>
    Array.from({ length: count }, (_, i) => of(i)).join('')
  const compiled = await compileFiles(
    {
      'a.sls': `all:\n  test.nop:\n    - require_in:\n${each((i) => `      - s${i}\n`)}${each((i) => `s${i}: test.nop\n`)}`,
    },
    { id: 'vm', grains: {}, pillar: {}, sls: ['a'], settings: plainSettings },
  )
  const { user, system } = process.cpuUsage()
  const low = compiled.low()
  const used = process.cpuUsage({ user, system })
  expect(low.map((chunk) => (chunk.get('require') as unknown[] | undefined)?.length).slice(1)).toEqual(
    Array.from({ length: count }, (_, index) => count - index),
  )
  expect((used.user + used.system) / 1000).toBeLessThan(8_000)
})

test('prereq in both directions', async () => {
  const low = await lowOf(
    'a:\n  test.nop:\n    - prereq: [{test: b}]\nb: test.nop\nc:\n  test.nop:\n    - prereq_in: [{test: a}]\n',
  )
  expect(watched(low, 'b', 'prerequired')).toEqual([{ test: 'a' }])
  expect(watched(low, 'a', 'prereq')).toEqual([{ test: 'b' }, { test: 'c' }])
  expect(watched(low, 'c', 'prerequired')).toEqual([{ test: 'a' }])
})

test("Salt's own keys stay in low data, and away from the state", async () => {
  const text = 'a:\n  test.nop:\n    - __env__: [{LC_ALL: C.UTF-8}]\n'
  expect(watched(await lowOf(text), 'a', '__env__')).toEqual([{ LC_ALL: 'C.UTF-8' }])
  const compiled = await compileFiles(
    { 'a.sls': text },
    { id: 'vm', grains: {}, pillar: {}, sls: ['a'], settings: plainSettings },
  )
  expect(compiled.chunks[0]).toMatchObject({ environment: 'base', args: new Map() })
})

test('what is refused stands there as Salt has it: the last of two values, a call without a function', async () => {
  const low = await lowOf('a:\n  test.nop: [{x: 1}, {x: 2}]\nb:\n  test: [{x: 1}]\n')
  expect(watched(low, 'a', 'x')).toBe(2)
  expect(watched(low, 'b', 'fun')).toBe('__call__')
})

test('of two values that say the same the last counts, and it is no mistake', async () => {
  const text = 'a:\n  test.nop: [{enabled: true}, {enabled: 1}]\n'
  expect(watched(await lowOf(text), 'a', 'enabled')).toBe(1)
  const compiled = await compileFiles(
    { 'a.sls': text },
    { id: 'vm', grains: {}, pillar: {}, sls: ['a'], settings: plainSettings },
  )
  expect(compiled.errors).toEqual([])
  expect(compiled.chunks[0]?.args.get('enabled')).toBe(1)
})
