import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../../shared/data/value.ts'
import { type Ran, ran } from './recorded-console.ts'
import {
  job,
  jobScript,
  returned,
  type Script,
  type ScriptedMaster,
  scriptedMaster,
  target,
  testJid,
} from './scripted-master.ts'

let master: ScriptedMaster | undefined
afterEach(async () => {
  await master?.close()
  master = undefined
})

async function tsalt(script: Script, words: string[], options: Parameters<typeof ran>[2] = {}): Promise<Ran> {
  master = await scriptedMaster(script)
  return ran(master.socket, ['tsalt', ...words], options)
}

const submissions = (): Record<string, unknown>[] =>
  (master?.asked ?? [])
    .filter(({ method, path }) => method === 'POST' && path === '/jobs')
    .map(({ body }) => body as Record<string, unknown>)

/** The first, without the id that the command line made up for it. */
const submission = (): unknown => {
  const { jid, ...rest } = submissions()[0] ?? {}
  expect(jid).toMatch(/^\d{20}$/)
  return rest
}

const state = (order: number, result: boolean | null, changes: Plain, comment: string): Plain => ({
  result,
  changes,
  comment,
  name: `/etc/${order}`,
  __id__: `conf${order}`,
  __run_num__: order,
  __sls__: 'web',
  start_time: '03:19:17.368101',
  duration: 12.5,
})
const states = (...results: Plain[]): Plain =>
  Object.fromEntries(
    results.map((result, index) => [`file_|-conf${index}_|-/etc/${index}_|-managed`, result]),
  )

describe('a function on a target', () => {
  it('is submitted with typed arguments and printed as Salt prints it', async () => {
    const result = await tsalt(jobScript([returned('web1', true), returned('web2', true)]), [
      'web*',
      'test.ping',
    ])
    expect(result).toEqual({ code: 0, out: 'web1:\n    True\nweb2:\n    True\n', err: '' })
    expect(submission()).toEqual({
      target: { kind: 'glob', expression: 'web*' },
      fun: 'test.ping',
      args: [],
      kwargs: {},
    })
  })

  it('takes -L and -G, and options anywhere', async () => {
    await tsalt(jobScript([returned('a', 1)]), ['-L', 'a,b', 'test.arg', '1', 'x=[1, 2]', '-t', '3'])
    expect(submission()).toMatchObject({
      target: { kind: 'list', expression: 'a,b' },
      args: [1],
      kwargs: { x: [1, 2] },
    })
    await master?.close()
    await tsalt(jobScript([returned('a', 1)]), ['--out', 'json', '-G', 'os:Debian', 'cmd.run', 'false'])
    expect(submission()).toMatchObject({
      target: { kind: 'grain', expression: 'os:Debian' },
      args: ['false'],
    })
  })

  it('prints one JSON document for each minion, or one in all', async () => {
    const script = jobScript([returned('web1', { a: 1 }), returned('web2', true)])
    const each = await tsalt(script, ['*', 'test.ping', '--out=json'])
    expect(each.out).toBe('{\n    "web1": {\n        "a": 1\n    }\n}\n{\n    "web2": true\n}\n')
    await master?.close()
    const one = await tsalt(script, ['*', 'test.ping', '--out=json', '--static', '--out-indent', '-1'])
    expect(JSON.parse(one.out)).toEqual({ web1: { a: 1 }, web2: true })
    expect(one.out).toBe('{"web1": {"a": 1}, "web2": true}\n')
  })

  it('says the job id and does not wait with --async', async () => {
    const result = await tsalt(jobScript([returned('web1', true)]), ['*', 'test.ping', '--async'])
    expect(result.out).toBe(`Executed command with job ID: ${testJid}\n`)
    expect(master?.asked.some(({ path }) => path.endsWith('/follow'))).toBe(false)
  })

  it('writes to a file', async () => {
    master = await scriptedMaster(jobScript([returned('web1', true)]))
    const file = join(master.root, 'out.json')
    const result = await ran(master.socket, ['tsalt', '*', 'test.ping', '--out', 'json', '--out-file', file])
    expect(result.out).toBe('')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ web1: true })
  })

  it('neutralises what a minion sends to the terminal', async () => {
    const evil = 'a\x1b]0;owned\x07\x1b[2Jb\u202e\u009bc'
    const result = await tsalt(jobScript([returned('web1', evil)]), ['*', 'cmd.run', 'x'], { terminal: true })
    for (const raw of ['\x1b]', '\x1b[2J', '\x07', '\u202e', '\u009b']) expect(result.out).not.toContain(raw)
    expect(result.out).toContain('a\\x1b]0;owned\\x07\\x1b[2Jb\\u202e\\x9bc')
  })

  it('prints documentation once for all minions', async () => {
    const docs = { 'test.ping': 'Answers True.\n\nExample:\n  tsalt' }
    const result = await tsalt(jobScript([returned('a', docs), returned('b', docs)], { fun: 'sys.doc' }), [
      '*',
      '-d',
      'test.ping',
    ])
    expect(result.out).toBe('test.ping:\n\n    Answers True.\n\n    Example:\n      tsalt\n\n')
    expect(submission()).toMatchObject({ fun: 'sys.doc', args: ['test.ping'] })
  })
})

