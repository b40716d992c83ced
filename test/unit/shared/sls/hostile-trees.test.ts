/** Trees that are big, deep or all wrong: every mistake is told, in time and size that grow no faster than the tree. */
import { expect, it } from 'vitest'
import { describeMistakes } from '../../../../shared/sls/describe-mistakes.ts'
import { compileFiles } from './memory-tree.ts'

const many = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => of(index)).join('\n')

it('a chain of 2,000 includes, each with an extension', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 2_000 }, (_, index) => [
      index === 0 ? 'a.sls' : `s${index}.sls`,
      `include: [s${index + 1}]\nextend: {t: {test: [{require: [{test: x${index}}]}, {v: ${index}}]}}\nx${index}: test.nop`,
    ]),
  )
  const { chunks, errors } = await compileFiles({ ...files, 's2000.sls': 't: test.nop' }, { sls: ['a'] })
  expect([chunks.length, errors.length]).toEqual([2_001, 0])
  const target = chunks.find(({ id }) => id === 't')
  // What is included last speaks last.
  expect([target?.args.get('v'), target?.requisites.length]).toEqual([1_999, 2_000])
})

it('1,000 conflicting IDs are 1,000 mistakes, of which a hundred are shown', async () => {
  const ids = many(1_000, (index) => `x${index}: test.nop`)
  const { errors } = await compileFiles({ 'a.sls': `include: [b]\n${ids}`, 'b.sls': ids }, { sls: ['a'] })
  expect(errors.map(({ code }) => code)).toEqual(Array(1_000).fill('sls-id-duplicate'))
  expect(errors.map(({ place }) => place?.line)).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 1))
  const shown = describeMistakes(errors)
  expect([shown.length, shown.at(-1)]).toEqual([101, '900 more mistakes are not shown.'])
})

it('2,000 misspelt extensions and requisites are told without looking through all names for each', async () => {
  const text = [
    many(2_000, (index) => `state_number_${index}: {test.nop: [{require: [{test: state_nubmer_${index}}]}]}`),
    'extend:',
    many(2_000, (index) => `  state_nubmer_${index}: {test: [{x: 1}]}`),
  ].join('\n')
  const started = performance.now()
  const { errors } = await compileFiles({ 'a.sls': text }, { sls: ['a'] })
  expect(errors.length).toBe(4_000)
  expect(errors[0]?.hint).toContain('Did you mean "state_number_')
  // About a second alone; a minute where every name is compared with every other.
  expect(performance.now() - started).toBeLessThan(20_000)
})

it('a cycle of 5,000 states is told in a few lines', async () => {
  const text = many(5_000, (index) => `x${index}: {test.nop: [{require: [{test: x${(index + 1) % 5_000}}]}]}`)
  const { errors } = await compileFiles({ 'a.sls': text }, { sls: ['a'] })
  expect(errors.map(({ code }) => code)).toEqual(['requisite-cycle'])
  expect(errors[0]?.message).toContain('test: x0 → test: x1 → ')
  expect(errors[0]?.message).toContain(' → … 4989 more … → test: x4999 → test: x0')
  expect(describeMistakes(errors).join('').length).toBeLessThan(3_000)
})

it('an include that matches every SLS, in every SLS, ends', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [`s${index}.sls`, `include: ['s*']\nx${index}: test.nop`]),
  )
  const { chunks, errors } = await compileFiles(files, { sls: ['s0'] })
  expect([chunks.length, errors.length]).toEqual([200, 0])
})
