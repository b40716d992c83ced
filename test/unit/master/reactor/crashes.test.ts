/**
 * The reactor on a real store, bus and job service, killed at any step and started again: each event that is meant
 * has its reactions at least begun, and each job is made once.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { closedAccess } from '../../../../master/auth/access.ts'
import { trusted } from '../../../../master/auth/actor.ts'
import type { EngineServices } from '../../../../master/engines/contract.ts'
import type { EngineDoors } from '../../../../master/engines/doors.ts'
import { makeReactorEngine } from '../../../../master/reactor/engine.ts'
import { loadOptions } from '../../../../shared/config/load.ts'
import { masterOptions } from '../../../../shared/config/master-options.ts'
import { id, Stage, submission } from '../jobs/stage.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-reactor-'))
  const files = {
    job: "j:\n  local.test.echo:\n    - tgt: 'web*'\n    - arg: ['{{ data.data.n }}']\n",
    two: "a:\n  local.test.a:\n    - tgt: web1\n    - arg: ['{{ data.data.n }}']\nb:\n  local.test.b:\n    - tgt: web2\n    - arg: ['{{ data.data.n }}']\n",
    run: 'r:\n  runner.test.arg:\n    - n: {{ data.data.n }}\n',
    bad: 'r:\n  local.test.echo:\n    - arg: [1]\n',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.sls`), text)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Lets so many steps happen; then the process is dead: nothing that it waits for ever comes. */
class Fuse {
  left: number
  private readonly failing: ReadonlySet<number>
  constructor(steps: number, failing: readonly number[] = []) {
    this.left = steps
    this.failing = new Set(failing)
  }
  get isDead(): boolean {
    return this.left <= 0
  }
  async step(): Promise<void> {
    if (this.isDead) return new Promise(() => {})
    this.left -= 1
    if (this.failing.has(this.left)) throw new Error('the disk has a bad moment')
    if (this.isDead) return new Promise(() => {})
  }
  /** Every function of it takes two steps: one before its effect, one after. */
  on<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        if (key === 'reserveJid' || key === 'fire' || key === 'follow')
          return (...words: unknown[]) =>
            this.isDead && key === 'fire' ? undefined : member.apply(target, words)
        return async (...words: unknown[]) => {
          await this.step()
          const result: unknown = await member.apply(target, words)
          await this.step()
          return result
        }
      },
    })
  }
}

interface World {
  readonly stage: Stage
  readonly ran: string[]
}

const reactor = () => [
  { 'go/job': join(folder, 'job.sls') },
  { 'go/two': join(folder, 'two.sls') },
  { 'go/run': join(folder, 'run.sls') },
  { 'go/bad': join(folder, 'bad.sls') },
]

async function start(
  { stage, ran }: World,
  fuse: Fuse,
  entries: object[] = reactor(),
  more: object = {},
): Promise<EngineDoors> {
  const doors: EngineDoors = {}
  const log = pino({ level: process.env.TSALT_TEST_LOG ?? 'silent' })
  const store = { ...stage.store, consumers: fuse.on(stage.store.consumers) }
  const jobs = fuse.on({
    submit: stage.jobs.submit,
    reserveJid: stage.jobs.reserveJid,
  })
  const services = {
    options: loadOptions(masterOptions, undefined, { reactor: entries, file_roots: { base: [folder] } }),
    clock: stage.clock,
    log,
    store,
    events: fuse.on(stage.events),
    jobs,
    resolveTarget: async () => [],
    access: closedAccess,
    callRunner: async ({ kwargs }: { kwargs: { n?: unknown } }) => {
      await fuse.step()
      ran.push(String(kwargs.n))
      await fuse.step()
      return { ret: null, retcode: 0 }
    },
    callWheel: async () => null,
    doors,
    ...more,
  } as unknown as EngineServices
  await makeReactorEngine([1, 1, 1, 1]).start(services)
  return doors
}

/** Events whose reactions were told of with one of these codes. */
async function toldOf(stage: Stage, codes: readonly string[]): Promise<Set<number>> {
  await stage.events.stop()
  const found = new Set<number>()
  for (const { tag, data } of await stage.store.events.since(0, 10_000)) {
    const { code, sequence } = data as { code?: string; sequence?: number }
    if (tag === 'salt/reactor/error' && codes.includes(String(code))) found.add(Number(sequence))
  }
  return found
}

const tags = ['go/job', 'go/two', 'go/run', 'go/bad', 'other', 'salt/job/1/new'] as const

