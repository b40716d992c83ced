/** Orchestrations with a master and a minion as real processes: what runs where, what is left of a crash, who may leave. */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobAccount } from '../../../master/api/schemas.ts'
import { parseJobId } from '../../../shared/ids.ts'
import { lines, Stage, until } from '../stage/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
  stage.writeState(
    'app.sls',
    `${stage.path('app.conf')}:\n  file.managed:\n    - contents: 'release {{ pillar.release }}'\n`,
  )
})
afterAll(() => stage.close())

const orchestrate = (...words: readonly string[]) => stage.run('tsalt-run', ['state.orchestrate', ...words])

const newest = async (): Promise<JobAccount> => {
  const jobs = await stage.client.jobs(50)
  const found = jobs.find(({ fun }) => fun === 'state.orchestrate')
  if (!found) throw new Error('there is none')
  return stage.client.job(parseJobId(found.jid))
}

/** The number of times that a command, of which only appending to a file is seen, was run. */
const marks = (name: string): number => lines(stage.path(name)).length

const deploy = () => `
{% set up = salt['saltutil.runner']('manage.up') %}
app:
  salt.state:
    - tgt: {{ up | tojson }}
    - tgt_type: list
    - sls: app
    - pillar: {release: {{ pillar.get('release', 1) }}}

mark:
  salt.function:
    - name: cmd.run
    - tgt: '*'
    - arg: ['echo x >> ${stage.path('marks')}']
    - require: [{salt: app}]

broken:
  test.configurable_test_state:
    - changes: False
    - result: {{ pillar.get('fine', True) }}

never:
  salt.function:
    - name: cmd.run
    - tgt: '*'
    - arg: ['echo x >> ${stage.path('never')}']
    - onfail: [{test: broken}]
`

describe('an orchestration', () => {
  it('dry, changes nothing and shows what would be', () => {
    stage.writeState('deploy.sls', deploy())
    const { status, stdout } = orchestrate('deploy', 'test=True')
    expect(status).toBe(0)
    expect(stdout).toContain('~ salt.state app  States ran dry. Would update one.')
    expect(stdout).toContain('+release 1')
    expect(stdout).toContain('Function cmd.run would be executed on target *: one')
    expect(existsSync(stage.path('app.conf'))).toBe(false)
    expect(marks('marks')).toBe(0)
  })

  it('runs in order, hands over pillar values, and shows what minions did', () => {
    const { status, stdout } = orchestrate('deploy', 'pillar={"release": 4}')
    expect(status).toBe(0)
    expect(readFileSync(stage.path('app.conf'), 'utf8')).toBe('release 4\n')
    expect(stdout).toContain('~ salt.state app  States ran successfully. Updating one.')
    expect(stdout).toMatch(/ {6}one:\n {8}~ file\.managed .*app\.conf/)
    expect([marks('marks'), marks('never')]).toEqual([1, 0])
  })

  it('runs what is there for a failure, and ends with 1', () => {
    const { status, stdout, stderr } = orchestrate('deploy', 'pillar={"release": 4, "fine": false}')
    expect(status).toBe(1)
    expect(stdout).toContain('✗ test.configurable_test_state broken')
    expect(stderr).toContain('ERROR: The orchestration failed')
    expect([marks('marks'), marks('never')]).toEqual([2, 1])
  })

  it("has Salt's answer as a document", () => {
    const { status, stdout } = orchestrate('deploy', 'pillar={"release": 4}', '--out', 'json')
    expect(status).toBe(0)
    const { data, outputter, retcode } = JSON.parse(stdout)
    expect([outputter, retcode]).toEqual(['highstate', 0])
    const [id = ''] = Object.keys(data)
    expect(id).toMatch(/_master$/)
    expect(data[id]['salt_|-app_|-app_|-state']).toMatchObject({ result: true, __run_num__: 0 })
  })

  it('with a mistake begins nothing', () => {
    const before = marks('marks')
    stage.writeState(
      'wrong.sls',
      `${deploy()}\ntypo:\n  salt.function:\n    - name: test.ping\n    - tg: '*'\n`,
    )
    const { status, stdout } = orchestrate('wrong')
    expect(status).toBe(1)
    expect(stdout).toContain('salt.function has no argument "tg"')
    expect(stdout).toContain('at wrong.sls:')
    expect(marks('marks')).toBe(before)
  })

  it('waits for the start event of a minion that a state before it had restarted', async () => {
    stage.writeState(
      'restart.sls',
      `go:\n  salt.function:\n    - name: cmd.run\n    - tgt: '*'\n    - arg: ['touch ${stage.path('go')}']\nback:\n  salt.wait_for_event:\n    - name: salt/minion/*/start\n    - id_list: [one]\n    - timeout: 20\n    - require: [{salt: go}]\n`,
    )
    const done = stage.follow('tsalt-run', ['state.orch', 'restart', '--out', 'json'])
    const step = () =>
      newest().then(
        ({ targets }) => targets[0]?.progress?.step?.id,
        () => undefined,
      )
    await until('the second state', 20, async () => (await step()) === 'back' || undefined)
    await stage.minion.end('SIGTERM')
    await stage.restart(stage.minion)
    const { text } = await done
    const results = Object.values(Object.values(JSON.parse(text).data)[0] as object)
    expect(results[1]).toMatchObject({ result: true, changes: { seen: ['one'] } })
  })
})

