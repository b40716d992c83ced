/** `parallel` and `aggregate` (salt-semantics.md 5.7): at the same time, with requisites and results as without. */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { FakeMachine } from '../../../fake-machine/fake-machine.ts'
import { runSls } from './run-sls.ts'

const slow = (id: string, more = ''): string =>
  `${id}:\n  cmd.run:\n    - name: ${id}\n    - parallel: True\n${more}`
const commands = (takes: Readonly<Record<string, number>>, code: Readonly<Record<string, number>> = {}) =>
  Object.fromEntries(
    Object.entries(takes).map(([name, time]) => [name, { takes: time, code: code[name] ?? 0 }]),
  )

describe('parallel', () => {
  test('states run at the same time; the next state does not wait; numbers are as begun', async () => {
    const takes = { a: 1_500, b: 1_500, c: 1_500 }
    const from = performance.now()
    const run = await runSls(`${slow('a')}${slow('b')}${slow('c')}last:\n  test.nop: []\n`, {
      machine: { commands: commands(takes) },
    })
    expect(performance.now() - from).toBeLessThan(4_000)
    expect(run.states.map(({ id, number }) => [id, number])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['last', 3],
    ])
    expect(run.state('last').duration).toBeLessThan(1_000)
    expect(run.state('a').duration).toBeGreaterThan(1_400)
  })

  test('who requires one waits for it; a parallel state that waits holds nobody up', async () => {
    const sls = `${slow('a')}${slow('b', '    - require: [{cmd: a}]\n')}${slow('c')}after:\n  cmd.run:\n    - name: d\n    - require: [{cmd: c}]\n`
    const machine = new FakeMachine({ commands: commands({ a: 120, b: 10, c: 20, d: 0 }) })
    const run = await runSls(sls, { machine })
    expect(machine.ran).toEqual(['a', 'c', 'd', 'b'])
    expect(run.states.every(({ result }) => result === true)).toBe(true)
  })

  test('one that is pulled forward is begun in its turn', async () => {
    const sls = `first:\n  test.nop:\n    - require: [{cmd: a}]\n${slow('a')}`
    const run = await runSls(sls, { machine: { commands: commands({ a: 30 }, { a: 1 }) } })
    expect(run.state('first')).toMatchObject({ result: false, comment: 'One or more requisite failed: it.a' })
  })

  test('a failure with failhard stops what is not begun', async () => {
    const sls = `${slow('a', '    - failhard: True\n')}wait:\n  cmd.run:\n    - name: w\nnever:\n  cmd.run:\n    - name: n\n`
    const machine = new FakeMachine({ commands: commands({ a: 20, w: 60, n: 0 }, { a: 1 }) })
    const run = await runSls(sls, { machine })
    expect(machine.ran).toEqual(['a', 'w'])
    expect(run.state('never').comment).toBe('Not run: a failed before and failhard stops the run')
  })

  test('a kill ends all of them', async () => {
    const machine = new FakeMachine({ commands: commands({ a: 60_000, b: 60_000 }) })
    const running = runSls(`${slow('a')}${slow('b')}`, { machine })
    await pause(50)
    machine.kill()
    const run = await running
    expect(run.states.map(({ result }) => result)).toEqual([false, false])
  })

  test('a prereq tries it without running it', async () => {
    const sls = `it:\n  test.succeed_with_changes:\n    - prereq: [{cmd: a}]\n${slow('a')}`
    const machine = new FakeMachine({ commands: commands({ a: 20 }) })
    const run = await runSls(sls, { machine })
    expect(run.states.map(({ id }) => id)).toEqual(['it', 'a'])
    expect(machine.ran).toEqual(['a'])
  })

  test('hundreds of them, each of which requires the one before', async () => {
    const sls = Array.from(
      { length: 300 },
      (_, n) =>
        `s${n}:\n  test.nop:\n    - parallel: True\n${n > 0 ? `    - require: [{test: s${n - 1}}]\n` : ''}`,
    ).join('')
    const run = await runSls(sls)
    expect(run.states.length).toBe(300)
    expect(run.states.every(({ result, number }, index) => result === true && number === index)).toBe(true)
  })

  test('a dry run tells the same', async () => {
    const run = await runSls(`${slow('a')}${slow('b', '    - require: [{cmd: a}]\n')}`, { test: true })
    expect(run.states.map(({ id, result }) => [id, result])).toEqual([
      ['a', null],
      ['b', null],
    ])
  })
})

