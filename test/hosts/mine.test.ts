/** A load balancer whose upstream is what the mine has of the web hosts: it serves their pages, and follows who comes and goes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import { until } from './harness/shell.ts'
import { notSilent, Site } from './harness/site.ts'

const states = {
  'web.sls': `nginx:
  pkg.installed: []
/var/www/html/index.html:
  file.managed:
    - contents: page of {{ grains['id'] }}
    - require: [{pkg: nginx}]
`,
  'balancer.sls': `nginx:
  pkg.installed: []
  service.running:
    - enable: true
    - reload: true
    - watch: [{file: /etc/nginx/conf.d/app.conf}]
/etc/nginx/conf.d/app.conf:
  file.managed:
    - source: salt://app.conf
    - template: jinja
    - require: [{pkg: nginx}]
`,
  'app.conf': `{%- set servers = salt['mine.get']('role:web', 'address', 'grain') %}
upstream app {
{%- for id, addresses in servers | dictsort %}
  server {{ addresses[0] }};  # {{ id }}
{%- else %}
  server 127.0.0.1:9 down;
{%- endfor %}
}
server { listen 8080; location / { proxy_pass http://app; } }
`,
}
const pillars = {
  'top.sls': "base:\n  'web*': [web]\n",
  'web.sls': 'mine_functions: {address: [{mine_function: network.ip_addrs}, {interface: host0}]}\n',
}

describe('mine data of one host in the file of another', () => {
  let fleet: Fleet
  let site: Site

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'lb', 'web1', 'web2'])
    site = await Site.install(fleet, { states, pillars })
    await site.join({ host: 'lb', id: 'lb' })
    await site.join({ host: 'web1', id: 'web1', grains: { role: 'web' } })
  }, 120_000)
  afterAll(() => fleet?.halt())

  const upstream = async () =>
    (await fleet.host('lb').sh('cat /etc/nginx/conf.d/app.conf')).match(/server .*# \w+/g) ?? []
  const pages = async () => {
    const asked = `for n in 1 2 3 4; do exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; tail -n1 <&3; done`
    const said = await fleet.host('lb').sh(`bash -c ${JSON.stringify(asked)}`)
    return [...new Set(said.split('\n').filter(Boolean))].sort()
  }
  const applied = async (...words: string[]) => {
    const { code, stderr, stdout } = await site.tsalt(words)
    expect(`${code} ${stderr}${code === 0 ? '' : stdout}`.trim()).toBe('0')
  }
  const mined = async (...ids: string[]) =>
    until(
      `${ids} in the mine`,
      async () => {
        const stdout = await site.must('tsalt-run', ['mine.get', '*', 'address', '--out', 'json'])
        return (
          JSON.stringify(Object.keys(JSON.parse(stdout || '{}')).sort()) === JSON.stringify(ids) || undefined
        )
      },
      90,
    )

  test('the balancer serves the page of the host that is there', async () => {
    await applied('web1', 'state.apply', 'web')
    await mined('web1')
    await applied('lb', 'state.apply', 'balancer')
    expect(await upstream()).toEqual([`server ${fleet.host('web1').address};  # web1`])
    await serves(['page of web1'])
  }, 180_000)

  /** A reloaded nginx lets its old workers answer for a moment. */
  const serves = (wanted: readonly string[]): Promise<true> =>
    until(`nginx to serve ${wanted.join(', ')}`, async () =>
      JSON.stringify(await pages()) === JSON.stringify(wanted) ? true : undefined,
    )

  test('a host that comes is in it after the next run, and a run without news changes nothing', async () => {
    await site.join({ host: 'web2', id: 'web2', grains: { role: 'web' } })
    await applied('web2', 'state.apply', 'web')
    await mined('web1', 'web2')
    const dry = await site.states(['lb', 'state.apply', 'balancer', 'test=True'])
    expect(JSON.stringify(dry.returns.lb)).toContain(`+  server ${fleet.host('web2').address};  # web2`)
    expect(await upstream()).toHaveLength(1)
    await applied('lb', 'state.apply', 'balancer')
    await serves(['page of web1', 'page of web2'])
    expect(notSilent((await site.states(['lb', 'state.apply', 'balancer'])).returns)).toEqual([])
  }, 180_000)

  test('its address changes: the mine follows at the next update', async () => {
    const web2 = fleet.host('web2')
    await web2.sh('ip addr add 10.99.0.2/32 dev host0')
    expect(JSON.parse(await site.must('tsalt-run', ['mine.update', 'web2', '--out', 'json']))).toEqual({
      web2: true,
    })
    const found = JSON.parse(await site.must('tsalt-run', ['mine.get', 'web2', 'address', '--out', 'json']))
    expect(found.web2).toContain('10.99.0.2')
    await web2.sh('ip addr del 10.99.0.2/32 dev host0')
    await site.must('tsalt', ['web2', 'mine.update'])
  })

  test('a host whose key is deleted is gone from it at once', async () => {
    await site.must('tsalt-key', ['-d', 'web2', '-y'])
    await applied('lb', 'state.apply', 'balancer')
    expect(await upstream()).toEqual([`server ${fleet.host('web1').address};  # web1`])
    await serves(['page of web1'])
  })
})