describe('an orchestration that is left or cut short', () => {
  const slow = (name: string) => `
first:
  salt.function:
    - name: cmd.run
    - tgt: '*'
    - arg: ['echo x >> ${stage.path(`${name}-first`)}; sleep 2']
second:
  salt.function:
    - name: cmd.run
    - tgt: '*'
    - arg: ['echo x >> ${stage.path(`${name}-second`)}']
`

  it('goes on without the terminal that started it', async () => {
    stage.writeState('left.sls', slow('left'))
    const { ret } = await stage.client.runner({
      fun: 'state.orchestrate',
      args: ['left'],
      kwargs: { attached: false },
    })
    expect(ret).toMatchObject({ jid: expect.stringMatching(/^\d{20}$/) })
    await until('the second state to run', 20, async () => marks('left-second') === 1 || undefined)
    await until('its end', 20, async () => (await newest()).targets[0]?.status === 'returned' || undefined)
    expect((await newest()).targets[0]?.return).toMatchObject({ outcome: 'done', retcode: 0 })
  })

  it('after kill -9 of the master is told as interrupted; nothing of it is run again', async () => {
    stage.writeState('cut.sls', slow('cut'))
    await stage.client.runner({ fun: 'state.orchestrate', args: ['cut'], kwargs: { attached: false } })
    await until('the first state to run', 20, async () => marks('cut-first') === 1 || undefined)
    await stage.master.end('SIGKILL')
    await stage.restart(stage.master)
    await stage.minionAnswers()
    const { targets, jid } = await newest()
    expect(targets[0]).toMatchObject({ status: 'returned', return: { outcome: 'interrupted' } })
    expect(String(targets[0]?.return?.ret)).toMatch(/first: job \d{20}/)
    const child = /first: job (\d{20})/.exec(String(targets[0]?.return?.ret))?.[1] ?? ''
    // What was under way on the minion is a job of its own, and its return comes.
    expect((await stage.ended(parseJobId(child))).return).toMatchObject({ outcome: 'done' })
    await pause(1_000)
    expect([marks('cut-first'), marks('cut-second')]).toEqual([1, 0])
    expect(stage.run('tsalt', ['jobs', 'show', jid]).stdout).toContain('It is not run again by itself')
  })

  it('lets the master stop in order although somebody waits for its answer', async () => {
    stage.writeState('stopped.sls', slow('stopped').replace('sleep 2', 'sleep 20'))
    const waiting = stage.follow('tsalt-run', ['state.orchestrate', 'stopped', '--out', 'json'])
    await until('the first state to run', 20, async () => marks('stopped-first') === 1 || undefined)
    const from = Date.now()
    await stage.master.end('SIGTERM')
    expect(Date.now() - from).toBeLessThan(10_000)
    expect((await waiting).status).not.toBe(0)
    await stage.restart(stage.master)
    expect((await newest()).targets[0]).toMatchObject({ return: { outcome: 'interrupted' } })
    await stage.minionAnswers()
  })

  it('killed, kills what it began on the minions', async () => {
    stage.writeState(
      'killed.sls',
      slow('killed').replace('sleep 2', `sleep 30; echo x >> ${stage.path('killed-end')}`),
    )
    const { ret } = await stage.client.runner({
      fun: 'state.orchestrate',
      args: ['killed'],
      kwargs: { attached: false },
    })
    const jid = parseJobId((ret as { jid: string }).jid)
    await until('the first state to run', 20, async () => marks('killed-first') === 1 || undefined)
    expect(stage.run('tsalt', ['jobs', 'kill', jid]).status).toBe(0)
    await until('its end', 20, async () => (await newest()).targets[0]?.status === 'returned' || undefined)
    expect((await newest()).targets[0]?.return).toMatchObject({ outcome: 'cancelled', retcode: 1 })
    expect([marks('killed-end'), marks('killed-second')]).toEqual([0, 0])
  })
})
