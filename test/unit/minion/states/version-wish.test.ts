import { expect, test } from 'vitest'
import { chooseVersion, isSatisfied, parseVersionWish } from '../../../../minion/states/pkg/version-wish.ts'
import { FakePackages } from '../../../fake-machine/fake-packages.ts'

const packages = new FakePackages({})

test.each([
  ['1.2', '1.2', true],
  ['1.2', '1.2-1', false],
  ['1.2*', '1.2-1', true],
  ['>=1.2', '1.10', true],
  ['>=1.2,<2', '2.0', false],
  ['>=1.2, <2', '1.9', true],
  ['!=1.3', '1.3', false],
  ['= 1.2', '1.2', true],
  ['<1:0', '9', true],
  ['~1', '1', false],
])('%s takes %s: %s', async (wish, version, expected) => {
  expect(await isSatisfied(version, parseVersionWish(wish), undefined, packages)).toBe(expected)
})

test('an epoch counts, or does not', async () => {
  expect(await isSatisfied('2:1.2', parseVersionWish('1.2'), undefined, packages)).toBe(false)
  expect(await isSatisfied('2:1.2', parseVersionWish('1.2', true), undefined, packages)).toBe(true)
  expect(await isSatisfied('2:1.2', parseVersionWish('>1.1', true), undefined, packages)).toBe(true)
})

test('the newest that fits is chosen', async () => {
  const offered = { candidate: '2.0', versions: ['2.0', '1.10', '1.9'] }
  expect(await chooseVersion(parseVersionWish('<2'), offered, packages)).toBe('1.10')
  expect(await chooseVersion(parseVersionWish(undefined), offered, packages)).toBe('2.0')
  expect(await chooseVersion(parseVersionWish('3'), offered, packages)).toBeUndefined()
})
