/** A push: an event that a host sends runs a reactor, which runs a highstate on that host; also while the master dies. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import { until } from './harness/shell.ts'
import { Site } from './harness/site.ts'

const states = {
  'top.sls': "base:\n  'web*': [app]\n",
  'app.sls': `/srv/app:
  file.directory: []
/srv/app/version:
  file.managed:
    - contents: '{{ pillar.get('version', 'none') }}'
    - require: [{file: /srv/app}]
app-restarted:
  cmd.run:
    - name: systemctl is-system-running; echo {{ pillar.get('version', 'none') }} >> /srv/app/restarts
    - onchanges: [{file: /srv/app/version}]
`,
}
const files = {
  '/srv/reactor/push.sls': `push:
  local.state.highstate:
    - tgt: {{ data['id'] }}
    - kwarg:
        pillar:
          version: {{ data['data']['version'] | json }}
`,
  '/srv/reactor/start.sls': `{% if data['id'].startswith('web') %}
greet:
  local.cmd.run:
    - tgt: {{ data['id'] }}
    - args:
      - cmd: touch /srv/started
{% endif %}
`,
}
const configuration = `reactor:
  - 'salt/minion/*/start': /srv/reactor/start.sls
  - 'myco/push': [/srv/reactor/push.sls]
`

describe('the reactor', () => {
  let fleet: Fleet
  let site: Site

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'web1', 'web2'])
    for (const [path, text] of Object.entries(files)) fleet.host('master').write(path, text)
    site = await Site.install(fleet, { states, pillars: {} }, configuration)
    await site.join({ host: 'web1', id: 'web1' })
    await site.join({ host: 'web2', id: 'web2' })
  }, 240_000)
  afterAll(() => fleet?.halt())

  const on = (name: string, path: string) => fleet.host(name).sh(`cat ${path} 2>/dev/null || true`)
  const push = (name: string, version: string) =>
    fleet.host(name).sh(`tsalt-call event.send myco/push '{version: "${version}"}' >/dev/null`)

  test('acts on hosts that connect', async () => {
    for (const name of ['web1', 'web2'])
      await until('the greeting', async () =>
        (await fleet.host(name).sh('test -e /srv/started && echo yes || true')).trim() === 'yes'
          ? true
          : undefined,
      )
  })

  test('runs a highstate on the host that pushes, and on no other', async () => {
    await push('web1', '1.0')
    await until(
      'version 1.0',
      async () => ((await on('web1', '/srv/app/version')).trim() === '1.0' ? true : undefined),
      60,
    )
    expect((await on('web1', '/srv/app/restarts')).match(/^1\.0$/gm)).toHaveLength(1)
    expect(await on('web2', '/srv/app/version')).toBe('')
    const status = await site.must('tsalt', ['reactor', 'status'])
    expect(status).toContain('0 failed')
  })

  test('loses no push and runs none twice while the master is killed', async () => {
    const versions = ['2.0', '2.1', '2.2', '2.3']
    for (const version of versions) {
      await push('web2', version)
      await site.master.sh(
        'systemctl kill -s KILL tsalt-master; sleep 0.3; systemctl reset-failed tsalt-master; systemctl start tsalt-master',
      )
    }
    await until(
      'the last version',
      async () => ((await on('web2', '/srv/app/version')).trim() === '2.3' ? true : undefined),
      90,
    )
    await until(
      'all jobs to end',
      async () =>
        (await site.must('tsalt-run', ['jobs.active', '--out', 'json'])).trim().match(/^(\{\})?$/)
          ? true
          : undefined,
      60,
    )
    const jobs = JSON.parse(
      await site.must('tsalt-run', [
        'jobs.list_jobs',
        'search_function=state.highstate',
        'search_target=web2',
        '--out',
        'json',
      ]),
    ) as Record<string, { Arguments: unknown }>
    const pushed = Object.values(jobs).map((job) => /2\.\d/.exec(JSON.stringify(job.Arguments))?.[0])
    expect(pushed.sort()).toEqual(versions)
    const restarts = (await on('web2', '/srv/app/restarts')).match(/^2\.\d$/gm) ?? []
    expect(new Set(restarts).size).toBe(restarts.length)
  })

  test('says what it would do, and for whom', async () => {
    const said = await site.must('tsalt', ['reactor', 'test', 'minion/web1/myco/push', '{version: "3.0"}'])
    expect(said).toContain('push: local.state.highstate')
    expect(said).toContain('minions now: web1')
    expect((await on('web1', '/srv/app/version')).trim()).toBe('1.0')
  })
})
