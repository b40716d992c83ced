/** Jobs of real daemons: ended with all that they started, ended by their longest time, refused, joined, run again. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobId } from '../../../shared/ids.ts'
import { lines, Stage, until } from '../stage/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open({
    states: {
      'top.yaml': "base:\n  '*': [slow]\n",
      'quick.yaml': 'nothing:\n  test.nop: []\n',
    },
  })
  stage.writeState(
    'slow.yaml',
    `note:\n  cmd.run:\n    - name: echo run >> ${stage.path('runs')}; while test -e ${stage.path('hold')}; do sleep 0.1; done\n`,
  )
}, 60_000)
afterAll(() => stage.close())

const lives = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}
const statusOf = async (jid: JobId): Promise<string | undefined> =>
  (await stage.client.job(jid).catch(() => undefined))?.targets[0]?.status

describe('a job that is killed', () => {
  it('takes its children along, also one that has left the group, and tells which', async () => {
    const jid = stage.newJid()
    const pids = stage.path('pids')
    // The inner shell ignores TERM, and the one in a session of its own is no member of the group any more.
    const command = `sh -c 'trap "" TERM; echo $$ >> ${pids}; while :; do sleep 1; done' & setsid sleep 300 & echo $! >> ${pids}; echo $$ >> ${pids}; wait`
    await stage.submit(jid, 'cmd.run', [command])
    const begun = await until('the processes', 20, async () =>
      lines(pids).length === 3 ? lines(pids).map(Number) : undefined,
    )
    expect(begun.map(lives)).toEqual([true, true, true])
    const killed = stage.run('tsalt', ['jobs', 'kill', jid])
    expect(killed.stderr).toBe('')
    expect(killed.status).toBe(0)
    expect(killed.stdout).toMatch(/^Told to end job \d{20}: one\none: cancelled after \d+\.\d s\. Ended: /)
    for (const pid of begun) expect(killed.stdout).toContain(`(pid ${pid}`)
    expect(killed.stdout).toMatch(/sh \(pid \d+, by KILL\)/)
    expect(begun.map(lives)).toEqual([false, false, false])
    const { return: returned } = await stage.ended(jid)
    expect(returned).toMatchObject({ outcome: 'cancelled', success: false })
    const shown = stage.run('tsalt', ['jobs', 'show', jid])
    expect(shown.stdout).toContain('Cancelled by an operator. Ended: ')
    expect(stage.run('tsalt', ['jobs', 'kill', jid]).stdout).toBe('No minion runs this job any more.\n')
  }, 60_000)

  it('at once ends what ignores the first signal', async () => {
    const jid = stage.newJid()
    await stage.submit(jid, 'cmd.run', ['trap "" TERM; while :; do sleep 1; done'])
    await until('it to run', 20, async () => (await statusOf(jid)) === 'running' || undefined)
    expect(stage.run('tsalt', ['jobs', 'kill', jid, '--async']).status).toBe(0)
    const from = performance.now()
    expect(stage.run('tsalt', ['jobs', 'kill', jid, '--signal', 'KILL']).stdout).toMatch(/by KILL/)
    expect(performance.now() - from).toBeLessThan(8_000)
  }, 60_000)
})

describe('--max-time', () => {
  it('ends a job on the minion, and says so', async () => {
    const from = performance.now()
    const ran = stage.run('tsalt', ['one', 'cmd.run', 'sleep 200', '--max-time', '1'])
    expect(performance.now() - from).toBeLessThan(30_000)
    expect(ran.stdout).toMatch(
      /^one:\n {4}Ran longer than 1 s, and was ended\. Ended: (?:sh|sleep) \(pid \d+\)/,
    )
    expect(ran.status).toBe(1)
  }, 60_000)

  it('does not touch what is quicker', () => {
    expect(stage.run('tsalt', ['one', 'test.ping', '--max-time', '1', '--out', 'txt']).stdout).toBe(
      'one: True\n',
    )
  })
})

describe('state runs', () => {
  const hold = (on: boolean): void =>
    on ? writeFileSync(stage.path('hold'), '') : rmSync(stage.path('hold'), { force: true })
  const runs = (): number => lines(stage.path('runs')).length

  it('say behind whom they wait, are refused with --now, and join what waits, through a crash of the minion', async () => {
    hold(true)
    rmSync(stage.path('runs'), { force: true })
    const [first, second, third, other] = [stage.newJid(), stage.newJid(), stage.newJid(), stage.newJid()]
    await stage.submit(first, 'state.highstate', [])
    await until('the first to run', 30, async () => runs() === 1 || undefined)
    await stage.submit(second, 'state.highstate', [])
    await stage.submit(third, 'state.highstate', [])
    await stage.submit(other, 'state.apply', ['quick'])
    const queued = await until('the place in the queue', 20, async () => {
      const [target] = (await stage.client.job(third)).targets
      return target?.progress?.queue?.with === undefined ? undefined : target.progress.queue
    })
    expect(queued).toMatchObject({ ahead: 1, behind: first, fun: 'state.highstate', with: second })
    const shown = stage.run('tsalt', ['jobs', 'show', third])
    expect(shown.stdout).toContain(
      `Queued behind jid ${first} (state.highstate, state 1 of 1), as one run with jid ${second}.`,
    )
    const refused = stage.run('tsalt', ['one', 'state.apply', 'quick', '--now'])
    expect(refused.status).toBe(1)
    expect(refused.stdout).toMatch(
      new RegExp(
        `The function "state.highstate" is running as PID \\d+ and was started at .* with jid ${first}`,
      ),
    )

    await stage.minion.end('SIGKILL')
    hold(false)
    await stage.restart(stage.minion)
    expect((await stage.ended(first)).return?.outcome).toBe('interrupted')
    const [two, three] = [await stage.ended(second), await stage.ended(third)]
    expect(two.return).toMatchObject({ outcome: 'done', retcode: 0 })
    expect(three.return).toMatchObject({ outcome: 'done', retcode: 0, ranAs: second, ret: two.return?.ret })
    const joined = stage.run('tsalt', ['jobs', 'show', third]).stdout
    expect(joined).toContain(`Result: 1 ok\nOne run with job ${second} on 1 minion\n`)
    expect((await stage.ended(other)).return?.outcome).toBe('done')
    // The first, and one for both of the others.
    expect(runs()).toBe(2)
  }, 90_000)
})

describe('tsalt jobs', () => {
  it('runs again what failed, and only there', async () => {
    const ran = stage.run('tsalt', ['one', 'cmd.run', `test -e ${stage.path('there')}`, '--show-jid'])
    expect(ran.status).toBe(1)
    const jid = /jid: (\d{20})/.exec(ran.stderr)?.[1] ?? ''
    writeFileSync(stage.path('there'), '')
    const again = stage.run('tsalt', ['jobs', 'rerun', jid, '--failed'])
    expect(again.stderr).toMatch(/^cmd\.run test -e \S+, again as job \d{20}\nTarget: -L 'one'/)
    expect(again.status).toBe(0)
    const second = /job (\d{20})/.exec(again.stderr)?.[1] ?? ''
    const nothing = stage.run('tsalt', ['jobs', 'rerun', second, '--failed'])
    expect(nothing.status).toBe(1)
    expect(nothing.stderr).toContain(`No minion of job ${second} is failed: there is nothing to run again.`)
  }, 30_000)

  it('lists what is asked for', () => {
    const list = (...words: string[]): string[] =>
      stage
        .run('tsalt', ['jobs', 'list', ...words])
        .stdout.split('\n')
        .filter(Boolean)
        .slice(1)
    expect(list('--function', 'cmd.*').every((line) => line.includes('cmd.run'))).toBe(true)
    const cancelled = list('--state', 'cancelled')
    expect(cancelled.length).toBe(2)
    expect(cancelled.every((line) => line.includes('1 cancelled'))).toBe(true)
    expect(list('--state', 'failed', '--function', 'state.*').length).toBe(2)
    expect(list('--target', 'two')).toEqual([])
    expect(list('--since', '2001-01-01', '--limit', '3').length).toBe(3)
    expect(list('--operator', 'nobody')).toEqual([])
  })

  it('prints the id of a job that is not waited for as Salt does', async () => {
    const ran = stage.run('tsalt', ['one', 'test.ping', '--async'])
    expect(ran.stdout).toMatch(/^Executed command with job ID: \d{20}\n$/)
    const jid = ran.stdout.trim().slice(-20) as JobId
    expect((await stage.ended(jid)).return?.outcome).toBe('done')
    expect(stage.run('tsalt', ['jobs', 'attach', jid]).stdout).toBe('one:\n    True\n')
    expect(existsSync(stage.path('m/run/tsalt/master.sock'))).toBe(true)
  })
})