describe('the default target', () => {
  it('is used without one, and the first line on stderr says who that is', async () => {
    const results = states(state(0, true, {}, 'fine'))
    const script = jobScript(
      [returned('web1', results, { format: 'highstate' })],
      { fun: 'state.highstate' },
      { defaulted: true },
    )
    const result = await tsalt(script, ['state.highstate', '--out', 'json'])
    expect(result.err).toBe("Target: default_target '*' → web1 (1 minion)\n")
    expect(Object.keys(JSON.parse(result.out))).toEqual(['web1'])
    expect(submission()).toEqual({ fun: 'state.highstate', args: [], kwargs: {} })
  })

  it('is refused by a master that has none', async () => {
    const script: Script = ({ path }) =>
      path === '/jobs'
        ? {
            status: 400,
            body: { code: 'target-missing', message: 'No target was given.', hint: 'Name the minions.' },
          }
        : { body: {} }
    const result = await tsalt(script, ['state.highstate'])
    expect(result).toMatchObject({
      code: 64,
      err: 'ERROR: No target was given. [target-missing]\n  hint: Name the minions.\n',
    })
  })
})

describe('every target ends in one named status', () => {
  const seen = Date.UTC(2026, 10, 22, 1, 0, 0)
  it.each([
    ['offline', target('b', { status: 'waiting', lastSeen: seen }), 69, /Offline since 2026-11-2/],
    ['never seen', target('b', { status: 'waiting', lastSeen: 0 }), 69, /was never connected/],
    ['expired', target('b', { status: 'expired', lastSeen: seen }), 69, /Expired: .*Nothing was run/],
    [
      'lost',
      target('b', {
        status: 'lost',
        progress: {
          jid: testJid,
          phase: 'running',
          elapsed: 5,
          step: { index: 41, total: 120, fun: 'pkg.installed', id: 'nginx', name: 'nginx' },
        },
      }),
      75,
      /Lost connection while running state 41 of 120 \(pkg.installed nginx\).*will report/,
    ],
    [
      'cancelled',
      returned('b', null, { outcome: 'cancelled', retcode: 130, success: false }),
      130,
      /Cancelled/,
    ],
    [
      'interrupted',
      returned('b', null, { outcome: 'interrupted', retcode: 1, success: false }),
      1,
      /Interrupted/,
    ],
  ])('%s', async (_, other, code, text) => {
    const script = jobScript([returned('a', true), other])
    const result = await tsalt(script, ['*', 'test.ping'])
    expect(result.code).toBe(code)
    expect(result.out).toMatch(/^a:\n {4}True\nb:\n {4}/)
    expect(result.out).toMatch(text)
    await master?.close()
    const document = await tsalt(script, ['*', 'test.ping', '--out', 'json'])
    expect(JSON.parse(document.out)).toEqual({ a: true })
    expect(document.err).toMatch(text)
  })

  it('a failure hides the finer codes', async () => {
    const script = jobScript([returned('a', 'no', { retcode: 1 }), target('b', { status: 'waiting' })])
    const result = await tsalt(script, ['*', 'test.ping'])
    expect(result.code).toBe(1)
    expect(result.err).toBe('ERROR: Minions returned with non-zero exit code\n')
  })

  it('what a minion says of a job that was ended is part of that line, and data for programs', async () => {
    const ended = { outcome: 'cancelled', retcode: 143, success: false } as const
    const script = jobScript([returned('a', 'sleep was ended', ended)])
    const result = await tsalt(script, ['*', 'cmd.run', 'sleep 9'])
    expect(result.out).toBe('a:\n    Cancelled by an operator.\n    sleep was ended\n')
    await master?.close()
    const document = await tsalt(script, ['*', 'cmd.run', 'sleep 9', '--out', 'json'])
    expect(JSON.parse(document.out)).toEqual({ a: 'sleep was ended' })
    expect(document.err).toContain('Cancelled')
  })

  it('the sentence of a minion that is shown already is not shown twice', async () => {
    const ended = { outcome: 'cancelled', retcode: 1, success: false } as const
    const said = 'Cancelled by an operator. What was done until then stays.'
    const result = await tsalt(jobScript([returned('a', said, ended)]), ['*', 'cmd.run', 'sleep 9'])
    expect(result.out).toBe('a:\n    Cancelled by an operator.\n    What was done until then stays.\n')
  })

  it.each([
    [
      'interrupted',
      'The minion went down while this was running.',
      /^a:\n {4}Interrupted\.\n {4}The minion went down/,
    ],
    [
      'timeout',
      'Ended after 5 s: it was not to run longer. What was done until then stays.',
      /ended\.\n {4}What was/,
    ],
  ] as const)('nor is one that says the same in other words: %s', async (outcome, said, shown) => {
    const ended = { outcome, retcode: 1, success: false } as const
    const result = await tsalt(jobScript([returned('a', said, ended)]), ['*', 'cmd.run', 'sleep 9'])
    expect(result.out).toMatch(shown)
    expect(result.out).not.toMatch(/itself|it was not to run longer/)
  })

  it.each([
    [['rollout', 'nosuch'], 'There is no "rollout nosuch"'],
    [['rollout', 'nosuch', testJid], 'There is no "rollout nosuch"'],
    [['rollout', 'pause'], '"pause" takes one job id'],
  ])('%j', async (words, text) => {
    const result = await tsalt(jobScript([returned('a', true)]), words)
    expect(result.code).toBe(64)
    expect(result.err).toContain(text)
  })

  it('silence ends the waiting, not the job', async () => {
    const script: Script = (asked) => {
      if (!asked.path.endsWith('/follow')) return jobScript([target('a')])(asked)
      return { stream: (send) => send({ type: 'job', job: job([target('a')]) }) }
    }
    const result = await tsalt(script, ['*', 'test.ping', '-t', '1'])
    expect(result.code).toBe(2)
    expect(result.out).toMatch(
      /a:\n {4}Did not answer in 1 s of silence \(sent, but not acknowledged\). The job goes on/,
    )
    expect(result.err).toContain('ERROR: No return received')
  })

  it('nobody matches', async () => {
    const script: Script = ({ path }) =>
      path === '/jobs'
        ? { status: 404, body: { code: 'target-empty', message: 'No minions matched the target.' } }
        : { body: {} }
    const result = await tsalt(script, ['nosuch*', 'test.ping'])
    expect(result).toEqual({
      code: 2,
      out: '',
      err: 'ERROR: No return received\nNo minions matched the target. [target-empty]\n',
    })
  })
})

