import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Disk, systemDisk } from '../../../../minion/jobs/disk.ts'
import { JobRunner } from '../../../../minion/jobs/job-runner.ts'
import { Spool } from '../../../../minion/jobs/spool.ts'
import {
  type Answer,
  type ExecFunction,
  execFunction,
  type ModuleContext,
  type Turn,
} from '../../../../minion/modules/contract.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { JobProgress } from '../../../../shared/protocol/messages/job-progress.ts'
import type { JobReturn } from '../../../../shared/protocol/messages/job-return.ts'
import { delivery, jid, silent, standingClock, start } from './jobs-fixture.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-runner-'))
})
const opened: Spool[] = []
afterEach(async () => {
  for (const spool of opened.splice(0)) await spool.close()
  rmSync(folder, { recursive: true, force: true })
})

const applied: string[] = []
const note = { examples: [], args: v.strictObject({ text: v.optional(v.string(), '') }), summary: 'Notes.' }
const functions: Record<string, ExecFunction> = {
  'test.ping': execFunction({ ...note, readOnly: true, run: async () => true }),
  'note.once': execFunction({
    ...note,
    readOnly: false,
    run: async ({ text }) => {
      applied.push(text)
      return { noted: text }
    },
  }),
  'note.fail': execFunction({
    ...note,
    readOnly: false,
    run: () => Promise.reject(new TsaltError('source-missing', { url: 'salt://x', environment: 'base' })),
  }),
  'note.no': execFunction({ ...note, readOnly: true, run: async () => ({ result: false, comment: 'no' }) }),
  'note.false': execFunction({ ...note, readOnly: true, run: async () => false }),
  'run.long': execFunction({ ...note, readOnly: false, queued: true, run: long }),
  'run.now': execFunction({
    ...note,
    readOnly: false,
    queued: true,
    turn: () => ({ kind: 'wait', most: 0 }),
    run: long,
  }),
  'run.behindOne': execFunction({
    ...note,
    readOnly: false,
    queued: true,
    turn: () => ({ kind: 'wait', most: 1 }),
    run: long,
  }),
  'run.usual': execFunction({ ...note, readOnly: false, queued: true, turn: () => undefined, run: long }),
  'run.beside': execFunction({
    ...note,
    readOnly: false,
    queued: true,
    turn: () => ({ kind: 'beside' }),
    run: long,
  }),
}

/** What long functions wait for before they end, so that a slow machine changes nothing. */
let held: Promise<void> = Promise.resolve()

async function long({ text }: { readonly text: string }, { job }: ModuleContext): Promise<Answer> {
  applied.push(`begin ${text}`)
  for (let index = 1; index <= 3 && !job.signal.aborted; index++) {
    job.progress({ index, total: 3, fun: 'a.b', id: 'id', name: 'name' })
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, 30)
      job.signal.addEventListener('abort', () => [clearTimeout(timer), resolve(0)])
    })
  }
  await held
  applied.push(`end ${text}`)
  return { ret: { text }, retcode: 0, format: 'nested' }
}

class FakeMaster {
  online = true
  acknowledged: string[] = []
  stored: JobReturn[] = []
  progress: JobProgress[] = []
  fail: unknown
}

/** The machine's disk, whose files cannot be written while `full`. */
function fillingDisk() {
  const state = { full: false }
  const disk: Disk = {
    ...systemDisk,
    open: async (path, empty) => {
      const file = await systemDisk.open(path, empty)
      const write: typeof file.write = (bytes, position) =>
        state.full
          ? Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
          : file.write(bytes, position)
      return { ...file, write }
    },
  }
  return { state, disk }
}

async function setUp(master: FakeMaster, disk = systemDisk, stateTurn?: Turn) {
  applied.length = 0
  const clock = standingClock()
  const spool = await Spool.open({ disk, folder, limit: 1e7, clock, log: silent })
  opened.push(spool)
  const runner = new JobRunner({
    clock,
    log: silent,
    spool,
    functions: { names: () => Object.keys(functions), find: (name) => functions[name] },
    link: {
      connected: () => master.online,
      offset: () => 0,
      acknowledge: (id) => void master.acknowledged.push(id),
      progress: (one) => void master.progress.push(one),
      deliver: async (result) => {
        if (master.fail) throw master.fail
        master.stored.push(result)
      },
    },
    stateTurn,
    open: async (job) => ({ context: { job } as unknown as ModuleContext, close: () => {} }),
  })
  return { runner, spool, clock }
}

