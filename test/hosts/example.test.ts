/** The shipped example on real Debian hosts: a production and a staging minion, joined in the two ways. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import { until } from './harness/shell.ts'
import { notSilent, Site } from './harness/site.ts'

const production = { host: 'prod', id: 'app1.production', grains: { level: 'production', role: 'app' } }
const staging = { host: 'stag', id: 'app1.staging', grains: { level: 'staging', role: 'app' } }

describe('the shipped example', () => {
  let fleet: Fleet
  let site: Site

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'prod', 'stag'])
    site = await Site.install(fleet, 'example')
  })
  afterAll(() => fleet?.halt())

  test('a minion joins by a fingerprint that both sides show', async () => {
    const pinned = (await site.must('tsalt-key', ['-F', 'master'])).match(
      /(?:[0-9a-f]{4}:){15}[0-9a-f]{4}/,
    )?.[0]
    expect(pinned).toBeDefined()
    const host = site.configureMinion(production, `master_finger: '${pinned}'`)
    await host.sh('systemctl daemon-reload; systemctl enable --now --no-block tsalt-minion')
    const shown = await until('the key to arrive', async () => {
      const keys = await site.must('tsalt-key', ['-f', production.id]).catch(() => '')
      return keys.match(/(?:[0-9a-f]{4}:){15}[0-9a-f]{4}/)?.[0]
    })
    const journal = await until('the minion to show its fingerprint', async () => {
      const text = await host.sh(
        'journalctl -u tsalt-minion -o cat --no-pager || true; cat /var/log/tsalt/minion 2>/dev/null || true',
      )
      return text.includes(shown) ? text : undefined
    })
    expect(journal).toContain(shown)
    const wrong = await site.master.exec(['tsalt-key', '-a', production.id, '--fingerprint', '0'.repeat(64)])
    expect(wrong.code).not.toBe(0)
    await site.must('tsalt-key', ['-a', production.id, '--fingerprint', shown])
    await site.answers(production.id)
  })

  test('another joins by a one-time token, which works once', async () => {
    const host = await site.join(staging)
    expect(await site.must('tsalt-key', ['-l', 'acc'])).toContain(staging.id)
    expect(host.read('/etc/tsalt/minion')).toContain('tsalt1:')
  })

  test('grains and pillars are those of the level', async () => {
    const level = await site.tsalt(['*', 'grains.get', 'level', '--out', 'json', '--static'])
    expect(JSON.parse(level.stdout)).toEqual({ [production.id]: 'production', [staging.id]: 'staging' })
    const os = JSON.parse(
      (
        await site.tsalt([
          '-G',
          'os:Debian',
          'grains.item',
          'os',
          'osmajorrelease',
          'init',
          '--out',
          'json',
          '--static',
        ])
      ).stdout,
    )
    expect(os[production.id]).toEqual({ os: 'Debian', osmajorrelease: 12, init: 'systemd' })
    const workers = await site.tsalt(['*', 'pillar.get', 'app:workers', '--out', 'json', '--static'])
    expect(JSON.parse(workers.stdout)).toEqual({ [production.id]: 8, [staging.id]: 2 })
  })

  test('a dry run changes nothing on the hosts', async () => {
    const prod = fleet.host('prod')
    const snapshot = (): Promise<string> =>
      prod.sh(
        'find /etc /opt /var/lib/app /srv -xdev -newer /etc/tsalt/minion -type f 2>/dev/null | grep -v -e /etc/tsalt | sort; dpkg -l | md5sum; getent passwd | md5sum',
      )
    const before = await snapshot()
    const dry = await site.states(['state.highstate', 'test=True'])
    expect(dry.code).toBe(0)
    expect(await snapshot()).toBe(before)
  })

  test('the highstate installs, configures and starts everything at both levels', async () => {
    const run = await site.states(['state.highstate'])
    expect(
      Object.values(run.returns)
        .flatMap((states) => Object.values(states))
        .filter((state) => state.result !== true),
    ).toEqual([])
    expect(run.code).toBe(0)
    for (const [host, level, workers] of [
      ['prod', 'production', 8],
      ['stag', 'staging', 2],
    ] as const) {
      const machine = fleet.host(host)
      const active = await machine.sh(
        'systemctl is-active redis-server nginx postgresql app-web app-worker@north app-cleanup.timer',
      )
      expect(active.trim().split('\n')).toEqual(Array(6).fill('active'))
      const page = await until('the page through nginx', async () => {
        const got = await machine.exec([
          'python3',
          '-c',
          "import urllib.request as u; print(u.urlopen('http://127.0.0.1/').read().decode())",
        ])
        return got.code === 0 ? got.stdout : undefined
      })
      expect(page).toContain(`level ${level}, workers ${workers}`)
      const redis = await machine.sh(
        `redis-cli -a kea-umbra-violet-${level} --no-auth-warning config get maxmemory`,
      )
      expect(redis).toContain(level === 'production' ? '134217728' : '67108864')
      expect((await machine.sh('stat -c "%a %U %G" /etc/redis/redis.conf')).trim()).toBe('640 redis redis')
    }
  })

  test('a second run changes nothing', async () => {
    const run = await site.states(['state.highstate'])
    expect(notSilent(run.returns)).toEqual([])
  })

  test('a pillar edit changes one file and restarts one service, as the dry run said', async () => {
    const services = [
      'redis-server',
      'nginx',
      'postgresql',
      'app-web',
      'app-worker@north',
      'app-worker@south',
    ]
    const prod = fleet.host('prod')
    const starts = async (): Promise<string[]> =>
      (await prod.sh(`systemctl show -p InvocationID ${services.join(' ')} | grep .`)).trim().split('\n')
    const before = await starts()
    site.edit('/srv/pillar/infra/production.yaml', 'maxmemory: 128mb', 'maxmemory: 256mb')
    const dry = await site.states([production.id, 'state.highstate', 'test=True'])
    const real = await site.states([production.id, 'state.highstate'])
    const changed = (returns: typeof real.returns): [string, unknown][] =>
      Object.entries(returns[production.id] ?? {})
        .filter(([, state]) => Object.keys(state.changes).length > 0)
        .map(([tag, state]) => [tag, state.changes])
    expect(changed(real.returns).map(([tag]) => tag)).toEqual([
      'file_|-redis_|-/etc/redis/redis.conf_|-managed',
      'service_|-redis_|-redis-server_|-running',
    ])
    expect(changed(dry.returns)).toEqual(changed(real.returns))
    expect(JSON.stringify(changed(real.returns))).toContain('+maxmemory 256mb')
    const after = await starts()
    expect(services.filter((_, index) => before[index] !== after[index])).toEqual(['redis-server'])
    expect(notSilent((await site.states([staging.id, 'state.highstate'])).returns)).toEqual([])
  })

  test('secrets of the pillar are in no log, job store or output', async () => {
    const shown = await site.tsalt(['*', 'state.highstate', 'test=True', '--state-output', 'full'])
    expect(shown.stdout).not.toContain('kea-umbra-violet')
    await site.master.sh('! grep -a -r -l kea-umbra-violet /var/lib/tsalt /var/log/tsalt')
    await fleet
      .host('prod')
      .sh(
        '! grep -a -r -l --exclude-dir=undo kea-umbra-violet /var/lib/tsalt /var/log/tsalt /var/cache/tsalt',
      )
    // Before-images hold what the files held; nobody but root may see them.
    await fleet
      .host('prod')
      .sh(
        'test -z "$(find /var/lib/tsalt/minion/undo ! -type l -perm /077)" && test -d /var/lib/tsalt/minion/undo',
      )
  })
})
