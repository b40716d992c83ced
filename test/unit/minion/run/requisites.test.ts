/** Section 5.6 of salt-semantics.md: each sentence, in a real run and in a dry run. */
import { describe, expect, test } from 'vitest'
import { type RunResult, runSls } from './run-sls.ts'

const changes = 'test.succeed_with_changes'
const nothing = 'test.succeed_without_changes'
const fails = 'test.fail_without_changes'
const failsChanged = 'test.fail_with_changes'

/** `a` and `b` with these functions, and `it` with one requisite on both. */
async function pair(a: string, b: string, kind: string, it = 'test.nop', dry = false): Promise<RunResult> {
  const sls = `a:\n  ${a}: []\nb:\n  ${b}: []\nit:\n  ${it}:\n    - ${kind}: [{test: a}, {test: b}]\n`
  return runSls(sls, { test: dry })
}

type Row = readonly [kind: string, a: string, b: string, result: boolean, ran: boolean, comment: RegExp]
const failed = /^One or more requisite failed: it\.[ab](, it\.b)?$/
const noChange = /^State was not run because none of the onchanges reqs changed$/
const noFail = /^State was not run because onfail req did not change$/
const success = /^Success!$/

const rows: readonly Row[] = [
  ['require', nothing, changes, true, true, success],
  ['require', nothing, fails, false, true, failed],
  ['require_any', fails, nothing, true, true, success],
  ['require_any', fails, fails, false, true, failed],
  ['onchanges', changes, nothing, true, true, success],
  ['onchanges', changes, fails, false, true, failed],
  ['onchanges', nothing, nothing, true, false, noChange],
  ['onchanges_any', changes, fails, true, true, success],
  ['onchanges_any', nothing, nothing, true, false, noChange],
  ['watch', nothing, fails, false, true, failed],
  ['watch', nothing, nothing, true, true, success],
  ['watch', changes, nothing, true, true, /^Watch statement fired\.$/],
  ['watch_any', changes, fails, true, true, /^Watch statement fired\.$/],
  ['watch_any', fails, fails, false, true, failed],
  ['onfail', nothing, fails, true, true, success],
  ['onfail', nothing, changes, true, false, noFail],
  ['onfail_any', fails, nothing, true, true, success],
  ['onfail_any', nothing, nothing, true, false, noFail],
  ['onfail_all', fails, failsChanged, true, true, success],
  ['onfail_all', fails, nothing, true, false, noFail],
]

describe('a state with one requisite', () => {
  test.each(rows)('%s on %s and %s', async (kind, a, b, result, ran, comment) => {
    const run = await pair(a, b, kind)
    expect(run.state('it')).toMatchObject({ result, ran, comment: expect.stringMatching(comment) })
  })

  test('a target that was skipped satisfies require', async () => {
    const run = await runSls(
      `a:\n  ${nothing}: []\nb:\n  ${changes}:\n    - onchanges: [{test: a}]\nit:\n  test.nop:\n    - require: [{test: b}]\n`,
    )
    expect(run.state('b').ran).toBe(false)
    expect(run.state('it')).toMatchObject({ result: true, ran: true })
  })

  test('what is required is brought forward before what is watched, wherever it is written', async () => {
    const run = await runSls(
      'it:\n  test.nop:\n    - onchanges: [{test: d}]\n    - watch: [{test: a}, {test: b}]\n    - require: [{test: c}]\n' +
        'a: test.nop\nb: test.nop\nc: test.nop\nd: test.nop\n',
    )
    expect(run.states.map(({ id }) => id)).toEqual(['c', 'a', 'b', 'd', 'it'])
  })

  test('a state that watches and changes by itself is not refreshed', async () => {
    const run = await pair(changes, nothing, 'watch', changes)
    expect(run.state('it').comment).toBe('Success!')
  })

  test('a state that a guard keeps from running is not refreshed', async () => {
    const run = await runSls(
      `a:\n  ${changes}: []\nit:\n  test.nop:\n    - onlyif: [{fun: test.false}]\n    - watch: [{test: a}]\n`,
    )
    expect(run.state('it')).toMatchObject({ result: true, comment: 'onlyif condition is false', changes: {} })
  })
})

describe('in a dry run', () => {
  test.each([
    ['require', 'it', null],
    ['watch', 'it', null],
    ['onchanges', 'it', null],
  ] as const)('%s on a state that would change is met', async (kind, id, result) => {
    const run = await pair(changes, nothing, kind, changes, true)
    expect(run.state(id).result).toBe(result)
  })

  test('a watch tells what the refresh would change', async () => {
    const run = await pair(changes, nothing, 'watch', 'test.nop', true)
    expect(run.state('it')).toMatchObject({ result: null, comment: 'Watch statement would have fired.' })
    expect(Object.keys(run.state('it').changes)).not.toEqual([])
  })

  test('an onfail handler is not predicted for a state that would merely change', async () => {
    const run = await pair(changes, nothing, 'onfail', 'test.nop', true)
    expect(run.state('it')).toMatchObject({ result: true, ran: false })
  })

  const told = `a:\n  cmd.run:\n    - name: make\n    - onlyif: ./script\n`
  test.each([
    ['onchanges', 'it runs on changes of a, which cannot be told either'],
    ['watch', 'it watches a, which cannot be told either'],
  ] as const)('%s on what cannot be told cannot be told', async (kind, why) => {
    const run = await runSls(`${told}it:\n  test.nop:\n    - ${kind}: [{cmd: a}]\n`, { test: true })
    expect(run.state('a').unknown).toContain('a dry run does not')
    expect(run.state('it')).toMatchObject({ result: null, unknown: why })
    expect(run.machine.ran).toEqual([])
  })

  test('nor can be told what listens to it', async () => {
    const run = await runSls(`${told}it:\n  test.nop:\n    - listen: [{cmd: a}]\n`, { test: true })
    expect(run.state('listener_it').unknown).toBe('it listens to a, which cannot be told either')
  })
})

