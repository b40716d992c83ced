/**
 * On real Debian hosts: an operator limited to web* and state.* who logs in at the API, and cannot get at more by any
 * nesting. Whether something was run is looked for on the hosts themselves.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selfSigned } from '../integration/api/network-master.ts'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { until } from './harness/shell.ts'
import { Site } from './harness/site.ts'

const names = ['web1', 'web2', 'db1']
const states = {
  'top.sls': "base: {'*': []}\n",
  'motd.sls': "/etc/motd:\n  file.managed: [contents: \"{{ salt['pillar.get']('say', 'hello') }}\"]\n",
  // What a pillar of one's own would make of a tree that trusts its pillar.
  'script.sls': "{{ salt['pillar.get']('cmd', 'true') }}:\n  cmd.run: []\n",
  'orch/all.sls':
    "a:\n  salt.function:\n    - name: cmd.run\n    - tgt: '*'\n    - arg: ['touch /root/pwned']\n",
  'orch/db.sls': 'a:\n  salt.state:\n    - tgt: db1\n    - sls: motd\n',
}
const rules = `
api: {certificate: /etc/tsalt/api.crt, key: /etc/tsalt/api.key}
access:
  - {who: webmaster, target: 'web*', functions: ['state.*', test.ping], runner: '*'}
`
const password = 'correct horse battery'

describe('an operator of web* and state.*', () => {
  let fleet: Fleet
  let site: Site
  const hosts: Host[] = []
  let token = ''

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', ...names])
    site = await Site.install(fleet, { states, pillars: { 'top.sls': 'base: {}\n' } })
    for (const name of names) hosts.push(await site.join({ host: name, id: name }))
    const folder = mkdtempSync(join(tmpdir(), 'tsalt-access-'))
    selfSigned(folder)
    for (const name of ['api.crt', 'api.key'])
      site.master.write(`/etc/tsalt/${name}`, readFileSync(join(folder, name), 'utf8'), 0o600)
    rmSync(folder, { recursive: true })
    site.master.write('/etc/tsalt/master.d/access.conf', rules, 0o640)
    await site.master.sh(`chown tsalt:tsalt /etc/tsalt/api.crt /etc/tsalt/api.key
      chown -R root:tsalt /etc/tsalt/master.d; chmod 0750 /etc/tsalt/master.d; systemctl restart tsalt-master`)
    for (const name of names) await site.answers(name)
    await site.master.sh(`echo '${password}' | tsalt auth user add webmaster`)
    token = await login()
  })
  afterAll(() => fleet?.halt())

  const agent = new Agent({ rejectUnauthorized: false })
  const post = (path: string, body: unknown): Promise<{ status: number; text: string }> =>
    new Promise((done, failed) => {
      const headers = {
        'content-type': 'application/json',
        ...(token === '' ? {} : { 'x-auth-token': token }),
      }
      const options = { host: site.master.address, port: 4511, path, method: 'POST', agent, headers }
      const outgoing = request(options, async (response) => {
        let text = ''
        for await (const chunk of response) text += String(chunk)
        done({ status: response.statusCode ?? 0, text })
      })
      outgoing.on('error', failed)
      outgoing.end(JSON.stringify(body))
    })
  const login = async (): Promise<string> => {
    const { text } = await post('/api/v1/login', { username: 'webmaster', password })
    return (JSON.parse(text) as { token: string }).token
  }
  const low = (more: object): Promise<{ status: number; text: string }> =>
    post('/', [{ client: 'local', timeout: 60, ...more }])
  const marks = (): Promise<string[]> =>
    Promise.all(
      hosts.map(async (host) => (await host.sh('ls /root/pwned /root/motd 2>/dev/null || true')).trim()),
    )

  test('applies a state on web*, through salt-api', async () => {
    const applied = await low({ tgt: 'web*', fun: 'state.apply', arg: ['motd'] })
    expect([applied.status, applied.text]).toEqual([200, expect.stringContaining('web2')])
    await until('the state to be there', async () =>
      (await hosts[1]?.sh('cat /etc/motd'))?.trim() === 'hello' ? true : undefined,
    )
    expect((await hosts[2]?.sh('cat /etc/motd'))?.trim()).not.toBe('hello')
  })

  const touch = 'touch /root/pwned'
  test.each([
    ['a command', { tgt: 'web1', fun: 'cmd.run', arg: [touch] }],
    ['a compound command', { tgt: 'web1', fun: 'test.ping,cmd.run', arg: [[], [touch]] }],
    ['a state without a tree', { tgt: 'web1', fun: 'state.single', arg: ['cmd.run', touch] }],
    [
      'a pillar of his own',
      { tgt: 'web1', fun: 'state.apply', arg: ['script', `pillar={"cmd": "${touch}"}`] },
    ],
    [
      'the same by name',
      { tgt: 'web1', fun: 'state.apply', arg: ['script'], kwarg: { pillar: { cmd: touch } } },
    ],
    ['an SLS of his own', { tgt: 'web1', fun: 'state.template_str', arg: [`${touch}: {cmd.run: []}`] }],
    ['another host', { tgt: 'db1', fun: 'state.apply', arg: ['motd'] }],
    ['every host', { tgt: '*', fun: 'state.apply', arg: ['motd'] }],
    [
      'every host in batches',
      { client: 'local_batch', batch: '1', tgt: '*', fun: 'state.apply', arg: ['motd'] },
    ],
    [
      'a schedule',
      {
        tgt: 'web1',
        fun: 'schedule.add',
        arg: ['a'],
        kwarg: { function: 'cmd.run', job_args: [touch], seconds: 1 },
      },
    ],
    [
      'the mine',
      { tgt: 'web1', fun: 'mine.send', arg: ['a'], kwarg: { mine_function: 'cmd.run', cmd: touch } },
    ],
    ['a beacon', { tgt: 'web1', fun: 'beacons.add', arg: ['a', [{ command: touch }]] }],
    ['a survey', { client: 'runner', fun: 'survey.hash', arg: ['web1', 'cmd.run', touch] }],
    ['pillars of others', { client: 'runner', fun: 'pillar.show_pillar', arg: ['db1'] }],
    ['a key', { client: 'wheel', fun: 'key.delete', match: 'db1' }],
  ])('cannot get at more by %s', async (_name, more) => {
    const { status, text } = await low(more)
    expect([400, 401, 403]).toContain(status)
    expect(text).not.toMatch(/"jid"/)
  })

  test.each(['orch.all', 'orch.db'])('cannot get at more by the orchestration %s', async (name) => {
    const { text } = await post('/api/v1/runners', { fun: 'state.orchestrate', args: [name], kwargs: {} })
    expect(text).toMatch(/webmaster may not/)
  })

  test('cannot get at more by a gate of a rollout', async () => {
    const { status } = await post('/api/v1/jobs', {
      target: { kind: 'glob', expression: 'web*' },
      fun: 'test.ping',
      args: [],
      kwargs: {},
      rollout: { batch: 1, gate: touch },
    })
    expect(status).toBe(403)
  })

  test('does with tsalt itself what the rules say, from an account of the master that is not root', async () => {
    await site.master.sh(
      `adduser --disabled-password --gecos '' ona >/dev/null; install -m 0644 /etc/tsalt/api.crt /home/ona/ca.crt`,
    )
    const ona = (typed: string, input = '') =>
      site.master.exec(
        ['runuser', '-u', 'ona', '--', 'env', 'HOME=/home/ona', 'bash', '-c', `cd; ${typed}`],
        {
          input,
        },
      )
    const before = await ona("tsalt 'web*' test.ping")
    expect([before.code, before.stderr]).toEqual([77, expect.stringContaining('tsalt login NAME --api')])
    const api = '--api https://127.0.0.1:4511'
    expect((await ona(`tsalt login webmaster ${api}`, `${password}\n`)).stderr).toContain('Nothing was sent')
    const login = await ona(`tsalt login webmaster ${api} --ca ca.crt`, `${password}\n`)
    expect([login.code, login.stdout]).toEqual([0, expect.stringContaining('webmaster is logged in')])
    expect((await ona('stat -c "%a %U" .config/tsalt .config/tsalt/session.json')).stdout).toBe(
      '700 ona\n600 ona\n',
    )
    const applied = await ona("tsalt 'web*' state.apply motd --out json --static")
    expect([applied.code, Object.keys(JSON.parse(applied.stdout)).sort()]).toEqual([0, ['web1', 'web2']])
    for (const typed of [
      'tsalt db1 state.apply motd',
      `tsalt web1 cmd.run '${touch}'`,
      'tsalt-key -d db1 -y',
    ]) {
      const refused = await ona(typed)
      expect([refused.code, refused.stderr], typed).toEqual([2, expect.stringContaining('webmaster may not')])
    }
    await site.master.sh('systemctl restart tsalt-master')
    await until('the master to be back, and the login with it', async () =>
      (await ona('tsalt web1 test.ping')).code === 0 ? true : undefined,
    )
    await site.answers('web2')
    await site.answers('db1')
    expect((await ona('tsalt logout; tsalt web1 test.ping')).code).toBe(77)
    // Of a master that is just down no login takes the place, where its configuration is seen.
    const asRoot = ['bash', '-c', `tsalt login webmaster ${api} --ca /home/ona/ca.crt`]
    expect((await site.master.exec(asRoot, { input: `${password}\n` })).code).toBe(0)
    await site.master.sh('systemctl stop tsalt-master; rm -f /run/tsalt/master.sock')
    const down = await site.tsalt(['web1', 'test.ping'])
    expect([down.code, down.stderr]).toEqual([2, expect.stringContaining('there is no such socket')])
    await site.master.sh('systemctl start tsalt-master')
    await site.answers('web1')
  })

  test('has left nothing on any host; every refusal is in the audit log, which is whole', async () => {
    expect(await marks()).toEqual(['', '', ''])
    expect((await hosts[2]?.sh('cat /etc/motd'))?.trim()).not.toBe('hello')
    const refused = await site.must('tsalt', ['audit', 'list', '--refused', '--actor', 'operator:webmaster'])
    expect(refused.trim().split('\n').length).toBeGreaterThan(12)
    expect(await site.must('tsalt', ['audit', 'verify'])).toContain('each continues the one before')
    const why = await site.tsalt(['auth', 'check', 'webmaster', 'cmd.run', 'web1', 'id'])
    expect([why.code, why.stdout]).toEqual([1, expect.stringContaining('refused: webmaster cmd.run web1 id')])
  })
})
