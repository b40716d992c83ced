/** `--out=profile` and `--out=key` as they stand on a screen. */
import { expect, test } from 'vitest'
import { type Plain, PyFloat, toValue } from '../../../../shared/data/value.ts'
import {
  formatHost,
  formatValue,
  type OutputName,
  type OutputSettings,
} from '../../../../shared/output/format.ts'

const settings = (out: OutputName): OutputSettings => ({
  out,
  stateForm: 'short',
  stateVerbose: true,
  color: false,
  unicode: true,
})

const shown = (out: OutputName, ret: Plain): string[] =>
  formatHost({ id: 'web1', ret: toValue(ret), retcode: 0, format: 'highstate' }, settings(out)).split('\n')

const state = (name: string, duration?: number): Plain => ({
  name,
  result: true,
  changes: {},
  comment: '',
  ...(duration === undefined ? {} : { duration: new PyFloat(duration) as unknown as Plain }),
})

test('profile: what each state took, the longest last; -1 where nobody took the time', () => {
  const ret = {
    'file_|-a_|-/etc/a\nb_|-managed': state('/etc/a\nb', 63.145),
    'pkg_|-b_|-nginx_|-installed': state('nginx'),
    'test_|-c_|-long_|-nop': state('x'.repeat(70), 1.5),
  }
  expect(shown('profile', ret)).toEqual([
    'web1:',
    `    ${'name'.padEnd(60)}  mod.fun        duration (ms)`,
    `    ${'-'.repeat(60 + 2 + 13 + 2 + 13)}`,
    `    ${'nginx'.padEnd(60)}  pkg.installed        -1.0000`,
    `    ${'x'.repeat(57)}...  test.nop              1.5000`,
    `    ${'/etc/a\\nb'.padEnd(60)}  file.managed         63.1450`,
    '',
  ])
})

test('profile: what is no state run is nested', () => {
  expect(shown('profile', { a: 1 })).toEqual(['web1:', '    ----------', '    a:', '        1', ''])
})

test('key: lists of keys and fingerprints under their titles', () => {
  const lists = { minions: ['web1', 'web2'], minions_pre: [], local: { 'master.pub': 'ab:cd' } }
  expect(formatValue(toValue(lists), settings('key')).split('\n')).toEqual([
    'Accepted Keys:',
    'web1',
    'web2',
    'Unaccepted Keys:',
    'Local Keys:',
    'master.pub:  ab:cd',
    '',
  ])
  expect(shown('key', lists).slice(0, 3)).toEqual(['web1:', 'Accepted Keys:', 'web1'])
})

test('key: what is no list of keys is nested, also of a host that is called as one', () => {
  expect(shown('key', true)).toEqual(['web1:', '    True', ''])
  const host = { id: 'minions', ret: toValue(['a']), retcode: 0, format: 'nested' as const }
  expect(formatHost(host, settings('key'))).toBe('minions:\n    - a\n')
})
