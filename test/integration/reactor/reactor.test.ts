/** A real master and minion: an event that is sent runs a highstate, through kills of the master; jobs at their times. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import type { JobAccount } from '../../../master/api/schemas.ts'
import type { JobId } from '../../../shared/ids.ts'
import { Stage, until } from '../stage/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const states = {
  'top.sls': "base:\n  '*': [web]\n",
  'web.sls':
    "{{ opts.root_dir }}/version:\n  file.managed:\n    - contents: '{{ pillar.version }} of {{ pillar.sender }}'\n",
  'reactor/deployed.sls': `highstate:
  local.state.apply:
    - tgt: {{ data['id'] }}
    - kwarg:
        pillar:
          version: {{ data['data']['version'] }}
          sender: {{ data['id'] }}
`,
  'reactor/auth.sls': `{% if data['act'] == 'pend' and data['id'].startswith('ink') %}
accept:
  wheel.key.accept:
    - match: {{ data['id'] }}
{% endif %}
`,
  'reactor/seen.sls': `seen:
  local.test.echo:
    - tgt: {{ data['id'] }}
    - arg: ['{{ tag }} {{ data['memusage'] is defined }} {{ data['data']['id'] }}']
`,
  'reactor/go.sls': `{% if data.data.step == 1 %}
go:
  runner.state.orchestrate:
    - args: [{mods: orch}]
{% elif data.data.step == 3 %}
meanwhile:
  local.test.echo:
    - tgt: one
    - arg: [meanwhile]
{% endif %}
`,
  'orch.sls': `wait:
  salt.wait_for_event:
    - name: minion/one/myco/go
    - event_id: step
    - id_list: [2]
    - timeout: 60
told:
  salt.function:
    - name: test.echo
    - tgt: one
    - arg: [orchestrated]
    - require: [{salt: wait}]
`,
  'reactor/count.sls': `count:
  local.test.echo:
    - tgt: one
    - arg: ['{{ data.data.n }}']
`,
}
const master = `reactor:
  - 'salt/auth': salt://reactor/auth.sls
  - 'salt/beacon/*/memusage/*': salt://reactor/seen.sls
  - 'myco/deployed': salt://reactor/deployed.sls
  - 'myco/count': salt://reactor/count.sls
  - 'myco/go': salt://reactor/go.sls
`

const jobsOf = async (operator: string): Promise<JobAccount[]> =>
  (await stage.client.get<JobAccount[]>('/jobs?limit=1000')).filter((job) => job.operator === operator)

const send = async (tag: string, data: Record<string, string | number>): Promise<JobId> => {
  const jid = stage.newJid()
  await stage.submit(jid, 'event.send', [tag], { kwargs: { data } })
  return jid
}

it('runs a highstate on the host that sends an event, and tells what it does', async () => {
  stage = await Stage.open({ states, master })
  expect((await stage.ended(await send('myco/deployed', { version: '1.2' }))).return?.success).toBe(true)
  const job = await until('the job of the reactor', 30, async () => (await jobsOf('reactor'))[0])
  expect(job.fun).toBe('state.apply')
  expect((await stage.ended(job.jid)).return?.success).toBe(true)
  expect(readFileSync(stage.path('w/version'), 'utf8')).toBe('1.2 of one\n')

  // Text that wants to be more than text does nothing at all.
  await stage.ended(
    await send('myco/deployed', { version: '2\nevil:\n  local.cmd.run:\n    - tgt: "*"\n    - arg: [id]' }),
  )
  await stage.ended(await send('salt/minion/one/start', { version: '3' }))
  const status = await until('the refusal', 30, async () => {
    const said = stage.run('tsalt', ['reactor', 'status'])
    return said.stdout.includes('1 failed') ? said : undefined
  })
  expect(status.stdout).toContain('1 reactions, 1 failed, 0 events passed over')
  expect(status.stdout).toContain('[reactor-data-injects]')
  expect(status.stdout).toContain('minion/one/myco/deployed')
  expect(await jobsOf('reactor')).toHaveLength(1)

  const listed = stage.run('tsalt', ['reactor', 'list'])
  expect(listed.stdout).toContain('salt://reactor/deployed.sls')
  const rehearsed = stage.run('tsalt', ['reactor', 'test', 'minion/one/myco/deployed', '{version: "4"}'])
  expect(rehearsed.stdout).toContain('highstate: local.state.apply')
  expect(rehearsed.stdout).toContain('minions now: one')
  expect(rehearsed.status).toBe(0)
  const wrong = stage.run('tsalt', ['reactor', 'test', 'minion/one/myco/deployed', '{}'])
  expect(wrong.status).toBe(1)
  expect(stage.run('tsalt', ['reactor', 'test', 'nobody/listens']).stdout).toContain(
    'No entry of the reactor',
  )
  expect(await jobsOf('reactor')).toHaveLength(1)
})

it('accepts the keys of strangers where a file says so, and no others', async () => {
  stage = await Stage.prepare({ states, master })
  stage.master.start()
  await stage.masterAnswers()
  const finger = stage.run('tsalt-key', ['-F', 'master', '--out', 'json']).stdout
  const ca = /[0-9a-f]{4}(?::[0-9a-f]{4}){15}|[0-9a-f]{64}/.exec(finger)?.[0] ?? ''
  const join = async (id: string) => {
    await stage.configureMinion('', id)
    const file = stage.path('w/etc/tsalt/minion')
    const text = readFileSync(file, 'utf8').replace(
      /^join_token: .*$/m,
      `master: 127.0.0.1\nmaster_port: ${stage.port}\nmaster_finger: '${ca}'`,
    )
    writeFileSync(file, text)
    stage.minion.start()
  }
  const stateOf = async (id: string) =>
    (await stage.client.get<{ keys: { id: string; state: string }[] }>('/keys')).keys.find(
      (key) => key.id === id,
    )?.state
  await join('stranger')
  await until('the stranger to wait', 30, async () =>
    (await stateOf('stranger')) === 'pending' ? true : undefined,
  )
  await stage.minion.end('SIGKILL')
  rmSync(stage.path('w'), { recursive: true })
  await join('ink7')
  await until('ink7 to be accepted', 30, async () =>
    (await stateOf('ink7')) === 'accepted' ? true : undefined,
  )
  expect(await stateOf('stranger')).toBe('pending')
})

it('acts on what a beacon sees', async () => {
  const minion = 'beacons:\n  memusage:\n    - percent: 0%\n    - interval: 1\n'
  stage = await Stage.open({ states, master, minion })
  const job = await until('the job of the reactor', 30, async () => (await jobsOf('reactor'))[0])
  expect(job.args).toEqual(['salt/beacon/one/memusage/ True one'])
})

it('does not wait for the end of an orchestration: the events that it waits for come through', async () => {
  stage = await Stage.open({ states, master })
  await stage.ended(await send('myco/go', { step: 1 }))
  const own = await until('the orchestration', 30, async () =>
    (await jobsOf('reactor')).find(({ fun }) => fun.includes('orchestrate')),
  )
  expect(own.fun).toContain('state.orchestrate')
  // The same entry, the same sender: it would stand behind the orchestration.
  await stage.ended(await send('myco/go', { step: 3 }))
  const echoes = async () =>
    (await jobsOf('reactor')).filter(({ fun }) => fun === 'test.echo').map(({ args }) => args[0])
  await until('what comes meanwhile', 30, async () => ((await echoes()).length > 0 ? true : undefined))
  expect(await echoes()).toEqual(['meanwhile'])
  await stage.ended(await send('myco/go', { step: 2 }))
  await until('what comes after the wait', 30, async () =>
    (await echoes()).includes('orchestrated') ? true : undefined,
  )
})

it('makes one job of each event, however often the master is killed', async () => {
  stage = await Stage.open({ states, master })
  const events = 30
  const sending = (async () => {
    for (let n = 0; n < events; n++) {
      await send('myco/count', { n })
      await pause(40)
    }
  })()
  // Awaited below: until then its failure is nobody's.
  sending.catch(() => {})
  for (const wait of [300, 500, 700]) {
    await pause(wait)
    await stage.master.end('SIGKILL')
    stage.master.start()
    await stage.masterAnswers()
  }
  await sending
  const made = async () => (await jobsOf('reactor')).map(({ args }) => Number(args[0])).sort((a, b) => a - b)
  await until('all jobs', 60, async () => ((await made()).length >= events ? true : undefined))
  // More would come soon after.
  await pause(1500)
  expect(await made()).toEqual(Array.from({ length: events }, (_, n) => n))
})

it('keeps the schedule of the master going through kills, and tells of it', async () => {
  const schedule = `schedule:
  beat: {function: test.ping, tgt: one, seconds: 2}
  sweep: {function: manage.up, seconds: 2}
`
  stage = await Stage.open({ states, master: schedule })
  const began = performance.now()
  await until('two beats', 30, async () => ((await jobsOf('schedule')).length >= 2 ? true : undefined))
  await stage.master.end('SIGKILL')
  await stage.restart(stage.master)
  const before = (await jobsOf('schedule')).length
  await until('more beats', 30, async () =>
    (await jobsOf('schedule')).length >= before + 2 ? true : undefined,
  )
  const seconds = (performance.now() - began) / 1000
  expect((await jobsOf('schedule')).length).toBeLessThanOrEqual(Math.ceil(seconds / 2) + 1)
  const told = stage.run('tsalt', ['events', '--tags', 'salt/schedule/*'])
  expect(told.stdout).toContain('salt/schedule/beat/new')
  expect(told.stdout).toContain('salt/schedule/sweep/ret')
  const added = stage.run('tsalt-run', [
    'schedule.add',
    'late',
    'function=test.ping',
    'tgt=one',
    'cron=30 3 * * *',
  ])
  expect(added.stdout).toContain('Added job: late to schedule.')
  expect(stage.run('tsalt-run', ['schedule.show_next_fire_time', 'late']).stdout).toContain('T03:30:00')
})