describe('a connection that breaks', () => {
  it('is made again, said once, and nothing is printed twice', async () => {
    let streams = 0
    const all = [returned('a', true), returned('b', true)]
    const script: Script = (asked) => {
      if (!asked.path.endsWith('/follow')) return jobScript(all)(asked)
      streams++
      if (streams > 1) {
        return {
          stream: (send, response) => {
            send({ type: 'job', job: job(all) })
            send({ type: 'end' })
            response.end()
          },
        }
      }
      return {
        stream: (send, response) => {
          send({ type: 'job', job: job([returned('a', true), target('b')]) })
          setTimeout(() => response.destroy(), 20)
        },
      }
    }
    const result = await tsalt(script, ['*', 'test.ping'])
    expect(result.out).toBe('a:\n    True\nb:\n    True\n')
    expect(result.err).toBe(
      'The connection to the master broke; the job goes on. Connecting again…\nConnected to the master again.\n',
    )
    expect(result.code).toBe(0)
  })

  it('survives a restart of the master', async () => {
    const all = [returned('a', true)]
    let streams = 0
    const script: Script = (asked) => {
      if (!asked.path.endsWith('/follow') || streams++ > 0) return jobScript(all)(asked)
      return {
        stream: async (send) => {
          send({ type: 'job', job: job([target('a')]) })
          await new Promise((done) => setTimeout(done, 20))
          await master?.stop()
          setTimeout(() => void master?.start(), 400)
        },
      }
    }
    const result = await tsalt(script, ['*', 'test.ping'])
    expect(result).toMatchObject({ code: 0, out: 'a:\n    True\n' })
    expect(result.err.match(/Connecting again/g)).toHaveLength(1)
  })

  it('before the answer: the same job is submitted again until the master has it', async () => {
    const all = [returned('a', true)]
    let posts = 0
    const script: Script = (asked) => {
      if (asked.method !== 'POST' || asked.path !== '/jobs') return jobScript(all)(asked)
      posts++
      if (posts === 1) return { stream: (_send, response) => void response.destroy() }
      if (posts === 2) {
        return {
          stream: async (_send, response) => {
            response.destroy()
            await master?.stop()
            setTimeout(() => void master?.start(), 300)
          },
        }
      }
      if (posts === 3) return { status: 503, body: { code: 'master-stopping', message: 'It stops.' } }
      return jobScript(all)(asked)
    }
    const result = await tsalt(script, ['*', 'test.ping'])
    expect(result).toMatchObject({ code: 0, out: 'a:\n    True\n' })
    expect(result.err).toMatch(
      /^The master went away before it answered; the job \d{20} is submitted again.\n$/,
    )
    expect(submissions()).toHaveLength(4)
    expect(new Set(submissions().map(({ jid }) => jid)).size).toBe(1)
  })

  it("an id that somebody else's job has is not insisted on", async () => {
    let posts = 0
    const script: Script = (asked) => {
      if (asked.method !== 'POST' || asked.path !== '/jobs' || posts++ > 0)
        return jobScript([returned('a', true)])(asked)
      return { status: 409, body: { code: 'jid-taken', message: 'Taken.' } }
    }
    expect(await tsalt(script, ['*', 'test.ping'])).toMatchObject({ code: 0, err: '' })
    expect(new Set(submissions().map(({ jid }) => jid)).size).toBe(2)
  })

  it('to a master that is down is one clear message', async () => {
    const result = await ran('/nonexistent/master.sock', ['tsalt', '*', 'test.ping'])
    expect(result.code).toBe(2)
    expect(result.err).toMatch(
      /^ERROR: The master does not answer on \/run\/tsalt\/master.sock.*\n {2}hint: .*systemctl status tsalt-master/,
    )
  })

  it('an answer that is no JSON is named', async () => {
    master = await scriptedMaster(() => ({
      stream: (_send, response) => {
        response.end('<html>')
      },
    }))
    const result = await ran(master.socket, ['tsalt', '*', 'test.ping'])
    expect(result.code).toBe(70)
    expect(result.err).toContain('no JSON: <html>')
  })
})

