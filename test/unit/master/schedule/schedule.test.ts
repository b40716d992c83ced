/** The schedule of the master on a real store and job service, with a clock that is moved by hand, and through crashes. */
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { closedAccess } from '../../../../master/auth/access.ts'
import { type Actor, trusted } from '../../../../master/auth/actor.ts'
import type { EngineServices, RunningEngine } from '../../../../master/engines/contract.ts'
import type { EngineDoors } from '../../../../master/engines/doors.ts'
import { makeCallRunner, runnerNames } from '../../../../master/runners/call.ts'
import type { RunnerServices } from '../../../../master/runners/contract.ts'
import { scheduleEngine } from '../../../../master/schedule/engine.ts'
import { readMasterEntry } from '../../../../master/schedule/master-entry.ts'
import { loadOptions } from '../../../../shared/config/load.ts'
import { masterOptions } from '../../../../shared/config/master-options.ts'
import type { Json } from '../../../../shared/data/codec.ts'
import { type Dict, isDict, type Plain, toValue } from '../../../../shared/data/value.ts'
import { answer, id, Stage } from '../jobs/stage.ts'

let stage: Stage
let ran: string[]
const engines: RunningEngine[] = []
beforeEach(async () => {
  ran = []
  stage = await new Stage().start()
})
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop()
  await stage.end()
})

interface Running {
  readonly doors: EngineDoors
  readonly engine: RunningEngine
  /** So many seconds later: what has run since. */
  after(seconds: number): Promise<string[]>
}

const quiet = pino({ level: process.env.TSALT_TEST_LOG ?? 'silent' })
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await pause(0)
}

const noOptions = (): Dict => new Map()

async function start(schedule: Record<string, Plain>, more: Partial<EngineServices> = {}): Promise<Running> {
  const doors: EngineDoors = {}
  const services = {
    options: loadOptions(masterOptions, undefined, { schedule }),
    clock: stage.clock,
    log: quiet,
    store: stage.store,
    events: stage.events,
    jobs: stage.jobs,
    access: closedAccess,
    callRunner: async ({ fun }: { fun: string }, actor: Actor) => {
      ran.push(`${fun} as ${actor.name}`)
      return { ret: null, retcode: 0 }
    },
    doors,
    ...more,
  } as unknown as EngineServices
  const engine = await scheduleEngine.start(services)
  if (engine === undefined) throw new Error('it has not started')
  engines.push(engine)
  const scheduler = doors.schedule as unknown as { refresh(): Promise<void> }
  return {
    doors,
    engine,
    async after(seconds) {
      stage.now += seconds * 1000
      await scheduler.refresh()
      await settled()
      const made = (await stage.store.jobs.list(100)).map(({ fun, operator }) => `${fun} as ${operator}`)
      return [...ran.splice(0), ...made]
    },
  }
}

const runner = { function: 'manage.up' }
const job = { function: 'test.ping', tgt: 'web*' }

it('runs runners and jobs of minions at their times', async () => {
  const { after } = await start({ a: { ...runner, seconds: 60 }, b: { ...job, minutes: 2 } })
  expect(await after(59)).toEqual([])
  expect(await after(1)).toEqual(['manage.up as schedule'])
  expect(await after(60)).toEqual(['manage.up as schedule', 'test.ping as schedule'])
})

it('acts by the rights of somebody where it is told to', async () => {
  const { after } = await start({ a: { ...job, seconds: 60, as: 'alice' } })
  expect(await after(60)).toEqual([])
  const told = await stage.store.events.since(0, 100)
  expect(told.find(({ tag }) => tag === 'salt/schedule/a/ret')?.data).toMatchObject({
    success: false,
    code: 'access-denied',
  })
})

it('counts a job as running until its minions are done with it', async () => {
  stage.sessions.connect('web1')
  const { after } = await start({ a: { ...job, tgt: 'web1', seconds: 60 } })
  expect(await after(60)).toHaveLength(1)
  expect(await after(60)).toHaveLength(1)
  const [row] = await stage.store.jobs.list(1)
  if (row === undefined) throw new Error('no job')
  await stage.jobs.returned(id('web1'), 0, answer(row.jid))
  await settled()
  expect(await after(60)).toHaveLength(2)
})

