/** Jobs of the master itself are jobs as all others, and no minion has a part in them. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { trusted } from '../../../../master/auth/actor.ts'
import type { OwnJob } from '../../../../master/jobs/own.ts'
import { answer, id, Stage } from './stage.ts'

let stage: Stage
const kills: string[] = []
beforeEach(async () => {
  kills.length = 0
  stage = await new Stage().start()
  stage.accepted = [...stage.accepted, { id: id('jump_master'), generation: 0 }]
})
afterEach(() => stage.end())

const root = trusted('root')
const begin = (): Promise<OwnJob> =>
  stage.jobs.own.begin(
    { fun: 'state.orchestrate', args: ['a'], kwargs: {}, id: id('jump_master') },
    root,
    (signal) => kills.push(signal),
  )
const done = { outcome: 'done', retcode: 0, success: true, format: 'nested', ret: 'fine' } as const

it('is followed to its end', async () => {
  const job = await begin()
  const events = stage.collect(job.jid)
  job.progress({ index: 1, total: 2, fun: 'test.nop', id: 'a'.repeat(5_000), name: 'a' })
  await stage.settle()
  expect(await stage.statuses(job.jid)).toBe('jump_master running')
  await job.end(done)
  expect(await stage.statuses(job.jid)).toBe('jump_master returned done')
  const last = (await events).at(-2)
  expect(last).toMatchObject({ type: 'target', target: { return: { ret: 'fine' } } })
})

it('is none of a minion of that name, which comes, returns and is deleted', async () => {
  const job = await begin()
  stage.sessions.connect('jump_master')
  await stage.jobs.sweep()
  await stage.settle()
  expect(stage.deliveries('jump_master')).toEqual([])
  stage.jobs.acknowledged(id('jump_master'), 0, { jid: job.jid })
  await expect(stage.jobs.returned(id('jump_master'), 0, answer(job.jid))).rejects.toMatchObject({
    code: 'return-unexpected',
  })
  stage.jobs.minionDeleted(id('jump_master'))
  stage.sessions.disconnect('jump_master')
  await stage.settle()
  expect(await stage.statuses(job.jid)).toBe('jump_master running')
})

it('tells each wish to end it', async () => {
  const { jid } = await begin()
  expect(await stage.jobs.kill(jid, 'TERM', root)).toEqual(['jump_master'])
  await stage.jobs.kill(jid, 'KILL', root)
  expect(kills).toEqual(['TERM', 'KILL'])
})

it('is left behind by a crash, with nothing done about it but what is asked for', async () => {
  const { jid } = await begin()
  expect(stage.jobs.own.left()).toEqual([])
  await stage.crash()
  stage.sessions.connect('jump_master')
  await stage.settle()
  const [left, ...more] = stage.jobs.own.left()
  expect([left?.row.jid, more]).toEqual([jid, []])
  await left?.end('cut short')
  expect(await stage.statuses(jid)).toBe('jump_master returned interrupted')
  expect(stage.jobs.own.left()).toEqual([])
})

it('withdraws what was never sent, and no more', async () => {
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(
    { target: { kind: 'glob', expression: 'web*' }, fun: 'test.ping', args: [], kwargs: {} },
    root,
  )
  await stage.settle()
  expect(await stage.jobs.own.withdraw(jid)).toBe(1)
  stage.sessions.connect('web2')
  await stage.settle()
  expect(await stage.statuses(jid)).toBe('web1 sent, web2 expired')
  expect(stage.deliveries('web2')).toEqual([])
})
