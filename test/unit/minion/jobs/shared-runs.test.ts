/** Jobs that ask for the same run: one run for all that wait, and none of them lost or run twice through any crash. */
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { JobRunner } from '../../../../minion/jobs/job-runner.ts'
import { Spool } from '../../../../minion/jobs/spool.ts'
import { type ExecFunction, execFunction, type ModuleContext } from '../../../../minion/modules/contract.ts'
import type { JobId, Sha256 } from '../../../../shared/ids.ts'
import type { JobDelivery } from '../../../../shared/protocol/messages/job-delivery.ts'
import type { JobProgress } from '../../../../shared/protocol/messages/job-progress.ts'
import type { JobReturn } from '../../../../shared/protocol/messages/job-return.ts'
import { delivery, jid, silent, standingClock } from './jobs-fixture.ts'
import { VolatileDisk } from './volatile-disk.ts'

interface Run {
  readonly lead: JobId
  readonly text: string
  /** How many jobs had been delivered by then. */
  readonly after: number
  readonly end: () => void
  ended: boolean
}

const args = v.strictObject({ text: v.optional(v.string(), '') })
const about = { examples: [], args, summary: 'Waits.', readOnly: false, queued: true } as const
const base = 'ab'.repeat(32) as Sha256

/** A minion and its master, of which the minion can lose its power. */
class World {
  readonly runs: Run[] = []
  readonly delivered = new Map<JobId, JobDelivery>()
  readonly returns = new Map<JobId, JobReturn>()
  readonly progress: JobProgress[] = []
  readonly killed = new Set<JobId>()
  crashed = false
  #acknowledged = new Set<JobId>()
  #disk = new VolatileDisk()
  #life = 0
  #runner: JobRunner | undefined