describe('aggregate', () => {
  const pkg = (name: string, more = ''): string => `${name}:\n  pkg.installed:\n    - refresh: False\n${more}`
  const available = { a: '1', b: '1', c: '1', d: '1' }
  const installs = (machine: FakeMachine): string[] =>
    machine.actions.filter((line) => line.startsWith('packages.'))
  const all = { options: { aggregate: true } }

  test('one transaction for states that do not wait for each other; each has its own result', async () => {
    const sls = `${pkg('a')}between:\n  test.nop: []\n${pkg('b')}${pkg('c')}`
    const run = await runSls(sls, { ...all, machine: { packages: { available } } })
    expect(installs(run.machine)).toEqual(['packages.install a b c'])
    for (const name of ['a', 'b', 'c']) {
      expect(run.state(name)).toMatchObject({
        result: true,
        changes: { [name]: { old: '', new: '1' } },
        comment: `The following packages were installed/updated: ${name}`,
      })
    }
  })

  test('not over a path, however long; but over what is before both', async () => {
    const sls = `${pkg('a')}x:\n  test.nop:\n    - require: [{pkg: a}]\n${pkg('b', '    - require: [{test: x}]\n')}${pkg('c', '    - require: [{test: early}]\n')}early:\n  test.nop: []\n`
    const run = await runSls(sls, { ...all, machine: { packages: { available } } })
    expect(installs(run.machine)).toEqual(['packages.install a c', 'packages.install b'])
    expect(run.states.map(({ id }) => id)).toEqual(['early', 'a', 'c', 'x', 'b'])
  })

  test('a package that is not to be had fails its own state only', async () => {
    const packages = { available, broken: { b: 'no space' } }
    const run = await runSls(`${pkg('a')}${pkg('b')}${pkg('c')}${pkg('none')}`, {
      ...all,
      machine: { packages },
    })
    expect(run.states.map(({ id, result }) => [id, result])).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
      ['none', false],
    ])
    expect(run.state('b').comment).toContain('no space')
  })

  test('a guard, and a package that is there already, leave a state out', async () => {
    const packages = { available, installed: { b: '1' } }
    const sls = `${pkg('a')}${pkg('b')}${pkg('c', '    - unless: [{fun: test.true}]\n')}${pkg('d')}`
    const run = await runSls(sls, { ...all, machine: { packages } })
    expect(installs(run.machine)).toEqual(['packages.install a d'])
    expect(run.state('c').comment).toBe('unless condition is true')
  })

  test('removals too, and other options in a transaction of their own', async () => {
    const remove = (name: string): string => `no-${name}:\n  pkg.removed:\n    - name: ${name}\n`
    const sls = `${pkg('a')}${pkg('b', '    - install_recommends: False\n')}${pkg('c')}${remove('x')}${remove('y')}`
    const run = await runSls(sls, {
      ...all,
      machine: { packages: { available, installed: { x: '1', y: '1' } } },
    })
    expect(installs(run.machine)).toEqual([
      'packages.install a c',
      'packages.install b',
      'packages.remove x y',
    ])
  })

  test.each([
    [{ aggregate: false }, '    - aggregate: True\n', 'packages.install a b'],
    [{ aggregate: ['pkg'] }, '', 'packages.install a b'],
    [{ aggregate: ['file'] }, '', 'packages.install a'],
    [{ aggregate: true }, '    - aggregate: False\n', 'packages.install a'],
  ])('%j and %j', async (options, more, first) => {
    const run = await runSls(`${pkg('a', more)}${pkg('b')}`, {
      options,
      machine: { packages: { available } },
    })
    expect(installs(run.machine)[0]).toBe(first)
  })

  test('a dry run tells what the real run does, in the same order', async () => {
    const sls = `${pkg('a')}x:\n  test.nop: []\n${pkg('b', '    - require: [{test: late}]\n')}late:\n  test.nop: []\n${pkg('again', '    - name: b\n')}`
    const dry = await runSls(sls, { ...all, test: true, machine: { packages: { available } } })
    const real = await runSls(sls, { ...all, machine: { packages: { available } } })
    const seen = (run: typeof dry): unknown => run.states.map(({ id, changes }) => [id, changes])
    expect(seen(dry)).toEqual(seen(real))
    expect(dry.machine.actions).toEqual([])
  })

  test('the lists of packages are fetched once, before any of them chooses', async () => {
    const sls = 'a:\n  pkg.installed: []\nb:\n  pkg.installed: []\n'
    const packages = { available: {}, afterRefresh: available }
    const run = await runSls(sls, { ...all, machine: { packages } })
    expect(installs(run.machine)).toEqual(['packages.refresh', 'packages.install a b'])
  })
})
