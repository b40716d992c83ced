/** Jobs of the past: listed by what they came to, run again, taken as a measure, forgotten by size. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JobEvent } from '../../../../master/api/schemas.ts'
import { trusted } from '../../../../master/auth/actor.ts'
import type { JobId } from '../../../../shared/ids.ts'
import { answer, id, Stage, submission } from './stage.ts'

const root = trusted('root')
let stage: Stage
beforeEach(async () => {
  stage = await new Stage().start()
  for (const name of ['web1', 'web2']) stage.sessions.connect(name)
})
afterEach(() => stage.end())

const submit = async (more: Parameters<typeof submission>[0] = {}): Promise<JobId> => {
  stage.now += 1_000
  const { jid } = await stage.jobs.submit(submission(more), root)
  await stage.settle()
  return jid
}
const ret = (name: string, jid: JobId, more: Parameters<typeof answer>[1] = {}): Promise<void> =>
  stage.jobs.returned(id(name), 0, answer(jid, more))

describe('a summary', () => {
  it('says what the targets came to, and in which states the job is', async () => {
    const jid = await submit()
    const state = async () => {
      const [summary] = await stage.jobs.summaries({ limit: 1 })
      return [summary?.states.join(' '), summary?.counts]
    }
    expect(await state()).toEqual(['running', { sent: 2 }])
    await ret('web1', jid, { retcode: 2 })
    expect(await state()).toEqual(['running failed', { failed: 1, sent: 1 }])
    stage.sessions.disconnect('web2')
    expect(await state()).toEqual(['waiting failed', { failed: 1, waiting: 1 }])
    stage.sessions.connect('web2')
    await ret('web2', jid, { started: 5_000, duration: 250 })
    expect(await state()).toEqual(['failed', { failed: 1, ok: 1 }])
    const [summary] = await stage.jobs.summaries({ limit: 1 })
    expect(summary).toMatchObject({ ended: 5_250, targets: 2, operator: 'root' })
  })

  it('is found by its state, its function, its target and its time', async () => {
    const [one, two, three] = [
      await submit({ target: { kind: 'list', expression: 'web1' } }),
      await submit({ fun: 'state.apply' }),
      await submit({ fun: 'state.highstate' }),
    ]
    await ret('web1', one)
    for (const name of ['web1', 'web2']) await ret(name, two, { outcome: 'cancelled', success: false })
    const found = async (filter: Omit<Parameters<typeof stage.jobs.summaries>[0], 'limit'>) =>
      (await stage.jobs.summaries({ limit: 9, ...filter })).map(({ jid }) => jid)
    expect(await found({})).toEqual([three, two, one])
    expect(await found({ state: 'ok' })).toEqual([one])
    expect(await found({ state: 'cancelled' })).toEqual([two])
    expect(await found({ state: 'running' })).toEqual([three])
    expect(await found({ fun: 'state.*' })).toEqual([three, two])
    expect(await found({ target: 'web2' })).toEqual([three, two])
    expect(await found({ target: '*' })).toEqual([three, two, one])
    expect(await found({ operator: 'al*' })).toEqual([])
    expect(await found({ since: stage.now - 1_000 })).toEqual([three, two])
    expect(await found({ until: stage.now })).toEqual([two, one])
  })

  it('masks what looks like a secret', async () => {
    await submit({ kwargs: { password: 'tell nobody' } })
    expect(JSON.stringify(await stage.jobs.summaries({ limit: 1 }))).not.toContain('tell nobody')
  })
})

describe('running again', () => {
  it.each([
    [['all'], 'web1,web2'],
    [['failed'], 'web2'],
  ] as const)('%j of them', async (which, ids) => {
    const first = await submit({ fun: 'cmd.run', args: ['x'], kwargs: { password: 'y' }, maxSeconds: 5 })
    await ret('web1', first)
    await ret('web2', first, { outcome: 'timeout', success: false })
    const { jid, targets } = await stage.jobs.rerun(first, { which: [...which] }, root)
    expect(targets.join(',')).toBe(ids)
    const row = await stage.store.jobs.find(jid)
    expect(row).toMatchObject({ fun: 'cmd.run', args: ['x'], kwargs: { password: 'y' }, maxSeconds: 5 })
    expect(stage.sessions.sent.at(-1)?.body).toMatchObject({ jid, maxSeconds: 5 })
  })

  it('leaves out those that have it before them still, and says so', async () => {
    stage.sessions.disconnect('web2')
    const first = await submit()
    await ret('web1', first)
    await expect(stage.jobs.rerun(first, { which: ['failed', 'missing'] }, root)).rejects.toMatchObject({
      code: 'rerun-nothing',
      hint: expect.stringContaining('1 of its minions'),
    })
    stage.now += 301_000
    await stage.jobs.sweep()
    const { targets } = await stage.jobs.rerun(first, { which: ['missing'] }, root)
    expect(targets).toEqual(['web2'])
  })

  it('is refused to whoever may not start it', async () => {
    const first = await submit()
    const nobody = { name: 'nobody', grants: [] }
    await expect(stage.jobs.rerun(first, { which: ['all'] }, nobody)).rejects.toMatchObject({
      code: 'access-denied',
    })
  })
})

it('tells whoever follows a job what the last ones like it took', async () => {
  const expected = async (jid: JobId): Promise<unknown> => {
    const stop = new AbortController()
    for await (const event of stage.jobs.follow(jid, stop.signal) as AsyncIterable<JobEvent>)
      if (event.type === 'job') {
        stop.abort()
        return event.job.expected
      }
    return undefined
  }
  const first = await submit({ fun: 'state.apply' })
  expect(await expected(first)).toBeUndefined()
  await ret('web1', first, { duration: 4_000 })
  await ret('web2', first, { duration: 9_000 })
  const second = await submit({ fun: 'state.apply', target: { kind: 'list', expression: 'web1' } })
  expect(await expected(second)).toEqual({ usual: 4_000, longest: 4_000, runs: 1 })
  expect(await expected(await submit({ fun: 'state.apply' }))).toEqual({
    usual: 9_000,
    longest: 9_000,
    runs: 1,
  })
})

it('forgets the oldest finished jobs beyond the size that they may have', async () => {
  await stage.end()
  stage = await new Stage({ keepJobsBytes: 60_000 }).start()
  stage.sessions.connect('web1')
  const target = { kind: 'list', expression: 'web1' } as const
  const open = await submit({ target })
  const jids: JobId[] = []
  for (let number = 0; number < 8; number++) {
    const jid = await submit({ target })
    await ret('web1', jid, { ret: 'x'.repeat(10_000) })
    jids.push(jid)
  }
  await stage.jobs.sweep()
  const kept = (await stage.store.jobs.list(99)).map(({ jid }) => jid)
  expect(kept).toEqual([...jids.slice(3).reverse(), open])
  expect(await stage.store.jobs.bytes()).toBeLessThan(60_000)
})
