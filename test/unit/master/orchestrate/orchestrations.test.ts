import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { trusted } from '../../../../master/auth/actor.ts'
import type { OrchestrationRequest } from '../../../../master/orchestrate/request.ts'
import { toPlain, toValue } from '../../../../shared/data/value.ts'
import type { JobId } from '../../../../shared/ids.ts'
import { openDesk } from '../auth/desk.ts'
import { id } from '../jobs/stage.ts'
import { Orchestra, resultsOf, statesReturn, until } from './orchestra.ts'

let orchestra: Orchestra
beforeEach(() => {
  orchestra = new Orchestra()
})
afterEach(() => orchestra.close())

const ping = (name: string, tgt: string, more = ''): string =>
  `${name}:\n  salt.function:\n    - name: test.ping\n    - tgt: '${tgt}'\n${more}`

describe('salt.state', () => {
  it('runs states on minions with what it is given, and tells who changed', async () => {
    await orchestra.open()
    orchestra.reply = (asked) => statesReturn(true, asked.id === 'web1' ? { a: 'b' } : {})
    const sls = `web:
  salt.state:
    - tgt: 'web*'
    - sls: [web]
    - pillar: {release: {{ pillar.of | tojson }}, from: '{{ grains.id }}'}
    - saltenv: base
    - queue: 3
    - concurrent: True
`
    const { web } = await orchestra.results(sls)
    expect(orchestra.asked).toHaveLength(2)
    expect(orchestra.asked[0]).toMatchObject({
      fun: 'state.sls',
      args: [['web']],
      kwargs: {
        pillar: { release: 'master', from: 'jump_master' },
        saltenv: 'base',
        queue: 3,
        concurrent: true,
      },
    })
    expect(orchestra.asked[0]?.kwargs).not.toHaveProperty('test')
    expect(web).toMatchObject({
      result: true,
      comment: 'States ran successfully. Updating web1. No changes made to web2.',
      __jid__: orchestra.asked[0]?.jid,
    })
    expect(web?.changes).toMatchObject({ out: 'highstate' })
    expect(Object.keys(web?.changes.ret as object)).toEqual(['web1'])
  })

  it('fails where states failed, and keeps what requires it from running', async () => {
    await orchestra.open()
    orchestra.reply = ({ id: name, fun }) => (fun === 'state.highstate' ? statesReturn(name !== 'web2') : {})
    const sls = `web:
  salt.state:
    - tgt: 'web*'
    - highstate: True
${ping('after', 'db1', '    - require: [{salt: web}]\n')}${ping('rollback', 'db1', '    - onfail: [{salt: web}]\n')}`
    const answer = await orchestra.run(sls)
    const { web, after, rollback } = resultsOf(answer)
    expect(web).toMatchObject({ result: false, comment: 'Run failed on minions: web2' })
    expect(after).toMatchObject({ result: false, comment: 'One or more requisite failed: orch.web' })
    expect(rollback?.result).toBe(true)
    expect(answer.retcode).toBe(2)
    expect(orchestra.asked.map(({ fun, id: name }) => `${name} ${fun}`)).toEqual([
      'web1 state.highstate',
      'web2 state.highstate',
      'db1 test.ping',
    ])
  })

  it.each([
    ['fail_minions: web2', true],
    ['allow_fail: 1', true],
    ['fail_minions: [web1]', false],
  ])('with %s its result is %s', async (argument, result) => {
    await orchestra.open()
    orchestra.reply = ({ id: name }) => statesReturn(name !== 'web2')
    const { web } = await orchestra.results(
      `web:\n  salt.state:\n    - tgt: 'web*'\n    - sls: web\n    - ${argument}\n`,
    )
    expect(web?.result).toBe(result)
  })

  it('in a dry run is one on the minions, and nothing else is begun', async () => {
    await orchestra.open()
    orchestra.reply = () => statesReturn(null, { a: 'b' })
    const sls = `web:\n  salt.state:\n    - tgt: 'web*'\n    - sls: web\n    - test: False\n${ping('call', 'db1')}
runner:
  salt.runner:
    - name: manage.up
wait:
  salt.wait_for_event:
    - name: x/y
`
    const answer = await orchestra.run(sls, { test: true })
    const { web, call, runner, wait } = resultsOf(answer)
    expect(orchestra.asked.map(({ fun, kwargs }) => [fun, kwargs])).toEqual([
      ['state.sls', { test: true }],
      ['state.sls', { test: true }],
    ])
    expect(web).toMatchObject({ result: null, comment: 'States ran dry. Would update web1, web2.' })
    expect(call?.comment).toBe('Function test.ping would be executed on target db1: db1')
    expect([call?.result, runner?.result, wait?.result]).toEqual([null, null, null])
    expect(answer.retcode).toBe(0)
  })

  it('as a batch takes minions one after the other', async () => {
    await orchestra.open()
    let most = 0
    const open: string[] = []
    orchestra.reply = (asked) => {
      open.push(asked.id)
      most = Math.max(most, open.length)
      setTimeout(() => {
        open.splice(open.indexOf(asked.id), 1)
        void orchestra.returns(asked, statesReturn(true))
      }, 20)
      return undefined
    }
    const { all } = await orchestra.results(
      "all:\n  salt.state:\n    - tgt: '*'\n    - sls: web\n    - batch: 1\n",
    )
    expect(all?.result).toBe(true)
    expect([most, orchestra.asked.length]).toEqual([1, 3])
  })
})