it('keeps what operators change through a restart, over the configuration', async () => {
  const configured = { a: { ...runner, seconds: 60 } }
  const first = await start(configured)
  const call = makeCallRunner(
    { access: closedAccess, doors: first.doors, opts: noOptions } as unknown as RunnerServices,
    () => 0,
  )
  const run = async (fun: string, kwargs: Record<string, Json>) =>
    (await call({ fun: `schedule.${fun}`, args: [], kwargs }, trusted('root'))).ret as {
      comment: string
      result: boolean
    }
  expect(
    await run('add', { name: 'c', function: 'test.ping', tgt: '( w', tgt_type: 'compound', hours: 1 }),
  ).toEqual({
    changes: {},
    comment: 'Job c: tgt: "( w" is not a target: a ")" is missing (character 4).',
    result: false,
  })
  expect(await run('add', { name: 'b', function: 'test.ping', tgt: 'web1', hours: 1 })).toMatchObject({
    result: true,
  })
  expect(await run('add', { name: 'b', function: 'test.ping', tgt: 'web1' })).toMatchObject({ result: false })
  expect((await run('add', { name: 'c', function: 'manage.upp', hours: 1 })).comment).toContain(
    'did you mean "manage.up"?',
  )
  expect((await run('add', { name: 'c', function: 'test.ping', tgt: 'x', cron: '* * *' })).comment).toContain(
    'cron',
  )
  expect((await run('delete', { name: 'a' })).comment).toContain('comes from the configuration')
  await run('disable_job', { name: 'a' })
  await run('modify', { name: 'b', hours: 2 })
  await first.engine.stop()
  await stage.crash()
  const second = await start(configured)
  expect(second.doors.schedule?.nextFireTime('a')).toBeUndefined()
  expect(second.doors.schedule?.nextFireTime('b')).toBe(stage.now + 7_200_000)
  expect(await second.after(7_200)).toEqual(['test.ping as schedule'])
})

it('lets nobody leave something behind that runs by other rights than their own', async () => {
  const { doors } = await start({})
  const open = { ...closedAccess, require: async () => undefined }
  const call = makeCallRunner({ access: open, doors, opts: noOptions } as unknown as RunnerServices, () => 0)
  const alice: Actor = { name: 'alice', grants: [] }
  const add = (kwargs: Record<string, Json>) =>
    call({ fun: 'schedule.add', args: [], kwargs: { ...job, name: 'x', hours: 1, ...kwargs } }, alice)
  await expect(add({ as: 'root' })).rejects.toMatchObject({ code: 'access-denied' })
  await add({})
  const kept = doors.schedule?.entries().get('x') ?? null
  expect(isDict(kept) && kept.get('as')).toBe('alice')
})

describe('mistakes', () => {
  test.each<[Plain, string]>([
    [{ ...runner, function: 'manage.upp', hours: 1 }, 'there is no runner "manage.upp"'],
    [{ function: 'test.ping', hours: 1, tgt_type: 'glob' }, '"tgt_type" belongs to "tgt"'],
    [{ ...job, hours: 1, tgt_type: 'grians' }, 'did you mean "grain"?'],
    [{ ...job, tgt: '' }, '"tgt" is empty'],
    [{ ...job, hour: 1 }, 'it has no argument "hour"'],
    ['daily', 'a mapping is expected'],
  ])('%j: %s', async (entry, words) => {
    expect(readMasterEntry('a', toValue(entry), { whens: new Map(), runners: runnerNames() })).toContain(
      words,
    )
    await expect(start({ a: entry })).rejects.toThrow(words)
  })
})

it('runs no time twice and loses none, wherever the master is killed', { timeout: 120_000 }, async () => {
  const lives = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(lives, async (steps) => {
      const own = await new Stage().start()
      const before = stage
      stage = own
      try {
        const entry = { a: { ...job, seconds: 60 } }
        const first = await start(entry)
        await first.engine.stop()
        for (const left of steps) {
          let budget = left
          const step = async (): Promise<void> => {
            if (budget <= 0) return new Promise(() => {})
            budget -= 1
          }
          const dying = <Port extends object>(port: Port, keys: readonly string[]): Port =>
            new Proxy(port, {
              get: (target, key) => {
                const member: unknown = Reflect.get(target, key)
                if (typeof member !== 'function') return member
                if (!keys.includes(String(key))) return member.bind(target)
                return async (...words: unknown[]) => {
                  await step()
                  const result: unknown = await member.apply(target, words)
                  await step()
                  return result
                }
              },
            })
          own.now += 60_000
          const store = { ...own.store, schedules: dying(own.store.schedules, ['putDue', 'due', 'edits']) }
          void start(entry, { store, jobs: dying(own.jobs, ['submit']) }).catch(() => undefined)
          await settled()
        }
        const last = await start(entry)
        await settled()
        const made = (await own.store.jobs.list(100)).length
        // Each minute was due once. One that came while nothing lived is made up for by the next.
        expect(made).toBeLessThanOrEqual(steps.length)
        expect(made).toBeGreaterThanOrEqual(1)
        expect((await own.store.schedules.due()).map(({ pending }) => pending)).toEqual([[]])
        await last.engine.stop()
      } finally {
        engines.splice(0)
        stage = before
        await own.end()
      }
    }),
    { numRuns: 25 },
  )
})
