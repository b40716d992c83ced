import { expect, it } from 'vitest'
import { parseMinionId } from '../../../../shared/ids.ts'
import { parseTarget } from '../../../../shared/targeting/expression.ts'
import { matchesTarget } from '../../../../shared/targeting/match.ts'

const candidate = { id: parseMinionId('web1'), grains: () => new Map([['os', 'Debian']]) }

it.each([
  ['glob', 'web*', true],
  ['glob', 'db*', false],
  ['list', 'db1, WEB1,', true],
  ['list', 'db1', false],
  ['grain', 'os:Debian', true],
  ['grain', 'os:Arch', false],
] as const)('%s %s', (kind, expression, expected) => {
  expect(matchesTarget(parseTarget({ kind, expression }), candidate)).toBe(expected)
})

it('keeps the order of a list and counts repetitions once', () => {
  expect(parseTarget({ kind: 'list', expression: 'b,a,b' })).toEqual({ kind: 'list', ids: ['b', 'a'] })
})

it.each([
  ['glob', ''],
  ['glob', '  '],
  ['list', ',,'],
  ['list', 'web1,../etc'],
  ['list', 'web*'],
  ['grain', 'os'],
] as const)('refuses %s %j', (kind, expression) => {
  expect(() => parseTarget({ kind, expression })).toThrow(expect.objectContaining({ code: 'target-invalid' }))
})