describe('minions that are not there', () => {
  it('fail the state, and nothing runs on them later', async () => {
    await orchestra.open(['web1'], ['web2'])
    orchestra.reply = () => statesReturn(true)
    const { web } = await orchestra.results("web:\n  salt.state:\n    - tgt: 'web*'\n    - sls: web\n")
    expect(web?.result).toBe(false)
    expect(web?.comment).toBe('Run failed on minions: web2\nweb2: offline, and nothing will run there later')
    orchestra.stage.sessions.connect('web2')
    await orchestra.stage.settle()
    expect(orchestra.asked.map((asked) => asked.id)).toEqual(['web1'])
  })

  it('are told and do not count with expect_minions: False', async () => {
    await orchestra.open(['web1'], ['web2'])
    const { web, nobody } = await orchestra.results(
      `${ping('web', 'web*', '    - expect_minions: False\n')}${ping('nobody', 'x*', '    - expect_minions: False\n')}`,
    )
    expect(web?.result).toBe(true)
    expect(web?.comment).toContain('web2: offline')
    expect(nobody?.result).toBe(true)
  })

  it('a target that means nobody is a failure', async () => {
    await orchestra.open()
    const { nobody } = await orchestra.results(ping('nobody', 'x*'))
    expect(nobody).toMatchObject({ result: false, comment: 'No minion matches the target "x*".' })
  })
})

describe('order', () => {
  it('is as written, and states with parallel are under way at the same time', async () => {
    await orchestra.open()
    let release = (): void => {}
    const both = new Promise<void>((resolve) => {
      release = resolve
    })
    orchestra.reply = (asked) => {
      if (asked.id === 'db1') return {}
      if (orchestra.asked.filter(({ id: name }) => name !== 'db1').length === 2) release()
      void both.then(() => orchestra.returns(asked))
      return undefined
    }
    const sls = `${ping('first', 'db1')}${ping('a', 'web1', '    - parallel: True\n')}${ping('b', 'web2', '    - parallel: True\n')}${ping('last', 'db1', '    - require: [{salt: a}, {salt: b}]\n')}`
    const results = await orchestra.results(sls)
    expect(Object.values(results).every(({ result }) => result === true)).toBe(true)
    expect(orchestra.asked.map(({ id: name }) => name)).toEqual(['db1', 'web1', 'web2', 'db1'])
  })

  it('guards ask runners; retry calls again; failhard stops', async () => {
    await orchestra.open()
    let times = 0
    orchestra.reply = () => (++times < 2 ? { success: false, retcode: 1 } : {})
    const sls = `again:
  salt.function:
    - name: test.ping
    - tgt: db1
    - retry: {attempts: 3, interval: 0}
never:
  salt.function:
    - name: test.ping
    - tgt: db1
    - onlyif:
      - fun: manage.down
stop:
  test.fail_without_changes:
    - failhard: True
${ping('not', 'db1')}`
    const { again, never, not } = await orchestra.results(sls)
    expect(again?.result).toBe(true)
    expect(never?.comment).toBe('onlyif condition is false')
    expect(not?.comment).toContain('failhard stops the run')
    expect(times).toBe(2)
  })
})

