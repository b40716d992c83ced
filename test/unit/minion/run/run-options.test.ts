/** retry, failhard, umask, saltenv, reloads, events, conditions, mock, and what is done to a run from outside. */
import { describe, expect, test } from 'vitest'
import { type Dict, toValue } from '../../../../shared/data/value.ts'
import { RunControls } from '../../../../shared/run/run-control.ts'
import { FakeMachine } from '../../../fake-machine/fake-machine.ts'
import { jid, runSls } from './run-sls.ts'

const fails = 'test.fail_without_changes'
const changes = 'test.succeed_with_changes'

describe('retry', () => {
  const sls = (retry: string, fun = 'cmd.run'): string =>
    `it:\n  ${fun}:\n    - name: it\n    - retry: ${retry}\n`
  const machine = { commands: { it: { code: 1 } } }

  test.each([
    ['{attempts: 3, interval: 0}', 3],
    ['{interval: 0}', 2],
    ['{attempts: 1, interval: 0}', 1],
    ['{attempts: 3, interval: 0, until: False}', 1],
    ['{attempts: 0, interval: 0}', 1],
    ['{attempts: 2, interval: 0, splay: 0.01}', 2],
    ['False', 1],
  ])('%s calls it %i times', async (retry, times) => {
    const run = await runSls(sls(retry), { machine })
    expect(run.machine.ran.length).toBe(times)
  })

  test('comments as Salt writes them; the last changes count', async () => {
    const run = await runSls(sls('{attempts: 3, interval: 0}'), { machine })
    expect(run.state('it').comment.split('\n')).toEqual([
      'Attempt 1: Returned a result of "False", with the following comment: "Command "it" run"',
      'Attempt 2: Returned a result of "False", with the following comment: "Command "it" run"',
      'Command "it" run',
    ])
    expect(run.state('it').changes).toMatchObject({ retcode: 1 })
  })

  test('guards are asked before each attempt', async () => {
    const run = await runSls(`${sls('{attempts: 3, interval: 0}')}    - creates: /made\n`, {
      machine: { commands: { it: { code: 1, writes: { '/made': '' } } } },
    })
    expect(run.machine.ran).toEqual(['it'])
    expect(run.state('it')).toMatchObject({
      result: true,
      comment: expect.stringMatching(/^Attempt 1: .*\n\/made exists$/s),
    })
  })

  test('a dry run says what would be', async () => {
    const run = await runSls(sls('{attempts: 3, interval: 1}'), { machine, test: true })
    expect(run.state('it').comment).toBe(
      'Command "it" would have been executed  The state would be retried every 1 seconds (with a splay of up to 0 seconds) a maximum of 3 times or until a result of True is returned',
    )
  })

  test('what it cannot be read from is warned of', async () => {
    const run = await runSls(sls('{attempts: many, interval: 0}', changes))
    expect(run.state('it').warnings).toEqual(['retry: attempts is not a number, so 2 counts'])
    const other = await runSls(sls('5', changes))
    expect(other.state('it').warnings?.[0]).toContain('retry is not a mapping')
  })

  test('a kill ends the pause', async () => {
    const killed = new FakeMachine(machine)
    const running = runSls(sls('{attempts: 3, interval: 60}'), { machine: killed })
    setTimeout(() => killed.kill(), 30)
    expect((await running).state('it').comment).toContain('The run was ended before the next attempt')
  })

  test('the minion stops: the pause ends too', async () => {
    const stopping = new AbortController()
    const running = runSls(`${sls('{attempts: 3, interval: 60}')}next:\n  test.nop: []\n`, {
      machine,
      stopping: stopping.signal,
    })
    setTimeout(() => stopping.abort(), 30)
    const run = await running
    expect(run.interrupted).toBe(true)
    expect(run.states.map(({ id }) => id)).toEqual(['it'])
  })
})

describe('failhard', () => {
  const sls = (option: string): string =>
    `bad:\n  ${fails}:\n${option}    - name: bad\nnext:\n  ${changes}: []\n`

  test.each([
    [false, '', true],
    [true, '', false],
    [false, '    - failhard: True\n', false],
    [true, '    - failhard: False\n', true],
  ])('configured %s, %j', async (failhard, option, runs) => {
    const run = await runSls(sls(option), { options: { failhard } })
    expect(run.state('next').ran).toBe(runs)
    if (!runs) expect(run.state('next').comment).toBe('Not run: bad failed before and failhard stops the run')
    expect(run.retcode).toBe(2)
  })

  test('a dry run goes on', async () => {
    expect((await runSls(sls(''), { options: { failhard: true }, test: true })).state('next').result).toBe(
      null,
    )
  })
})

