/**
 * Formulas as they stand, on a real Debian host. One of our own, of the shape that public ones have, always runs.
 * Public ones are brought by hand: TSALT_FORMULAS names a folder with redis-formula, nginx-formula and users-formula.
 */
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, type Entries, holds } from './harness/laws.ts'
import { Site } from './harness/site.ts'

const own = join(import.meta.dirname, 'trees')
const brought = process.env['TSALT_FORMULAS']
const wanted = ['redis-formula', 'nginx-formula', 'users-formula']
const absent = wanted.filter((name) => brought === undefined || !existsSync(join(brought, name)))
if (absent.length > 0)
  process.stderr.write(
    `SKIPPED: public formulas (${absent.join(', ')}). Bring them with git clone and set TSALT_FORMULAS to their folder.\n`,
  )

const pillars = {
  'top.sls': "base:\n  '*':\n    - ledger\n    - redis\n    - nginx\n    - users\n",
  'ledger.sls': 'ledger:\n  port: 7070\n  lookup:\n    owner: clerk\n',
  // The kernel's settings are the outer machine's: a container cannot change them.
  'redis.sls': `redis:
  bind: 127.0.0.1
  port: 6380
  overcommit_memory: False
  retry_option: {attempts: 2, interval: 1}
`,
  'nginx.sls': `nginx:
  servers:
    managed:
      hello.conf:
        enabled: True
        config:
          - server:
              - server_name: localhost
              - listen: 127.0.0.1:8080
              - location /:
                  - default_type: text/plain
                  - return: 200 hello
`,
  'users.sls': `groups:
  operators: {gid: 4300, system: False, addusers: [nobody]}
users:
  anna:
    fullname: Anna Example
    uid: 4301
    groups: [operators]
    shell: /bin/sh
    sudouser: True
    sudo_rules: ['ALL=(root) NOPASSWD: /usr/bin/find']
    ssh_auth:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExample anna@desk
    manage_bashrc: True
  bert: {}
absent_users: [carl]
`,
}

let fleet: Fleet
let site: Site
let host: Host

beforeAll(async () => {
  fleet = await Fleet.boot(['master', 'one'])
  const { root } = fleet.host('master')
  const formulas = [own, ...(absent.length === 0 && brought !== undefined ? [brought] : [])].flatMap(
    (folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('-formula'))
        .map((name) => join(folder, name)),
  )
  const roots = formulas.map((folder, index) => {
    const place = `/srv/formulas/${index}`
    cpSync(folder, join(root, place), { recursive: true })
    return place
  })
  const configuration = `file_roots: {base: [/srv/tsalt, ${roots.join(', ')}]}\npillar_roots: {base: [/srv/pillar]}\n`
  site = await Site.install(fleet, { states: {}, pillars }, configuration)
  host = await site.join({ host: 'one', id: 'one' })
  await host.sh('apt-get -q update')
})
afterAll(() => fleet?.halt())

const run = (sls: string) => holds(site, 'one', ['state.apply', sls])
const page = (url: string): Promise<string> =>
  host.sh(
    `for try in 1 2 3 4 5 6; do python3 -c "import urllib.request as u; print(u.urlopen('${url}').read().decode())" && exit; sleep 0.5; done; exit 1`,
  )

describe('a formula of our own', () => {
  test('is applied as it stands, and a second run is silent', async () => {
    await run('ledger')
    expect(host.read('/etc/ledger/ledger.ini')).toBe(
      '; from ledger/config, for debian\n[ledger]\nbooks = main, archive\nowner = clerk\nport = 7070\n',
    )
    expect((await host.sh("stat -c '%U %G %a' /etc/ledger/ledger.ini /srv/ledger/archive")).trim()).toBe(
      'root daemon 644\nclerk clerk 750',
    )
    expect(await host.sh('getent passwd clerk')).toContain(':/srv/ledger:/usr/sbin/nologin')
    expect(
      (await host.sh('systemctl is-active ledger; systemctl is-enabled ledger; which tree')).trim(),
    ).toBe('active\nenabled\n/usr/bin/tree')
    expect(await page('http://127.0.0.1:7070/')).toContain('archive')
  })

  test('an edit of the pillar restarts its service, once', async () => {
    site.edit('/srv/pillar/ledger.sls', 'port: 7070', 'port: 7171')
    const { real } = await run('ledger')
    const changed = Object.values(real).filter(({ changes }) => Object.keys(changes).length > 0)
    expect(changed.map(({ __id__ }) => __id__)).toEqual([
      'ledger-config-file',
      'ledger-service-unit',
      'ledger-service-running',
    ])
    expect(await page('http://127.0.0.1:7171/')).toContain('archive')
  })

  test('its clean half takes everything away again', async () => {
    await run('ledger.clean')
    expect((await host.exec(['getent', 'passwd', 'clerk'])).code).toBe(2)
    expect((await host.exec(['test', '-e', '/srv/ledger'])).code).toBe(1)
  })
})

describe.skipIf(absent.length > 0)('public formulas, unmodified', () => {
  test('redis', async () => {
    await run('redis')
    expect((await host.sh('systemctl is-active redis-server; redis-cli -p 6380 ping')).trim()).toBe(
      'active\nPONG',
    )
  })

  test('nginx', async () => {
    await run('nginx')
    expect(
      (await host.sh('systemctl is-active nginx; readlink /etc/nginx/sites-enabled/hello.conf')).trim(),
    ).toBe('active\n/etc/nginx/sites-available/hello.conf')
    expect((await page('http://127.0.0.1:8080/')).trim()).toBe('hello')
  })

  test('nginx reloads when a site changes', async () => {
    site.edit('/srv/pillar/nginx.sls', 'return: 200 hello', 'return: 200 again')
    await run('nginx')
    expect((await page('http://127.0.0.1:8080/')).trim()).toBe('again')
  })

  test('users', async () => {
    await host.sh('useradd -m carl')
    const { real } = await run('users')
    expect(changedIds(real)).toContain('users_anna_user')
    expect(await host.sh('getent passwd anna bert; id -Gn anna; getent group operators')).toBe(
      [
        'anna:x:4301:4301:Anna Example:/home/anna:/bin/sh',
        (await host.sh('getent passwd bert')).trim(),
        'anna operators',
        'operators:x:4300:nobody,anna',
        '',
      ].join('\n'),
    )
    expect(await host.sh('cat /home/anna/.ssh/authorized_keys')).toContain(' anna@desk\n')
    expect(await host.sh('sudo -l -U anna')).toContain('/usr/bin/find')
    expect((await host.exec(['getent', 'passwd', 'carl'])).code).toBe(2)
    await holds(site, 'one', ['state.apply', 'users.bashrc'])
  })

  test('all of them in one run have nothing left to do', async () => {
    const entries = await apply(site, 'one', ['state.apply', 'redis,nginx,users'])
    expect(changedIds(entries)).toEqual([])
  })
})

const changedIds = (entries: Entries): string[] =>
  Object.values(entries)
    .filter(({ changes }) => Object.keys(changes).length > 0)
    .map(({ __id__ }) => __id__)
