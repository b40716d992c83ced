/** Mistakes on the command line, with a master and a minion at work: one message, a suggestion, nothing submitted. */
import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { programs } from './bench.ts'
import { Site } from './site.ts'

describe('commands', () => {
  let site: Site
  beforeAll(async () => {
    site = await Site.start()
    await site.joined('one')
  })
  afterAll(() => site?.end())

  type Program = 'tsalt' | 'tsalt-key' | 'tsalt-run'
  const refused: [title: string, program: Program, words: string[], code: number, says: string[]][] = [
    ['no words at all', 'tsalt', [], 64, ['No target was given', "tsalt '*' test.ping"]],
    ['no function', 'tsalt', ['*'], 64, ['No function was given for the target "*"']],
    ['no module', 'tsalt', ['*', 'ping'], 64, ['not a function: "ping"', 'module.function']],
    [
      'a misspelt option',
      'tsalt',
      ['*', 'test.ping', '--oot', 'json'],
      64,
      ["'--oot'", 'Did you mean --out?'],
    ],
    [
      'a misspelt output',
      'tsalt',
      ['*', 'test.ping', '--out', 'jsn'],
      64,
      ["'jsn' is invalid", 'json, yaml'],
    ],
    [
      'a time that is none',
      'tsalt',
      ['*', 'test.ping', '--timeout', 'abc'],
      64,
      ['"abc" is not a time', '90s'],
    ],
    ['nobody', 'tsalt', ['two*', 'test.ping'], 2, ['No minions matched the target', 'tsalt-key -L']],
    ['a misspelt minion', 'tsalt', ['onne', 'test.ping'], 2, ['No minions matched', 'Did you mean "one"?']],
    [
      'a minion of a list',
      'tsalt',
      ['-L', 'one,onee', 'test.ping'],
      2,
      ['No accepted minion has this id: onee'],
    ],
    [
      'half a grain',
      'tsalt',
      ['-G', 'os', 'test.ping'],
      64,
      ['"os" has no ":" between a name and its value', 'os:*'],
    ],
    ['a job that is not', 'tsalt', ['jobs.show', '20260101000000000000'], 1, ['There is no job 2026']],
    [
      'a runner',
      'tsalt-run',
      ['manage.upp'],
      1,
      ['"manage.upp" does not exist', 'Did you mean "manage.up"?'],
    ],
    ['a job id', 'tsalt-run', ['jobs.lookup_jid', '123'], 64, ['a job id has 20 digits']],
    ['a key option', 'tsalt-key', ['--acept', 'x'], 64, ["'--acept'", 'Did you mean --accept?']],
    ['a token for long', 'tsalt-key', ['--token', '--ttl', '99999'], 64, ['at most one hour']],
    [
      'a fingerprint',
      'tsalt-key',
      ['-a', 'one', '--fingerprint', 'abc'],
      64,
      ['not a SHA-256 fingerprint: "abc"'],
    ],
  ]
  test.each(refused)('%s', async (_, program, words, code, says) => {
    const jobs = async () => (await site.on('tsalt-run', 'jobs.list_jobs', '--out', 'json')).stdout
    const before = await jobs()
    const said = await site.on(program, ...words)
    for (const part of says) expect(said.stderr + said.stdout).toContain(part)
    expect(said.code).toBe(code)
    expect(said.stderr).toContain('ERROR: ')
    expect(said.stderr).not.toMatch(/\n\s+at .*\.(?:cjs|ts):/)
    expect(await jobs()).toBe(before)
  })

  const answered: [title: string, words: string[], says: string[]][] = [
    ['a misspelt function', ['test.pnig'], ["'test.pnig' is not available", 'Did you mean "test.ping"?']],
    ['a misspelt module', ['tets.ping'], ["'tets.ping' is not available", 'Did you mean "test.ping"?']],
    [
      'a misspelt argument',
      ['state.apply', 'marker', 'tset=True'],
      ['no argument "tset"', 'Did you mean "test"?'],
    ],
    ['a missing argument', ['cmd.run'], ['cmd.run needs the argument "cmd"']],
    ['a wrong value', ['test.sleep', 'abc'], ['length: a number of seconds is expected, not "abc"']],
    [
      'a misspelt SLS',
      ['state.apply', 'markr'],
      ['SLS "markr" is not in environment', 'Did you mean "marker"?'],
    ],
  ]
  test.each(answered)('the minion answers: %s', async (_, words, says) => {
    const { code, stdout, stderr } = await site.on('tsalt', 'one', ...words)
    for (const part of says) expect(stdout).toContain(part)
    expect(stdout).toContain('one:')
    expect(stderr).toContain('ERROR: Minions returned with non-zero exit code')
    expect(code).toBe(1)
    expect(site.has('marker')).toBe(false)
  })

  test('without rights on the socket', async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('only root can become somebody else')
    execFileSync('chmod', ['-R', 'a+X', site.folder])
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath]
    const words = [`${programs}/tsalt.cjs`, '--root-dir', site.path('master'), '*', 'test.ping']
    const said = spawnSync('setpriv', [...nobody, ...words], { encoding: 'utf8' })
    expect(said.stderr).toContain(`You may not use the socket of the master, ${site.path('master')}`)
    expect(said.stderr).toContain('members of the group')
    expect(said.status).toBe(77)
  })

  test('a second master', async () => {
    const second = await site.run('tsalt-master', ['--root-dir', site.path('master')])
    expect(second.stderr).toContain('A master works on')
    expect(second.stderr).toContain('Stop that one first')
    expect(second.code).not.toBe(0)
    expect((await site.on('tsalt', 'one', 'test.ping')).code).toBe(0)
  })
})
