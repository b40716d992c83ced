/** Jobs in flight, the queue, orderly stops, commands that do not want to end, and what a crash leaves on the disk. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobId } from '../../../shared/ids.ts'
import { lines, Stage, until } from '../stage/stage.ts'
import { Strace, straceWorks } from '../stage/strace.ts'

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage?.close())

const single = (jid: JobId, command: string): Promise<void> =>
  stage.submit(jid, 'state.single', ['cmd.run', command])
const began = (jid: JobId): Promise<true> =>
  until(`${jid} to run`, 15, async () => (lines(stage.path('begun')).includes(jid) ? true : undefined))
const marked = (jid: JobId, seconds: number): string =>
  `echo ${jid} >> ${stage.path('begun')}; sleep ${seconds}; echo ${jid} >> ${stage.path('effects')}`
const outcome = async (jid: JobId): Promise<string> => (await stage.ended(jid)).return?.outcome ?? 'none'

describe('several jobs in flight', () => {
  test('a killed minion reports the running ones, runs the queued state runs in their order, and no one twice', async () => {
    const runs = [1, 2, 3, 4].map(() => stage.newJid())
    for (const [index, jid] of runs.entries()) await single(jid, marked(jid, index === 0 ? 1.5 : 0.05))
    const commands = [1, 2, 3].map(() => stage.newJid())
    await Promise.all(commands.map((jid) => stage.submit(jid, 'cmd.run', [marked(jid, 1.5)])))
    await Promise.all([runs[0], ...commands].map((jid) => jid && began(jid)))
    await stage.minion.end('SIGKILL')
    await stage.restart(stage.minion)
    const outcomes = await Promise.all([...runs, ...commands].map(outcome))
    expect(outcomes).toEqual([
      'interrupted',
      'done',
      'done',
      'done',
      'interrupted',
      'interrupted',
      'interrupted',
    ])
    const order = lines(stage.path('effects')).filter((jid) => runs.slice(1).includes(jid as JobId))
    expect(order).toEqual(runs.slice(1))
    for (const jid of [...runs, ...commands])
      expect(lines(stage.path('begun')).filter((line) => line === jid)).toHaveLength(1)
  })

  test('master and minion killed at once, ten jobs under way: all end, none twice', async () => {
    const jids = Array.from({ length: 10 }, () => stage.newJid())
    const submitted = Promise.all(jids.map((jid) => stage.submitEffect(jid, 'sleep 0.1; ')))
    await pause(60)
    await Promise.all([stage.master.end('SIGKILL'), stage.minion.end('SIGKILL')])
    stage.minion.start()
    await stage.restart(stage.master)
    await submitted
    for (const jid of jids) {
      const end = await outcome(jid)
      expect(['done', 'interrupted']).toContain(end)
      expect(stage.effects(jid)).toBeLessThanOrEqual(1)
      if (end === 'done') expect(stage.effects(jid)).toBe(1)
    }
  })
})

describe('SIGTERM in the middle of a run', () => {
  test('of the minion: the state that runs ends, the next does not begin, the run is reported', async () => {
    const jid = stage.newJid()
    const states = `first:
  cmd.run: [{name: 'echo ${jid} >> ${stage.path('begun')}; sleep 1; echo ${jid} >> ${stage.path('effects')}'}]
second:
  cmd.run: [{name: 'sleep 20; echo never >> ${stage.path('effects')}'}]
`
    writeFileSync(stage.path('states/two.yaml'), states)
    await stage.submit(jid, 'state.apply', ['two'])
    await began(jid)
    const from = performance.now()
    expect(await stage.minion.end('SIGTERM')).toBe(0)
    expect(performance.now() - from).toBeLessThan(10_000)
    await stage.restart(stage.minion)
    expect(await outcome(jid)).toBe('interrupted')
    expect(stage.effects(jid)).toBe(1)
    expect(lines(stage.path('effects'))).not.toContain('never')
  })

  test('of the master: it ends within seconds, and what runs meanwhile is stored when it is back', async () => {
    const jid = stage.newJid()
    await single(jid, marked(jid, 2))
    await began(jid)
    const from = performance.now()
    expect(await stage.master.end('SIGTERM')).toBe(0)
    expect(performance.now() - from).toBeLessThan(6_000)
    await stage.restart(stage.master)
    expect(await outcome(jid)).toBe('done')
    expect(stage.effects(jid)).toBe(1)
  })
})

describe('the command line', () => {
  test('follows a job through a restart of the master', async () => {
    const following = stage.follow('tsalt', [
      'one',
      'cmd.run',
      `echo x >> ${stage.path('cli')}; sleep 2; echo the end`,
    ])
    await until('it to run', 15, async () => (existsSync(stage.path('cli')) ? true : undefined))
    await stage.master.end('SIGKILL')
    await pause(300)
    await stage.restart(stage.master)
    const { status, text } = await following
    expect({ status, text }).toEqual({ status: 0, text: expect.stringContaining('the end') })
    expect(text).toContain('Connected to the master again.')
    expect(lines(stage.path('cli'))).toHaveLength(1)
  })
})

describe('commands that do not want to end', () => {
  const group = (name: string): string[] =>
    readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name)
      } catch {
        return false
      }
    })

  test.each([
    ['leaves children behind', 'sleep 9001 & sleep 9002 & wait', 'sleep\x00900', 'TERM', 3_000],
    ['ignores TERM', 'trap "" TERM; while :; do sleep 0.0911; done', '0.0911', 'TERM', 14_000],
    ['ignores TERM and is killed', 'trap "" TERM; while :; do sleep 0.0922; done', '0.0922', 'KILL', 3_000],
    ['floods its output', 'yes 0.0933', '0.0933', 'TERM', 3_000],
  ] as const)(
    'one that %s is ended with its whole group and reported',
    async (_what, command, name, signal, most) => {
      const jid = stage.newJid()
      await stage.submit(jid, 'cmd.run', [command])
      await until('it to run', 10, async () => (group(name).length > 0 ? true : undefined))
      await pause(100)
      const from = performance.now()
      await stage.client.kill(jid, signal)
      expect(await outcome(jid)).toBe('cancelled')
      await until('its processes to be gone', 3, async () => (group(name).length === 0 ? true : undefined))
      expect(performance.now() - from).toBeLessThan(most)
      expect(stage.minion.memory()).toBeLessThan(150)
    },
  )

  test('saltutil.kill_job ends one as well', async () => {
    const [jid, killer] = [stage.newJid(), stage.newJid()]
    await stage.submit(jid, 'cmd.run', ['sleep 9441 & sleep 9442'])
    await until('it to run', 10, async () => (group('sleep\x00944').length > 0 ? true : undefined))
    await stage.submit(killer, 'saltutil.kill_job', [jid])
    expect(await outcome(jid)).toBe('cancelled')
    expect(await outcome(killer)).toBe('done')
    await until('its processes to be gone', 3, async () =>
      group('sleep\x00944').length === 0 ? true : undefined,
    )
  })

  test('a daemon that a command starts lives on, and the job does not wait for it', async () => {
    const jid = stage.newJid()
    await stage.submit(jid, 'cmd.run', ['sleep 9551 & echo started'])
    const { return: result } = await stage.ended(jid, 5)
    expect(result).toMatchObject({ outcome: 'done', ret: 'started' })
    expect(group('9551').length).toBeGreaterThan(0)
    for (const pid of group('9551')) process.kill(Number(pid))
  })
})

test.skipIf(!straceWorks && process.env['CI'] !== 'true')(
  'half-written files that a crash leaves are gone after the next start',
  async () => {
    const target = stage.path('managed')
    const temporary = /\/\.[^/]+\.[0-9a-f]{16}$/
    const leftovers = (): string[] =>
      readdirSync(stage.folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
        temporary.test(`/${path}`),
      )
    const manage = (jid: JobId): Promise<void> =>
      stage.submit(jid, 'state.single', ['file.managed', target], { kwargs: { contents: jid } })
    const warm = stage.newJid()
    await manage(warm)
    expect(await outcome(warm)).toBe('done')
    let seen: string[] = []
    for (const nth of [1, 2, 3]) {
      const jid = stage.newJid()
      const killer = await Strace.attach(stage.minion.pid, {
        calls: 'rename,renameat,renameat2',
        what: `signal=SIGKILL:when=${nth}`,
      })
      await manage(jid)
      await Promise.race([stage.minion.gone, stage.ended(jid)])
      seen = [...seen, ...leftovers()]
      if (stage.minion.lives) {
        await killer.detach()
        break
      }
      await stage.restart(stage.minion)
      expect(await outcome(jid)).toBe('interrupted')
      expect(leftovers()).toEqual([])
    }
    expect(seen.some((path) => path.startsWith('.managed.'))).toBe(true)
  },
)