async function until(what: () => boolean): Promise<void> {
  for (let waited = 0; !what(); waited++) {
    if (waited > 400) throw new Error('did not happen')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('a delivered job', () => {
  test('is acknowledged, applied once however often it comes, stored, and remembered', async () => {
    const master = new FakeMaster()
    const { runner, spool } = await setUp(master)
    const job = delivery(1, { fun: 'note.once', kwargs: { text: 'a' } })
    await Promise.all([runner.receive(job), runner.receive(job), runner.receive(job)])
    await until(() => spool.phase(jid(1)) === 'stored')
    await runner.receive(job)
    expect(applied).toEqual(['a'])
    expect(master.stored).toMatchObject([{ jid: jid(1), outcome: 'done', retcode: 0, ret: { noted: 'a' } }])
    expect(master.acknowledged.length).toBeGreaterThanOrEqual(2)
  })

  test.each([
    ['note.onec', {}, 'refused', 254, '\'note.onec\' is not available. Did you mean "note.once"?'],
    ['note.once', { txt: 'a' }, 'refused', 1, 'note.once has no argument "txt". Did you mean "text"?'],
    ['note.fail', {}, 'done', 1, /There is no file salt:\/\/x/],
    ['note.no', {}, 'done', 1, expect.anything()],
    ['note.false', {}, 'done', 0, false],
  ])('%s %j gives %s, %d', async (fun, kwargs, outcome, retcode, ret) => {
    const master = new FakeMaster()
    const { runner } = await setUp(master)
    await runner.receive(delivery(1, { fun, kwargs }))
    await until(() => master.stored.length === 1)
    const expected = ret instanceof RegExp ? expect.stringMatching(ret) : ret
    expect(master.stored[0]).toMatchObject({ outcome, retcode, success: retcode === 0, ret: expected })
  })

  test('that came after its expiry is not run; one that was received in time is', async () => {
    const master = new FakeMaster()
    const { runner, clock } = await setUp(master)
    clock.wall = start + 400_000
    await runner.receive(delivery(1, { fun: 'note.once' }))
    await until(() => master.stored.length === 1)
    expect(master.stored[0]).toMatchObject({ outcome: 'expired' })
    expect(applied).toEqual([])
  })

  test('waits for the master, and is sent when it is back', async () => {
    const master = new FakeMaster()
    const { runner, spool } = await setUp(master)
    master.fail = new TsaltError('minion-not-connected', {})
    await runner.receive(delivery(1))
    await until(() => spool.unsent().length === 1)
    master.fail = undefined
    runner.connected()
    await until(() => spool.unsent().length === 0)
    expect(master.stored).toHaveLength(1)
  })

  test('whose result the master does not want is dropped', async () => {
    const master = new FakeMaster()
    const { runner, spool } = await setUp(master)
    master.fail = new TsaltError('request-refused', {
      kind: 'job.return',
      code: 'return-unexpected',
      message: 'no',
    })
    await runner.receive(delivery(1))
    await until(() => spool.phase(jid(1)) === 'stored')
  })
})

describe('a disk that is full', () => {
  test('between acceptance and start keeps a job waiting, and neither loses nor repeats it', async () => {
    const master = new FakeMaster()
    const { state, disk } = fillingDisk()
    const { runner, spool } = await setUp(master, disk)
    const first = runner.receive(delivery(1, { fun: 'run.long', kwargs: { text: 'first' } }))
    await first
    await runner.receive(delivery(2, { fun: 'run.long', kwargs: { text: 'second' } }))
    await until(() => applied.length === 1)
    state.full = true
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(spool.phase(jid(2))).toBe('received')
    state.full = false
    await vi.waitFor(() => expect(master.stored.map((one) => one.jid)).toEqual([jid(1), jid(2)]), 20_000)
    expect(applied).toEqual(['begin first', 'end first', 'begin second', 'end second'])
  }, 30_000)

  test('at the start does not keep the minion down: what was interrupted is reported when there is room', async () => {
    const master = new FakeMaster()
    const { state, disk } = fillingDisk()
    const first = await setUp(master)
    await first.spool.receive(delivery(1), start, 0)
    await first.spool.start(jid(1), start)
    const { runner, spool } = await setUp(master, disk)
    state.full = true
    await runner.recover()
    expect(spool.phase(jid(1))).toBe('started')
    state.full = false
    await vi.waitFor(() => expect(master.stored).toMatchObject([{ outcome: 'interrupted' }]), 20_000)
  }, 30_000)
})

describe('state runs', () => {
  test('take turns, say their place, and one that waits can be cancelled', async () => {
    const master = new FakeMaster()
    const { runner } = await setUp(master)
    for (const number of [1, 2, 3])
      await runner.receive(delivery(number, { fun: 'run.long', kwargs: { text: String(number) } }))
    await runner.receive(delivery(4))
    await until(() => master.stored.length > 0)
    expect(master.stored[0]?.jid).toBe(jid(4))
    expect(runner.kill(jid(2), 'TERM')).toBe(true)
    await until(() => master.stored.length === 4)
    expect(applied).toEqual(['begin 1', 'end 1', 'begin 3', 'end 3'])
    expect(master.stored.find((one) => one.jid === jid(2))).toMatchObject({
      outcome: 'cancelled',
      success: false,
    })
    const queued = master.progress.filter(({ phase }) => phase === 'queued')
    expect(queued).toContainEqual({
      jid: jid(3),
      phase: 'queued',
      queue: expect.objectContaining({ ahead: 2, behind: jid(1), fun: 'run.long' }),
      elapsed: expect.any(Number),
    })
    expect(master.progress.some(({ phase, step }) => phase === 'running' && step?.total === 3)).toBe(true)
    expect(runner.kill(jid(9), 'TERM')).toBe(false)
  })

  test('that do not want to wait are refused, or run beside the others', async () => {
    const master = new FakeMaster()
    const { runner } = await setUp(master)
    const run = (number: number, fun: string): Promise<void> =>
      runner.receive(delivery(number, { fun, kwargs: { text: String(number) } }))
    let release = (): void => undefined
    held = new Promise((resolve) => {
      release = resolve
    })
    await run(1, 'run.long')
    await until(() => applied.length === 1)
    await run(2, 'run.now')
    await run(3, 'run.beside')
    await run(4, 'run.behindOne')
    await run(5, 'run.behindOne')
    await until(() => applied.includes('begin 3'))
    release()
    await until(() => master.stored.length === 5)
    expect(master.stored.find((one) => one.jid === jid(2))).toMatchObject({
      outcome: 'refused',
      retcode: 1,
      ret: expect.stringMatching(
        /^The function "run\.long" is running as PID \d+ and was started at \S+ with jid 20260102030405000001\./,
      ),
    })
    expect(master.stored.find((one) => one.jid === jid(5))).toMatchObject({
      outcome: 'refused',
      ret: expect.stringContaining(
        'State runs before it: 2; queue=1 allows no more than 1. The function "run.long"',
      ),
    })
    expect(applied.slice(0, 2)).toEqual(['begin 1', 'begin 3'])
    expect(applied.indexOf('begin 4')).toBeGreaterThan(applied.indexOf('end 1'))
  })

  test.each([
    [{ kind: 'wait', most: 0 }, 'refused'],
    [undefined, 'done'],
  ] as const)(
    'that do not say how they take their turn do as the minion is configured: %j',
    async (turn, outcome) => {
      const master = new FakeMaster()
      const { runner } = await setUp(master, systemDisk, turn)
      await runner.receive(delivery(1, { fun: 'run.long', kwargs: { text: '1' } }))
      await until(() => applied.length === 1)
      await runner.receive(delivery(2, { fun: 'run.usual', kwargs: { text: '2' } }))
      await until(() => master.stored.length === 2)
      expect(master.stored.find((one) => one.jid === jid(2))?.outcome).toBe(outcome)
    },
  )

  test('that run are cancelled with what they have answered', async () => {
    const master = new FakeMaster()
    const { runner } = await setUp(master)
    await runner.receive(delivery(1, { fun: 'run.long', kwargs: { text: 'x' } }))
    await until(() => applied.length === 1)
    runner.kill(jid(1), 'TERM')
    await until(() => master.stored.length === 1)
    expect(master.stored[0]).toMatchObject({
      outcome: 'cancelled',
      retcode: 1,
      success: false,
      ret: { text: 'x' },
    })
  })
})

describe('a new start', () => {
  test('runs what was received, reports what was started as interrupted and does not run it again', async () => {
    const master = new FakeMaster()
    const first = await setUp(master)
    await first.spool.receive(delivery(1, { fun: 'note.once', kwargs: { text: 'one' } }), start, 0)
    await first.spool.receive(delivery(2, { fun: 'note.once', kwargs: { text: 'two' } }), start, 0)
    await first.spool.receive(delivery(3, { fun: 'note.once', expires: start - 1 }), start, 0)
    await first.spool.start(jid(2), start)
    const { runner } = await setUp(master)
    await runner.recover()
    await runner.resume()
    runner.connected()
    await until(() => master.stored.length === 3)
    expect(applied).toEqual(['one'])
    const outcomes = Object.fromEntries(master.stored.map((one) => [one.jid, one.outcome]))
    expect(outcomes).toEqual({ [jid(1)]: 'done', [jid(2)]: 'interrupted', [jid(3)]: 'expired' })
  })

  test('after a stop leaves what waited in the inbox and reports what ran', async () => {
    const master = new FakeMaster()
    const { runner, spool } = await setUp(master)
    await runner.receive(delivery(1, { fun: 'run.long', kwargs: { text: '1' } }))
    await runner.receive(delivery(2, { fun: 'run.long', kwargs: { text: '2' } }))
    await until(() => applied.length === 1)
    await runner.stop(10)
    await runner.receive(delivery(3))
    await until(() => master.stored.length === 1)
    expect(master.stored).toMatchObject([{ jid: jid(1), outcome: 'interrupted' }])
    expect(spool.received().map(({ job }) => job.jid)).toEqual([jid(2)])
    expect(spool.phase(jid(3))).toBeUndefined()
  })
})