describe('salt.wait_for_event', () => {
  const wait = (name: string, more: string): string =>
    `fire:\n  salt.function:\n    - name: event.send\n    - tgt: 'web*'\nwait:\n  salt.wait_for_event:\n    - name: ${name}\n    - timeout: 0.3\n    - require: [{salt: fire}]\n${more}`
  const told = (name: string, tag: string, data: Record<string, string> = {}) =>
    orchestra.stage.events.told(id(name), `${name}${tag}`, tag, data)

  it('sees what came while the states before it ran, of each minion by its session', async () => {
    await orchestra.open()
    orchestra.reply = (asked) => {
      told(asked.id, 'app/done', { id: 'db1' }).then(() => orchestra.returns(asked))
      return undefined
    }
    const results = await orchestra.results(wait('app/done', '    - id_list: [web1, web2]\n'))
    expect(results.wait).toMatchObject({ result: true, changes: { seen: ['web1', 'web2'] } })
  })

  it('tells who was not seen', async () => {
    await orchestra.open()
    orchestra.reply = (asked) => {
      told('web1', 'app/done').then(() => orchestra.returns(asked))
      return undefined
    }
    const results = await orchestra.results(wait('app/*', '    - id_list: [web1, web2]\n'))
    expect(results.wait?.result).toBe(false)
    expect(results.wait?.comment).toContain('Not seen: web2.')
  })

  it('takes nothing that a minion tells for an event of the master', async () => {
    await orchestra.open()
    orchestra.reply = (asked) => {
      told(asked.id, 'salt/minion/web1/start', { id: 'web1' }).then(() => orchestra.returns(asked))
      return undefined
    }
    const results = await orchestra.results(wait('salt/minion/*/start', ''))
    expect(results.wait?.result).toBe(false)
  })
})

describe('the job that an orchestration is', () => {
  const long = ping('first', 'db1') + ping('long', 'web*') + ping('later', 'db1')
  /** web1 and web2 say nothing by themselves. */
  const hold = (): void => {
    orchestra.reply = ({ id: name }) => (name === 'db1' ? {} : undefined)
  }
  const account = async (jid: JobId) => {
    const { targets, ...job } = await orchestra.stage.account(jid)
    return { ...job, target: targets[0] }
  }

  it('is listed and looked up while it runs and afterwards', async () => {
    await orchestra.open()
    hold()
    const { jid, done } = await orchestra.begin(long)
    await until(() => orchestra.asked.length === 3)
    const running = await account(jid)
    expect(running).toMatchObject({ fun: 'state.orchestrate', operator: 'root' })
    expect(running.target).toMatchObject({ id: 'jump_master', status: 'running' })
    expect(running.target?.progress?.step).toMatchObject({ index: 2, total: 3, id: 'long' })
    for (const asked of orchestra.asked.slice(1)) await orchestra.returns(asked)
    await done
    expect((await account(jid)).target).toMatchObject({
      status: 'returned',
      return: { outcome: 'done', retcode: 0, format: 'highstate' },
    })
  })

  it("is told with Salt's events, its answer at the end", async () => {
    await orchestra.open()
    const { jid, done } = await orchestra.begin(ping('first', 'db1'))
    await done
    await orchestra.stage.events.stop()
    const { signal } = new AbortController()
    const told: [string, unknown][] = []
    for await (const { tag, data } of orchestra.stage.events.follow({
      since: 0,
      matches: (tag) => tag.startsWith('salt/run/'),
      live: false,
      signal,
    }))
      told.push([tag.replace(jid, 'JID'), data])
    expect(told.map(([tag]) => tag)).toEqual([
      'salt/run/JID/new',
      'salt/run/JID/job',
      'salt/run/JID/prog',
      'salt/run/JID/ret',
    ])
    expect(told[1]?.[1]).toEqual({ job: orchestra.asked[0]?.jid, fun: 'test.ping', id: 'first' })
    expect(told[3]?.[1]).toMatchObject({
      fun: 'runner.state.orchestrate',
      success: true,
      user: 'root',
      return: { data: { jump_master: {} }, outputter: 'highstate', retcode: 0 },
    })
  })

  it('killed, ends what it began and begins nothing more', async () => {
    await orchestra.open()
    hold()
    const { jid, done } = await orchestra.begin(long)
    await until(() => orchestra.asked.length === 3)
    await orchestra.stage.jobs.kill(jid, 'TERM', { name: 'root', grants: 'everything' })
    await until(() => orchestra.stage.sessions.sent.filter(({ kind }) => kind === 'job.kill').length === 2)
    for (const asked of orchestra.asked.slice(1))
      await orchestra.returns(asked, { outcome: 'cancelled', retcode: 1, success: false })
    expect((await done).retcode).toBe(1)
    expect((await account(jid)).target?.return?.outcome).toBe('cancelled')
    expect(orchestra.asked).toHaveLength(3)
  })

  it('killed in a batch, ends the rollout: nobody else has a turn', async () => {
    await orchestra.open()
    orchestra.reply = () => undefined
    const { jid, done } = await orchestra.begin(ping('all', '*', '    - batch: 1\n'))
    await until(() => orchestra.asked.length === 1)
    await orchestra.stage.jobs.kill(jid, 'TERM', { name: 'root', grants: 'everything' })
    await until(() => orchestra.stage.sessions.sent.some(({ kind }) => kind === 'job.kill'))
    const [asked] = orchestra.asked
    if (asked) await orchestra.returns(asked, { outcome: 'cancelled', retcode: 1, success: false })
    const { all } = resultsOf(await done)
    expect(all).toMatchObject({ result: false })
    expect(all?.comment).toContain('Cut short: it was killed.')
    expect(orchestra.asked).toHaveLength(1)
    const [child] = await orchestra.stage.rollouts.list(1)
    expect(child?.state).toBe('aborted')
  })

  it('ends at once where the master stops; what runs on minions is left alone', async () => {
    await orchestra.open()
    hold()
    const { jid, done } = await orchestra.begin(long)
    await until(() => orchestra.asked.length === 3)
    await orchestra.orchestrator.stop()
    await done
    expect((await account(jid)).target?.return?.outcome).toBe('interrupted')
    expect(orchestra.stage.sessions.sent.some(({ kind }) => kind === 'job.kill')).toBe(false)
  })

  it('ends a runner that takes its time', async () => {
    await orchestra.open()
    const { jid } = await orchestra.begin('slow:\n  salt.runner:\n    - name: test.sleep\n    - arg: [60]\n')
    await until(async () => (await account(jid)).target?.progress?.step?.id === 'slow')
    const from = Date.now()
    await orchestra.orchestrator.stop()
    expect(Date.now() - from).toBeLessThan(4_000)
  })

  it('after a crash is told as interrupted with what it had begun, and not run again', async () => {
    await orchestra.open(['web1', 'db1'], ['web2'])
    hold()
    const { jid } = await orchestra.begin(long)
    await until(() => orchestra.asked.length === 2)
    await orchestra.stage.settle()
    await orchestra.crash()
    const { target } = await account(jid)
    expect(target?.return?.outcome).toBe('interrupted')
    const child = orchestra.asked[1]?.jid
    expect(String(target?.return?.ret)).toContain(`long: job ${child}`)
    orchestra.stage.sessions.connect('web2')
    await orchestra.stage.settle()
    expect(orchestra.asked).toHaveLength(2)
  })

  it('killed, kills the orchestrations that it called', async () => {
    await orchestra.open()
    hold()
    orchestra.write('inner.sls', ping('inner', 'web1'))
    const { jid, done } = await orchestra.begin(
      'outer:\n  salt.runner:\n    - name: state.orchestrate\n    - mods: inner\n',
    )
    await until(() => orchestra.asked.length === 1)
    await orchestra.stage.jobs.kill(jid, 'TERM', { name: 'root', grants: 'everything' })
    await until(() => orchestra.stage.sessions.sent.some(({ kind }) => kind === 'job.kill'))
    const [asked] = orchestra.asked
    if (asked) await orchestra.returns(asked, { outcome: 'cancelled', retcode: 1, success: false })
    await done
    const [newest, next] = await orchestra.stage.jobs.list(2)
    expect([newest?.fun, next?.fun]).toEqual(['test.ping', 'state.orchestrate'])
    expect(next?.targets[0]?.status).toBe('returned')
  })
})

