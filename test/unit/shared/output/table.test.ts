/** `--out=table` and `--out=pprint` as they stand on a screen. */
import { expect, test } from 'vitest'
import { type Plain, toValue } from '../../../../shared/data/value.ts'
import { formatHost, type OutputName } from '../../../../shared/output/format.ts'

function shown(out: OutputName, ret: Plain): string[] {
  const host = { id: 'web1', ret: toValue(ret), retcode: 0, format: 'nested' as const }
  const settings = { out, stateForm: 'short' as const, stateVerbose: true, color: false, unicode: true }
  return formatHost(host, settings).split('\n')
}

test('mappings of one shape are rows', () => {
  expect(shown('table', { eth0: { up: true, mtu: 1500 }, lo: { up: true, note: 'a\nb\u001b[31m' } })).toEqual(
    [
      'web1:',
      '    -------------------------------------',
      '    |      | up   | mtu  | note         |',
      '    -------------------------------------',
      '    | eth0 | True | 1500 |              |',
      '    | lo   | True |      | a\\nb\\x1b[31m |',
      '    -------------------------------------',
      '',
    ],
  )
})

test('a list of mappings, of lists, and a flat mapping', () => {
  expect(shown('table', [{ a: 1 }, { a: 2 }]).slice(1, -1)).toEqual([
    '    -----',
    '    | a |',
    '    -----',
    '    | 1 |',
    '    | 2 |',
    '    -----',
  ])
  expect(shown('table', [['x', 1], ['y']]).slice(2, 4)).toEqual(['    | x | 1 |', '    | y |   |'])
  expect(shown('table', { b: [1, 'q'], a: 'ü' }).slice(2, 4)).toEqual([
    '    | a | ü        |',
    "    | b | [1, 'q'] |",
  ])
})

test('what has no rows is nested', () => {
  expect(shown('table', true)).toEqual(['web1:', '    True', ''])
  expect(shown('table', {})).toEqual(['web1:', '    ----------', ''])
})

test('pprint is what Python prints', () => {
  expect(shown('pprint', { b: [1, null], a: 'x' })).toEqual(["{'web1': {'a': 'x', 'b': [1, None]}}", ''])
  const wide = shown(
    'pprint',
    Array.from({ length: 3 }, (_, at) => `${at}`.repeat(30)),
  )
  expect(wide).toEqual([
    `{'web1': ['${'0'.repeat(30)}',`,
    `          '${'1'.repeat(30)}',`,
    `          '${'2'.repeat(30)}']}`,
    '',
  ])
})