describe('prereq', () => {
  const sls = (a: string, b: string, extra = ''): string =>
    `it:\n  ${changes}:\n    - prereq: [{test: a}, {test: b}]\n${extra}a:\n  ${a}: []\nb:\n  ${b}: []\n`

  test.each([false, true])('runs before what would change (dry run: %s); one is enough', async (dry) => {
    const run = await runSls(sls(nothing, changes), { test: dry })
    expect(run.states.map(({ id }) => id)).toEqual(['it', 'a', 'b'])
    expect(run.state('it').result).toBe(dry ? null : true)
    expect(run.state('it').comment).not.toBe('No changes detected')
  })

  test.each([false, true])('says so where nothing would change (dry run: %s)', async (dry) => {
    const run = await runSls(sls(nothing, nothing), { test: dry })
    expect(run.state('it')).toMatchObject({ result: true, comment: 'No changes detected', changes: {} })
  })

  test('fails where a target would fail', async () => {
    const run = await runSls(sls(fails, changes))
    expect(run.state('it')).toMatchObject({ result: false, comment: 'One or more requisite failed: it.a' })
  })

  test('a target does not run after it failed', async () => {
    const run = await runSls(`it:\n  ${fails}:\n    - prereq: [{test: a}]\na:\n  ${changes}: []\n`)
    expect(run.state('a')).toMatchObject({ result: false, comment: 'One or more requisite failed: it.it' })
  })

  test('in a real run the guards of a target are asked', async () => {
    const target = `a:\n  test.succeed_with_changes:\n    - unless: ./done\n`
    const run = await runSls(`it:\n  ${changes}:\n    - prereq: [{test: a}]\n${target}`, {
      machine: { commands: { './done': { code: 0 } } },
    })
    expect(run.machine.ran).toEqual(['./done', './done'])
    expect(run.state('it').comment).toBe('No changes detected')
  })
})

describe('listen', () => {
  const sls = (a: string): string =>
    `it:\n  test.nop:\n    - listen: [{test: a}, {test: b}]\na:\n  ${a}: []\nb:\n  ${changes}: []\nlast:\n  test.nop: []\n`

  test.each([false, true])('comes once, after all others (dry run: %s)', async (dry) => {
    const run = await runSls(sls(changes), { test: dry })
    expect(run.states.map(({ id }) => id)).toEqual(['it', 'a', 'b', 'last', 'listener_it'])
    expect(run.state('listener_it').tag).toBe('test_|-listener_it_|-it_|-mod_watch')
    expect(run.state('listener_it').result).toBe(dry ? null : true)
  })

  test('comes after a failhard stop too', async () => {
    const run = await runSls(
      `${sls(changes)}bad:\n  ${fails}:\n    - failhard: True\nnever:\n  ${changes}: []\n`,
    )
    expect(run.state('never')).toMatchObject({ result: false, ran: false })
    expect(run.state('listener_it').comment).toBe('Watch statement fired.')
  })

  test('not where a guard of it holds', async () => {
    const run = await runSls(
      `it:\n  test.nop:\n    - unless: [{fun: test.true}]\n    - listen: [{test: a}]\na:\n  ${changes}: []\n`,
    )
    expect(run.state('listener_it')).toMatchObject({ comment: 'unless condition is true', changes: {} })
  })
})

describe('order', () => {
  test('a requisite that comes later is pulled to where it is needed', async () => {
    const run = await runSls(
      'a:\n  test.nop:\n    - require: [{test: c}]\nb:\n  test.nop: []\nc:\n  test.nop:\n    - require: [{test: d}]\nd:\n  test.nop: []\n',
    )
    expect(run.states.map(({ id, number }) => [id, number])).toEqual([
      ['d', 0],
      ['c', 1],
      ['a', 2],
      ['b', 3],
    ])
  })
})

describe('the return code', () => {
  const sls = (option: string): string =>
    `bad:\n  ${fails}: []\nhandler:\n  test.nop:\n    - onfail: [{test: bad}]\n${option}`

  test('is 2 after a failure, whether or not a handler ran', async () => {
    expect((await runSls(sls(''))).retcode).toBe(2)
  })

  test('is 0 where a handler with onfail_stop: False took care of it', async () => {
    expect((await runSls(sls('    - onfail_stop: False\n'))).retcode).toBe(0)
  })
})

test('listeners are called in the turn of whoever wrote that they listen, as in Salt', async () => {
  const sls = `first:
  test.nop:
    - listen: [{test: second}]
second:
  test.succeed_with_changes:
    - listen_in: [{test: last}, {test: third}]
third: test.nop
last: test.nop
early:
  test.succeed_without_changes:
    - listen_in: [{test: first}]
`
  const { states } = await runSls(sls)
  expect(states.slice(5).map(({ id }) => id)).toEqual(['listener_first', 'listener_last', 'listener_third'])
})