describe('rights', () => {
  it('by rules: a minion too many, a function that is not in them, or root by nature is refused, however deep', async () => {
    const { access } = openDesk(`access:
  - {who: alice, target: 'web*', functions: [test.ping, 'state.*']}
  - {who: alice, runner: [state.orchestrate, manage.up]}
`)
    orchestra.stage.access = access
    await orchestra.open()
    orchestra.write('inner.sls', ping('deep', 'db1'))
    const sls = `${ping('mine', 'web*')}${ping('all', '*')}
root:
  salt.function:
    - name: cmd.run
    - tgt: web1
    - arg: [id]
    - parallel: True
batch:
  salt.function:
    - name: test.ping
    - tgt: '*'
    - batch: 1
inner:
  salt.parallel_runners:
    - runners:
        deep:
          - name: state.orchestrate
          - kwarg: {mods: inner}
`
    const results = await orchestra.results(sls, {}, access.actor('alice'))
    expect(Object.entries(results).map(([name, { result }]) => `${name} ${result}`)).toEqual([
      'mine true',
      'all false',
      'root false',
      'batch false',
      'inner false',
    ])
    expect(JSON.stringify(results.inner?.changes)).toContain('alice may not')
    expect(orchestra.asked.map(({ id: name, fun }) => `${name} ${fun}`)).toEqual([
      'web1 test.ping',
      'web2 test.ping',
    ])
  })

  it('are asked again for everything inside, and a refusal fails the state', async () => {
    await orchestra.open()
    const sls = `${ping('call', 'web1')}runner:\n  salt.runner:\n    - name: manage.up\nkeys:\n  salt.wheel:\n    - name: key.list_all\n`
    const { call, runner, keys } = await orchestra.results(sls, {}, { name: 'alice', grants: [] })
    for (const state of [call, keys]) {
      expect(state?.result).toBe(false)
      expect(state?.comment).toContain('alice may not')
    }
    expect(runner?.result).toBe(false)
    expect(String(runner?.changes.return)).toContain('alice may not')
    expect(orchestra.asked).toEqual([])
  })
})

