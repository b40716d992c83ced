/** Rollouts on a real store, with connections made of plain data. */

import { afterEach, beforeEach, expect, it } from 'vitest'
import { trusted } from '../../../../master/auth/actor.ts'
import type { RolloutAccount, RolloutWish } from '../../../../master/rollouts/schemas.ts'
import type { JobId } from '../../../../shared/ids.ts'
import { answer, id, Stage, submission } from '../jobs/stage.ts'

const names = ['w1', 'w2', 'w3', 'w4', 'w5']
let stage: Stage
beforeEach(async () => {
  stage = new Stage()
  stage.accepted = names.map((name) => ({ id: id(name), generation: 0 }))
  await stage.start()
  for (const name of names) stage.sessions.connect(name)
})
afterEach(() => stage.end())

const begin = (wish: RolloutWish) =>
  stage.rollouts.submit(submission({ fun: 'state.highstate' }), wish, trusted('root'))
const sentTo = (jid: JobId) =>
  stage.sessions.sent
    .filter(({ kind, body }) => kind === 'job.deliver' && body.jid === jid)
    .map((sent) => sent.id)

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function account(jid: JobId): Promise<RolloutAccount> {
  const found = await stage.rollouts.account(jid)
  if (!found) throw new Error('no rollout')
  return found
}