it('makes each job once through failures and crashes, and forgets no event', {
  timeout: 120_000,
}, async () => {
  const event = fc.constantFrom(...tags)
  const life = fc.record({
    steps: fc.integer({ min: 1, max: 40 }),
    failing: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
    before: fc.array(event, { maxLength: 6 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(life, { minLength: 1, maxLength: 4 }),
      fc.array(event, { maxLength: 4 }),
      async (lives, late) => {
        const world: World = { stage: await new Stage().start(), ran: [] }
        const { stage, ran } = world
        // Before anything else: a reactor begins with what happens after its first start.
        await stage.store.consumers.put({ name: 'reactor', sequence: 0, data: null })
        const sent: string[] = []
        const send = async (tag: string): Promise<void> => {
          sent.push(tag)
          await stage.events.told(id('web1'), String(sent.length), tag, { n: `n${sent.length}` })
        }
        for (const { steps, failing, before } of lives) {
          for (const tag of before) await send(tag)
          const fuse = new Fuse(steps, failing)
          // Starting may be as far as it comes.
          void start(world, fuse).catch(() => undefined)
          for (let waited = 0; !fuse.isDead && waited < 30; waited++) await pause(1)
          fuse.left = 0
        }
        const doors = await start(world, new Fuse(Number.POSITIVE_INFINITY))
        for (const tag of late) await send(tag)
        while (((await doors.reactor?.status())?.lag ?? 1) > 0) await pause(2)

        const made = (await stage.store.jobs.list(1000))
          .map(({ fun, args }) => `${fun} ${String(args[0])}`)
          .sort()
        const numbered = sent.map((tag, index) => [tag, `n${index + 1}`] as const)
        const expected = numbered.flatMap(([tag, n]) => {
          if (tag === 'go/job') return [`test.echo ${n}`]
          return tag === 'go/two' ? [`test.a ${n}`, `test.b ${n}`] : []
        })
        expect(made).toEqual(expected.sort())
        const runs = numbered.filter(([tag]) => tag === 'go/run').map(([, n]) => n)
        expect(new Set(ran).size).toBe(ran.length)
        const failed = await toldOf(stage, ['reactor-interrupted', 'runner-failed'])
        // One that was running when the process died is told of, never run twice; before it began it begins again.
        expect(ran.length + failed.size).toBeGreaterThanOrEqual(runs.length)
        for (const n of ran) expect(runs).toContain(n)
        await stage.end()
      },
    ),
    { numRuns: 20 },
  )
})

it('begins with what happens from then on where entries are added later, and keeps those', async () => {
  const stage = await new Stage().start()
  const forever = () => new Fuse(Number.POSITIVE_INFINITY)
  const tell = (n: number) => stage.events.told(id('web1'), String(n), 'go/job', { n })
  const made = async () => (await stage.store.jobs.list(10)).map(({ args }) => args[0]).sort()
  const first = await start({ stage, ran: [] }, forever(), [])
  await tell(1)
  expect(await first.reactor?.status()).toMatchObject({ running: false, lag: 0 })
  await first.reactor?.add('go/job', join(folder, 'job.sls'))
  await expect(first.reactor?.add('go/job', '/x')).rejects.toMatchObject({ code: 'reactor-entry-exists' })
  await tell(2)
  while (((await first.reactor?.status())?.lag ?? 1) > 0) await pause(2)
  expect(await made()).toEqual(['2'])
  const second = await start({ stage, ran: [] }, forever(), [])
  expect(second.reactor?.list()).toMatchObject([{ glob: 'go/job', added: true }])
  await second.reactor?.remove('go/job')
  await expect(second.reactor?.remove('go/job')).rejects.toMatchObject({ code: 'reactor-entry-unknown' })
  await stage.end()
})

it('passes over what is too old, and tells of it', async () => {
  const stage = await new Stage().start()
  await stage.store.consumers.put({ name: 'reactor', sequence: 0, data: null })
  await stage.events.told(id('web1'), '1', 'go/job', { n: 1 })
  stage.now += 3_601_000
  await stage.events.told(id('web1'), '2', 'go/job', { n: 2 })
  const doors = await start({ stage, ran: [] }, new Fuse(Number.POSITIVE_INFINITY))
  while (((await doors.reactor?.status())?.lag ?? 1) > 0) await pause(2)
  expect((await stage.store.jobs.list(10)).map(({ args }) => args)).toEqual([['2']])
  expect((await doors.reactor?.status())?.counts).toMatchObject({ reactions: 1, skipped: 1 })
  await stage.end()
})

it('goes on past a file that is wrong, and says where', async () => {
  const stage = await new Stage().start()
  const doors = await start({ stage, ran: [] }, new Fuse(Number.POSITIVE_INFINITY))
  await stage.events.told(id('web1'), '1', 'go/bad', {})
  await stage.events.told(id('web1'), '2', 'go/job', { n: 2 })
  while (((await doors.reactor?.status())?.lag ?? 1) > 0) await pause(2)
  expect((await stage.store.jobs.list(10)).map(({ operator }) => operator)).toEqual([trusted('reactor').name])
  const [mistake] = (await doors.reactor?.status())?.errors ?? []
  expect(mistake).toMatchObject({ code: 'reactor-sls-wrong', tag: 'minion/web1/go/bad' })
  expect(mistake?.error).toContain('bad.sls:2:3')
  const told: string[] = []
  await stage.events.stop()
  for await (const { tag } of stage.events.follow({
    since: 0,
    matches: (each) => each.startsWith('salt/reactor/'),
    live: false,
    signal: new AbortController().signal,
  }))
    told.push(tag)
  expect(told).toEqual(['salt/reactor/error'])
  await stage.end()
})

describe('what one entry does leaves the others alone', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await new Stage().start()
  })
  afterEach(() => stage.end())
  const forever = () => new Fuse(Number.POSITIVE_INFINITY)
  const made = async () =>
    (await stage.store.jobs.list(100)).map(({ fun, args }) => `${fun} ${args.join()}`).reverse()

  it('goes on beside a runner that does not end', async () => {
    const hanging = async () => new Promise<never>(() => {})
    const doors = await start({ stage, ran: [] }, forever(), reactor(), { callRunner: hanging })
    await stage.events.told(id('web1'), '1', 'go/run', { n: 1 })
    await stage.events.told(id('web1'), '2', 'go/job', { n: 2 })
    await stage.events.told(id('web1'), '3', 'go/run', { n: 3 })
    await stage.events.told(id('web1'), '4', 'go/job', { n: 4 })
    await vi.waitFor(async () => expect(await made()).toEqual(['test.echo 2', 'test.echo 4']), 5_000)
    // The first event is not done with: after a crash it would be looked at again.
    await vi.waitFor(
      async () => expect(await doors.reactor?.status()).toMatchObject({ offset: 0, underWay: 1 }),
      5_000,
    )
  })

  it('has thousands of events of one sender wait behind a slow one, and still serves the others', async () => {
    let end = (): void => {}
    const slow = () =>
      new Promise<{ ret: null; retcode: number }>((resolve) => {
        end = () => resolve({ ret: null, retcode: 0 })
      })
    const doors = await start({ stage, ran: [] }, forever(), reactor(), { callRunner: slow })
    const events = 1_200
    await Promise.all(
      Array.from({ length: events }, (_, n) => stage.events.told(id('web1'), String(n), 'go/run', { n })),
    )
    await stage.events.told(id('web2'), 'x', 'go/job', { n: 'other' })
    await vi.waitFor(async () => expect(await made()).toEqual(['test.echo other']), 20_000)
    await vi.waitFor(async () => {
      end()
      expect((await doors.reactor?.status())?.offset).toBeGreaterThan(5)
    }, 10_000)
  })

  it('ends a chain in which each job comes of the one before', async () => {
    const file = join(folder, 'chain.sls')
    writeFileSync(file, "c:\n  local.test.echo:\n    - tgt: web1\n    - arg: ['{{ data.jid }}']\n")
    const doors = await start({ stage, ran: [] }, forever(), [{ 'salt/job/*/new': file }])
    await stage.jobs.submit(submission(), trusted('root'))
    await vi.waitFor(async () => {
      const [last] = (await doors.reactor?.status())?.errors ?? []
      expect(last?.code).toBe('reactor-loop')
    }, 5_000)
    expect(await made()).toHaveLength(11)
  })

  it('acts by the rights of somebody where an entry says so', async () => {
    const file = join(folder, 'job.sls')
    const doors = await start({ stage, ran: [] }, forever(), [
      { 'go/alice': { sls: file, as: 'alice' } },
      { 'go/unknown': join(folder, 'unknown.sls') },
    ])
    const doubted = doors.reactor?.list().map((entry) => doors.reactor?.warningOf(entry))
    expect(doubted).toEqual([
      expect.stringContaining('"as" names alice, whom no rule lets do anything'),
      undefined,
    ])
    writeFileSync(join(folder, 'unknown.sls'), 'r:\n  runner.manage.upp: []\n')
    await stage.events.told(id('web1'), '1', 'go/alice', { n: 1 })
    await stage.events.told(id('web1'), '2', 'go/unknown', { n: 2 })
    await vi.waitFor(async () => {
      const errors = (await doors.reactor?.status())?.errors ?? []
      expect(errors.map(({ code }) => code).sort()).toEqual(['access-denied', 'runner-unknown'])
      expect(errors.map(({ error }) => error).join()).toContain('unknown.sls:2:3')
    }, 5_000)
    expect(await made()).toEqual([])
    const [seen] = (await doors.reactor?.rehearse('minion/web1/go/alice', { n: 1 })) ?? []
    expect(seen).toMatchObject({ as: 'alice', reactions: [{ name: 'local.test.echo' }] })
  })
})
