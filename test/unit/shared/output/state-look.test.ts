/** Options of the configuration about Salt's forms of state results: times, shares, columns. */
import { expect, test } from 'vitest'
import { type Plain, PyFloat, toValue } from '../../../../shared/data/value.ts'
import { formatHost, type OutputSettings } from '../../../../shared/output/format.ts'

const state = (order: number, result: boolean | null, changes: Plain): Plain => ({
  result,
  changes,
  comment: 'so it is',
  name: `/etc/${order}`,
  __id__: `conf${order}`,
  __run_num__: order,
  start_time: '03:19:17.368101',
  duration: new PyFloat(12.5) as unknown as Plain,
})
const ret = toValue({
  'file_|-a_|-/etc/0_|-managed': state(0, true, {}),
  'file_|-b_|-/etc/1_|-managed': state(1, true, { diff: '+x' }),
  'pkg_|-c_|-/etc/2_|-installed': state(2, false, {}),
})

function shown(stateForm: OutputSettings['stateForm'], stateLook: OutputSettings['stateLook']): string[] {
  const settings = { out: undefined, stateForm, stateVerbose: true, color: false, unicode: true }
  const host = { id: 'web1', ret, retcode: 2, format: 'highstate' as const }
  return formatHost(host, { ...settings, ...(stateLook && { stateLook }) }).split('\n')
}

test('without times there is none of them, in no form', () => {
  for (const form of ['full', 'terse', 'mixed'] as const) {
    const text = shown(form, { times: false }).join('\n')
    expect(text).not.toMatch(/Started|Duration|Total run time/)
    expect(text).toContain('Total states run:     3')
    expect(shown(form, {}).join('\n')).toContain('Total run time:  37.500 ms')
  }
})

test('shares of successes and failures stand above the totals', () => {
  const lines = shown('full', { shares: true })
  const at = lines.indexOf('Failed:    1')
  expect(lines.slice(at, at + 5)).toEqual([
    'Failed:    1',
    'Success %: 66.67',
    'Failure %: 33.33',
    '------------',
    'Total states run:     3',
  ])
})

test('terse lines in columns', () => {
  expect(shown('terse', { columns: true }).slice(1, 4)).toEqual([
    '03:19:17.368101 [   12.5 ms]       file.managed    Clean     Name: /etc/0',
    '03:19:17.368101 [   12.5 ms]       file.managed    Changed   Name: /etc/1',
    '03:19:17.368101 [   12.5 ms]        pkg.installed  Failed    Name: /etc/2',
  ])
  expect(shown('terse', { columns: true, times: false })[1]).toBe(
    '      file.managed    Clean     Name: /etc/0',
  )
})
