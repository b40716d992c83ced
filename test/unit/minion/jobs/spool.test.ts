import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Spool, type SpoolSettings } from '../../../../minion/jobs/spool.ts'
import { delivery, done, jid, silent, standingClock, start } from './jobs-fixture.ts'
import { PowerCut, VolatileDisk } from './volatile-disk.ts'

const settings = (disk: VolatileDisk, more: Partial<SpoolSettings> = {}): SpoolSettings => ({
  disk,
  folder: '/state/jobs',
  limit: 10_000_000,
  clock: standingClock(),
  log: silent,
  ...more,
})
const open = (disk: VolatileDisk, more: Partial<SpoolSettings> = {}) => Spool.open(settings(disk, more))
const reopened = (disk: VolatileDisk) => open(disk.afterPowerCut(0))

describe('a job goes through the spool', () => {
  test('each step survives a power cut once it has resolved', async () => {
    const disk = new VolatileDisk()
    const spool = await open(disk)
    await spool.receive(delivery(1), start, 0)
    expect((await reopened(disk)).received().map(({ job }) => job)).toEqual([delivery(1)])
    await spool.start(jid(1), start)
    expect((await reopened(disk)).started()).toMatchObject([{ jid: jid(1), fun: 'test.ping', at: start }])
    await spool.finish(done(1, { a: [1, 'ü'] }))
    expect(await (await reopened(disk)).result(jid(1))).toEqual(done(1, { a: [1, 'ü'] }))
    expect((await reopened(disk)).unsent()).toEqual([jid(1)])
    await spool.stored(jid(1))
    const after = await reopened(disk)
    expect(after.phase(jid(1))).toBe('stored')
    expect(after.unfinished()).toEqual([])
  })

  test('a job is started once', async () => {
    const spool = await open(new VolatileDisk())
    await spool.receive(delivery(1), start, 0)
    await spool.start(jid(1), start)
    await expect(spool.start(jid(1), start)).rejects.toThrow('cannot be started')
    await expect(spool.start(jid(2), start)).rejects.toThrow('cannot be started')
  })

  test('an id is remembered until no delivery of it can come, then forgotten', async () => {
    const disk = new VolatileDisk()
    const clock = standingClock()
    const spool = await open(disk, { clock })
    for (let number = 0; number < 40; number++) {
      await spool.receive(delivery(number), start, 0)
      await spool.finish(done(number, 'x'.repeat(20_000)))
      await spool.stored(jid(number))
    }
    expect(spool.phase(jid(0))).toBe('stored')
    expect(disk.names.get('/state/jobs/journal')?.content.length).toBeLessThan(300_000)
    clock.wall += 48 * 3_600_000
    for (let number = 40; number < 60; number++) {
      await spool.receive(delivery(number, { expires: clock.wall }), clock.wall, 0)
      await spool.finish(done(number, 'x'.repeat(20_000)))
      await spool.stored(jid(number))
    }
    expect(spool.phase(jid(0))).toBeUndefined()
    expect(spool.phase(jid(59))).toBe('stored')
  })
})

describe('power cuts', () => {
  const step = fc.record({ number: fc.integer({ min: 0, max: 5 }), big: fc.boolean() })
  test('whatever resolved is there, nothing is twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 4, max: 120 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (steps, operations, kept) => {
          const disk = new VolatileDisk()
          const promised = new Map<number, 'received' | 'started' | 'finished'>()
          const handed = new Set<number>()
          disk.left = operations
          try {
            const spool = await open(disk)
            for (const { number, big } of steps) {
              const phase = spool.phase(jid(number))
              if (phase === undefined) {
                await spool.receive(delivery(number), start, 0)
                promised.set(number, 'received')
              } else if (phase === 'received') {
                await spool.start(jid(number), start)
                promised.set(number, 'started')
              } else if (phase === 'started') {
                await spool.finish(done(number, big ? 'y'.repeat(300_000) : number))
                promised.set(number, 'finished')
              } else if (phase === 'finished') {
                handed.add(number)
                await spool.stored(jid(number))
              }
            }
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error
          }
          const after = await open(disk.afterPowerCut(kept))
          for (const [number, phase] of promised) {
            const now = after.phase(jid(number))
            const later = ['received', 'started', 'finished', 'stored']
            expect(later.indexOf(now ?? '')).toBeGreaterThanOrEqual(later.indexOf(phase))
            if (now === 'stored') expect(handed).toContain(number)
            if (phase === 'finished' && now === 'finished')
              expect(await after.result(jid(number))).toMatchObject({ jid: jid(number), retcode: 0 })
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('concurrent appends share a sync and none is lost to writing the journal anew', async () => {
    const disk = new VolatileDisk()
    const spool = await open(disk)
    const before = disk.operations
    await Promise.all(Array.from({ length: 50 }, (_, number) => spool.receive(delivery(number), start, 0)))
    // 50 writes and a few syncs.
    expect(disk.operations - before).toBeLessThan(56)
    await Promise.all(
      Array.from({ length: 50 }, async (_, number) => {
        await spool.finish(done(number, 'z'.repeat(30_000)))
        await spool.stored(jid(number))
        await spool.receive(delivery(100 + number), start, 0)
      }),
    )
    const after = await reopened(disk)
    expect(after.received()).toHaveLength(50)
    for (let number = 0; number < 50; number++) expect(after.phase(jid(number))).toBe('stored')
  })
})

describe('damage', () => {
  test('a torn last line is cut off silently, damage in the middle is set aside, the rest works', async () => {
    const disk = new VolatileDisk()
    const spool = await open(disk)
    for (const number of [1, 2, 3]) await spool.receive(delivery(number), start, 0)
    const journal = disk.names.get('/state/jobs/journal')
    if (!journal) throw new Error('no journal')
    journal.content = Buffer.concat([journal.content, Buffer.from('0123456789abcdef {"is":"rec')])
    expect((await open(disk)).received()).toHaveLength(3)
    const now = disk.names.get('/state/jobs/journal')
    if (!now) throw new Error('no journal')
    now.content[40] = 0
    const mended = await open(disk)
    expect(mended.received().map(({ job }) => job.jid)).toEqual([jid(2), jid(3)])
    expect([...disk.names.keys()].some((name) => name.includes('damaged-'))).toBe(true)
    await mended.receive(delivery(4), start, 0)
    expect((await open(disk)).received()).toHaveLength(3)
  })

  test('garbage instead of a journal does not keep the minion from starting', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (garbage) => {
        const disk = new VolatileDisk()
        const bytes = Buffer.from(garbage)
        disk.names.set('/state/jobs/journal', { content: bytes, durable: bytes })
        const spool = await open(disk)
        await spool.receive(delivery(1), start, 0)
        expect((await open(disk)).received()).toHaveLength(1)
      }),
    )
  })
})

