/** The options that Salt's command lines have beside targets and waiting: what they do, or what is said instead. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../../shared/data/value.ts'
import { version } from '../../../../shared/version.ts'
import { type Ran, ran } from './recorded-console.ts'
import {
  job,
  jobScript,
  returned,
  type Script,
  type ScriptedMaster,
  scriptedMaster,
  target,
} from './scripted-master.ts'

let master: ScriptedMaster | undefined
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-words-'))
})
afterEach(async () => {
  await master?.close()
  master = undefined
  rmSync(folder, { recursive: true, force: true })
})

async function program(
  script: Script,
  words: string[],
  options: Parameters<typeof ran>[2] = {},
): Promise<Ran> {
  await master?.close()
  master = await scriptedMaster(script)
  return ran(master.socket, words, options)
}
const tsalt = (script: Script, words: string[], options?: Parameters<typeof ran>[2]): Promise<Ran> =>
  program(script, ['tsalt', ...words], options)
const submitted = (): Record<string, unknown> =>
  (master?.asked ?? []).find(({ method, path }) => method === 'POST' && path === '/jobs')?.body as Record<
    string,
    unknown
  >
const pings = (): Script => jobScript([returned('web1', true), returned('web2', true)])
const state = (order: number, changes: Plain): Plain => ({
  result: true,
  changes,
  comment: 'done',
  name: `/etc/${order}`,
  __id__: `conf${order}`,
  __run_num__: order,
  __sls__: 'web',
  start_time: '03:19:17.368101',
  duration: 12.5,
})
const highstate = (status: unknown = {}): Script => {
  const ret = {
    'file_|-a_|-/etc/0_|-managed': state(0, {}),
    'file_|-b_|-/etc/1_|-managed': state(1, { diff: '+x' }),
  }
  return jobScript([returned('web1', ret, { format: 'highstate' })], {}, { status })
}

describe('versions', () => {
  it.each(['tsalt', 'tsalt-run', 'tsalt-key'])('%s --version is one line, -V the report', async (name) => {
    expect(await program(pings(), [name, '--version'])).toEqual({
      code: 0,
      out: `${name} ${version}\n`,
      err: '',
    })
    for (const flag of ['-V', '--versions-report']) {
      const { code, out } = await program(pings(), [name, flag])
      expect(code).toBe(0)
      expect(out).toContain('tsalt Version:\n')
      expect(out).toContain(`tsalt: ${version}\n`)
      expect(out).toContain(`Node.js: ${process.versions.node}\n`)
      expect(out).toMatch(/System Versions:\n(?: +\w+: .+\n){6}$/)
    }
  })
})

describe('where the output goes', () => {
  it('--out-file begins the file anew, --out-file-append adds to it', async () => {
    const file = join(folder, 'out')
    const words = ['*', 'test.ping', '--out-file', file]
    await tsalt(pings(), words)
    await tsalt(pings(), words)
    expect(readFileSync(file, 'utf8')).toBe('web1:\n    True\nweb2:\n    True\n')
    for (const flag of ['--out-file-append', '--output-file-append']) await tsalt(pings(), [...words, flag])
    expect(readFileSync(file, 'utf8')).toBe('web1:\n    True\nweb2:\n    True\n'.repeat(3))
  })

  it('--log-file has what was asked and what went wrong, and no other user may read it', async () => {
    const file = join(folder, 'log')
    const { err } = await tsalt(pings(), ['*', 'test.ping', '--log-file', file, '--log-file-level=debug'])
    expect(err).toBe('')
    expect(readFileSync(file, 'utf8')).toMatch(
      /^\d{4}-\d\d-\d\d [\d:]+,\d{3} UTC \[DEBUG {3}\] POST \/jobs .*"test\.ping"/,
    )
    expect(readFileSync(file, 'utf8')).toMatch(/\[INFO {4}\] job \d{20}: test\.ping on 2 minions\n$/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await tsalt(pings(), ['*', 'nothing', '--log-file', file])
    expect(readFileSync(file, 'utf8')).toMatch(/\[ERROR {3}\] .*nothing/)
  })

  it('--log-file that cannot be written is an error before anything runs', async () => {
    const { code, err } = await tsalt(pings(), ['*', 'test.ping', '-l', 'debug', '--log-file', folder])
    expect([code, err]).toEqual([64, expect.stringContaining(`Cannot write ${folder}: EISDIR`)])
    expect(submitted()).toBeUndefined()
  })

  it.each([
    [['-p'], true],
    [['--out=progress'], true],
    [[], false],
  ])('%j: progress on the terminal while the output goes elsewhere: %s', async (words, shown) => {
    const slow: Script = (asked) => {
      const answer = pings()(asked)
      if (answer === undefined || !('stream' in answer)) return answer
      return {
        async stream(send, response) {
          send({ type: 'job', job: job([target('web1', { status: 'running' }), target('web2')]) })
          await new Promise((done) => setTimeout(done, 600))
          await answer.stream(send, response)
        },
      }
    }
    const { out, err } = await tsalt(slow, ['*', 'test.ping', ...words], { terminal: 'err' })
    expect(err.includes('0 of 2 returned')).toBe(shown)
    expect(out).not.toContain('returned')
  })
})

describe('forms', () => {
  it.each(['--output-diff', '--state-verbose=False', '--state_verbose=False'])(
    '%s leaves out what is in order',
    async (flag) => {
      const { out } = await tsalt(highstate(), ['*', 'state.apply', '--state_output=full', flag])
      expect(out).toContain('ID: conf1')
      expect(out).not.toContain('ID: conf0')
      expect(out).toContain('Total states run:     2')
    },
  )

  it('the master says in which form, and whether minions are counted', async () => {
    const script = jobScript([returned('web1', true)], {}, { status: { output: 'json', summary: true } })
    const { out, err } = await tsalt(script, ['*', 'test.ping'])
    expect(JSON.parse(out)).toEqual({ web1: true })
    expect(err).toContain('# of minions returned: 1\n')
    expect((await tsalt(script, ['*', 'test.ping', '--out=txt'])).out).toBe('web1: True\n')
  })

  it('the master says how states look', async () => {
    const look = { times: false, shares: true, columns: true }
    const status = { stateOutput: 'terse', stateVerbose: false, stateLook: look }
    const { out } = await tsalt(highstate(status), ['*', 'state.apply'])
    expect(out).toContain('      file.managed    Changed   Name: /etc/1\n')
    expect(out).not.toContain('/etc/0')
    expect(out).toContain('Success %: 100\n')
  })

  it('--out=no_return shows those that did not return, and nothing of the others', async () => {
    const script = jobScript([returned('web1', true), target('web2', { status: 'waiting', lastSeen: 0 })])
    const { code, out, err } = await tsalt(script, ['*', 'test.ping', '--out', 'no_return', '-t', '1'])
    expect(out).toContain('web2')
    expect(out).not.toContain('web1')
    expect([code, err]).toEqual([69, ''])
  })

  it('--out=profile is a table of what states took', async () => {
    const { out } = await tsalt(highstate(), ['*', 'state.apply', '--out=profile'])
    expect(out).toContain('web1:\n    name    mod.fun       duration (ms)\n')
    expect(out).toContain('    /etc/1  file.managed        12.5000\n')
  })

  it('--out=progress prints nothing of returns', async () => {
    expect(await tsalt(pings(), ['*', 'test.ping', '--out=progress'])).toEqual({ code: 0, out: '', err: '' })
  })
})

describe('--metadata', () => {
  it.each([
    ['{"change": 42, "who": "me"}', { change: 42, who: 'me' }],
    ['{change: [1, x]}', { change: [1, 'x'] }],
    ['{1: {a: 2.5}}', { '1': { a: 2.5 } }],
    ['{}', {}],
  ])('%s goes with the job', async (word, metadata) => {
    await tsalt(pings(), ['*', 'test.ping', '--metadata', word])
    expect(submitted()).toMatchObject({ metadata })
  })

  it.each(['change=42', '[1]', '{"change": ', `{a: ${'x'.repeat(70_000)}}`])(
    '%.20s is refused',
    async (word) => {
      const { code, err } = await tsalt(pings(), ['*', 'test.ping', '--metadata', word])
      expect([code, err]).toEqual([64, expect.stringContaining('--metadata')])
      expect(submitted()).toBeUndefined()
    },
  )
})

describe('--no-parse', () => {
  it('leaves values of these arguments text', async () => {
    const words = ['x=1', 'version=1.10', 'tag=[a]', 'y=1.10']
    await tsalt(pings(), ['*', 'test.arg', ...words, '--no-parse=version, tag'])
    expect(submitted()).toMatchObject({ kwargs: { x: 1, version: '1.10', tag: '[a]' } })
    expect(submitted()).not.toMatchObject({ kwargs: { y: '1.10' } })
    await program(
      () => ({ body: { ret: null, retcode: 0 } }),
      ['tsalt-run', 'test.arg', ...words, '--no-parse', 'x'],
    )
    const asked = master?.asked.find(({ path }) => path === '/runners')?.body
    expect(asked).toMatchObject({ kwargs: { x: '1', tag: ['a'] } })
  })
})

describe('--args-stdin', () => {
  it('takes each line as an option or argument', async () => {
    const input = 'test.arg\none two\n--timeout=7\nx=[1, 2]\r\n'
    const { code } = await tsalt(pings(), ['*', '--args-stdin'], { input })
    expect(code).toBe(0)
    expect(submitted()).toMatchObject({ fun: 'test.arg', args: ['one two'], kwargs: { x: [1, 2] } })
  })

  it('shows no control characters of a file to the terminal', async () => {
    const { code, err } = await tsalt(pings(), ['*', '--args-stdin'], { input: '--\u001b[2J\u009b\u202eX\n' })
    expect([code, err]).toEqual([64, expect.stringContaining('--\\x1b[2J\\x9b\\u202eX')])
  })

  it('is a word like others behind --', async () => {
    await tsalt(pings(), ['*', 'test.arg', '--', '--args-stdin'], { input: 'never\n' })
    expect(submitted()).toMatchObject({ args: ['--args-stdin'] })
  })
})

describe('tsalt-run', () => {
  const answers =
    (ret: unknown): Script =>
    ({ path }) =>
      path === '/runners' ? { body: { ret, retcode: 0 } } : { body: {} }
  const asked = (): unknown => master?.asked.find(({ path }) => path === '/runners')?.body

  it.each(['-d', '--doc', '--documentation'])('%s asks for the documentation', async (flag) => {
    const { code, out } = await program(answers({ 'manage.up': 'Connected.' }), [
      'tsalt-run',
      flag,
      'manage.up',
    ])
    expect([code, out]).toEqual([0, 'manage.up:\n    Connected.\n'])
    expect(asked()).toEqual({ fun: 'sys.doc', args: ['manage.up'], kwargs: {} })
  })

  it('--async leaves an orchestration alone, and nothing else', async () => {
    const jid = '20261122031950008068'
    const orchestrate = ['tsalt-run', 'state.orchestrate', 'orch.deploy', '--async']
    expect(await program(answers({ jid, id: 'jump_master' }), orchestrate)).toEqual({
      code: 0,
      out: `Executed command with job ID: ${jid}\n`,
      err: '',
    })
    expect(asked()).toEqual({
      fun: 'state.orchestrate',
      args: ['orch.deploy'],
      kwargs: { attached: false },
    })
    const { code, err } = await program(answers(true), ['tsalt-run', 'manage.up', '--async'])
    expect([code, err]).toEqual([64, expect.stringContaining('--async is for orchestrations')])
  })
})

describe('--config-dump', () => {
  it('prints every option of the master, without secrets, and asks nobody', async () => {
    master = await scriptedMaster(pings())
    writeFileSync(join(master.root, 'master'), 'default_target: web*\next_pillar: [{cmd_yaml: cat}]\n')
    const { code, out } = await ran(master.socket, ['tsalt', '--config-dump'])
    expect(code).toBe(0)
    expect(out).toContain('default_target: web*\n')
    expect(out).toContain('state_output: short\n')
    expect(master.asked).toEqual([])
  })
})

describe('what tsalt has not is refused by name', () => {
  it.each([
    ['tsalt', '--return', 'mysql', 'events'],
    ['tsalt', '--return_config', 'other', 'events'],
    ['tsalt', '--return_kwargs', '{}', 'events'],
    ['tsalt', '--module-executors', 'sudo', 'runas='],
    ['tsalt', '--show-timeout', '', '--hide-timeout'],
    ['tsalt', '--saltfile', 'x', '-c'],
    ['tsalt', '-u', 'joe', 'sudo'],
    ['tsalt', '--user', 'joe', 'sudo'],
    ['tsalt', '-R', '%web', 'nodegroup'],
    ['tsalt-key', '--gen-keys', 'web1', '--token'],
    ['tsalt-key', '--gen-keys-dir', '/tmp', '--token'],
    ['tsalt-key', '--keysize', '4096', 'P-256'],
    ['tsalt-key', '--gen-signature', '--auto-create', 'CA'],
    ['tsalt-key', '--signature-path', '/tmp', 'CA'],
    ['tsalt-key', '--rotate-aes-key', 'True', 'connection'],
    ['tsalt-key', '--preserve-minions', 'True', 'Jobs'],
    ['tsalt-run', '--saltfile', 'x', '-c'],
  ])('%s %s', async (name, flag, value, instead) => {
    const rest = name === 'tsalt' ? ['*', 'test.ping'] : name === 'tsalt-run' ? ['manage.up'] : ['-L']
    const { code, err } = await program(pings(), [name, flag, ...(value === '' ? [] : [value]), ...rest])
    expect(code).toBe(64)
    expect(err).toContain(flag.startsWith('--') ? flag : `${flag},`)
    expect(err.split('hint:')[1]).toContain(instead)
    expect(submitted()).toBeUndefined()
  })
})
