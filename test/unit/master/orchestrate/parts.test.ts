/** The parts of orchestrations that are decided by data alone. */
import { describe, expect, it } from 'vitest'
import { tagTest } from '../../../../master/orchestrate/event-wait.ts'
import type { MinionEnd, MinionResult } from '../../../../master/orchestrate/fleet-result.ts'
import { masterGrains, masterName } from '../../../../master/orchestrate/master-grains.ts'
import { RunEnds } from '../../../../master/orchestrate/run-ends.ts'
import { parallelCall } from '../../../../master/orchestrate/runner-words.ts'
import { tallyOf } from '../../../../master/orchestrate/tally.ts'
import { targetOf } from '../../../../master/orchestrate/target-arguments.ts'
import { type Plain, toPlain, toValue } from '../../../../shared/data/value.ts'
import { parseMinionId } from '../../../../shared/ids.ts'

describe('tally', () => {
  /** `web1+` ended well, `web1-` failed, `web1 offline` … */
  const minion = (text: string): MinionResult => {
    const [, name = '', sign, end] = /^(\w+?)([+-])?(?: (\w+))?$/.exec(text) ?? []
    const ok = sign === '+'
    return { id: parseMinionId(name), end: (end ?? 'returned') as MinionEnd, ok, changed: false, ret: null }
  }
  it.each<[string[], object, string[], boolean]>([
    [['a+', 'b+'], {}, [], false],
    [['a+', 'b-'], {}, ['b'], true],
    [['a+', 'b-'], { failMinions: ['b'] }, [], false],
    [['a-', 'b-'], { allowFail: 1 }, ['a', 'b'], true],
    [['a-', 'b-'], { allowFail: 2 }, ['a', 'b'], false],
    [['a+', 'b offline'], {}, ['b'], true],
    [['a+', 'b offline'], { expectMinions: false }, [], false],
    // Not to have heard of what runs there is no absence.
    [['a lost', 'b silent'], { expectMinions: false }, ['a', 'b'], true],
  ])('%j with %j: %j', (minions, allowance, failed, isFailure) => {
    const tally = tallyOf(
      { jid: undefined, minions: minions.map(minion) },
      { failMinions: [], allowFail: 0, expectMinions: true, ...allowance },
    )
    expect([tally.failed.map(({ id }) => id), tally.isFailure]).toEqual([failed, isFailure])
  })

  it('tells of the absent by kind', () => {
    const minions = ['a+', 'b offline', 'c lost', 'd offline'].map(minion)
    const { absent } = tallyOf(
      { jid: undefined, minions },
      { failMinions: [], allowFail: 0, expectMinions: true },
    )
    expect(absent).toEqual([
      'b, d: offline, and nothing will run there later',
      'c: connection lost; what is under way there goes on',
    ])
  })
})

describe('tags', () => {
  it.each([
    ['salt/minion/*/start', 'salt/minion/web1/start', true],
    ['app/done', 'minion/web1/app/done', true],
    ['minion/web1/app/*', 'minion/web1/app/done', true],
    ['app/done', 'app/done', true],
    ['salt/minion/*/start', 'minion/web1/salt/minion/web1/start', false],
    ['salt/*', 'minion/web1/salt/auth', false],
    ['*', 'minion/web1/salt/auth', true],
    ['app/done', 'minion/web1/web2/app/done', false],
  ])('%s and %s: %s', (pattern, tag, matches) => {
    expect(tagTest(pattern)(tag)).toBe(matches)
  })
})

describe('calls of parallel runners', () => {
  const read = (written: Plain) => {
    const call = parallelCall('x', toValue(written))
    return typeof call === 'string' ? call : [call.fun, toPlain([...call.args]), toPlain(call.kwargs)]
  }
  it.each<[Plain, unknown]>([
    [null, ['x', [], {}]],
    [{ name: 'manage.up' }, ['manage.up', [], {}]],
    [
      [{ name: 'manage.up' }, { kwarg: { a: 1 } }],
      ['manage.up', [], { a: 1 }],
    ],
    [
      [{ name: 'a.b' }, { arg: 'one' }],
      ['a.b', ['one'], {}],
    ],
    [[{ nme: 'a.b' }], 'x: it takes name, arg and kwarg, not "nme"'],
    ['manage.up', 'x: a mapping of name, arg and kwarg is expected'],
    [[{ name: 'a.b' }, { kwarg: 3 }], 'x: kwarg is no mapping'],
  ])('%j', (written, expected) => {
    expect(read(written)).toEqual(expected)
  })
})

describe('the end from outside', () => {
  const signals: string[] = []
  const kill = async (signal: string): Promise<void> => void signals.push(signal)

  it('reaches what runs, and what begins afterwards', () => {
    const ends = new RunEnds(() => undefined)
    const release = ends.whileRunning(kill)
    ends.kill('TERM')
    ends.kill('KILL')
    release()
    ends.kill('KILL')
    ends.whileRunning(kill)
    expect(signals).toEqual(['TERM', 'KILL', 'TERM'])
    expect([ends.signal.aborted, ends.killed, ends.stopping]).toEqual([true, true, false])
  })

  it('is told late listeners, and the first reason stays', () => {
    const ends = new RunEnds(() => undefined)
    ends.stop()
    ends.kill('TERM')
    const told: string[] = []
    ends.onEnd((why) => told.push(why))
    expect([told, ends.killed]).toEqual([['stopping'], false])
  })
})

it('names of the master are those of its host, in lower case', () => {
  expect(masterName('Jump.Example')).toBe('jump.example_master')
  expect(() => masterName('a b')).toThrow('cannot be "a b_master"')
  const grains = masterGrains(masterName('jump'))
  expect([grains.get('id'), grains.get('kernel')]).toEqual(['jump_master', 'Linux'])
  expect([...grains.keys()]).toEqual(expect.arrayContaining(['os', 'os_family', 'host', 'ipv4', 'num_cpus']))
})

it('a list of ids is a target of the kind list', () => {
  expect(targetOf({ tgt: ['a', 'b'], tgt_type: 'glob' })).toEqual({ kind: 'list', expression: 'a,b' })
  expect(targetOf({ tgt: 'a*', tgt_type: 'glob' })).toEqual({ kind: 'glob', expression: 'a*' })
})
