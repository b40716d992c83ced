/**
 * On a real Debian host with the shipped unit and its sandbox: users of the system who log in by saslauthd and PAM, whose
 * rights follow their groups, and end with the account; and the configuration read again by systemctl.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selfSigned } from '../integration/api/network-master.ts'
import { Fleet } from './harness/fleet.ts'
import { until } from './harness/shell.ts'
import { Site } from './harness/site.ts'

const password = 'correct horse battery'
const rules = `
api: {certificate: /etc/tsalt/api.crt, key: /etc/tsalt/api.key}
pam_socket: /run/saslauthd/mux
access:
  - {who: 'pam:zoe', target: web1, functions: test.ping}
  - {who: 'pam:%ops', target: web1, functions: test.echo}
`

describe('users of the system', () => {
  let fleet: Fleet
  let site: Site
  const agent = new Agent({ rejectUnauthorized: false })

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'web1'])
    site = await Site.install(fleet, {
      states: { 'top.sls': 'base: {}\n' },
      pillars: { 'top.sls': 'base: {}\n' },
    })
    await site.join({ host: 'web1', id: 'web1' })
    const folder = mkdtempSync(join(tmpdir(), 'tsalt-logins-'))
    selfSigned(folder)
    for (const name of ['api.crt', 'api.key'])
      site.master.write(`/etc/tsalt/${name}`, readFileSync(join(folder, name), 'utf8'), 0o600)
    rmSync(folder, { recursive: true })
    site.master.write('/etc/tsalt/master.d/access.conf', rules, 0o640)
    site.master.write('/etc/pam.d/tsalt', '@include common-auth\n@include common-account\n')
    await site.master.sh(`apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install sasl2-bin
      echo START=yes >> /etc/default/saslauthd; sed -i 's/^OPTIONS="-c /OPTIONS="/' /etc/default/saslauthd
      systemctl restart saslauthd; groupadd ops; useradd zoe; useradd yan
      printf 'zoe:${password}\nyan:${password}\n' | chpasswd
      adduser -q tsalt sasl
      chown tsalt:tsalt /etc/tsalt/api.crt /etc/tsalt/api.key
      chown -R root:tsalt /etc/tsalt/master.d; chmod 0750 /etc/tsalt/master.d; systemctl restart tsalt-master`)
    await site.answers('web1')
  })
  afterAll(() => fleet?.halt())

  const post = (path: string, body: unknown, token = ''): Promise<{ status: number; text: string }> =>
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
  const tried = (username: string, word = password) =>
    post('/api/v1/login', { username, password: word, eauth: 'pam' })
  const login = async (username: string): Promise<string> => {
    const { status, text } = await tried(username)
    expect([status, text]).toEqual([200, expect.any(String)])
    return (JSON.parse(text) as { token: string }).token
  }
  const run = async (token: string, fun: string): Promise<number> =>
    (
      await post(
        '/',
        [{ client: 'local', tgt: 'web1', fun, arg: fun === 'test.echo' ? ['hello'] : [] }],
        token,
      )
    ).status
  /** After the seconds for which a look at an account is good. */
  const becomes = (token: string, fun: string, status: number): Promise<true> =>
    until(
      `${fun} to be answered with ${status}`,
      async () => (await run(token, fun)) === status || undefined,
      20,
    )

  test('log in by PAM, and may do what rules say of them', async () => {
    const token = await login('zoe')
    expect(await run(token, 'test.ping')).toBe(200)
    expect(await run(token, 'test.echo')).toBe(403)
    expect((await tried('zoe', 'wrong')).status).toBe(401)
    expect((await tried('nobody-here')).status).toBe(401)
  })

  test('use tsalt itself with the password of the system, once, or from then on', async () => {
    await site.master.sh('install -m 0644 /etc/tsalt/api.crt /tmp/ca.crt; install -d -o zoe /tmp/zoe')
    const zoe = (typed: string, input = '') =>
      site.master.exec(
        ['runuser', '-u', 'zoe', '--', 'env', 'HOME=/tmp/zoe', 'USER=zoe', 'bash', '-c', `cd; ${typed}`],
        { input },
      )
    const api = '--api https://127.0.0.1:4511 --ca /tmp/ca.crt'
    const once = await zoe(`tsalt -a pam ${api} web1 test.ping; ls -A`, `${password}\n`)
    expect(once).toMatchObject({ code: 0, stdout: 'web1:\n    True\n' })
    const kept = await zoe(`tsalt -a pam -T ${api} web1 test.ping && tsalt web1 test.ping`, `${password}\n`)
    expect(kept).toMatchObject({ code: 0, stdout: 'web1:\n    True\nweb1:\n    True\n' })
    expect(kept.stderr).toContain('pam:zoe is logged in')
    const refused = await zoe('tsalt web1 test.echo hello')
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('pam:zoe may not')])
    expect((await zoe('tsalt login --eauth local', `${password}\n`)).code).toBe(77)
    expect((await zoe('tsalt logout')).code).toBe(0)
  })

  test('have the rights of their groups as these are now', async () => {
    const token = await login('zoe')
    await site.master.sh('usermod -aG ops zoe')
    await becomes(token, 'test.echo', 200)
    await site.master.sh('gpasswd -d zoe ops')
    await becomes(token, 'test.echo', 403)
    expect(await run(token, 'test.ping')).toBe(200)
  })

  test('are logged out when they are gone, with their streams, and whoever has the name next is not logged in', async () => {
    const token = await login('zoe')
    const ended = new Promise<void>((done, failed) => {
      const headers = { 'x-auth-token': token, accept: 'text/event-stream' }
      const options = { host: site.master.address, port: 4511, path: '/api/v1/events', agent, headers }
      request(options, (response) => {
        response.on('end', done).on('close', done).resume()
      })
        .on('error', failed)
        .end()
    })
    await site.master.sh('userdel zoe')
    await ended
    await becomes(token, 'test.ping', 401)
    await site.master.sh(`useradd zoe; printf 'zoe:${password}\n' | chpasswd`)
    expect(await run(token, 'test.ping')).toBe(401)
    expect(await run(await login('zoe'), 'test.ping')).toBe(200)
    expect(await site.must('tsalt', ['audit', 'list', '--refused'])).toContain('operator-token.end')
  })

  test('are logged out when they are locked, where the master may read the shadow file', async () => {
    site.master.write(
      '/etc/systemd/system/tsalt-master.service.d/shadow.conf',
      '[Service]\nSupplementaryGroups=shadow\n',
    )
    await site.master.sh('systemctl daemon-reload; systemctl restart tsalt-master')
    await site.answers('web1')
    const token = await login('zoe')
    expect(await run(token, 'test.ping')).toBe(200)
    await site.master.sh('passwd -ql zoe')
    await becomes(token, 'test.ping', 401)
  })

  test('get other rules by systemctl reload, and keep theirs where these are wrong', async () => {
    const token = await login('yan')
    expect(await run(token, 'test.ping')).toBe(403)
    const file = '/etc/tsalt/master.d/access.conf'
    site.master.write(file, rules.replace("'pam:zoe'", "'pam:yan'"), 0o640)
    await site.master.sh(`chown root:tsalt ${file}; systemctl reload tsalt-master`)
    expect(await run(token, 'test.ping')).toBe(200)
    site.master.write(file, `${rules}  - {who: 'pam:yan', functions: test.ping, traget: web1}\n`, 0o640)
    const failed = await site.master.exec([
      'bash',
      '-c',
      `chown root:tsalt ${file}; systemctl reload tsalt-master`,
    ])
    expect(failed.code).not.toBe(0)
    expect(await site.master.sh('journalctl -u tsalt-master --no-pager -n 20')).toMatch(
      /access\.conf:\d+:\d+[\s\S]*Did you mean "target"\?/,
    )
    expect(await site.master.sh('systemctl is-active tsalt-master')).toBe('active\n')
    expect(await run(token, 'test.ping')).toBe(200)
  })
})