describe('Ctrl-C', () => {
  it('leaves the job running and says how to come back', async () => {
    const script: Script = (asked) => {
      if (!asked.path.endsWith('/follow')) return jobScript([target('a')])(asked)
      return { stream: (send) => send({ type: 'job', job: job([target('a')]) }) }
    }
    const result = await tsalt(script, ['*', 'test.ping'], {
      onListening: (interrupt) => setTimeout(interrupt, 50),
    })
    expect(result.code).toBe(130)
    expect(result.err).toBe(
      `\nThe job goes on. Attach again: tsalt jobs attach ${testJid} · end it: tsalt jobs kill ${testJid}\n`,
    )
    expect(master?.asked.some(({ path }) => path.endsWith('/kill'))).toBe(false)
  })
})

describe('state runs', () => {
  const diff = '--- \n+++ \n@@ -1 +1 @@\n-port = 80\n+port = 8080\n'
  const changed = states(state(0, true, {}, 'fine'), state(1, true, { diff }, 'File /etc/1 updated'))

  it('are short by default: what changed with its diff, equal hosts together, a summary', async () => {
    const other = states(state(0, true, {}, 'fine'), state(1, false, {}, 'Cannot write\nDisk full'))
    const script = jobScript(
      [
        returned('bad', other, { format: 'highstate', retcode: 2 }),
        returned('web1', changed, { format: 'highstate' }),
        returned('web2', changed, { format: 'highstate' }),
      ],
      { fun: 'state.highstate' },
    )
    const result = await tsalt(script, ['*', 'state.highstate'])
    expect(result.out.replace(/in \d+ ms\n$/, 'in N ms\n')).toMatchInlineSnapshot(`
      "web1, web2 (2 minions, identical):
        ~ file.managed conf1 (/etc/1)  File /etc/1 updated  ≤ 13 ms
            @@ -1 +1 @@
            -port = 80
            +port = 8080
        Succeeded: 2 (changed: 1)  Failed: 0  in 25 ms

      bad:
        ✗ file.managed conf1 (/etc/1)  Cannot write  13 ms
            Disk full
        Succeeded: 1  Failed: 1  in 25 ms

      Summary of 3 minions: 2 changed, 1 failed
      Succeeded: 5 (changed: 2)  Failed: 1  in N ms
      "
    `)
    expect(result.code).toBe(1)
  })

  it('say "would change" in a dry run, and what is unknown', async () => {
    const dry = states(state(0, null, { diff }, 'The file /etc/0 is set to be changed'), {
      ...(state(1, null, {}, 'Depends on conf0') as object),
      __unknown__: 'depends on a file that conf0 writes',
    })
    const script = jobScript([returned('web1', dry, { format: 'highstate' })], { fun: 'state.highstate' })
    const result = await tsalt(script, ['web1', 'state.highstate', 'test=True'])
    expect(result.out).toMatchInlineSnapshot(`
      "web1:
        ~ file.managed conf0 (/etc/0)  The file /etc/0 is set to be changed  13 ms
            @@ -1 +1 @@
            -port = 80
            +port = 8080
        ? file.managed conf1 (/etc/1)  Depends on conf0  13 ms
            unknown: depends on a file that conf0 writes
        Succeeded: 1 (would change: 1)  Failed: 0  Unknown: 1  in 25 ms
      "
    `)
    expect(result.code).toBe(0)
  })

  it('follow the configuration of the master, and the flag before it', async () => {
    const script = jobScript(
      [returned('web1', changed, { format: 'highstate' })],
      {},
      { status: { stateOutput: 'terse' } },
    )
    const configured = await tsalt(script, ['web1', 'state.apply'])
    expect(configured.out).toContain('  Name: /etc/1 - Function: file.managed - Result: Changed')
    await master?.close()
    const asked = await tsalt(script, ['web1', 'state.apply', '--state-output=full'])
    expect(asked.out).toContain('     Changes:   \n')
  })

  it('that did not compile say so, with every line', async () => {
    const script = jobScript([
      returned('web1', ['Unknown argument "contnts".\n  at web.sls:3:7\n    3 | - contnts: x\n      |   ^'], {
        format: 'highstate',
        retcode: 1,
      }),
    ])
    const result = await tsalt(script, ['web1', 'state.apply'])
    expect(result.out).toMatchInlineSnapshot(`
      "web1:
        Data failed to compile; nothing was changed:
          Unknown argument "contnts".
            at web.sls:3:7
              3 | - contnts: x
                |   ^
      "
    `)
  })
})

