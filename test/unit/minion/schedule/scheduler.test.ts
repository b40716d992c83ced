/** The scheduler with a clock that the test moves. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Scheduler } from '../../../../minion/schedule/scheduler.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { type Dict, type Plain, toValue } from '../../../../shared/data/value.ts'
import { silentLogger } from '../../../../shared/log.ts'
import type { JobReturn } from '../../../../shared/protocol/messages/job-return.ts'
import { readScheduledJob, type ScheduledJob } from '../../../../shared/schedule/scheduled-job.ts'

const folders: string[] = []
const running: Scheduler[] = []
afterEach(() => {
  for (const scheduler of running.splice(0)) scheduler.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const start = new Date('2026-11-22T12:00:00').getTime()

class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsalt-schedule-'))
  now = start
  pillar: Dict = new Map()
  ran: string[] = []
  /** Ends what runs. */
  readonly pending: (() => void)[] = []
  holds = false
  scheduler: Scheduler

  readonly configured: Record<string, Plain>

  constructor(configured: Record<string, Plain>) {
    this.configured = configured
    folders.push(this.folder)
    this.scheduler = this.make()
  }

  make(): Scheduler {
    this.scheduler?.stop()
    this.scheduler = new Scheduler({
      clock: { ...systemClock, now: () => this.now, random: () => 0.5 },
      log: silentLogger(),
      configured: toValue(this.configured) as Dict,
      file: join(this.folder, 'schedule.json'),
      timesFile: join(this.folder, 'times.json'),
      pillar: () => this.pillar,
      whens: () => (this.pillar.get('whens') ?? new Map()) as Dict,
      loadPillar: async () => undefined,
      call: (job: ScheduledJob) => {
        this.ran.push(job.name)
        return new Promise((resolve) => {
          const end = (): void => resolve({} as JobReturn)
          if (this.holds) this.pending.push(end)
          else end()
        })
      },
      done: () => undefined,
    })
    running.push(this.scheduler)
    return this.scheduler
  }

  async after(seconds: number): Promise<string[]> {
    this.now += seconds * 1000
    await this.scheduler.refresh()
    return this.ran.splice(0)
  }
}

const ping = (more: Record<string, Plain>): Plain => ({ function: 'test.ping', ...more })

describe('the scheduler', () => {
  it('runs what is due, once, with the splay', async () => {
    const stage = new Stage({
      a: ping({ seconds: 60 }),
      b: ping({ cron: '*/5 * * * *', splay: 20 }),
      c: ping({ run_on_start: true }),
    })
    await stage.scheduler.start()
    expect(await stage.after(0)).toEqual(['c'])
    expect(await stage.after(59)).toEqual([])
    expect(await stage.after(1)).toEqual(['a'])
    expect(await stage.after(0)).toEqual([])
    expect(await stage.after(240)).toEqual(['a'])
    expect(stage.scheduler.nextFireTime('b')).toBe(start + 310_000)
    expect(await stage.after(10)).toEqual(['b'])
  })

  it('neither runs twice nor forgets over a restart', async () => {
    const stage = new Stage({ a: ping({ hours: 1 }), b: ping({ cron: '0 13 * * *' }) })
    await stage.scheduler.start()
    expect(await stage.after(3600)).toEqual(['a', 'b'])
    await stage.make().start()
    expect(await stage.after(1)).toEqual([])
    stage.scheduler.stop()
    stage.now = start + 3 * 3600_000 + 30_000
    await stage.make().start()
    expect(await stage.after(0)).toEqual(['a'])
    expect(await stage.after(3500)).toEqual([])
    expect(await stage.after(100)).toEqual(['a'])
  })

  it('leaves out a time of the clock that was missed by hours, not one missed by minutes', async () => {
    const stage = new Stage({ a: ping({ when: '1:00pm' }) })
    await stage.scheduler.start()
    expect(await stage.after(3 * 3600)).toEqual([])
    expect(stage.scheduler.nextFireTime('a')).toBe(start + 25 * 3600_000)
    stage.now = start + 25 * 3600_000 + 120_000
    await stage.make().start()
    expect(await stage.after(0)).toEqual(['a'])
  })

  it('knows times by their names, and says what a name could have been', async () => {
    const stage = new Stage({ a: ping({ when: ['tea time', '11:00pm'] }), b: ping({ when: 'tee time' }) })
    stage.pillar = toValue({ whens: { 'tea time': '1:40pm' } }) as Dict
    await stage.scheduler.start()
    expect(stage.scheduler.nextFireTime('a')).toBe(start + 100 * 60_000)
    expect(stage.scheduler.nextFireTime('b')).toBeUndefined()
    const whens = new Map([['tea time', '1:40pm']])
    expect(readScheduledJob('b', toValue(ping({ when: 'tee time' })), whens)).toContain(
      'did you mean "tea time"?',
    )
    expect(readScheduledJob('b', toValue(ping({ when: 'tea time' })), 'any')).toMatchObject({ name: 'b' })
    expect(readScheduledJob('b', toValue(ping({ when: '25:00' })), whens)).toContain('is no time like')
  })

  it('starts no more at once than maxrunning', async () => {
    const stage = new Stage({ a: ping({ seconds: 10 }), b: ping({ seconds: 10, maxrunning: 2 }) })
    stage.holds = true
    await stage.scheduler.start()
    expect(await stage.after(10)).toEqual(['a', 'b'])
    expect(await stage.after(10)).toEqual(['b'])
    expect(await stage.after(10)).toEqual([])
    for (const end of stage.pending) end()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await stage.after(10)).toEqual(['a', 'b'])
  })

  it('follows the file and the pillar, and passes over what is wrong', async () => {
    const stage = new Stage({ a: ping({ seconds: 10 }), bad: ping({ seconds: 'often' }) })
    await stage.scheduler.start()
    stage.pillar = toValue({ schedule: { p: ping({ seconds: 20 }), a: ping({ seconds: 1 }) } }) as Dict
    expect(await stage.after(0)).toEqual([])
    writeFileSync(
      join(stage.folder, 'schedule.json'),
      '{"a": {"enabled": false}, "f": {"function": "test.ping", "seconds": 20}}',
    )
    expect(await stage.after(0)).toEqual([])
    expect(await stage.after(20)).toEqual(['p', 'f'])
    writeFileSync(join(stage.folder, 'schedule.json'), '{"enabled": false}')
    expect(await stage.after(60)).toEqual([])
    writeFileSync(join(stage.folder, 'schedule.json'), 'half')
    expect(await stage.after(60)).toEqual([])
  })

  it('is not stopped by a clock that is set back', async () => {
    const stage = new Stage({ a: ping({ seconds: 60 }) })
    await stage.scheduler.start()
    expect(await stage.after(60)).toEqual(['a'])
    stage.now -= 86_400_000
    expect(await stage.after(0)).toEqual([])
    expect(await stage.after(60)).toEqual(['a'])
    stage.now -= 86_400_000
    await stage.make().start()
    expect(await stage.after(60)).toEqual(['a'])
  })
})
