/**
 * Units of systemd as a family on a real Debian host: verified before anything is replaced, read again once for all,
 * one worker process for each queue, only what changed is restarted, drift repaired, undone.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, holds } from './harness/laws.ts'
import { Site } from './harness/site.ts'

const workers = (queues: string, nice = 3): string => `worker@.service:
  systemd.unit:
    - sections:
        Unit: {Description: Worker of the queue %i}
        Service:
          ExecStart: /bin/sh -c 'exec sleep infinity' worker-%i
          Environment: [QUEUE=%i, 'WORDS="two words"']
          Restart: on-failure
          Nice: ${nice}
        Install: {WantedBy: multi-user.target}
    - instances: [${queues}]
    - instances_clean: True
`
const family = `front.service:
  systemd.unit:
    - sections:
        Service: {ExecStart: /bin/sleep infinity}
        Install: {WantedBy: multi-user.target}
    - enable: True
    - running: True
front limits:
  systemd.unit:
    - name: front
    - dropin: limits
    - sections: {Service: {LimitNOFILE: 4096}}
    - require: [{systemd: front.service}]
echo.socket:
  systemd.unit:
    - sections: {Socket: {ListenStream: /run/echo.sock, Accept: True}, Install: {WantedBy: sockets.target}}
    - enable: True
    - running: True
    - require: [{systemd: echo@.service}]
echo@.service:
  systemd.unit:
    - contents: |
        [Service]
        ExecStart=/bin/cat
        StandardInput=socket
backup.service:
  systemd.unit:
    - source: salt://backup.service
    - template: jinja
    - context: {word: kept}
backup.timer:
  systemd.unit:
    - sections: {Timer: {OnCalendar: daily, Persistent: True}, Install: {WantedBy: timers.target}}
    - enable: True
    - running: True
    - require: [{systemd: backup.service}]
`
const changed = family
  .replace('LimitNOFILE: 4096', 'LimitNOFILE: 5000')
  .replace('/bin/sleep infinity', '/bin/sleep 1000000')
const broken = `front.service:
  systemd.unit:
    - sections:
        Service: {ExecStart: relative/path, Restart: sometimes}
        Install: {WantedBy: multi-user.target}
    - running: True
`
const gone = `worker@.service: {systemd.unit_absent: []}
front limits: {systemd.unit_absent: [name: front, dropin: limits]}
`

describe('units of systemd', () => {
  let fleet: Fleet
  let site: Site
  let host: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one'])
    const states = {
      'workers.sls': workers('mail, push, default'),
      'family.sls': family,
      'changed.sls': changed,
      'broken.sls': broken,
      'gone.sls': gone,
      'backup.service': '[Service]\nType=oneshot\nExecStart=/bin/echo {{ word }}\n',
    }
    site = await Site.install(fleet, { states, pillars: {} })
    host = await site.join({ host: 'one', id: 'one' })
  })
  afterAll(() => fleet?.halt())

  const active = async (...units: string[]): Promise<string> =>
    (await host.sh(`systemctl is-active ${units.join(' ')} || true`)).trim().split('\n').join(' ')
  const enabled = async (...units: string[]): Promise<string> =>
    (await host.sh(`systemctl is-enabled ${units.join(' ')} || true`)).trim().split('\n').join(' ')
  const property = async (unit: string, name: string): Promise<string> =>
    (await host.sh(`systemctl show -p ${name} --value ${unit}`)).trim()
  const reloads = async (): Promise<number> =>
    Number(
      await host.sh("journalctl -q --no-pager _PID=1 | grep -c 'Reloading\\.\\|Reloading requested' || true"),
    )

  test('one worker for each queue', async () => {
    const { real } = await holds(site, 'one', ['state.apply', 'workers'])
    const [entry] = Object.values(real)
    const units = ['worker@mail.service', 'worker@push.service', 'worker@default.service']
    expect(entry?.changes).toMatchObject({ enabled: units, started: units })
    expect(await active(...units)).toBe('active active active')
    expect(await property('worker@mail', 'Environment')).toContain('QUEUE=mail')
    expect(await property('worker@mail', 'Environment')).toContain('"WORDS=two words"')
  })

  test('a queue comes, one goes, and the others are not touched', async () => {
    const before = await property('worker@mail', 'MainPID')
    site.master.write('/srv/tsalt/workers.sls', workers('mail, default, extra'))
    await holds(site, 'one', ['state.apply', 'workers'])
    expect(await active('worker@mail', 'worker@push', 'worker@extra')).toBe('active inactive active')
    expect(await enabled('worker@mail', 'worker@push', 'worker@extra')).toBe('enabled disabled enabled')
    expect(await property('worker@mail', 'MainPID')).toBe(before)
  })

  test('drift is repaired', async () => {
    await host.sh(
      'systemctl stop worker@mail; systemctl disable -q worker@default; echo "# by hand" >> /etc/systemd/system/worker@.service; systemctl daemon-reload',
    )
    const { real } = await holds(site, 'one', ['state.apply', 'workers'])
    expect(await active('worker@mail', 'worker@default')).toBe('active active')
    expect(await enabled('worker@default')).toBe('enabled')
    expect(host.read('/etc/systemd/system/worker@.service')).not.toContain('by hand')
    const restarted = Object.values(real).flatMap(
      ({ changes }) => (changes as { restarted?: string[] }).restarted ?? [],
    )
    expect(restarted).toEqual(['worker@default.service', 'worker@extra.service'])
  })

  test('a socket, a timer, a drop-in: verified, started, silent', async () => {
    await holds(site, 'one', ['state.apply', 'family'])
    expect(await active('front', 'echo.socket', 'backup.timer')).toBe('active active active')
    expect(await property('front', 'LimitNOFILE')).toBe('4096')
    expect(host.read('/etc/systemd/system/backup.service')).toContain('/bin/echo kept')
  })

  test('two changed files of one unit: one reload and one restart', async () => {
    const pid = await property('front', 'MainPID')
    const other = await property('worker@mail', 'MainPID')
    const restarts = Number(await property('front', 'NRestarts'))
    const before = await reloads()
    const { real } = await holds(site, 'one', ['state.apply', 'changed'])
    const ends = Object.entries(real).filter(([tag]) => tag.includes('listener_'))
    expect(ends.map(([, { changes }]) => changes)).toEqual([{ restarted: ['front.service'] }])
    expect(await property('front', 'LimitNOFILE')).toBe('5000')
    expect(await property('front', 'MainPID')).not.toBe(pid)
    expect(await property('front', 'NeedDaemonReload')).toBe('no')
    expect(Number(await property('front', 'NRestarts'))).toBe(restarts)
    expect(await property('worker@mail', 'MainPID')).toBe(other)
    expect((await reloads()) - before).toBeLessThanOrEqual(1)
  })

  test('a unit that systemd does not accept changes nothing', async () => {
    const before = host.read('/etc/systemd/system/front.service')
    const pid = await property('front', 'MainPID')
    const [entry] = Object.values(await apply(site, 'one', ['state.apply', 'broken']))
    expect(entry).toMatchObject({ result: false, changes: {} })
    expect(entry?.comment).toContain('front.service:')
    const [dry] = Object.values(await apply(site, 'one', ['state.apply', 'broken', 'test=True']))
    expect(dry?.result).toBe(false)
    expect(host.read('/etc/systemd/system/front.service')).toBe(before)
    expect(await property('front', 'MainPID')).toBe(pid)
    expect(await host.sh('ls -d /tmp/tsalt-verify-* 2>/dev/null || echo none')).toBe('none\n')
  })

  test('is undone: what was there comes back, what was not is gone', async () => {
    site.master.write(
      '/srv/tsalt/new.sls',
      `${workers('mail', 5)}\nfresh.service: {systemd.unit: [sections: {Service: {ExecStart: /bin/sleep 77}, Install: {WantedBy: multi-user.target}}, enable: True, running: True]}\n`,
    )
    const unit = host.read('/etc/systemd/system/worker@.service')
    await apply(site, 'one', ['state.apply', 'new'])
    expect(await active('fresh', 'worker@extra')).toBe('active inactive')
    const listed = await site.tsalt(['one', 'undo.list', '--out', 'json', '--static'])
    const job = Object.keys(JSON.parse(listed.stdout).one).sort().at(-1) ?? ''
    await apply(site, 'one', ['undo.job', job])
    expect(await active('fresh', 'worker@extra', 'worker@mail')).toBe('inactive active active')
    expect(await enabled('worker@extra', 'worker@default')).toBe('enabled enabled')
    expect(host.read('/etc/systemd/system/worker@.service')).toBe(unit)
    expect(await property('worker@mail', 'Nice')).toBe('3')
    expect(await host.sh('ls /etc/systemd/system/multi-user.target.wants')).not.toContain('fresh')
  })

  test('a hundred services that run are one question', async () => {
    const names = Array.from({ length: 100 }, (_, n) => `many@${n}`)
    site.master.write(
      '/srv/tsalt/many.sls',
      names.map((name) => `${name}: {service.running: [enable: True]}\n`).join(''),
    )
    host.write(
      '/etc/systemd/system/many@.service',
      '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
    )
    await host.sh(`systemctl enable -q ${names.join(' ')}; systemctl start ${names.join(' ')}`)
    const entries = Object.values(await apply(site, 'one', ['state.apply', 'many']))
    expect(entries.map(({ result, comment }) => [result, /already running/.test(comment)])).toEqual(
      names.map(() => [true, true]),
    )
    const duration = (entry: object): number => (entry as { duration: number }).duration
    expect(entries.reduce((sum, entry) => sum + duration(entry), 0)).toBeLessThan(100)
    const from = performance.now()
    await host.sh(`systemctl show -p Id,ActiveState,UnitFileState ${names.join(' ')} >/dev/null`)
    console.info(`the question itself: ${Math.round(performance.now() - from)} ms`)
    await host.sh(`systemctl disable -q --now ${names.join(' ')}`)
  })

  test('go again', async () => {
    await holds(site, 'one', ['state.apply', 'gone'])
    expect(await host.sh('ls -R /etc/systemd/system')).not.toMatch(/worker|limits/)
    expect(await active('worker@mail', 'worker@extra', 'front')).toBe('inactive inactive active')
    expect(await property('front', 'LimitNOFILE')).not.toBe('5000')
  })
})
