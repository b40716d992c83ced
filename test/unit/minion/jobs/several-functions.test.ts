/** Several functions in one job, from the delivery to the one return; crashes in the midst of them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemDisk } from '../../../../minion/jobs/disk.ts'
import { JobRunner } from '../../../../minion/jobs/job-runner.ts'
import { Spool } from '../../../../minion/jobs/spool.ts'
import { type ExecFunction, execFunction, type ModuleContext } from '../../../../minion/modules/contract.ts'
import type { JobProgress } from '../../../../shared/protocol/messages/job-progress.ts'
import type { JobReturn } from '../../../../shared/protocol/messages/job-return.ts'
import { delivery, done, jid, silent, standingClock, start } from './jobs-fixture.ts'

let folder = ''
const opened: Spool[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-several-'))
  applied.length = 0
  release = () => {}
})
afterEach(async () => {
  for (const spool of opened.splice(0)) await spool.close()
  rmSync(folder, { recursive: true, force: true })
})

const applied: string[] = []
let release = (): void => {}
const plain = { examples: [], args: v.strictObject({ text: v.optional(v.string(), '') }), summary: 'Notes.' }
const held = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    release = resolve
    signal.addEventListener('abort', () => resolve())
  })

/** A state run that lasts until `release`. */
const stateRun = {
  ...plain,
  readOnly: false,
  queued: true,
  run: async ({ text }: { text: string }, { job }: ModuleContext) => {
    applied.push(`begin ${text}`)
    await held(job.signal)
    applied.push(`end ${text}`)
    return { ret: { text }, retcode: 2, format: 'highstate' as const }
  },
} as const

const functions: Record<string, ExecFunction> = {
  'test.ping': execFunction({ ...plain, readOnly: true, run: async () => true }),
  'note.once': execFunction({
    ...plain,
    readOnly: false,
    run: async ({ text }) => {
      applied.push(text)
      return text
    },
  }),
  'note.fail': execFunction({ ...plain, readOnly: false, run: () => Promise.reject(new Error('no')) }),
  'state.run': execFunction(stateRun),
  'state.now': execFunction({ ...stateRun, turn: () => ({ kind: 'wait', most: 0 }) }),
}

async function setUp() {
  const clock = standingClock()
  const stored: JobReturn[] = []
  const progress: JobProgress[] = []
  const spool = await Spool.open({ disk: systemDisk, folder, limit: 1e7, clock, log: silent })
  opened.push(spool)
  const runner = new JobRunner({
    clock,
    log: silent,
    spool,
    functions: { names: () => Object.keys(functions), find: (name) => functions[name] },
    link: {
      connected: () => true,
      offset: () => 0,
      acknowledge: () => undefined,
      progress: (one) => void progress.push(one),
      deliver: async (result) => void stored.push(result),
    },
    open: async (job) => ({ context: { job } as unknown as ModuleContext, close: () => {} }),
  })
  return { runner, spool, stored, progress }
}