/** So long that every move that is due has been made. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 150))
const returns = (jid: JobId, name: string, more: Parameters<typeof answer>[1] = {}) =>
  stage.jobs.returned(id(name), 0, answer(jid, more))

it('takes a few at a time, and another as one ends', async () => {
  const { jid } = await begin({ batch: 2 })
  await until(() => sentTo(jid).length === 2)
  await quiet()
  expect(sentTo(jid)).toEqual(['w1', 'w2'])
  await returns(jid, 'w2')
  await until(() => sentTo(jid).length === 3)
  await returns(jid, 'w1', { success: false, retcode: 2 })
  await until(() => sentTo(jid).length === 4)
  await returns(jid, 'w3')
  await until(() => sentTo(jid).length === 5)
  await returns(jid, 'w4')
  await returns(jid, 'w5')
  await until(async () => (await account(jid)).state === 'done')
  expect(await account(jid)).toMatchObject({ succeeded: 4, failed: 1, held: 0, total: 5 })
})

it('stops after a canary that fails, touches nobody else, and goes on when it is told to', async () => {
  const { jid } = await begin({ canary: 1 })
  await until(() => sentTo(jid).length === 1)
  await returns(jid, 'w1', { success: false, retcode: 2 })
  await until(async () => (await account(jid)).state === 'stopped')
  await quiet()
  expect(sentTo(jid)).toEqual(['w1'])
  expect(await account(jid)).toMatchObject({
    reason: '1 of 5 failed: w1',
    held: 4,
    failed: 1,
    step: 0,
    steps: 2,
  })
  // Who pauses it then hides neither why it stopped, nor what a resume forgives.
  expect(await stage.rollouts.act(jid, 'pause', trusted('root'))).toMatchObject({
    state: 'stopped',
    reason: '1 of 5 failed: w1',
  })
  await stage.rollouts.act(jid, 'resume', trusted('root'))
  await until(() => sentTo(jid).length === 5)
})

it('brings those that failed again without the pauses that its canary made', async () => {
  const { jid } = await begin({ canary: 1, pauseBetween: true })
  await until(() => sentTo(jid).length === 1)
  await returns(jid, 'w1', { success: false, retcode: 2 })
  await until(async () => (await account(jid)).state === 'stopped')
  const again = await stage.rollouts.retry(jid, trusted('root'))
  expect(again.targets).toEqual(['w1'])
})

it('asks a gate by a job of its own, and stops where it stays closed', async () => {
  const { jid } = await begin({ canary: 1, gate: 'curl -f localhost', gateTimeout: 1 })
  await until(() => sentTo(jid).length === 1)
  await returns(jid, 'w1')
  const gates = () =>
    stage.sessions.sent.filter(({ kind, body }) => kind === 'job.deliver' && body.jid !== jid)
  await until(() => gates().length === 1)
  expect(gates()[0]).toMatchObject({ id: 'w1', body: { fun: 'cmd.retcode', args: ['curl -f localhost'] } })
  await returns(gates()[0]?.body.jid as JobId, 'w1', { ret: 22 })
  await until(async () => (await account(jid)).state === 'stopped')
  expect((await account(jid)).reason).toBe('1 of 5 failed: w1 (its gate: exit code 22)')
  expect(sentTo(jid)).toEqual(['w1'])
})

it('passes over who is not there, and brings those and the failed ones again', async () => {
  stage.sessions.disconnect('w2')
  const { jid } = await begin({ batch: 1 })
  for (const name of ['w1', 'w3', 'w4', 'w5']) {
    await until(() => sentTo(jid).includes(id(name)))
    await returns(jid, name, name === 'w4' ? { success: false, retcode: 1 } : {})
  }
  await until(async () => (await account(jid)).state === 'done')
  expect(await account(jid)).toMatchObject({ offline: 1, failed: 1, succeeded: 3 })
  stage.sessions.connect('w2')
  await quiet()
  expect(sentTo(jid)).not.toContain('w2')
  expect((await stage.rollouts.retry(jid, trusted('root'))).targets).toEqual(['w2', 'w4'])
})

it('takes canaries that were not named from those who are there', async () => {
  stage.sessions.disconnect('w1')
  const { jid } = await begin({ canary: 2 })
  await until(() => sentTo(jid).length === 2)
  await quiet()
  expect(sentTo(jid)).toEqual(['w2', 'w3'])
  for (const name of ['w2', 'w3']) await returns(jid, name)
  await until(() => sentTo(jid).length === 4)
  for (const name of ['w4', 'w5']) await returns(jid, name)
  await until(async () => (await account(jid)).state === 'done')
  expect(await account(jid)).toMatchObject({ offline: 1, succeeded: 4 })
})

it('stops where the canary that was named is away: nothing was tried. Resumed, it goes on without', async () => {
  stage.sessions.disconnect('w2')
  const { jid } = await begin({ canary: { kind: 'list', expression: 'w2' }, pauseBetween: 3_600 })
  await until(async () => (await account(jid)).state === 'stopped')
  await quiet()
  expect(sentTo(jid)).toEqual([])
  expect(await account(jid)).toMatchObject({
    reason: 'w2 was to go first and is offline, so nothing was tried',
    offline: 1,
    held: 4,
    step: 0,
  })
  stage.sessions.connect('w2')
  await quiet()
  expect(sentTo(jid), 'nothing is run on it later').toEqual([])
  expect((await stage.rollouts.retry(jid, trusted('root'))).targets).toEqual(['w2'])
  expect(await stage.rollouts.act(jid, 'resume', trusted('root'))).toMatchObject({
    state: 'running',
    step: 1,
  })
  await until(() => sentTo(jid).length === 4)
  expect(sentTo(jid)).toEqual(['w1', 'w3', 'w4', 'w5'])
})

it('goes on where one of two canaries is away and the other went well', async () => {
  stage.sessions.disconnect('w2')
  const { jid } = await begin({ canary: { kind: 'list', expression: 'w2,w3' } })
  await until(() => sentTo(jid).length === 1)
  expect(sentTo(jid)).toEqual(['w3'])
  await returns(jid, 'w3')
  await until(() => sentTo(jid).length === 4)
})

it('says that it is the canary that means nobody', async () => {
  await expect(begin({ canary: { kind: 'glob', expression: 'db1' } })).rejects.toMatchObject({
    code: 'rollout-invalid',
    message: expect.stringContaining('--canary db1: No minions matched'),
  })
})

it('survives the death of the master in the midst of it', async () => {
  const { jid } = await begin({ steps: [2, 5] })
  await until(() => sentTo(jid).length === 2)
  await returns(jid, 'w1')
  await stage.crash()
  expect(await account(jid)).toMatchObject({ state: 'running', held: 3, succeeded: 1 })
  for (const name of names) stage.sessions.connect(name, name === 'w2' ? [jid] : [])
  await quiet()
  expect(sentTo(jid), 'the second of the first step is still under way').toEqual([])
  await returns(jid, 'w2')
  await until(() => sentTo(jid).length === 3)
  expect(sentTo(jid)).toEqual(['w3', 'w4', 'w5'])
})

it('waits after a restart for those that were connected before, and passes over those that do not come', async () => {
  for (const name of names)
    await stage.store.minions.connected({
      id: id(name),
      generation: 0,
      version: '1',
      address: '',
      grains: {},
      at: stage.now,
    })
  const { jid } = await begin({ batch: 1 })
  await until(() => sentTo(jid).length === 1)
  await returns(jid, 'w1')
  await until(() => sentTo(jid).length === 2)
  await returns(jid, 'w2')
  await stage.crash()
  await quiet()
  expect(await account(jid)).toMatchObject({ state: 'running', held: 3, offline: 0 })
  stage.sessions.connect('w4')
  await until(() => sentTo(jid).includes(id('w4')))
  await returns(jid, 'w4')
  stage.sessions.connect('w3')
  await until(() => sentTo(jid).includes(id('w3')))
  await returns(jid, 'w3')
  await quiet()
  expect((await account(jid)).state).toBe('running')
  stage.now += 60_000
  await until(async () => (await account(jid)).state === 'done')
  expect(await account(jid)).toMatchObject({ succeeded: 4, offline: 1 })
})

it('pauses between steps until it is resumed, pauses and aborts by hand', async () => {
  const { jid } = await begin({ steps: [1, 2, 5], pauseBetween: true })
  await until(() => sentTo(jid).length === 1)
  await returns(jid, 'w1')
  await until(async () => (await account(jid)).state === 'paused')
  expect((await account(jid)).reason).toBe('step 1 of 3 is done')
  await stage.rollouts.act(jid, 'resume', trusted('root'))
  await until(() => sentTo(jid).length === 2)
  await stage.rollouts.act(jid, 'pause', trusted('root'))
  await returns(jid, 'w2')
  await quiet()
  expect(sentTo(jid).length).toBe(2)
  await stage.rollouts.act(jid, 'abort', trusted('root'))
  const job = await stage.jobs.account(jid)
  expect(job?.targets.map((target) => target.return?.outcome)).toEqual([
    'done',
    'done',
    'cancelled',
    'cancelled',
    'cancelled',
  ])
  await expect(stage.rollouts.act(jid, 'resume', trusted('root'))).rejects.toMatchObject({
    code: 'rollout-over',
  })
})

it('is aborted where its job is killed: no minion whose turn had not come counts as failed', async () => {
  const { jid } = await begin({ canary: 1 })
  await until(() => sentTo(jid).length === 1)
  await stage.jobs.kill(jid, 'TERM', trusted('root'))
  await returns(jid, 'w1', { outcome: 'cancelled', success: false, retcode: 1 })
  await quiet()
  expect(await account(jid)).toMatchObject({
    state: 'aborted',
    reason: 'its job was killed by root',
    failed: 0,
  })
  expect(sentTo(jid)).toEqual(['w1'])
})

it('stops where a guarded minion reports a change', async () => {
  const { jid } = await begin({ batch: 1, stopOnChangeIn: { kind: 'list', expression: 'w2' } })
  const changed = { 'file_|-a_|-a_|-managed': { result: true, changes: { diff: 'x' } } }
  for (const name of ['w1', 'w2']) {
    await until(() => sentTo(jid).includes(id(name)))
    await returns(jid, name, { format: 'highstate', ret: changed })
  }
  await until(async () => (await account(jid)).state === 'stopped')
  expect((await account(jid)).reason).toBe('w2 reported a change')
  expect(sentTo(jid)).toEqual(['w1', 'w2'])
})

it('stops where one of several functions reports a change on a guarded minion', async () => {
  const { jid } = await begin({ batch: 1, stopOnChangeIn: { kind: 'list', expression: 'w1' } })
  await until(() => sentTo(jid).includes(id('w1')))
  const states = { 'file_|-a_|-a_|-managed': { result: true, changes: { diff: 'x' } } }
  const done = { outcome: 'done', retcode: 0, success: true } as const
  await returns(jid, 'w1', {
    ret: { 'test.ping': true, 'state.apply': states },
    calls: [
      { fun: 'test.ping', format: 'nested', ...done },
      { fun: 'state.apply', format: 'highstate', ...done },
    ],
  })
  await until(async () => (await account(jid)).state === 'stopped')
  expect((await account(jid)).reason).toBe('w1 reported a change')
})

it('counts a minion that is lost for too long as failed', async () => {
  const { jid } = await begin({ batch: 1, maxFail: 0 })
  await until(() => sentTo(jid).length === 1)
  stage.jobs.acknowledged(id('w1'), 0, { jid })
  stage.sessions.disconnect('w1')
  await quiet()
  expect((await account(jid)).state).toBe('running')
  stage.now += 31_000
  await until(async () => (await account(jid)).state === 'stopped')
  expect(sentTo(jid)).toEqual(['w1'])
})

it('is followed until the gate of the last one has opened', async () => {
  stage.accepted = stage.accepted.slice(0, 1)
  const { jid } = await begin({ gate: 'true', gateTimeout: 30 })
  const events: string[] = []
  const following = (async () => {
    for await (const event of stage.jobs.follow(jid, new AbortController().signal))
      events.push(event.type === 'rollout' ? event.rollout.state : event.type)
  })()
  await until(() => sentTo(jid).length === 1)
  await returns(jid, 'w1')
  const gate = () => stage.sessions.sent.find(({ kind, body }) => kind === 'job.deliver' && body.jid !== jid)
  await until(() => gate() !== undefined)
  await quiet()
  expect(events).not.toContain('end')
  await returns(gate()?.body.jid as JobId, 'w1', { ret: 0 })
  await following
  expect(events.slice(-2)).toEqual(['done', 'end'])
})

it('is followed by whoever follows its job, to the end', async () => {
  const { jid } = await begin({ canary: 1 })
  const events: string[] = []
  const following = (async () => {
    for await (const event of stage.jobs.follow(jid, new AbortController().signal))
      events.push(event.type === 'rollout' ? `${event.rollout.state} ${event.rollout.step}` : event.type)
  })()
  await until(() => sentTo(jid).length === 1)
  await returns(jid, 'w1')
  await until(() => sentTo(jid).length === 5)
  for (const name of names.slice(1)) await returns(jid, name)
  await following
  expect(events.filter((each) => each.startsWith('running'))).toEqual(['running 0', 'running 1'])
  expect(events.at(-1)).toBe('end')
})
