/** Several functions in one job, on the side of the master. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { trusted } from '../../../../master/auth/actor.ts'
import type { Json } from '../../../../shared/data/codec.ts'
import type { CallVerdict } from '../../../../shared/protocol/messages/job-return.ts'
import { answer, id, Stage, submission } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await new Stage().start()
})
afterEach(async () => {
  await stage.end()
  expect(stage.errors).toEqual([])
})

const root = trusted('root')
const two = { fun: 'cmd.run,state.apply', args: [['id'], [{ __kwarg__: true, test: true }]] as Json[] }
const verdict = (fun: string, retcode: number, format: CallVerdict['format'] = 'nested'): CallVerdict => ({
  fun,
  outcome: 'done',
  retcode,
  success: retcode === 0,
  format,
})

it('are one delivery, one line of the audit log that names them all, and an event with lists', async () => {
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(submission(two), root)
  await stage.settle()
  expect(stage.sessions.sent).toMatchObject([{ kind: 'job.deliver', body: { jid, ...two } }])
  expect(stage.audit).toMatchObject([{ reason: 'cmd.run,state.apply on 2 minions' }])
  expect((await stage.store.events.since(0, 10)).map(({ data }) => data)).toMatchObject([
    { fun: ['cmd.run', 'state.apply'], arg: two.args },
  ])
})

it('are stored with how each of them came out, and told as Salt tells it', async () => {
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(submission(two), root)
  await stage.settle()
  const calls = [verdict('cmd.run', 0), verdict('state.apply', 2, 'highstate')]
  const tag = `salt/job/${jid}/prog/web1/0`
  const ret = { 'cmd.run': 'root', 'state.apply': { a: { __event__: tag } } }
  await stage.jobs.returned(
    id('web1'),
    0,
    answer(jid, { fun: two.fun, retcode: 2, success: false, ret, calls }),
  )
  await stage.settle()
  const target = (await stage.jobs.account(jid))?.targets[0]
  expect(target).toMatchObject({ status: 'returned', return: { retcode: 2, calls, ret } })
  const events = await stage.store.events.since(0, 10)
  expect(events.slice(1).map((event) => [event.tag, event.data])).toMatchObject([
    [tag, { ret: { a: { __event__: tag } } }],
    [
      `salt/job/${jid}/ret/web1`,
      {
        fun: ['cmd.run', 'state.apply'],
        retcode: { 'cmd.run': 0, 'state.apply': 2 },
        success: { 'cmd.run': true, 'state.apply': false },
      },
    ],
  ])
})

it('are found by the name of any of them, and run again as they were', async () => {
  const { jid } = await stage.jobs.submit(submission(two), root)
  await stage.jobs.submit(submission(), root)
  const found = await stage.jobs.summaries({ limit: 9, fun: 'state.*' })
  expect(found.map((job) => job.jid)).toEqual([jid])
  const again = await stage.jobs.rerun(jid, { which: ['all'] }, root)
  expect(await stage.jobs.account(again.jid)).toMatchObject(two)
})

it.each([
  [{ fun: 'a.b,c.d', args: ['x'] as Json[] }, /a.b,c.d are 2 functions, and args is no list of 2 lists/],
  [{ fun: 'a.b,c.d', args: [[], []] as Json[], kwargs: { test: true } }, /no list of 2 lists/],
])('whose arguments cannot be told apart are refused: %j', async (wrong, message) => {
  await expect(stage.jobs.submit(submission(wrong), root)).rejects.toThrow(message)
})

describe('a minion that is too old for them', () => {
  it('is told so in its return, now and when it comes later; one function it gets', async () => {
    const older = (name: string): void => {
      const session = stage.sessions.open(name)
      Object.assign(session, { protocol: 1, version: '0.0.9' })
      stage.sessions.tellConnected(session, [])
    }
    const told: string[] = []
    const { add } = stage.store.returns
    stage.store.returns.add = (...words) => {
      told.push(words[1])
      return add(...words)
    }
    older('web1')
    const { jid } = await stage.jobs.submit(submission(two), root)
    await stage.settle()
    older('web2')
    await stage.settle()
    const targets = (await stage.jobs.account(jid))?.targets ?? []
    for (const target of targets)
      expect(target).toMatchObject({
        status: 'returned',
        return: {
          outcome: 'refused',
          retcode: 1,
          ret: expect.stringMatching(/\(0\.0\.9\) cannot run several functions/),
        },
      })
    // Once each: a second return of another millisecond would count as a stray.
    expect(told).toEqual(['web1', 'web2'])
    expect(stage.sessions.sent).toEqual([])
    await stage.jobs.submit(submission(), root)
    await stage.settle()
    expect(stage.sessions.sent).toHaveLength(2)
  })
})