describe('what a state says of its call', () => {
  test('umask: new files and directories have no more rights than it leaves', async () => {
    const sls =
      '/f:\n  file.managed:\n    - contents: x\n    - umask: "077"\n/d:\n  file.directory:\n    - umask: 27\n/open:\n  file.managed:\n    - contents: x\n    - mode: 644\n    - umask: "077"\n'
    const { machine } = await runSls(sls)
    const mode = (path: string): string | undefined => machine.files.inodes.get(path)?.mode.toString(8)
    expect([mode('/f'), mode('/d'), mode('/open')]).toEqual(['600', '750', '644'])
  })

  test('what means nothing here is warned of', async () => {
    const run = await runSls(`it:\n  test.nop:\n    - provider: aptpkg\n    - runas_password: secret\n`)
    expect(run.state('it').warnings).toEqual([
      '"provider" is ignored: the option "providers" of the minion chooses the provider for all states',
      '"runas_password" is ignored: it means something on Windows only',
    ])
  })

  test('fire_event and state_events: the result carries the tag of its event', async () => {
    const sls = `it:\n  test.nop:\n    - name: the name\n    - fire_event: True\ntagged:\n  test.nop:\n    - fire_event: deploy/done\nplain:\n  test.nop: []\n`
    const run = await runSls(sls)
    expect(run.states.map(({ event }) => event)).toEqual([
      `salt/state_result/${jid}/vm/the name`,
      `salt/state_result/${jid}/vm/deploy/done`,
      undefined,
    ])
    const all = await runSls(sls, { options: { events: true } })
    expect(all.state('plain').event).toBe(`salt/job/${jid}/prog/vm/2`)
  })

  test('reload_grains and reload_pillar: after the state, for those after it', async () => {
    const order: string[] = []
    const sls = `a:\n  cmd.run:\n    - name: a\n    - reload_grains: True\nb:\n  cmd.run:\n    - name: b\n    - reload_pillar: True\n    - reload_modules: True\n`
    const run = await runSls(sls, {
      machine: { commands: { a: { code: 0 }, b: { code: 0 } } },
      reload: async ({ grains, pillar }) => void order.push(`grains ${grains} pillar ${pillar}`),
    })
    expect(order).toEqual(['grains true pillar false', 'grains false pillar true'])
    expect(run.retcode).toBe(0)
  })

  test('a pillar that no longer compiles fails the state that asked for it', async () => {
    const run = await runSls(`a:\n  ${changes}:\n    - reload_pillar: True\n`, {
      reload: () => Promise.reject(new Error('broken')),
    })
    expect(run.state('a')).toMatchObject({
      result: false,
      comment: 'Success!\npillar could not be reloaded: broken',
    })
    expect(Object.keys(run.state('a').changes).length).toBe(1)
  })
})

describe('what the configuration says', () => {
  const grains = toValue({ os: 'Debian' }) as Dict

  test.each([
    [{ '*': 'G@os:Debian' }, true],
    [{ '*': ['G@os:Arch', 'vm'] }, true],
    [{ '*': 'G@os:Arch' }, null],
    [{ test: 'not G@os:Debian' }, null],
    [{ 'test.succeed_with_changes': 'other' }, null],
    [{ file: 'other', 'test.nop': 'other' }, true],
  ] as const)('global_state_conditions %j', async (conditions, result) => {
    const run = await runSls(`it:\n  ${changes}: []\n`, {
      grains,
      options: { conditions: toValue(conditions) as Dict },
    })
    expect(run.state('it').result).toBe(result)
    if (result === null)
      expect(run.state('it').comment).toBe('Failed to meet global state conditions. State not called.')
  })

  test('disabled_requisites', async () => {
    const sls = `bad:\n  ${fails}: []\nit:\n  test.nop:\n    - require: [{test: bad}]\n`
    expect((await runSls(sls, { options: { disabledRequisites: ['require'] } })).state('it').result).toBe(
      true,
    )
  })

  test('mock calls nothing', async () => {
    const run = await runSls('it:\n  cmd.run:\n    - name: rm -rf /srv\n', { mock: true })
    expect(run.state('it')).toMatchObject({ result: true, comment: 'Not called, mocked', changes: {} })
    expect(run.machine.ran).toEqual([])
  })
})

describe('a run from outside', () => {
  const sls = `a:\n  cmd.run:\n    - name: a\nb:\n  cmd.run:\n    - name: b\nc:\n  cmd.run:\n    - name: c\n`
  const commands = { a: { takes: 20 }, b: { takes: 5 }, c: { takes: 5 } }

  test('is paused before a state and goes on', async () => {
    const controls = new RunControls()
    const machine = new FakeMachine({ commands })
    const running = runSls(sls, { machine, controls })
    setTimeout(() => controls.find(jid)?.pause('b', undefined), 5)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(machine.ran).toEqual(['a'])
    expect(controls.find(jid)?.resume('b')).toBe(true)
    await running
    expect(machine.ran).toEqual(['a', 'b', 'c'])
    expect(controls.find(jid)).toBeUndefined()
  })

  test('is paused for a time', async () => {
    const controls = new RunControls()
    const running = runSls(sls, { machine: { commands }, controls })
    setTimeout(() => controls.find(jid)?.pause(undefined, 0.1), 5)
    const from = performance.now()
    await running
    expect(performance.now() - from).toBeGreaterThan(95)
  })

  test('is ended before a state; the rest is listed as not run', async () => {
    const controls = new RunControls()
    const machine = new FakeMachine({ commands })
    const running = runSls(sls, { machine, controls })
    setTimeout(() => controls.find(jid)?.softKill('c'), 5)
    const run = await running
    expect(machine.ran).toEqual(['a', 'b'])
    expect(run.state('c')).toMatchObject({
      result: false,
      comment: 'Not run: the run was ended by state.soft_kill',
    })
    expect(run.retcode).toBe(2)
  })

  test('a paused run can be killed', async () => {
    const controls = new RunControls()
    const machine = new FakeMachine({ commands })
    const running = runSls(sls, { machine, controls })
    setTimeout(() => controls.find(jid)?.pause(undefined, undefined), 5)
    setTimeout(() => machine.kill(), 60)
    expect((await running).states.map(({ id }) => id)).toEqual(['a'])
  })
})