async function until(what: () => boolean): Promise<void> {
  for (let waited = 0; !what(); waited++) {
    if (waited > 1000) throw new Error('did not happen')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('several functions', () => {
  test('run in their order, are one return, and are forgotten as one', async () => {
    const { runner, spool, stored } = await setUp()
    await runner.receive(
      delivery(1, {
        fun: 'note.once,test.ping,note.once',
        args: [['a'], [], [{ __kwarg__: true, text: 'b' }]],
      }),
    )
    await until(() => spool.phase(jid(1)) === 'stored')
    expect(applied).toEqual(['a', 'b'])
    expect(stored).toMatchObject([
      {
        fun: 'note.once,test.ping,note.once',
        outcome: 'done',
        retcode: 0,
        success: true,
        format: 'nested',
        ret: { 'note.once': 'a', 'test.ping': true, 'note.once#2': 'b' },
      },
    ])
    expect(stored[0]?.calls?.map(({ fun }) => fun)).toEqual(['note.once', 'test.ping', 'note.once'])
  })

  test('one that fails, does not exist or has a wrong argument does not keep the others from running', async () => {
    const { runner, stored } = await setUp()
    await runner.receive(
      delivery(1, {
        fun: 'note.fail,note.onec,test.ping,note.once',
        args: [[], [], ['too', 'many'], ['z']],
      }),
    )
    await until(() => stored.length === 1)
    expect(applied).toEqual(['z'])
    expect(stored[0]).toMatchObject({ outcome: 'done', retcode: 254, success: false })
    expect(stored[0]?.ret).toMatchObject({
      'note.fail': expect.stringContaining('exception: no'),
      'note.onec': expect.stringContaining('Did you mean "note.once"?'),
      'test.ping': expect.stringContaining('test.ping takes'),
      'note.once': 'z',
    })
    expect(stored[0]?.calls?.map(({ outcome, retcode }) => [outcome, retcode])).toEqual([
      ['done', 1],
      ['refused', 254],
      ['refused', 1],
      ['done', 0],
    ])
  })

  test('none that can be called is a refusal', async () => {
    const { runner, stored } = await setUp()
    await runner.receive(delivery(1, { fun: 'a.b,c.d' }))
    await until(() => stored.length === 1)
    expect(stored[0]).toMatchObject({ outcome: 'refused', retcode: 254 })
  })

  test('take one turn for all: nothing of them begins while another state run is there', async () => {
    const { runner, stored } = await setUp()
    await runner.receive(delivery(1, { fun: 'state.run', args: ['first'] }))
    await until(() => applied.includes('begin first'))
    await runner.receive(delivery(2, { fun: 'note.once,state.run', args: [['before'], ['second']] }))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(applied).toEqual(['begin first'])
    release()
    await until(() => applied.includes('begin second'))
    expect(applied).toEqual(['begin first', 'end first', 'before', 'begin second'])
    release()
    await until(() => stored.length === 2)
    expect(stored[1]).toMatchObject({
      retcode: 2,
      ret: { 'note.once': 'before', 'state.run': { text: 'second' } },
      calls: [{ format: 'nested' }, { format: 'highstate', retcode: 2 }],
    })
  })

  test('a state run among them that does not want to wait is refused, and the others run', async () => {
    const { runner, stored } = await setUp()
    await runner.receive(delivery(1, { fun: 'state.run', args: ['first'] }))
    await until(() => applied.includes('begin first'))
    await runner.receive(delivery(2, { fun: 'state.now,note.once', args: [['x'], ['beside']] }))
    await until(() => stored.length === 1)
    expect(applied).toEqual(['begin first', 'beside'])
    expect(stored[0]?.ret).toMatchObject({
      'state.now': expect.stringContaining('is running'),
      'note.once': 'beside',
    })
    release()
    await until(() => stored.length === 2)
  })

  test('that are killed: what is done stays, the rest is not run', async () => {
    const { runner, stored } = await setUp()
    await runner.receive(
      delivery(1, { fun: 'note.once,state.run,note.once', args: [['a'], ['x'], ['never']] }),
    )
    await until(() => applied.includes('begin x'))
    expect(runner.kill(jid(1), 'TERM')).toBe(true)
    await until(() => stored.length === 1)
    expect(applied).toEqual(['a', 'begin x', 'end x'])
    expect(stored[0]).toMatchObject({ outcome: 'cancelled', success: false })
    expect(stored[0]?.ret).toMatchObject({
      'note.once': 'a',
      'note.once#2': expect.stringContaining('Not run'),
    })
    expect(stored[0]?.calls?.map(({ outcome }) => outcome)).toEqual(['done', 'cancelled', 'cancelled'])
  })

  test('say which of them is under way, where it takes its time', async () => {
    const { runner, stored, progress } = await setUp()
    await runner.receive(delivery(1, { fun: 'note.once,state.run', args: [['a'], ['x']] }))
    await until(() => progress.length === 1)
    expect(progress).toMatchObject([{ phase: 'running', step: { index: 2, total: 2, fun: 'state.run' } }])
    release()
    await until(() => stored.length === 1)
  })

  test('that take too long together are ended', async () => {
    const { runner, stored } = await setUp()
    await runner.receive(
      delivery(1, { fun: 'note.once,state.run,note.once', args: [['a'], ['x'], ['never']], maxSeconds: 1 }),
    )
    await until(() => stored.length === 1)
    expect(stored[0]).toMatchObject({ outcome: 'timeout', ret: { 'note.once': 'a' } })
    expect(applied).not.toContain('never')
  })

  test('a stop of the minion ends them after the one that runs', async () => {
    const { runner, stored } = await setUp()
    await runner.receive(delivery(1, { fun: 'state.run,note.once', args: [['x'], ['never']] }))
    await until(() => applied.includes('begin x'))
    const stopped = runner.stop(2_000)
    release()
    await stopped
    expect(stored[0]).toMatchObject({
      outcome: 'interrupted',
      ret: { 'state.run': { text: 'x' }, 'note.once': expect.stringContaining('Not run') },
    })
    expect(applied).toEqual(['begin x', 'end x'])
  })
})

describe('a crash between or in several functions', () => {
  test('what was done is told and not run again, the one under way is interrupted, the rest is not run', async () => {
    const first = await setUp()
    await first.runner.receive(
      delivery(1, { fun: 'note.once,state.run,note.once', args: [['a'], ['x'], ['never']] }),
    )
    await until(() => applied.includes('begin x'))
    // The process is gone: another one opens what is on the disk.
    const second = await setUp()
    await second.runner.recover()
    await second.runner.resume()
    second.runner.connected()
    await until(() => second.stored.length === 1)
    expect(second.stored[0]).toMatchObject({ outcome: 'interrupted', retcode: 1, success: false })
    expect(second.stored[0]?.ret).toMatchObject({
      'note.once': 'a',
      'state.run': expect.stringContaining('went down while this was running'),
      'note.once#2': expect.stringContaining('Not run'),
    })
    expect(second.stored[0]?.calls?.map(({ outcome }) => outcome)).toEqual([
      'done',
      'interrupted',
      'interrupted',
    ])
    expect(applied).toEqual(['a', 'begin x'])
  })

  test('what was done is there after the journal was written anew', async () => {
    const settings = { disk: systemDisk, folder, limit: 1e7, clock: standingClock(), log: silent }
    const spool = await Spool.open(settings)
    await spool.receive(delivery(1, { fun: 'note.once,note.once' }), start, 0)
    await spool.start(jid(1), start)
    await spool.part({ ...done(1, 'kept'), fun: 'note.once' })
    for (let number = 2; number < 40; number++) {
      await spool.receive(delivery(number), start, 0)
      await spool.finish(done(number, 'x'.repeat(20_000)))
      await spool.stored(jid(number))
    }
    await spool.close()
    const again = await Spool.open(settings)
    opened.push(again)
    expect(again.started()).toMatchObject([{ jid: jid(1), parts: [{ fun: 'note.once', ret: 'kept' }] }])
  })
})
