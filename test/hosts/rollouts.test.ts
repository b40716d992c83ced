/**
 * Rollouts on real Debian hosts: a canary whose gate stays closed stops everything after one host, a rolling restart leaves
 * never more than one service away, and both outlive the command line and the master.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { until } from './harness/shell.ts'
import { Site } from './harness/site.ts'

const names = ['web1', 'web2', 'web3']

/** A web application that takes a while until it serves, and that a bad release breaks. */
const application = `const release = require('node:fs').readFileSync('/srv/app/release', 'utf8').trim()
if (release === 'bad') process.exit(1)
setTimeout(() => require('node:http').createServer((q, a) => a.end(release)).listen(8080), 1500)
`
const states = {
  'top.sls': "base: {'web*': [app]}\n",
  'app.sls': `/srv/app/app.cjs:
  file.managed: [source: 'salt://app.cjs', makedirs: True]
/srv/app/release:
  file.managed: [contents: "{{ pillar['release'] }}", makedirs: True]
/etc/systemd/system/app.service:
  file.managed:
    - contents: |
        [Service]
        ExecStart=/usr/local/bin/node /srv/app/app.cjs
        [Install]
        WantedBy=multi-user.target
app:
  service.running:
    - enable: True
    - watch: [{file: /srv/app/release}, {file: /srv/app/app.cjs}, {file: /etc/systemd/system/app.service}]
`,
  'app.cjs': application,
}
const pillars = { 'top.sls': "base: {'*': [app]}\n", 'app.sls': 'release: one\n' }
const gate = ['--gate', 'http://127.0.0.1:8080/', '--gate-timeout', '8']

