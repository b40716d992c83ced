import { afterEach, expect, it } from 'vitest'
import type { JobEvent } from '../../../../master/api/schemas.ts'
import { trusted } from '../../../../master/auth/actor.ts'
import type { JobOptions } from '../../../../master/jobs/service-context.ts'
import { answer, id, Stage, submission } from './stage.ts'

let stage: Stage
afterEach(async () => {
  await stage.end()
  expect(stage.errors).toEqual([])
})
const start = async (options: Partial<JobOptions> = {}) => {
  stage = await new Stage(options).start()
}

const words = (events: readonly JobEvent[]): string[] =>
  events.map((event) => {
    if (event.type === 'job') return `job ${event.job.targets.map(({ status }) => status).join(' ')}`
    if (event.type === 'target') return `${event.target.id} ${event.target.status}`
    return event.type
  })

it('tells what happens to each target, then ends', async () => {
  await start()
  stage.sessions.connect('web1')
  stage.sessions.connect('web2')
  const { jid } = await stage.jobs.submit(submission(), trusted('root'))
  await stage.settle()
  const events: JobEvent[] = []
  const following = stage.collect(jid, events)
  await stage.settle()
  expect(words(events)).toEqual(['job sent sent'])
  stage.jobs.acknowledged(id('web2'), 0, { jid })
  await stage.settle()
  await stage.jobs.returned(id('web2'), 0, answer(jid))
  await stage.jobs.returned(id('web1'), 0, answer(jid))
  await following
  expect(words(events)).toEqual(['job sent sent', 'web2 delivered', 'web2 returned', 'web1 returned', 'end'])
  expect(events.at(-2)).toMatchObject({ target: { return: { ret: true } } })
})

it('gives the returns of a finished job one by one', async () => {
  await start()
  const { jid } = await stage.jobs.submit(submission(), trusted('root'))
  await stage.store.jobs.attempted(jid, [id('web1'), id('web2')])
  await stage.jobs.returned(id('web1'), 0, answer(jid))
  await stage.jobs.returned(id('web2'), 0, answer(jid))
  expect(words(await stage.collect(jid))).toEqual([
    'job delivered delivered',
    'web1 returned',
    'web2 returned',
    'end',
  ])
})

it('does not wait for who is offline', async () => {
  await start()
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(submission(), trusted('root'))
  await stage.settle()
  const following = stage.collect(jid)
  await stage.jobs.returned(id('web1'), 0, answer(jid))
  expect(words(await following)).toEqual(['job sent waiting', 'web1 returned', 'end'])
})

it('gives a lost minion time to come back', async () => {
  await start({ timeout: 0.2 })
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(
    submission({ target: { kind: 'glob', expression: 'web1' } }),
    trusted('root'),
  )
  stage.jobs.acknowledged(id('web1'), 0, { jid })
  const events: JobEvent[] = []
  const following = stage.collect(jid, events)
  await stage.settle()
  stage.sessions.disconnect('web1')
  await stage.settle()
  stage.sessions.connect('web1', [jid])
  await stage.settle()
  stage.sessions.disconnect('web1')
  await stage.settle()
  expect(words(events)).toEqual(['job delivered', 'web1 lost', 'web1 delivered', 'web1 lost'])
  stage.now += 1_000
  await following
  expect(words(events).at(-1)).toBe('end')
})

it('after a restart gives minions time to come back before it ends', async () => {
  await start({ timeout: 0.3 })
  for (const name of ['web1', 'web2']) {
    stage.sessions.connect(name)
    await stage.store.minions.connected({
      id: id(name),
      generation: 0,
      version: '1',
      address: '',
      grains: {},
      at: stage.now,
    })
  }
  const { jid } = await stage.jobs.submit(submission(), trusted('root'))
  stage.jobs.acknowledged(id('web1'), 0, { jid })
  await stage.crash()
  const events: JobEvent[] = []
  const following = stage.collect(jid, events)
  await stage.settle()
  expect(words(events)).toEqual(['job lost waiting'])
  stage.sessions.connect('web1', [jid])
  stage.sessions.connect('web2', [])
  await stage.settle()
  await stage.jobs.returned(id('web1'), 0, answer(jid))
  await stage.jobs.returned(id('web2'), 0, answer(jid))
  await following
  expect(words(events).filter((word) => /returned|end/.test(word))).toEqual([
    'web1 returned',
    'web2 returned',
    'end',
  ])
})

it('tells that a target was sent to only where it tells nothing else for a second', async () => {
  await start()
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(submission(), trusted('root'))
  await stage.settle()
  const session = stage.sessions.open('web2')
  const events: JobEvent[] = []
  const following = stage.collect(jid, events)
  await stage.settle()
  // Connected and not sent to yet: seen now, and not long ago or never.
  expect(events[0]).toMatchObject({ job: { targets: [{}, { status: 'waiting', lastSeen: stage.now }] } })
  stage.sessions.tellConnected(session, [])
  await stage.settle()
  expect(stage.sessions.sent.at(-1)).toMatchObject({ id: 'web2' })
  await stage.jobs.returned(id('web1'), 0, answer(jid))
  await stage.settle()
  expect(words(events)).toEqual(['job sent waiting', 'web1 returned'])
  stage.now += 1_001
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  expect(words(events).slice(2)).toEqual(['web2 sent'])
  await stage.jobs.returned(id('web2'), 0, answer(jid))
  await following
  expect(words(events).slice(3)).toEqual(['web2 returned', 'end'])
})

it('gives a slow reader the newest only', async () => {
  await start()
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(
    submission({ target: { kind: 'glob', expression: 'web1' } }),
    trusted('root'),
  )
  await stage.settle()
  const stream = stage.jobs.follow(jid, new AbortController().signal)[Symbol.asyncIterator]()
  await stream.next()
  for (let elapsed = 1; elapsed <= 1_000; elapsed++)
    stage.jobs.progressed(id('web1'), 0, { jid, phase: 'running', elapsed })
  expect((await stream.next()).value).toMatchObject({ target: { progress: { elapsed: 1_000 } } })
  await stage.jobs.returned(id('web1'), 0, answer(jid))
  expect((await stream.next()).value).toMatchObject({ target: { status: 'returned' } })
  expect((await stream.next()).value).toEqual({ type: 'end' })
})

it('ends when its reader leaves, and the job goes on', async () => {
  await start()
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(submission(), trusted('root'))
  await stage.settle()
  const leave = new AbortController()
  const stream = stage.jobs.follow(jid, leave.signal)[Symbol.asyncIterator]()
  await stream.next()
  const waiting = stream.next()
  leave.abort()
  expect(await waiting).toEqual({ done: true, value: undefined })
  await stage.jobs.returned(id('web1'), 0, answer(jid))
  expect(await stage.statuses(jid)).toBe('web1 returned done, web2 waiting')
})

it('refuses an unknown job', async () => {
  await start()
  const jid = '20200101000000000000' as Awaited<ReturnType<Stage['account']>>['jid']
  await expect(stage.collect(jid)).rejects.toMatchObject({ code: 'job-unknown' })
})
