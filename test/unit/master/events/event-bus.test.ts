/** The event bus of a stage: what jobs tell, who follows, and what minions can make of tags. */

import { afterEach, beforeEach, expect, it } from 'vitest'
import { trusted } from '../../../../master/auth/actor.ts'
import type { EventRow } from '../../../../master/store/events.ts'
import type { Json } from '../../../../shared/data/codec.ts'
import { answer, id, Stage, submission } from '../jobs/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await new Stage().start()
})
afterEach(() => stage.end())

async function stored(glob: (tag: string) => boolean = () => true): Promise<EventRow[]> {
  await stage.settle()
  await stage.events.stop()
  const found: EventRow[] = []
  const { signal } = new AbortController()
  for await (const event of stage.events.follow({ since: 0, matches: glob, live: false, signal }))
    found.push(event)
  return found
}

it('tells of a job, of each return once, and finds the body of a return where it lies', async () => {
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(
    submission({ fun: 'test.echo', args: ['x'], kwargs: { key: 1 } }),
    trusted('ops'),
  )
  await stage.jobs.returned(id('web1'), 0, answer(jid, { ret: { deep: ['x'] } }))
  await stage.jobs.returned(id('web1'), 0, answer(jid, { ret: { deep: ['x'] } }))
  const events = await stored()
  expect(events.map(({ tag }) => tag)).toEqual([`salt/job/${jid}/new`, `salt/job/${jid}/ret/web1`])
  expect(events[0]?.data).toMatchObject({
    jid,
    tgt: '*',
    tgt_type: 'glob',
    fun: 'test.echo',
    arg: ['x', { __kwarg__: true, key: 1 }],
    minions: ['web1', 'web2'],
    user: 'ops',
  })
  expect(events[1]?.data).toMatchObject({
    id: 'web1',
    jid,
    retcode: 0,
    success: true,
    return: { deep: ['x'] },
  })
})

it('tells results of states by their tags, but only by those of this job and minion', async () => {
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(
    submission({ target: { kind: 'glob', expression: 'web1' }, fun: 'state.apply' }),
    trusted('ops'),
  )
  const entry = (tag: string) => ({ result: true, __event__: tag })
  const ret = {
    'a_|-a_|-a_|-b': entry(`salt/state_result/${jid}/web1/a`),
    'b_|-a_|-a_|-b': entry(`salt/state_result/${jid}/web2/a`),
    'c_|-a_|-a_|-b': entry('salt/auth'),
  }
  await stage.jobs.returned(id('web1'), 0, answer(jid, { format: 'highstate', ret }))
  const tags = (await stored()).map(({ tag }) => tag)
  expect(tags).toEqual([`salt/job/${jid}/new`, `salt/state_result/${jid}/web1/a`, `salt/job/${jid}/ret/web1`])
})

it('puts what minions tell below their own names, once for each key', async () => {
  await stage.events.told(id('web1'), 'k1', 'salt/auth', { x: 1 })
  await stage.events.told(id('web1'), 'k1', 'salt/auth', { x: 1 })
  await stage.events.told(id('web2'), 'k1', 'deploy', null)
  expect((await stored()).map(({ tag, origin }) => [tag, origin])).toEqual([
    ['minion/web1/salt/auth', 'web1'],
    ['minion/web2/deploy', 'web2'],
  ])
})

it('puts what beacons see where Salt has it, under the id of the session, once for each key', async () => {
  const sight = (key: string, tag: string, data: Json) => ({ key, beacon: 'inotify', tag, data })
  const lie = { id: 'web2', path: '/etc/passwd' }
  await stage.events.seen(id('web1'), sight('k1', '/etc', lie))
  await stage.events.seen(id('web1'), sight('k1', '/etc', lie))
  await stage.events.seen(id('web1'), sight('k2', '', 7))
  const found = await stored()
  expect(found.map(({ tag, origin, data }) => [tag, origin, data])).toEqual([
    ['salt/beacon/web1/inotify//etc', 'web1', { id: 'web1', path: '/etc/passwd' }],
    ['salt/beacon/web1/inotify/', 'web1', { id: 'web1', data: 7 }],
  ])
})

it('is followed from now on, by several, without missing one', async () => {
  stage.events.fire('before', {})
  await stage.events.stop()
  const stop = new AbortController()
  const follow = async (matches: (tag: string) => boolean, since: number | undefined) => {
    const tags: string[] = []
    for await (const { tag } of stage.events.follow({ since, matches, live: true, signal: stop.signal })) {
      tags.push(tag)
      if (tag === 'end') break
    }
    return tags
  }
  const followers = [follow(() => true, undefined), follow((tag) => tag !== 'n7', 0), follow(() => true, 0)]
  await new Promise((resolve) => setTimeout(resolve, 20))
  for (let n = 0; n < 500; n++) {
    stage.events.fire(`n${n}`, { n })
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  stage.events.fire('end', {})
  const numbers = Array.from({ length: 500 }, (_, n) => `n${n}`)
  expect(await followers[0]).toEqual([...numbers, 'end'])
  expect(await followers[1]).toEqual(['before', ...numbers.filter((tag) => tag !== 'n7'), 'end'])
  expect(await followers[2]).toEqual(['before', ...numbers, 'end'])
})

it('ends for a reader who leaves while nothing happens', async () => {
  const stop = new AbortController()
  const reader = stage.events.follow({
    since: undefined,
    matches: () => true,
    live: true,
    signal: stop.signal,
  })
  const next = reader.next()
  setTimeout(() => stop.abort(), 20)
  expect(await next).toEqual({ done: true, value: undefined })
})
