/** What happens when things break under a run: programs killed at any moment, cables cut, keys revoked. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import { pause, until } from './harness/shell.ts'
import { Site } from './harness/site.ts'

const slow = `marker:
  file.managed:
    - name: /var/tmp/marker
    - contents: here
${Array.from({ length: 12 }, (_, index) => `step-${index + 1}:\n  cmd.run:\n    - name: sleep 0.5; echo ${index + 1} >> /var/tmp/steps\n`).join('')}`

const trees = {
  states: {
    'slow.yaml': slow,
    'once.yaml': `once:
  cmd.run:
    - name: date +%s.%N >> /var/tmp/once
`,
  },
  pillars: {},
}
interface Account {
  readonly jid: string
  readonly outcome: string | undefined
  readonly retcode: number | undefined
  readonly ret: unknown
}

describe('faults on real hosts', () => {
  let fleet: Fleet
  let site: Site

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one', 'two'])
    site = await Site.install(fleet, trees, 'ping_interval: 2\ntimeout: 8\n')
    await site.join({ host: 'one', id: 'one', configuration: 'ping_interval: 2\nrecon_max: 3000\n' })
    await site.join({ host: 'two', id: 'two', configuration: 'ping_interval: 2\nrecon_max: 3000\n' })
  })
  afterAll(() => fleet?.halt())

  async function start(id: string, ...words: string[]): Promise<string> {
    const started = await site.tsalt([id, ...words, '--async'])
    const jid = /\b\d{20}\b/.exec(started.stdout + started.stderr)?.[0]
    if (!jid) throw new Error(`no jid in ${started.stdout} ${started.stderr}`)
    return jid
  }

  /** The job as the master has it, once the target has returned. */
  async function returned(jid: string, id: string, seconds = 60): Promise<Account> {
    return until(
      `the return of ${jid} from ${id}`,
      async () => {
        const shown = await site.tsalt(['jobs.show', jid, '--out', 'json'])
        if (shown.code !== 0) return undefined
        const target = JSON.parse(shown.stdout).targets[id]
        return target?.status === 'returned'
          ? { jid, outcome: target.outcome, retcode: target.retcode, ret: target.ret }
          : undefined
      },
      seconds,
    )
  }

  const steps = async (host: string): Promise<string[]> =>
    (await fleet.host(host).sh('cat /var/tmp/steps 2>/dev/null || true')).trim().split('\n').filter(Boolean)
  const clear = (host: string): Promise<string> =>
    fleet.host(host).sh('rm -f /var/tmp/steps /var/tmp/once /var/tmp/marker')
  const running = (host: string): Promise<true> =>
    until('the run to be under way', async () => ((await steps(host)).length >= 2 ? true : undefined))

  test('the master is killed in the middle of a run: the result arrives once, nothing is applied twice', async () => {
    await clear('one')
    const jid = await start('one', 'state.apply', 'slow')
    await running('one')
    await site.master.sh('systemctl kill -s KILL tsalt-master')
    const account = await returned(jid, 'one')
    expect(account.outcome).toBe('done')
    expect(await steps('one')).toEqual(Array.from({ length: 12 }, (_, index) => String(index + 1)))
  })

  test('the minion is killed in the middle of a run: it is reported interrupted and not run again', async () => {
    await clear('one')
    const jid = await start('one', 'state.apply', 'slow')
    await running('one')
    await fleet.host('one').sh('systemctl kill -s KILL tsalt-minion')
    const account = await returned(jid, 'one')
    expect(account.outcome).toBe('interrupted')
    const before = await steps('one')
    expect(before.length).toBeLessThan(12)
    await pause(1_500)
    expect((await steps('one')).length).toBeLessThanOrEqual(before.length + 1)
    await site.answers('one')
  })

  test('both killed again and again: each job ends in one record, applied at most once', async () => {
    await clear('one')
    const jids: string[] = []
    for (let round = 0; round < 4; round++) {
      jids.push(await start('one', 'state.apply', 'once'))
      await pause(round * 60)
      const victim = round % 2 === 0 ? site.master : fleet.host('one')
      await victim.sh(`systemctl kill -s KILL ${round % 2 === 0 ? 'tsalt-master' : 'tsalt-minion'}`)
      await until('the master to be back', async () =>
        (await site.tsalt(['jobs.list'])).code === 0 ? true : undefined,
      )
    }
    const accounts = await Promise.all(jids.map((jid) => returned(jid, 'one')))
    // A run whose master goes away while it asks for its pillar or files is done, and says that it failed.
    const failed = accounts.filter(({ outcome, retcode }) => outcome === 'done' && retcode !== 0)
    for (const { ret } of failed) expect(JSON.stringify(ret)).toMatch(/connection was lost|master/i)
    const done = accounts.filter(({ outcome, retcode }) => outcome === 'done' && retcode === 0).length
    const lines = (await fleet.host('one').sh('cat /var/tmp/once 2>/dev/null || true'))
      .trim()
      .split('\n')
      .filter(Boolean)
    expect(lines.length).toBeGreaterThanOrEqual(done)
    expect(lines.length).toBeLessThanOrEqual(jids.length)
    for (const { outcome } of accounts) expect(['done', 'interrupted']).toContain(outcome)
  })

  test('a cable is cut during a run and mended: the CLI says lost, the result comes when it is back', async () => {
    await clear('two')
    const following = site.tsalt(['two', 'state.apply', 'slow'])
    await running('two')
    await fleet.host('two').cutCable()
    const answer = await following
    expect(answer.code).toBe(75)
    expect(answer.stdout + answer.stderr).toMatch(/lost connection/i)
    await fleet.host('two').mendCable()
    const jid = /\b\d{20}\b/.exec(answer.stdout + answer.stderr)?.[0] ?? ''
    expect((await returned(jid, 'two')).outcome).toBe('done')
    expect(await steps('two')).toHaveLength(12)
  })

  test('a host loses its power in the middle of a run: interrupted, and back by itself', async () => {
    await site.answers('one')
    await clear('one')
    const jid = await start('one', 'state.apply', 'slow')
    await running('one')
    await fleet.host('one').reboot()
    expect((await returned(jid, 'one')).outcome).toBe('interrupted')
    const after = await steps('one')
    expect(after.length).toBeLessThan(12)
    await pause(1_500)
    expect(await steps('one')).toEqual(after)
    await site.answers('one')
  })

  test('a host is rebooted in order in the middle of a run: the state ends, the run is interrupted', async () => {
    await site.answers('one')
    await clear('one')
    const jid = await start('one', 'state.apply', 'slow')
    await running('one')
    await fleet.host('one').shutDownAndBoot()
    expect((await returned(jid, 'one')).outcome).toBe('interrupted')
    expect((await steps('one')).length).toBeLessThan(12)
    await site.answers('one')
  })

  test.each([
    ['from the minion to the master', 'two', 'master'],
    ['from the master to the minion', 'master', 'two'],
  ])(
    'nothing passes %s any more: lost within seconds, the result comes once when it is mended',
    async (_way, from, to) => {
      await site.answers('two')
      await clear('two')
      const jid = await start('two', 'state.apply', 'slow')
      await running('two')
      const target = fleet.host(to).address
      await fleet.host(from).sh(`ip route add blackhole ${target}/32`)
      await until('the master to call it lost', async () => {
        const shown = await site.tsalt(['jobs.show', jid, '--out', 'json'])
        return shown.code === 0 && JSON.parse(shown.stdout).targets.two?.status === 'lost' ? true : undefined
      })
      await fleet.host(from).sh(`ip route del blackhole ${target}/32`)
      expect((await returned(jid, 'two')).outcome).toBe('done')
      expect(await steps('two')).toHaveLength(12)
    },
  )

  test('a job can be killed: its commands end and it is reported cancelled', async () => {
    await clear('two')
    await site.answers('two')
    const jid = await start('two', 'cmd.run', 'sleep 600 & sleep 601; wait')
    await until('the command to run', async () =>
      (await fleet.host('two').exec(['pgrep', '-f', 'sleep 60[01]'])).code === 0 ? true : undefined,
    )
    await site.must('tsalt', ['jobs.kill', jid])
    expect((await returned(jid, 'two')).outcome).toBe('cancelled')
    await until('its processes to be gone', async () =>
      (await fleet.host('two').exec(['pgrep', '-f', 'sleep 60[01]'])).code === 1 ? true : undefined,
    )
  })

  test('an offline minion is named, with since when; exit code 69', async () => {
    await fleet.host('two').sh('systemctl stop tsalt-minion')
    await until('the master to notice', async () => {
      const answer = await site.tsalt(['*', 'test.ping'])
      return answer.code === 69 && /two.*offline/is.test(answer.stdout + answer.stderr) ? true : undefined
    })
    await fleet.host('two').sh('systemctl start tsalt-minion')
    await site.answers('two')
  })

  test('a full disk on the minion: refused or reported, never lost, and well again afterwards', async () => {
    const host = fleet.host('two')
    await host.sh(`systemctl stop tsalt-minion; mv /var/lib/tsalt /var/lib/tsalt.kept; mkdir /var/lib/tsalt
      mount -t tmpfs -o size=3m tmpfs /var/lib/tsalt && cp -a /var/lib/tsalt.kept/. /var/lib/tsalt/; systemctl start tsalt-minion`)
    await site.answers('two')
    await host.sh('cat /dev/zero > /var/lib/tsalt/fill 2>/dev/null || true')
    const jid = await start('two', 'cmd.run', 'echo still here')
    await pause(2_000)
    await host.sh('rm /var/lib/tsalt/fill')
    const account = await returned(jid, 'two')
    expect(account.outcome).toBe('done')
  })

  test('a revoked minion is cut off at once and cannot come back', async () => {
    await site.answers('two')
    await site.must('tsalt-key', ['--revoke', 'two', '-y'])
    await until(
      'the session to end',
      async () => {
        const answer = await site.tsalt(['-L', 'one,two', 'test.ping'])
        return answer.code === 0 ? undefined : true
      },
      5,
    )
    await fleet.host('two').sh('systemctl restart --no-block tsalt-minion')
    await pause(3_000)
    const keys = await site.must('tsalt-key', ['-L'])
    expect(keys).toMatch(/revoked/i)
    const up = await site.master.exec(['tsalt-run', 'manage.up'])
    expect(up.stdout).not.toContain('two')
  })
})