describe('wrong usage', () => {
  it.each([
    [[], /No target was given/],
    [['web1'], /No function was given for the target "web1".*\n.*tsalt 'web1' test.ping/],
    [['tset.ping'], /Did you mean "test.ping"/],
    [['*', 'testping'], /Did you mean "test.ping"/],
    [
      ['*', 'test.ping,cmd.run', 'x'],
      /2 functions were given, and arguments for 1: test.ping ← x; cmd.run ← nothing/,
    ],
    [['*', 'test.ping,,cmd.run'], /not a function: "test.ping,,cmd.run".*\n.*Between two commas/],
    [['*', 'test.ping,cmdrun'], /not a function: "cmdrun"/],
    [['*', 'test.ping,cmd.run', '--now', ',', 'id'], /test.ping waits for nobody/],
    [['*', 'test.ping,cmd.run', '--args-separator', '', ',', 'id'], /--args-separator is a sign/],
    [['state.highstate', '*'], /comes before the function/],
    [['-R', '%web', 'test.ping'], /-R, --range \(target by range server\).*\n.*-N web/],
    [['-E', '-G', 'os:Debian', 'test.ping'], /-E and -G exclude each other.*\n.*-C 'G@os/],
    [['--subset', '0', '*', 'test.ping'], /"0" is no number of minions/],
    [['--subset', '2', '--preview-target', '*'], /drawn when the function runs/],
    [['*', 'test.ping', '--batch-size', 'some'], /"some" is neither a number of minions nor a share/],
    [['*', 'test.ping', '--batch-wait', '3'], /--batch-wait means nothing.*\n.*--canary 1/],
    [['*', 'test.ping', '--max-fail', 'many'], /"many" is neither a number of failures/],
    [['*', 'test.ping', '--tiemout', '3'], /Did you mean --timeout/],
    [['*', 'test.ping', '--out', 'jsno'], /jsno/],
    [['*', 'test.ping', '-t', 'soon'], /"soon" is not a time/],
    [['*', 'test.ping', '-t', '0'], /-t 0 waits for nobody.*\n.*--async/],
    [['*', 'test.ping', '--state-output', 'long'], /no form of state output/],
    [['jobs.atach', testJid], /Did you mean "tsalt jobs attach"/],
    [['jobs', 'list', '--since', 'soon'], /"soon" is no time, such as/],
    [['jobs', 'list', '0'], /"0" is not a number of jobs/],
    [['jobs', 'list', '--state', 'red'], /Allowed choices are running, waiting/],
    [['*', 'cmd.run', 'uptime', '--now'], /cmd.run waits for nobody/],
    [['*', 'state.apply', 'queue=True', '--now'], /--now and queue= exclude each other/],
    [['*', 'test.ping', '--max-time', '0'], /--max-time is between/],
    [['jobs.attach'], /takes one job id/],
    [['jobs.show', '123'], /not a job id/],
  ])('%j', async (words, text) => {
    const result = await tsalt(() => ({ body: {} }), words)
    expect(result.code).toBe(64)
    expect(result.err).toMatch(text)
    expect(master?.asked).toEqual([])
  })

  it('help and version are no errors', async () => {
    const help = await tsalt(() => undefined, ['--help'])
    expect(help.code).toBe(0)
    expect(help.out).toContain("tsalt '*' test.ping")
  })
})

describe('jobs', () => {
  const all = [returned('a', true), target('b', { status: 'waiting', lastSeen: 0 })]
  const summary = {
    ...job([], { fun: 'cmd.run', args: ['uptime'], kwargs: { cwd: '/' } }),
    states: ['failed', 'waiting'],
    targets: 3,
    counts: { failed: 1, ok: 1, waiting: 1 },
  }
  const script: Script = (asked) => {
    if (asked.path.startsWith('/job-summaries?')) return { body: [summary] }
    if (asked.path.endsWith('/kill')) return { body: { told: ['a'] } }
    if (asked.path.endsWith('/rerun'))
      return { status: 201, body: { jid: testJid, targets: ['a'], defaulted: false } }
    return jobScript(all)(asked)
  }

  it.each([['jobs.list'], ['jobs', 'list'], ['jobs']])('are listed by %s', async (...words) => {
    const listed = await tsalt(script, words)
    expect(listed.out.split('\n')[0]).toMatch(/^JID {19}Submitted {12}By {4}Result/)
    expect(listed.out).toContain(`${testJid}  `)
    expect(listed.out).toMatch(/root {2}1 ok, 1 offline, 1 failed {8}cmd.run uptime cwd=\/ {2}'\*'/)
    expect(listed.code).toBe(0)
  })

  it('are listed by what is asked for', async () => {
    const words = ['jobs', 'list', '5', '--state', 'failed', '--function', 'state.*', '--operator', 'al*']
    const before = Date.now()
    await tsalt(script, [...words, '--target', 'web1', '--since', '2h', '--out', 'json'])
    const query = new URLSearchParams(master?.asked.at(-1)?.path.split('?')[1])
    expect(Object.fromEntries(query)).toMatchObject({
      limit: '5',
      state: 'failed',
      function: 'state.*',
      operator: 'al*',
      target: 'web1',
    })
    expect(Number(query.get('since'))).toBeGreaterThanOrEqual(before - 7_200_000)
    expect(Number(query.get('since'))).toBeLessThan(Date.now() - 7_199_000)
  })

  it('are shown with every target', async () => {
    const shown = await tsalt(script, ['jobs', 'show', testJid])
    expect(shown.out).toMatch(/^Job \d{20}: test.ping\nSubmitted .* by root/)
    expect(shown.out).toContain('Result: 1 ok, 1 offline\n')
    expect(shown.out).toContain('a:\n    True\nb:\n    Offline; was never connected.')
  })

  it('are attached to', async () => {
    const attached = await tsalt(script, ['--out', 'nested', 'jobs.attach', testJid])
    expect(attached.out).toMatch(/^a:\n {4}True\nb:/)
  })

  it('are killed, and what was ended is told', async () => {
    const ended = [
      { pid: 812, name: 'sh', signal: 'TERM' },
      { pid: 813, name: 'sleep', signal: 'KILL' },
    ] as const
    const running = [target('a', { status: 'running' })]
    const cancelled = returned('a', 'x', { outcome: 'cancelled', success: false, ended: [...ended] })
    const killing: Script = (asked) => {
      if (asked.path.endsWith('/kill')) return { body: { told: ['a'] } }
      if (!asked.path.endsWith('/follow')) return jobScript(running)(asked)
      return {
        stream: (send) => {
          send({ type: 'job', job: job(running) })
          send({ type: 'target', target: cancelled })
        },
      }
    }
    const killed = await tsalt(killing, ['jobs', 'kill', testJid, '--signal', 'KILL'])
    expect(killed.out).toMatch(
      /^Told to end job \d{20}: a\na: cancelled.*\. Ended: sh \(pid 812\), sleep \(pid 813, by KILL\)\.\n$/,
    )
    expect(killed.code).toBe(0)
    expect(master?.asked.find(({ path }) => path.endsWith('/kill'))?.body).toEqual({ signal: 'KILL' })
  })

  it('are run again', async () => {
    const again = await tsalt(script, ['jobs', 'rerun', testJid, '--failed', '--missing', '--async'])
    expect(again.out).toBe(`Executed command with job ID: ${testJid}\n`)
    const asked = master?.asked.find(({ path }) => path.endsWith('/rerun'))
    expect(asked?.body).toMatchObject({
      which: ['failed', 'missing'],
      jid: expect.stringMatching(/^\d{20}$/),
    })
  })
})

describe('Ctrl-C on a terminal', () => {
  const endless =
    (onKill: () => void): Script =>
    (asked) => {
      if (asked.path.endsWith('/kill')) {
        onKill()
        return { body: { told: ['a'] } }
      }
      if (!asked.path.endsWith('/follow')) return jobScript([target('a')])(asked)
      return {
        stream: async (send) => {
          send({ type: 'job', job: job([target('a', { status: 'running' })]) })
          await killed
          send({
            type: 'target',
            target: returned('a', 'gone', { outcome: 'cancelled', retcode: 1, success: false }),
          })
          send({ type: 'end' })
        },
      }
    }
  let killed: Promise<void>
  let kill = (): void => undefined
  beforeEach(() => {
    killed = new Promise((resolve) => {
      kill = resolve
    })
  })

  it('asks, and cancels the job where that is wanted', async () => {
    const result = await tsalt(
      endless(() => kill()),
      ['*', 'test.ping'],
      {
        terminal: true,
        answers: ['x', 'c'],
        onListening: (interrupt) => setTimeout(interrupt, 50),
      },
    )
    expect(result.err).toContain('[L]eave the job running, [c]ancel it, or [w]atch on? ')
    expect(result.err).toContain('atch on? x\nPlease press one of the letters')
    expect(result.err).toContain('Told 1 minion to end it.')
    expect(result.out).toContain('Cancelled by an operator.')
    expect(result.code).toBe(130)
  })

  it.each([['l'], ['L'], ['\n'], ['\u0003'], [undefined]])(
    'leaves it where the key is %j',
    async (answer) => {
      const result = await tsalt(
        endless(() => kill()),
        ['*', 'test.ping'],
        {
          terminal: true,
          answers: answer === undefined ? [] : [answer],
          onListening: (interrupt) => setTimeout(interrupt, 50),
        },
      )
      expect(result.code).toBe(130)
      expect(result.err).toContain(`The job goes on. Attach again: tsalt jobs attach ${testJid}`)
      kill()
    },
  )

  it('goes on watching where that is wanted', async () => {
    const result = await tsalt(
      endless(() => kill()),
      ['*', 'test.ping'],
      {
        terminal: true,
        answers: ['w'],
        onListening: (interrupt) => {
          setTimeout(interrupt, 50)
          setTimeout(() => kill(), 150)
        },
      },
    )
    expect(result.out).toContain('Cancelled by an operator.')
    expect(master?.asked.some(({ path }) => path.endsWith('/kill'))).toBe(false)
  })
})