describe('shown and not run', () => {
  const show = async (sls: string, more: Partial<OrchestrationRequest> = {}) => {
    orchestra.write('orch.sls', sls)
    const request = { mods: ['orch'], test: true, ...more }
    const { id: name, ret, retcode } = await orchestra.orchestrator.show(request, trusted('root'))
    return { name, ret: toPlain(toValue(ret)) as unknown, retcode }
  }

  it('is high data, as Salt shows it', async () => {
    await orchestra.open()
    const sls = `${ping('second', 'web1', '    - require: [{salt: first}]\n')}${ping('first', '{{ pillar.who }}')}`
    const { name, ret, retcode } = await show(sls, { pillar: new Map([['who', 'db1']]) })
    expect([name, retcode]).toEqual(['jump_master', 0])
    expect(ret).toEqual({
      second: {
        salt: expect.arrayContaining([{ require: [{ salt: 'first' }] }, 'function']),
        __sls__: 'orch',
        __env__: 'base',
      },
      first: {
        salt: expect.arrayContaining([{ name: 'test.ping' }, { tgt: 'db1' }, 'function']),
        __sls__: 'orch',
        __env__: 'base',
      },
    })
    expect(orchestra.asked).toEqual([])
    expect(await orchestra.stage.store.jobs.list(9)).toEqual([])
  })

  it('passes over states of minions where all that is there is asked for, as SaltGUI does', async () => {
    await orchestra.open()
    orchestra.write('nginx.sls', 'nginx:\n  pkg.installed: []\n')
    const all = await show(ping('first', 'db1'), { mods: ['*'] })
    expect([all.retcode, Object.keys(all.ret as object)]).toEqual([
      0,
      expect.arrayContaining(['first', 'nginx']),
    ])
    const named = await show(ping('first', 'db1'), { mods: ['orch', 'nginx'] })
    expect([named.retcode, JSON.stringify(named.ret)]).toEqual([1, expect.stringContaining('pkg.installed')])
    const wrong = await show('a:\n  salt.functoin:\n    - tgt: db1\n', { mods: ['*'] })
    expect([wrong.retcode, JSON.stringify(wrong.ret)]).toEqual([1, expect.stringContaining('salt.functoin')])
  })

  it('names its mistakes, and nothing secret', async () => {
    await orchestra.open()
    const wrong = await show('a:\n  salt.functoin:\n    - tgt: db1\n')
    expect([wrong.retcode, JSON.stringify(wrong.ret)]).toEqual([1, expect.stringContaining('salt.function')])
    const pillar = new Map([['db_password', 'correct-horse']])
    const secret = await show('say:\n  test.show_notification:\n    - text: {{ pillar.db_password }}\n', {
      pillar,
    })
    expect(JSON.stringify(secret.ret)).toContain('**********')
    expect(JSON.stringify(secret.ret)).not.toContain('horse')
  })
})

describe('secrets', () => {
  it('of the pillar and of arguments are in no result and no event', async () => {
    await orchestra.open()
    orchestra.reply = () => ({ ret: 'it was correct-horse, battery-staple' })
    const { jid, done } = await orchestra.begin(
      `call:
  salt.function:
    - name: test.echo
    - tgt: db1
    - kwarg: {password: battery-staple}
say:
  test.show_notification:
    - text: {{ pillar.db_password }}
`,
      { pillar: new Map([['db_password', 'correct-horse']]) },
    )
    const { call, say } = resultsOf(await done)
    expect(call?.changes.ret).toEqual({ db1: 'it was **********, **********' })
    expect(say?.comment).toBe('**********')
    const { store } = orchestra.stage
    const stored = JSON.stringify([await store.events.since(0, 1000), await store.returns.ofJob(jid)])
    expect(stored).not.toContain('correct-horse')
    expect(stored).not.toMatch(/prog.*battery-staple/)
  })
})
