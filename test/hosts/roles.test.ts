/**
 * The four roles of the shipped example on two real Debian hosts, two roles each: told, made, silent the second time;
 * every service answers; what somebody changed is put right; a mistake of the pillar replaces nothing that works.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, type Entries, holds } from './harness/laws.ts'
import { until } from './harness/shell.ts'
import { notSilent, Site } from './harness/site.ts'

const front = {
  host: 'front',
  id: 'app1.production',
  grains: { level: 'production', role: ['app', 'social'] },
}
const side = { host: 'side', id: 'docs1.staging', grains: { level: 'staging', role: ['docs', 'monitor'] } }

describe('the four roles of the example', () => {
  let fleet: Fleet
  let site: Site
  let app: Host
  let docs: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'front', 'side'])
    site = await Site.install(fleet, 'example')
    // A machine with two roles needs the secrets of both.
    site.edit('/srv/pillar/top.yaml', "'social*.production'", "'*1.production'")
    ;[app, docs] = await Promise.all([site.join(front), site.join(side)])
  })
  afterAll(() => fleet?.halt())

  const redis = (words: string): Promise<string> =>
    app.sh(`redis-cli -a kea-umbra-violet-production --no-auth-warning ${words}`)
  const changed = (entries: Entries): string[] =>
    Object.values(entries)
      .filter(({ changes }) => Object.keys(changes).length > 0)
      .map(({ name }) => name)
      .sort()

  test('are told, made, and silent the second time', async () => {
    const held = await Promise.all([front, side].map(({ id }) => holds(site, id, ['state.highstate'])))
    for (const { real } of held) expect(Object.keys(real).length).toBeGreaterThan(45)
  })

  test('the hosted application and the social network answer through one nginx', async () => {
    const units = 'redis-server postgresql nginx pgbouncer app-web social-web'
    const instances =
      'app-worker@north app-worker@south social-queue@default social-queue@mail social-queue@push'
    const active = await app.sh(`systemctl is-active ${units} ${instances} app-cleanup.timer`)
    expect(new Set(active.trim().split('\n'))).toEqual(new Set(['active']))
    const get = (name: string): Promise<string> =>
      until(`${name} to answer`, async () => {
        const got = await app.exec(['curl', '-fsS', '-H', `Host: ${name}`, 'http://127.0.0.1/'])
        return got.code === 0 ? got.stdout : undefined
      })
    expect(await get('app.example.org')).toBe('level production, workers 8\n')
    expect(await get('social.example.org')).toBe('node of production, 10 connections\n')
    await app.sh("curl -fsS -H 'Host: social.example.org' -d 'a letter' http://127.0.0.1/mail")
    const done = await until('the worker of the queue', async () =>
      (await redis('get done:mail')).trim() === '1' ? true : undefined,
    )
    expect(done).toBe(true)
    expect(await redis('config get maxmemory-policy')).toContain('noeviction')
  })

  test('databases are reached as their users are meant to', async () => {
    const pooled = `PGPASSWORD=heron-indigo-marble-production psql -XAtc 'SELECT current_user' -h 127.0.0.1 -p 6432 -U social social`
    expect((await app.sh(pooled)).trim()).toBe('social')
    expect((await app.sh("runuser -u app -- psql -XAtc 'SELECT current_user' app")).trim()).toBe('app')
    const may = "SELECT has_database_privilege('reports', 'app', 'CONNECT')"
    expect((await app.sh(`runuser -u postgres -- psql -XAtc "${may}"`)).trim()).toBe('t')
    const wiki = 'MYSQL_PWD=oriole-sepia-basalt-staging mysql -u docs docs -e'
    expect(await docs.sh(`${wiki} 'CREATE TABLE page (id int); SHOW TABLES'`)).toContain('page')
    expect((await docs.exec(['sh', '-c', `${wiki} 'SELECT * FROM mysql.user'`])).code).not.toBe(0)
  })

  test('the documentation site answers, is backed up, and keeps the backups that it should', async () => {
    const page = await docs.sh("curl -fsSi -H 'Host: docs.staging.example.org' http://127.0.0.1/guide/")
    expect(page).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*Cache-Control: max-age=600[\s\S]*<h1>Guide<\/h1>/)
    expect(await docs.sh('a2query -s; curl -sI http://127.0.0.1/latest/guide/')).toMatch(
      /^docs \(enabled[^\n]*\nHTTP\/1\.1 302 [\s\S]*\/guide\//,
    )
    expect(await docs.sh('crontab -l')).toMatch(
      /MAILTO=ops@example\.org[\s\S]*docs-backup\n\d+ 3 \* \* \* \/usr\/local\/sbin\/backup-docs\n/,
    )
    await docs.sh('/usr/local/bin/check-docs && /usr/local/sbin/backup-docs')
    expect(await docs.sh('zcat /var/backups/docs/docs-*.sql.gz')).toContain('CREATE TABLE `page`')
    await docs.sh('touch /var/backups/docs/docs-2001-01-0{1,2,3}-0{1,2,3,4}0000.sql.gz')
    const entries = await apply(site, side.id, ['state.apply', 'docs'])
    expect(changed(entries)).toEqual(['/var/backups/docs'])
    // The newest three, the first of each day, the first of each week.
    expect((await docs.sh('ls /var/backups/docs | grep 2001')).trim().split('\n')).toEqual([
      'docs-2001-01-01-010000.sql.gz',
      'docs-2001-01-02-010000.sql.gz',
      'docs-2001-01-03-010000.sql.gz',
      'docs-2001-01-03-030000.sql.gz',
      'docs-2001-01-03-040000.sql.gz',
    ])
    const memcached = await docs.sh(
      "exec 3<>/dev/tcp/127.0.0.1/11211; printf 'version\\r\\nquit\\r\\n' >&3; cat <&3",
    )
    expect(memcached).toMatch(/^VERSION 1\./)
  })

  test('the figures of the host are for those who may ask', async () => {
    const figures = await until('the figures', async () => {
      const { stdout } = await docs.exec(['curl', '-fsS', 'http://127.0.0.1:9100/metrics'])
      return stdout.includes('\nhost_units_failed ') ? stdout : undefined
    })
    expect(figures).toMatch(/^host_restart_needed 0$/m)
    expect((await docs.sh('stat -c %U /var/lib/monitor/host.prom')).trim()).toBe('monitor')
    const ask = ['curl', '-fsS', '-m', '2', `http://${docs.address}:9100/metrics`]
    expect((await app.exec(ask)).code).not.toBe(0)
    site.edit('/srv/pillar/infra/staging.yaml', '- 10.30.0.5', `- 10.30.0.5\n    - ${app.address}`)
    const entries = await apply(site, side.id, ['state.apply', 'monitor'])
    expect(changed(entries)).toEqual([`monitor-firewall-${app.address}`])
    expect((await app.exec(ask)).stdout).toContain('node_load1 ')
  })

  test('a mistake in the settings of the log shipper replaces nothing; the right ones ship', async () => {
    site.edit('/srv/pillar/infra/staging.yaml', 'protocol: tcp', 'protocol: pigeon')
    const refused = await apply(site, side.id, ['state.apply', 'monitor'])
    expect(
      Object.values(refused)
        .filter(({ result }) => result !== true)
        .map(({ name }) => name),
    ).toEqual(['/etc/rsyslog.d/60-ship.conf', 'rsyslog'])
    expect(await docs.sh('cat /etc/rsyslog.d/60-ship.conf; systemctl is-active rsyslog')).toMatch(
      /protocol="tcp"[\s\S]*\nactive\n$/,
    )
    // rsyslog opens as many connections as it likes.
    const listen = `import socket, threading
server = socket.create_server(('127.0.0.1', 6514))
shipped = open('/run/shipped', 'ab', 0)
def keep(client):
    while data := client.recv(4096): shipped.write(data)
while True: threading.Thread(target=keep, args=[server.accept()[0]], daemon=True).start()`
    docs.write('/root/listen.py', listen)
    await docs.sh('systemd-run -q --unit listen python3 /root/listen.py')
    await until('somebody to listen', async () =>
      (await docs.sh('ss -ltn')).includes('127.0.0.1:6514') ? true : undefined,
    )
    site.edit('/srv/pillar/infra/staging.yaml', 'protocol: pigeon', 'protocol: tcp')
    site.edit('/srv/pillar/infra/staging.yaml', 'target: logs.staging.example.org', 'target: 127.0.0.1')
    const { dry, real } = await holds(site, side.id, ['state.apply', 'monitor'])
    expect(changed(real)).toEqual(['/etc/rsyslog.d/60-ship.conf', 'rsyslog'])
    expect(changed(dry)).toEqual(changed(real))
    await docs.sh('logger a word to ship')
    await until('the word to arrive', async () =>
      (await docs.exec(['grep', '-c', 'a word to ship', '/run/shipped'])).code === 0 ? true : undefined,
    )
  })

  test('what somebody changed by hand is put right, and nothing else', async () => {
    await app.sh(`systemctl disable -q --now social-queue@mail; sysctl -qw net.core.somaxconn=128
      runuser -u postgres -- psql -qc 'REVOKE CONNECT ON DATABASE app FROM reports'; rm /etc/nginx/sites-enabled/social
      echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g guest' >> /home/maria/.ssh/authorized_keys`)
    await docs.sh(`a2dissite -q docs; mysql -e "REVOKE INSERT ON docs.* FROM docs@localhost"
      nft flush chain inet figures input; sed -i 's/^-m .*/-m 1024/' /etc/memcached.conf; rm /srv/docs/guide/index.html`)
    const [one, two] = await Promise.all([front, side].map(({ id }) => apply(site, id, ['state.highstate'])))
    expect(changed(one ?? {})).toEqual([
      '/etc/nginx/sites-enabled/social',
      'net.core.somaxconn',
      'nginx',
      'reports',
      'social-queue@.service',
      'user-maria',
    ])
    expect(changed(two ?? {})).toEqual([
      '/etc/memcached.conf',
      '/srv/docs',
      'apache2',
      'docs',
      'mariadb-docs',
      'memcached',
      'monitor-firewall-10.30.0.5',
      `monitor-firewall-${app.address}`,
      'monitor-firewall-127.0.0.1',
      'monitor-firewall-others',
    ])
    for (const { id } of [front, side])
      expect(notSilent({ [id]: { ...(await apply(site, id, ['state.highstate'])) } })).toEqual([])
    expect(await app.sh('systemctl is-active social-queue@mail; sysctl -n net.core.somaxconn')).toBe(
      'active\n4096\n',
    )
  })

  test('a queue that is gone from the pillar takes its process along', async () => {
    site.edit('/srv/pillar/roles/social.yaml', '    push: {weight: 200}\n', '')
    const { real } = await holds(site, front.id, ['state.apply', 'social'])
    expect(changed(real)).toEqual(['social-queue@.service'])
    expect(await app.sh("systemctl list-units --no-legend --plain 'social-queue@*' | cut -d' ' -f1")).toBe(
      'social-queue@default.service\nsocial-queue@mail.service\n',
    )
  })
})