describe('a rollout', () => {
  let fleet: Fleet
  let site: Site
  const hosts: Host[] = []

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', ...names])
    site = await Site.install(fleet, { states, pillars })
    for (const name of names) hosts.push(await site.join({ host: name, id: name }))
  })
  afterAll(() => fleet?.halt())

  const releases = async (): Promise<string[]> =>
    Promise.all(hosts.map(async (host) => (await host.sh('cat /srv/app/release')).trim()))
  const serves = async (host: Host): Promise<string> =>
    (
      await host.sh(
        'timeout 2 bash -c \'exec 3<>/dev/tcp/127.0.0.1/8080; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; tail -n 1 <&3\' 2>/dev/null || true',
      )
    ).trim()
  const jidOf = async (): Promise<string> => {
    const listed = await site.must('tsalt', ['rollout', 'list'])
    const jid = /\d{20}/.exec(listed)?.[0]
    if (jid === undefined) throw new Error(listed)
    return jid
  }
  const release = (name: string): void => site.master.write('/srv/pillar/app.sls', `release: ${name}\n`)
  /** The newest, when it is another one. */
  const another = (jid: string): Promise<string> =>
    until('a new rollout', async () => {
      const newest = await jidOf().catch(() => jid)
      return newest === jid ? undefined : newest
    })
  const ended = (jid: string): Promise<true> =>
    until(
      `the rollout ${jid} to end`,
      async () => {
        const said = await status(jid).catch(() => '')
        if (/stopped|aborted/.test(said)) throw new Error(said)
        return /\bdone {2}/.test(said) ? true : undefined
      },
      120,
    )
  const status = (jid: string): Promise<string> => site.must('tsalt', ['rollout', 'status', jid])

  test('brings a release to every host, the canary first', async () => {
    const rolled = await site.tsalt(['web*', 'state.highstate', '--canary', 'web2', '--batch', '1', ...gate])
    expect(rolled.stderr + rolled.stdout).toMatch(/3 of 3|succeeded/i)
    expect(rolled.code).toBe(0)
    expect(await releases()).toEqual(['one', 'one', 'one'])
  })

  test('stops after one host where the gate of the canary stays closed, and says so', async () => {
    release('bad')
    const rolled = await site.tsalt(['web*', 'state.highstate', '--canary', '1', '--batch', '1', ...gate])
    expect(rolled.code).not.toBe(0)
    expect(rolled.stderr + rolled.stdout).toMatch(/Rollout stopped .*1 of 3 failed: web1 \(its gate: /)
    expect(await releases()).toEqual(['bad', 'one', 'one'])
    expect(await status(await jidOf())).toMatch(/stopped/)
  })

  test('goes on with the next release: first on those that failed, then on those whose turn had not come', async () => {
    release('two')
    const stopped = await jidOf()
    const again = await site.tsalt(['rollout', 'retry-failed', stopped])
    expect(again.code, again.stderr + again.stdout).toBe(0)
    await ended(await another(stopped))
    expect(await releases()).toEqual(['two', 'one', 'one'])
    await site.must('tsalt', ['rollout', 'resume', stopped])
    await ended(stopped)
    expect(await releases()).toEqual(['two', 'two', 'two'])
    expect(await Promise.all(hosts.map(serves))).toEqual(['two', 'two', 'two'])
  })

  test('restarts one by one behind a check: never are two away, through the death of master and command line', async () => {
    const since = (await site.master.sh('date +%s')).trim()
    const before = await jidOf()
    const watching = new AbortController()
    const away: string[][] = []
    const watcher = watch(watching.signal, away)
    await site.master.sh(
      "nohup tsalt 'web*' service.restart app --batch 1 --gate http://127.0.0.1:8080/ >/tmp/rollout.log 2>&1 </dev/null & echo $! >/tmp/cli",
    )
    const jid = await another(before)
    await site.master.sh(
      'kill -KILL $(cat /tmp/cli); systemctl kill -s KILL tsalt-master; sleep 1; systemctl start tsalt-master',
    )
    await ended(jid)
    watching.abort()
    await watcher
    for (const host of hosts) {
      const starts = await host.sh(
        `journalctl -u app --since "@${since}" -o cat | grep -c 'Started app' || true`,
      )
      expect(Number(starts.trim()), host.name).toBe(1)
    }
    expect(away.filter((down) => down.length > 1)).toEqual([])
    expect(new Set(away.flat())).toEqual(new Set(names))
  })

  test('waits for nobody who is offline: a named canary stops it, an unnamed one is somebody else, and who comes back is brought again', async () => {
    const [web1] = hosts as [Host]
    release('three')
    await web1.sh('systemctl stop tsalt-minion')
    const named = await site.tsalt([
      'web*',
      'state.highstate',
      '--canary',
      'web1',
      '--steps',
      '2,100%',
      ...gate,
    ])
    const told = named.stderr + named.stdout
    expect([named.code, told]).toEqual([
      1,
      expect.stringMatching(
        /Rollout stopped \(step 1 of 3\): web1 was to go first and is offline, so nothing was tried\./,
      ),
    ])
    expect(told).toMatch(/stopped before anything was run\./)
    expect(await releases()).toEqual(['two', 'two', 'two'])
    await site.must('tsalt', ['rollout', 'abort', await jidOf()])

    const rolled = await site.tsalt(['web*', 'state.highstate', '--canary', '1', '--batch', '1', ...gate])
    expect([rolled.code, rolled.stdout]).toEqual([
      69,
      expect.stringMatching(/web1:\n +Offline[^\n]*: passed over when its turn came/),
    ])
    expect(rolled.stderr).toContain(
      'Rollout done, 1 offline. Once more on these: tsalt rollout retry-failed ',
    )
    expect(await releases()).toEqual(['two', 'three', 'three'])
    const jid = await jidOf()
    expect(await status(jid)).toMatch(/done .*2 of 3 done, 1 offline/)
    expect(await site.must('tsalt', ['jobs', 'show', jid])).toContain('\nRollout done, 1 offline. Once more')

    await web1.sh('systemctl start tsalt-minion')
    await site.answers('web1')
    expect(await releases(), 'nothing is run on it later').toEqual(['two', 'three', 'three'])
    await site.must('tsalt', ['rollout', 'retry-failed', jid])
    await ended(await another(jid))
    expect(await releases()).toEqual(['three', 'three', 'three'])
  })

  /** Notes who does not serve, again and again. */
  async function watch(signal: AbortSignal, away: string[][]): Promise<void> {
    while (!signal.aborted) {
      const said = await Promise.all(
        hosts.map(async (host) => ({ name: host.name, said: await serves(host) })),
      )
      const down = said.filter((one) => one.said === '').map(({ name }) => name)
      if (down.length > 0) away.push(down)
      await sleep(100)
    }
  }
})
