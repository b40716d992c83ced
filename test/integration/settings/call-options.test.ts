/** The options of tsalt-call beside a real minion, and the exit codes that scripts know from salt-call and salt. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../../../shared/version.ts'
import { programs } from '../stage/daemon.ts'
import { Stage } from '../stage/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open({
    states: {
      'fails.sls': 'f:\n  cmd.run:\n    - name: "false"\n',
      'handled.sls':
        'f:\n  cmd.run:\n    - name: "false"\ng:\n  cmd.run:\n    - name: "true"\n    - onfail: [{cmd: f}]\n    - onfail_stop: False\n',
      'broken.sls': 'f:\n  cmd.nothing: []\n',
      'secret.sls':
        '{% set a = 1 %}\na:\n  test.nop:\n    - password: hunter22secret\n    - text: seen{{ a }}\n',
      'two.sls': `same:\n  test.nop: []\nother:\n  test.succeed_with_changes: []\n`,
    },
  })
}, 60_000)
afterAll(() => stage?.close())

interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function call(words: readonly string[], input = ''): Ran {
  const all = [join(programs, 'tsalt-call.cjs'), '--root-dir', stage.path('w'), ...words]
  return spawnSync(process.execPath, all, { encoding: 'utf8', timeout: 60_000, input })
}

describe('options of tsalt-call', () => {
  it('--metadata prints what is known of the call around its answer', () => {
    const { stdout } = call(['test.arg', '1', 'x=2', '--metadata', '--out=json'])
    expect(JSON.parse(stdout)).toEqual({
      local: {
        fun: 'test.arg',
        fun_args: [1, { x: 2, __kwarg__: true }],
        id: 'one',
        jid: expect.stringMatching(/^\d{20}$/),
        out: 'nested',
        retcode: 0,
        return: { args: [1], kwargs: { x: 2 } },
        success: true,
      },
    })
  })

  it('--out-file begins a file that others cannot read, --out-file-append adds to it', () => {
    const file = stage.path('out')
    const words = ['test.ping', '--out-file', file]
    expect(call(words)).toMatchObject({ status: 0, stdout: '', stderr: '' })
    call(words)
    call([...words, '--out-file-append'])
    expect(readFileSync(file, 'utf8')).toBe('local:\n    True\nlocal:\n    True\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { status, stderr } = call(['test.ping', '--out-file', stage.folder])
    expect([status, stderr]).toEqual([64, expect.stringContaining('EISDIR')])
  })

  it('--args-stdin reads options and arguments, one a line', () => {
    const { stdout } = call(['--args-stdin', '--out=json'], 'test.arg\na b\nx=[1]\n--out-indent=-1\n')
    expect(stdout).toBe('{"local": {"args": ["a b"], "kwargs": {"x": [1]}}}\n')
  })

  it('--no-parse leaves values text', () => {
    const { stdout } = call([
      'test.kwarg',
      'a=1.10',
      'b=1.10',
      '--no-parse=a',
      '--out=json',
      '--out-indent=-1',
    ])
    expect(stdout).toBe('{"local": {"a": "1.10", "b": 1.1}}\n')
  })

  it('--log-file has its own level', () => {
    const file = stage.path('log')
    const words = ['--local', 'state.apply', 'secret', '--file-root', stage.path('states')]
    const { stderr } = call([...words, '--log-file', file, '--log-file-level', 'debug'])
    expect(stderr).toBe('')
    expect(readFileSync(file, 'utf8')).toContain('seen1')
    expect(readFileSync(file, 'utf8')).not.toContain('hunter22')
    const levels = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).level)
    expect(levels).toContain('debug')
    const unknown = call(['test.ping', '--log-file', file, '--log-file-level', 'loud'])
    expect([unknown.status, unknown.stderr]).toEqual([64, expect.stringContaining('"loud"')])
  })

  it('--output-diff leaves out what is in order', () => {
    const { stdout } = call(['state.apply', 'two', '--state_output=full', '--output-diff'])
    expect(stdout).toContain('ID: other')
    expect(stdout).not.toContain('ID: same')
  })

  it('the configuration says the form of the output', () => {
    mkdirSync(stage.path('w/etc/tsalt/minion.d'), { recursive: true })
    const file = stage.path('w/etc/tsalt/minion.d/out.conf')
    writeFileSync(file, 'output: json\nstate_output: full\nstate_output_profile: False\n')
    expect(JSON.parse(call(['test.ping']).stdout)).toEqual({ local: true })
    const { stdout } = call(['state.apply', 'two', '--out=highstate'])
    expect(stdout).toContain('ID: same')
    expect(stdout).not.toMatch(/Duration|Total run time/)
    rmSync(file)
  })

  it('--config-dump shows the configuration without its join token', () => {
    const { status, stdout } = call(['--config-dump'])
    expect(status).toBe(0)
    expect(stdout).toContain('\nid: one\n')
    expect(stdout).not.toContain('tsalt1:')
  })

  it('--refresh-grains-cache finds grains anew in the daemon', () => {
    writeFileSync(stage.path('w/etc/tsalt/grains'), 'fresh: 1\n')
    expect(call(['grains.get', 'fresh']).stdout).not.toContain('1')
    expect(call(['--refresh-grains-cache', 'grains.get', 'fresh']).stdout).toBe('local:\n    1\n')
  })

  it.each(['tsalt-call', 'tsalt-minion', 'tsalt-master'])('%s tells its versions', (name) => {
    const run = (flag: string) =>
      spawnSync(process.execPath, [join(programs, `${name}.cjs`), flag], { encoding: 'utf8' })
    expect(run('--version')).toMatchObject({ status: 0, stdout: `${name} ${version}\n` })
    for (const flag of ['-V', '--versions-report'])
      expect(run(flag)).toMatchObject({ status: 0, stdout: expect.stringContaining('System Versions:\n') })
  })
})

describe('metadata of a job', () => {
  it('is shown with it and finds it', () => {
    const words = ['*', 'test.ping', '--metadata', '{"change": 4711}', '--show-jid']
    const jid = /jid: (\d+)/.exec(stage.run('tsalt', words).stderr)?.[1] ?? ''
    const search = ['jobs.list_jobs', 'search_metadata={"change": 4711}', '--out=json']
    const found = JSON.parse(stage.run('tsalt-run', search).stdout)
    expect(Object.keys(found)).toEqual([jid])
    expect(found[jid].Metadata).toEqual({ change: 4711 })
    expect(stage.run('tsalt', ['jobs', 'show', jid]).stdout).toContain("Metadata: {'change': 4711}\n")
    const again = stage.run('tsalt', ['jobs', 'rerun', jid]).stderr
    expect(Object.keys(JSON.parse(stage.run('tsalt-run', search).stdout))).toHaveLength(2)
    expect(again).not.toContain('ERROR')
  })
})

describe('exit codes: tsalt-call, its --retcode-passthrough, tsalt', () => {
  it.each([
    [['test.ping'], 0, 0, 0],
    [['test.false'], 0, 0, 0],
    [['test.retcode', '7'], 1, 7, 1],
    [['state.apply', 'fails'], 1, 2, 1],
    [['state.apply', 'handled'], 0, 0, 0],
    [['state.apply', 'broken'], 1, 1, 1],
    [['cmd.run', 'exit 3'], 1, 3, 1],
    [['no.such'], 1, 255, 1],
  ] as const)('%j', (words, usual, passed, fleet) => {
    expect(call([...words]).status).toBe(usual)
    expect(call(['--retcode-passthrough', ...words]).status).toBe(passed)
    const { status, stderr } = stage.run('tsalt', ['*', ...words])
    expect(status).toBe(fleet)
    expect(stderr.includes('ERROR: Minions returned with non-zero exit code')).toBe(fleet === 1)
  })

  it('a pillar that failed is 5', () => {
    mkdirSync(stage.path('pillars'), { recursive: true })
    writeFileSync(stage.path('pillars/top.sls'), "base: {'*': [nothing]}\n")
    expect(call(['--retcode-passthrough', 'state.apply', 'two']).status).toBe(5)
    expect(stage.run('tsalt', ['*', 'state.apply', 'two']).status).toBe(1)
    writeFileSync(stage.path('pillars/top.sls'), 'base: {}\n')
  })

  it('nobody, a wrong word, a batch', () => {
    const nobody = stage.run('tsalt', ['none*', 'test.ping'])
    expect([nobody.status, nobody.stderr]).toEqual([2, expect.stringContaining('ERROR: No return received')])
    expect(stage.run('tsalt', ['*', 'test.ping', '--no-such-option']).status).toBe(64)
    expect(stage.run('tsalt', ['*', '--batch', '1', 'state.apply', 'fails']).status).toBe(1)
    expect(stage.run('tsalt', ['*', '--batch', '1', 'test.ping']).status).toBe(0)
  })
})
