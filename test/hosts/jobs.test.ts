/** Jobs on real hosts: one that outlives the command line and the master, and one whose processes are ended. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import { until } from './harness/shell.ts'
import { Site } from './harness/site.ts'

/** A highstate of twenty seconds whose effects are counted. */
const count = 20
const trees = {
  states: {
    'top.yaml': "base:\n  '*': [slow]\n",
    'slow.yaml': Array.from(
      { length: count },
      (_, index) =>
        `step-${index + 1}:\n  cmd.run:\n    - name: sleep 1; echo ${index + 1} >> /var/tmp/steps\n`,
    ).join(''),
  },
  pillars: {},
}

describe('jobs on real hosts', () => {
  let fleet: Fleet
  let site: Site

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one', 'two'])
    site = await Site.install(fleet, trees, 'ping_interval: 2\ntimeout: 8\n')
    for (const id of ['one', 'two'])
      await site.join({ host: id, id, configuration: 'ping_interval: 2\nrecon_max: 3000\n' })
  })
  afterAll(() => fleet?.halt())

  const steps = async (host: string): Promise<string[]> =>
    (await fleet.host(host).sh('cat /var/tmp/steps 2>/dev/null || true')).trim().split('\n').filter(Boolean)
  const all = Array.from({ length: count }, (_, index) => String(index + 1))

  test('outlive the command line and the master: attach shows one to its end, and it ran once', async () => {
    // The command line in its own process, killed without a chance to say anything.
    const pid = (
      await site.master.sh("nohup tsalt '*' state.highstate --show-jid >/tmp/cli.log 2>&1 & echo $!")
    ).trim()
    for (const host of ['one', 'two'])
      await until('the run to be under way', async () => ((await steps(host)).length >= 2 ? true : undefined))
    const jid = /jid: (\d{20})/.exec(await site.master.sh('cat /tmp/cli.log'))?.[1] ?? ''
    await site.master.sh(`kill -KILL ${pid}; systemctl kill -s KILL tsalt-master`)
    await until('the master to be back', async () =>
      (await site.tsalt(['jobs', 'list'])).code === 0 ? true : undefined,
    )
    // It was not there for the end: both still are at work.
    expect((await steps('one')).length).toBeLessThan(count)
    const attached = await site.tsalt(['jobs', 'attach', jid])
    expect(attached.stderr).toContain(`Target: '*' → one, two (2 minions)`)
    expect(attached.stdout).toMatch(/one, two \(2 minions, identical\)|one:[\s\S]*two:/)
    expect(attached.stdout).toContain(`Succeeded: ${count}`)
    expect(attached.code).toBe(0)
    for (const host of ['one', 'two']) expect(await steps(host)).toEqual(all)
    const shown = await site.tsalt(['jobs', 'show', jid])
    expect(shown.stdout).toContain('Result: 2 ok')
    const listed = await site.tsalt(['jobs', 'list', '--function', 'state.highstate', '--state', 'ok'])
    expect(listed.stdout).toContain(jid)
  }, 240_000)

  test('are ended with what has left their group, and what was ended is told', async () => {
    const started = await site.tsalt(['one', 'cmd.run', 'setsid sleep 611 & sleep 612; wait', '--async'])
    const jid = /\b\d{20}\b/.exec(started.stdout)?.[0] ?? ''
    const there = async (): Promise<number> =>
      (await fleet.host('one').exec(['pgrep', '-f', '^sleep 61[12]'])).code
    await until('the commands to run', async () => ((await there()) === 0 ? true : undefined))
    const killed = await site.tsalt(['jobs', 'kill', jid])
    expect(killed.stdout).toMatch(/one: cancelled after .* Ended: .*sleep \(pid \d+\).*sleep \(pid \d+\)/)
    expect(await there()).toBe(1)
  }, 60_000)

  test('are ended on the minion after their longest time, also while the master is away', async () => {
    const started = await site.tsalt(['one', 'cmd.run', 'sleep 613', '--max-time', '6', '--async'])
    const jid = /\b\d{20}\b/.exec(started.stdout)?.[0] ?? ''
    const there = async (): Promise<number> =>
      (await fleet.host('one').exec(['pgrep', '-f', '^sleep 613'])).code
    await until('the command to run', async () => ((await there()) === 0 ? true : undefined))
    await site.master.sh('systemctl stop tsalt-master')
    await until('the command to be ended', async () => ((await there()) === 1 ? true : undefined))
    await site.master.sh('systemctl start tsalt-master')
    const shown = await until('its return', async () => {
      const answer = await site.tsalt(['jobs', 'show', jid])
      return answer.stdout.includes('Ran longer than 6 s') ? answer.stdout : undefined
    })
    expect(shown).toContain('Result: 1 timed out')
  }, 120_000)
})