describe('a full disk', () => {
  test('nothing is received that cannot be stored, and the verdict of what runs still fits', async () => {
    const disk = new VolatileDisk()
    const spool = await open(disk)
    await spool.receive(delivery(1), start, 0)
    await spool.start(jid(1), start)
    disk.capacity = [...disk.names.values()].reduce((sum, { content }) => sum + content.length, 0) + 40
    await expect(spool.receive(delivery(2), start, 0)).rejects.toThrow('no space')
    expect(spool.phase(jid(2))).toBeUndefined()
    await spool.finish(done(1, 'x'.repeat(2_000_000)))
    const after = await open(disk.afterPowerCut(0))
    expect(await after.result(jid(1))).toMatchObject({
      outcome: 'done',
      retcode: 0,
      truncated: expect.any(String),
    })
    expect(after.phase(jid(2))).toBeUndefined()
    await spool.stored(jid(1))
    disk.capacity = Number.POSITIVE_INFINITY
    await spool.receive(delivery(3), start, 0)
    expect((await open(disk)).received()).toHaveLength(1)
  })

  test.each([0, 40])('a torn journal is opened without any room, byte %d damaged besides', async (broken) => {
    const disk = new VolatileDisk()
    const spool = await open(disk)
    for (const number of [1, 2]) await spool.receive(delivery(number), start, 0)
    const journal = disk.names.get('/state/jobs/journal')
    if (!journal) throw new Error('no journal')
    journal.content = Buffer.concat([journal.content, Buffer.from('0123456789abcdef {"is":"rec')])
    if (broken > 0) journal.content[broken] = 0
    disk.capacity = [...disk.names.values()].reduce((sum, { content }) => sum + content.length, 0)
    const full = await open(disk)
    const left = broken > 0 ? [jid(2)] : [jid(1), jid(2)]
    expect(full.received().map(({ job }) => job.jid)).toEqual(left)
    disk.capacity = Number.POSITIVE_INFINITY
    await full.receive(delivery(3), start, 0)
    expect((await open(disk)).received().map(({ job }) => job.jid)).toEqual([...left, jid(3)])
  })

  test('bodies beyond the limit are cut and marked, verdicts stay', async () => {
    const spool = await open(new VolatileDisk(), { limit: 50_000 })
    for (const number of [1, 2, 3]) {
      await spool.receive(delivery(number), start, 0)
      await spool.finish(done(number, { text: 'w'.repeat(30_000), short: 'kept' }))
    }
    expect((await spool.result(jid(1)))?.truncated).toBeUndefined()
    const cut = await spool.result(jid(3))
    expect(cut?.truncated).toContain('texts')
    expect(cut?.ret).toMatchObject({ short: 'kept' })
  })

  test('after a failed sync the journal is written anew before anything else is promised', async () => {
    const disk = new VolatileDisk()
    const spool = await open(disk)
    await spool.receive(delivery(1), start, 0)
    disk.left = 1
    await expect(spool.receive(delivery(2), start, 0)).rejects.toThrow(PowerCut)
    disk.left = Number.POSITIVE_INFINITY
    await spool.receive(delivery(3), start, 0)
    expect((await reopened(disk)).received().map(({ job }) => job.jid)).toEqual([jid(1), jid(3)])
  })
})

describe('a disk that fails now and then', () => {
  test('loses nothing that was promised, and all goes on when it is well again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 8, max: 60 }), { maxLength: 12 }),
        fc.boolean(),
        async (failing, together) => {
          const disk = new VolatileDisk()
          const spool = await open(disk)
          disk.failing = new Set(failing)
          const numbers = [1, 2, 3, 4]
          const life = async (number: number): Promise<void> => {
            const steps = [
              () => spool.receive(delivery(number), start, 0),
              () => spool.start(jid(number), start),
              () => spool.finish(done(number, `of ${number}`)),
            ]
            const phases = ['received', 'started', 'finished'] as const
            for (const [index, step] of steps.entries()) {
              for (let again = 0; spool.phase(jid(number)) !== phases[index]; again++) {
                expect(again).toBeLessThan(40)
                await step().catch(() => undefined)
              }
            }
            expect(await spool.result(jid(number))).toEqual(done(number, `of ${number}`))
          }
          if (together) await Promise.all(numbers.map(life))
          else for (const number of numbers) await life(number)
          disk.failing = new Set()
          await spool.receive(delivery(9), start, 0)
          for (const one of [spool, await reopened(disk)]) {
            for (const number of numbers)
              expect(await one.result(jid(number))).toEqual(done(number, `of ${number}`))
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
