/** Runs of states within a state of an orchestration, in the short form and in Salt's. */
import { expect, it } from 'vitest'
import { type Plain, toValue } from '../../../../shared/data/value.ts'
import { formatHosts, type OutputSettings } from '../../../../shared/output/format.ts'

const settings: OutputSettings = {
  out: undefined,
  stateForm: 'short',
  stateVerbose: true,
  color: false,
  unicode: true,
}

const results = (name: string, fields: Record<string, Plain>): Plain => ({
  [`${name}_|-x_|-x_|-y`]: {
    result: true,
    changes: {},
    comment: '',
    name: 'x',
    __id__: 'x',
    __run_num__: 0,
    ...fields,
  },
})
const changed: Plain = results('file', { changes: { a: { old: '1', new: '2' } }, comment: 'done' })
const failed: Plain = results('test', { result: false, comment: 'Failure!' })
const text = (changes: Plain, form: OutputSettings['stateForm'] = 'short', result = true): string =>
  formatHosts(
    [{ id: 'm', ret: toValue(results('salt', { changes, result })), retcode: 0, format: 'highstate' }],
    { ...settings, stateForm: form },
  )

it('of minions are shown as if they had been asked for by themselves, equal ones together, failures last', () => {
  const ret = { web2: failed, web1: changed, web3: changed }
  expect(text({ out: 'highstate', ret }, 'short', false)).toBe(`m:
  ✗ salt.y x
      web1, web3 (2 minions, identical):
        ~ file.y x  done
            a: 1 → 2
        Succeeded: 1 (changed: 1)  Failed: 0  in <1 ms

      web2:
        ✗ test.y x  Failure!
        Succeeded: 0  Failed: 1  in <1 ms
  Succeeded: 0  Failed: 1  in <1 ms
`)
})

it("of minions stand in Salt's own form as blocks below the changes", () => {
  const lines = text({ out: 'highstate', ret: { web1: changed } }, 'full').split('\n')
  const start = lines.indexOf('     Changes:   ')
  expect(lines.slice(start + 1, start + 8)).toEqual([
    '',
    '              web1:',
    '              ----------',
    '                        ID: x',
    '                  Function: file.y',
    '                    Result: True',
    '                   Comment: done',
  ])
  expect(lines).toContain('              Summary for web1')
})

it('of an orchestration that was called stand there in the same way', () => {
  const answer = { data: { m: changed }, outputter: 'highstate', retcode: 0 }
  expect(text({ return: answer })).toContain('\n      m:\n        ~ file.y x  done\n')
  const both = text({ ret: { north: answer, south: answer } })
  expect(both).toContain('north, south (2 minions, identical):')
  // Where one of them is something else, all are shown as they came.
  expect(text({ ret: { north: answer, other: true } })).toContain('outputter: highstate')
})

it('that did not begin show why', () => {
  expect(text({ out: 'highstate', ret: { web1: ['No such SLS'] } }, 'short', false)).toContain(
    'Data failed to compile; nothing was changed:\n          No such SLS',
  )
})