  get runner(): JobRunner {
    if (!this.#runner) throw new Error('no runner')
    return this.#runner
  }

  async start(): Promise<this> {
    const life = ++this.#life
    const lives = (): boolean => this.#life === life
    const clock = standingClock()
    const spool = await Spool.open({ disk: this.#disk, folder: '/jobs', limit: 1e7, clock, log: silent })
    const work = (given: { readonly text: string }, { job }: ModuleContext): Promise<unknown> =>
      lives() ? this.#work(given.text, job, spool) : new Promise(() => undefined)
    const functions: Record<string, ExecFunction> = {
      'run.same': execFunction({ ...about, joins: () => true, run: work as never }),
      'run.alone': execFunction({ ...about, run: work as never }),
    }
    this.#runner = new JobRunner({
      clock,
      log: silent,
      spool,
      functions: { names: () => Object.keys(functions), find: (name) => functions[name] },
      link: {
        connected: lives,
        offset: () => 0,
        acknowledge: (id) => lives() && void this.#acknowledged.add(id),
        progress: (one) => lives() && void this.progress.push(one),
        deliver: async (result) => {
          if (!lives()) return new Promise(() => undefined)
          const before = this.returns.get(result.jid)
          if (before) expect(result).toEqual(before)
          this.returns.set(result.jid, result)
        },
      },
      open: async (job) => ({ context: { job } as unknown as ModuleContext, close: () => undefined }),
    })
    await this.#runner.recover()
    await this.#runner.resume()
    this.#runner.connected()
    // What was never acknowledged the master sends again.
    for (const [id, job] of this.delivered) if (!this.#acknowledged.has(id)) void this.#runner.receive(job)
    await settled()
    return this
  }

  async deliver(fun: string, text: string, more: Partial<JobDelivery> = {}): Promise<JobId> {
    const job = delivery(this.delivered.size + 1, { fun, kwargs: { text }, trees: { base }, ...more })
    this.delivered.set(job.jid, job)
    void this.runner.receive(job)
    await settled()
    return job.jid
  }

  async finish(): Promise<void> {
    this.runs.at(-1)?.end()
    await settled()
  }

  async kill(id: JobId): Promise<void> {
    if (this.runner.kill(id, 'TERM')) this.killed.add(id)
    await settled()
  }

  async crash(kept: number): Promise<void> {
    this.crashed = true
    this.#disk = this.#disk.afterPowerCut(kept)
    await this.start()
  }

  /** Until every job has its return. */
  async end(): Promise<void> {
    for (let turn = 0; this.returns.size < this.delivered.size; turn++) {
      if (turn > 200) throw new Error('some job never ended')
      await this.finish()
    }
  }

  #work(text: string, job: ModuleContext['job'], spool: Spool): Promise<unknown> {
    return new Promise((resolve) => {
      const index = this.runs.length
      const end = (): void => {
        run.ended = true
        resolve({ run: index })
      }
      // On the disk before anything happens.
      expect(spool.phase(job.jid)).toBe('started')
      const run: Run = { lead: job.jid, text, after: this.delivered.size, end, ended: false }
      this.runs.push(run)
      job.progress({ index: 1, total: 2, fun: 'a.b', id: 'id', name: 'name' })
      job.signal.addEventListener('abort', end)
    })
  }
}

/** The disk of the tests answers at once; what waits for a timer waits for a millisecond. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 3))
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const world = (): Promise<World> => new World().start()

describe('a run that waits', () => {
  test('takes along what asks for the same, and each job has its return', async () => {
    const here = await world()
    const first = await here.deliver('run.same', 'a')
    const [second, third, other] = [
      await here.deliver('run.same', 'a'),
      await here.deliver('run.same', 'a'),
      await here.deliver('run.same', 'b'),
    ]
    expect(here.progress.filter(({ jid: id }) => id === third).at(-1)?.queue).toMatchObject({
      ahead: 1,
      behind: first,
      fun: 'run.same',
      with: second,
    })
    await here.end()
    expect(here.runs.map(({ lead }) => lead)).toEqual([first, second, other])
    expect(here.returns.get(third)).toMatchObject({ outcome: 'done', ret: { run: 1 }, ranAs: second })
    expect(here.returns.get(second)).not.toHaveProperty('ranAs')
  })

  test.each<[string, Partial<JobDelivery>]>([
    ['other arguments', { kwargs: { text: 'b' } }],
    ['another tree', { trees: { base: 'cd'.repeat(32) as Sha256 } }],
    ['a longest time', { maxSeconds: 60 }],
    ['a function that is run each time', { fun: 'run.alone' }],
  ])('does not take along a job with %s', async (_, more) => {
    const here = await world()
    await here.deliver('run.alone', 'x')
    await here.deliver('run.same', 'a')
    await here.deliver('run.same', 'a', more)
    await here.end()
    expect(here.runs).toHaveLength(3)
  })

  test('goes on for the others when the job that it is named after is cancelled', async () => {
    const here = await world()
    await here.deliver('run.alone', 'x')
    const [first, second] = [await here.deliver('run.same', 'a'), await here.deliver('run.same', 'a')]
    await here.kill(first)
    expect(here.returns.get(first)?.outcome).toBe('cancelled')
    await here.end()
    expect(here.runs.at(-1)).toMatchObject({ lead: second })
    expect(here.runs).toHaveLength(2)
  })

  test('begun for several ends when the last of them is cancelled', async () => {
    const here = await world()
    await here.deliver('run.alone', 'x')
    const [first, second] = [await here.deliver('run.same', 'a'), await here.deliver('run.same', 'a')]
    await here.finish()
    const run = here.runs.at(-1)
    await here.kill(first)
    expect(run?.ended).toBe(false)
    expect(here.returns.get(first)).toMatchObject({
      outcome: 'cancelled',
      ret: expect.stringContaining(`one run with job ${second}, which goes on`),
    })
    await here.kill(second)
    expect(run?.ended).toBe(true)
    expect(here.returns.get(second)).toMatchObject({ outcome: 'cancelled', ret: { run: 1 } })
  })
})

type Move =
  | { readonly is: 'deliver'; readonly fun: string; readonly text: string }
  | { readonly is: 'finish' }
  | { readonly is: 'kill'; readonly which: number }
  | { readonly is: 'crash'; readonly kept: number }

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('deliver' as const),
      fun: fc.constantFrom('run.same', 'run.same', 'run.alone'),
      text: fc.constantFrom('a', 'b'),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ is: 'finish' as const }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('kill' as const), which: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('crash' as const), kept: fc.constantFrom(0, 0.4, 1) }),
  },
)

test('nothing is lost and nothing runs twice, whatever happens', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 25 }), async (moves) => {
      const here = await world()
      for (const one of moves) {
        if (one.is === 'deliver') await here.deliver(one.fun, one.text)
        else if (one.is === 'finish') await here.finish()
        else if (one.is === 'crash') await here.crash(one.kept)
        else await here.kill(jid(1 + (one.which % Math.max(1, here.delivered.size))))
      }
      await here.end()
      await settled()

      // The spool lets no job start a second time, so no run has a name twice.
      expect(new Set(here.runs.map(({ lead }) => lead)).size).toBe(here.runs.length)
      for (const [place, [id, { fun, kwargs }]] of [...here.delivered].entries()) {
        const result = here.returns.get(id)
        if (!result) throw new Error(`${id} has no return`)
        if (fun === 'run.alone') expect(result.ranAs).toBeUndefined()
        if (result.outcome === 'done') {
          const run = here.runs[(result.ret as { run: number }).run]
          expect(run?.text).toBe(kwargs.text)
          expect(run?.lead).toBe(result.ranAs ?? id)
          // Nobody joins a run that has begun: all of its jobs had come before.
          expect(place).toBeLessThan(run?.after ?? 0)
        } else if (result.outcome === 'interrupted') expect(here.crashed).toBe(true)
        else expect([result.outcome, here.killed.has(id)]).toEqual(['cancelled', true])
      }
    }),
    { numRuns: 60 },
  )
})
