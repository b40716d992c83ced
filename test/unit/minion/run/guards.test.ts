/** onlyif, unless, creates and check_cmd in every form (salt-semantics.md 5.7), in real and dry runs. */
import { describe, expect, test } from 'vitest'
import { type RunRequest, type RunResult, runSls } from './run-sls.ts'

const commands = { yes: { code: 0 }, no: { code: 1 }, three: { code: 3 } }

async function guarded(guards: string, request: RunRequest = {}): Promise<RunResult> {
  const lines = guards.split('\n').map((line) => `    ${line}\n`)
  return runSls(`it:\n  test.succeed_with_changes:\n${lines.join('')}`, { machine: { commands }, ...request })
}

const off = 'onlyif condition is false'
const on = 'unless condition is true'
const ran = 'Success!'

describe('a state with guards', () => {
  test.each([
    ['- onlyif: yes', ran],
    ["- onlyif: 'yes'", ran],
    ["- onlyif: 'no'", off],
    ["- onlyif: ['yes', 'no']", off],
    ["- onlyif: ['yes', 'yes']", ran],
    ['- onlyif: True', ran],
    ['- onlyif: False', off],
    ['- onlyif: []', ran],
    ["- unless: 'yes'", on],
    ["- unless: 'no'", ran],
    ["- unless: ['yes', 'no']", ran],
    ["- unless: ['yes', 'yes']", on],
    ['- unless: False', ran],
    ["- onlyif: 'yes'\n- unless: 'yes'", `onlyif condition is true\n${on}`],
    ["- onlyif: 'no'\n- unless: 'no'", off],
    ['- onlyif: [{fun: test.true}]', ran],
    ['- onlyif: {fun: test.false}', off],
    ['- onlyif: [{fun: test.echo, args: [text]}]', ran],
    ["- onlyif: [{fun: test.echo, args: ['']}]", off],
    ['- onlyif: [{fun: test.echo, text: hello}]', ran],
    ['- unless: [{fun: test.kwarg, a: {b: False}, get_return: a:b}]', ran],
    ['- unless: [{fun: test.kwarg, a: {b: True}, get_return: a:b}]', on],
    ['- onlyif: [{fun: test.kwarg, a: 1, get_return: nothing}]', off],
    [`- onlyif: [{fun: test.echo, args: ['__slot__:salt:test.echo("")']}]`, off],
    ["- onlyif: [{fun: test.echo, text: '__slot__:salt:test.echo(x)'}]", ran],
    ['- onlyif: [{fun: test.retcode, code: 1}]', off],
    ['- onlyif: three\n- success_retcodes: [3]', ran],
    ['- creates: /there', '/there exists'],
    ['- creates: [/there, /also]', 'All files in creates exist'],
    ['- creates: [/there, /not]', ran],
    ['- creates: /link', '/link exists'],
  ])('%s', async (guards, comment) => {
    const files = {
      '/there': 'x',
      '/also': 'x',
      '/link': { type: 'symlink', target: '/there' },
    } as const
    const run = await guarded(guards, { machine: { commands, files } })
    const skipped = comment !== ran
    expect(run.state('it')).toMatchObject({ result: true, comment })
    expect(Object.keys(run.state('it').changes).length).toBe(skipped ? 0 : 1)
  })

  test('a guard that cannot be tried skips the state and says why', async () => {
    const machine = { commands }
    for (const [word, comment] of [
      ['onlyif', off],
      ['unless', on],
    ] as const) {
      const run = await guarded(`- ${word}: [{fun: test.echo, args: [a, b, c]}]`, { machine })
      expect(run.state('it')).toMatchObject({ result: true, changes: {} })
      expect(run.state('it').comment).toMatch(new RegExp(`^${comment}: .+`))
    }
  })

  test.each([
    ['- onlyif: [{fun: test.tru}]', 'Did you mean "test.true"?'],
    ['- unless: [{args: [x]}]', '"fun" is missing'],
  ])('%s is refused before anything runs', async (guards, why) => {
    const run = await guarded(guards)
    expect(run.errors.join('\n')).toContain(why)
    expect(run.states).toEqual([])
  })

  test('a dry run runs no guard that could change something', async () => {
    const run = await guarded("- onlyif: './script'", { test: true })
    expect(run.machine.ran).toEqual([])
    expect(run.state('it')).toMatchObject({
      result: null,
      comment:
        'Cannot be told in a dry run: its onlyif runs the command "./script", which is not known to leave the machine as it is, so a dry run does not run it',
    })
    const impure = await guarded('- unless: [{fun: cmd.retcode, args: [x]}]', { test: true })
    expect(impure.state('it').unknown).toContain('its unless runs cmd.retcode, which')
    expect(impure.machine.ran).toEqual([])
  })

  test('a guard that a dry run could not start says why, and not that it might change something', async () => {
    const run = await guarded('- unless: [{fun: test.echo, args: [a, b, c]}]', { test: true })
    expect(run.state('it').unknown).toMatch(/^its unless cannot be tried yet: test\.echo takes/)
    expect(run.state('it').unknown).not.toContain('machine')
  })

  test.each([
    ['- onlyif: test -e /x', 0, null],
    ['- onlyif: test -e /x', 1, true],
    ['- unless: [{fun: test.true}]', 0, true],
  ] as const)('a dry run runs what only looks: %s %i', async (guards, code, result) => {
    const run = await guarded(guards, { test: true, machine: { commands: { 'test -e /x': { code } } } })
    expect(run.state('it').result).toBe(result)
  })

  test('another guard that tells makes the answer certain in a dry run', async () => {
    const run = await guarded("- onlyif: './script'\n- creates: /there", {
      test: true,
      machine: { files: { '/there': '' } },
    })
    expect(run.state('it')).toMatchObject({ result: true, comment: '/there exists' })
  })
})

describe('check_cmd', () => {
  const check = (fun: string, command: string, dry = false): Promise<RunResult> =>
    runSls(`it:\n  test.${fun}:\n    - check_cmd: ${command}\n`, { machine: { commands }, test: dry })

  test.each([
    ['succeed_with_changes', "'yes'", true, 'Success!'],
    ['succeed_with_changes', "'no'", false, 'check_cmd determined the state failed: no'],
    ['succeed_with_changes', "['yes', 'no']", false, 'check_cmd determined the state failed: no'],
    ['succeed_with_changes', "['yes', 'yes']", true, 'Success!'],
    ['succeed_without_changes', "'yes'", true, 'check_cmd determined the state succeeded'],
    ['fail_without_changes', "'yes'", false, 'Failure!'],
  ])('%s, %s', async (fun, command, result, comment) => {
    const run = await check(fun, command)
    expect(run.state('it')).toMatchObject({ result, comment })
  })

  test('never in a dry run', async () => {
    const run = await check('succeed_with_changes', "'no'", true)
    expect(run.machine.ran).toEqual([])
    expect(run.state('it').result).toBe(null)
  })
})
