import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { trusted } from '../../../../master/auth/actor.ts'
import type { Body } from '../../../../shared/protocol/registry.ts'
import { answer, id, Stage, submission } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await new Stage().start()
})
afterEach(async () => {
  await stage.end()
  expect(stage.errors).toEqual([])
})

const progress = (jid: Body<'job.progress'>['jid'], phase: 'queued' | 'running'): Body<'job.progress'> => ({
  jid,
  phase,
  elapsed: 10,
})

describe('submission', () => {
  it('commits the job with all its targets before the first byte leaves', async () => {
    stage.sessions.connect('web1')
    const send = stage.sessions.send.bind(stage.sessions)
    let storedBefore = 0
    stage.sessions.send = (...message) => {
      storedBefore = Number(
        stage.store.database.prepare('SELECT count(*) FROM targets WHERE attempted').pluck().get(),
      )
      return send(...message)
    }
    const { jid, targets } = await stage.jobs.submit(submission(), trusted('root'))
    await stage.settle()
    expect(targets).toEqual(['web1', 'web2'])
    expect(storedBefore).toBe(1)
    expect(await stage.statuses(jid)).toBe('web1 sent, web2 waiting')
    expect(stage.sessions.sent).toEqual([
      {
        id: 'web1',
        kind: 'job.deliver',
        body: {
          jid,
          fun: 'test.ping',
          args: [],
          kwargs: {},
          notBefore: stage.now,
          expires: stage.now + 300_000,
          trees: {},
          operator: 'root',
        },
      },
    ])
    expect(stage.audit).toMatchObject([{ kind: 'job.submit', actor: 'operator:root', subject: jid }])
  })

  it('makes ids that always increase, also across restarts and a clock that goes back', async () => {
    const jids: string[] = []
    const submit = async () => jids.push((await stage.jobs.submit(submission(), trusted('root'))).jid)
    await submit()
    await submit()
    stage.now -= 3_600_000
    await submit()
    await stage.crash()
    await submit()
    expect(jids).toEqual([...new Set(jids)].sort())
  })

  it('is harmless when repeated with its id, also at once and after a restart', async () => {
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    const again = submission({ jid })
    const mine = submission({ jid: '20261122030000999999' as typeof jid })
    expect((await stage.jobs.submit(again, trusted('root'))).targets).toEqual(['web1', 'web2'])
    await Promise.all([stage.jobs.submit(mine, trusted('root')), stage.jobs.submit(mine, trusted('root'))])
    await stage.crash()
    expect(await stage.jobs.submit(mine, trusted('root'))).toMatchObject({ jid: mine.jid })
    expect(await stage.jobs.list(10)).toHaveLength(2)
    await expect(
      stage.jobs.submit(submission({ jid, fun: 'test.version' }), trusted('root')),
    ).rejects.toMatchObject({
      code: 'jid-taken',
    })
  })

  it('refuses what no minion could take', async () => {
    const refused = (more: object) => expect(stage.jobs.submit(submission(more), trusted('root'))).rejects
    await refused({ target: { kind: 'glob', expression: 'nosuch*' } }).toMatchObject({ code: 'target-empty' })
    await refused({ target: undefined }).toMatchObject({ code: 'target-missing' })
    await refused({ args: [{ $nonsense: 1 }] }).toMatchObject({ code: 'request-malformed' })
    await refused({ jid: '99991122030000999999' }).toMatchObject({ code: 'jid-implausible' })
    let deep: unknown = 1
    for (let depth = 0; depth < 100; depth++) deep = [deep]
    await refused({ args: [deep] }).toMatchObject({ code: 'request-malformed' })
    expect(await stage.jobs.list(10)).toEqual([])
  })
})

describe('a job', () => {
  it('goes from sent to returned', async () => {
    stage.sessions.connect('web1')
    stage.sessions.connect('web2')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    const seen: string[] = []
    const look = async () => {
      await stage.settle()
      seen.push((await stage.statuses(jid)).split(',')[0] ?? '')
    }
    await look()
    stage.jobs.acknowledged(id('web1'), 0, { jid })
    await look()
    stage.jobs.progressed(id('web1'), 0, progress(jid, 'queued'))
    await look()
    stage.jobs.progressed(id('web1'), 0, progress(jid, 'running'))
    await look()
    await stage.jobs.returned(id('web1'), 0, answer(jid))
    await look()
    expect(seen).toEqual(['web1 sent', 'web1 delivered', 'web1 queued', 'web1 running', 'web1 returned done'])
    expect((await stage.account(jid)).targets[0]?.return).toEqual({
      outcome: 'done',
      retcode: 0,
      success: true,
      format: 'nested',
      ret: true,
      started: 1,
      duration: 2,
    })
  })

  it('waits for a minion that is offline, and is delivered in order when it comes', async () => {
    const first = await stage.jobs.submit(submission(), trusted('root'))
    const second = await stage.jobs.submit(submission(), trusted('root'))
    stage.sessions.connect('web1')
    const third = await stage.jobs.submit(submission(), trusted('root'))
    await stage.settle()
    expect(stage.deliveries('web1')).toEqual([first.jid, second.jid, third.jid])
    expect(stage.deliveries('web2')).toEqual([])
  })

  it('is lost while its minion is away, and found again', async () => {
    stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    stage.jobs.progressed(id('web1'), 0, progress(jid, 'running'))
    stage.now += 1_000
    stage.sessions.disconnect('web1')
    expect((await stage.account(jid)).targets[0]).toMatchObject({ status: 'lost', since: stage.now })
    stage.sessions.connect('web1', [jid])
    await stage.settle()
    expect(await stage.statuses(jid)).toBe('web1 running, web2 waiting')
    expect(stage.deliveries('web1')).toEqual([jid])
  })

  it('is not lost by the end of a connection that another has replaced', async () => {
    const old = stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    stage.jobs.acknowledged(id('web1'), 0, { jid })
    stage.sessions.connect('web1', [jid])
    await stage.settle()
    stage.sessions.tellDisconnected(old)
    expect(await stage.statuses(jid)).toBe('web1 delivered, web2 waiting')
    const unknown = stage.sessions.connect('web1', [])
    await stage.settle()
    stage.sessions.tellDisconnected(unknown)
    expect(await stage.statuses(jid)).toBe('web1 lost, web2 waiting')
  })

  it('that was sent and not acknowledged is sent again to the next connection', async () => {
    stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    await stage.settle()
    stage.sessions.disconnect('web1')
    expect(await stage.statuses(jid)).toBe('web1 waiting, web2 waiting')
    stage.sessions.connect('web1')
    await stage.settle()
    expect(stage.deliveries('web1')).toEqual([jid, jid])
  })

  it('that was sent and arrived, though its acknowledgement did not, is not sent again', async () => {
    stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    await stage.settle()
    stage.sessions.disconnect('web1')
    stage.sessions.connect('web1', [jid])
    await stage.settle()
    expect(stage.deliveries('web1')).toEqual([jid])
    expect(await stage.statuses(jid)).toBe('web1 delivered, web2 waiting')
  })

  it('that a connected minion does not acknowledge is sent again after a while', async () => {
    stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    await stage.settle()
    stage.now += 14_000
    await stage.jobs.sweep()
    expect(stage.deliveries('web1')).toEqual([jid])
    stage.now += 1_000
    await stage.jobs.sweep()
    expect(stage.deliveries('web1')).toEqual([jid, jid])
  })

  it('that could not be sent although its minion is there is sent a little later', async () => {
    stage.sessions.connect('web1')
    const send = stage.sessions.send
    stage.sessions.send = () => false
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    await stage.settle()
    stage.sessions.send = send
    await stage.jobs.sweep()
    expect(stage.deliveries('web1')).toEqual([])
    stage.now += 5_000
    await stage.jobs.sweep()
    expect(stage.deliveries('web1')).toEqual([jid])
    expect(await stage.statuses(jid)).toBe('web1 sent, web2 waiting')
  })

  it('that was acknowledged and is not known any more is never run twice', async () => {
    stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    stage.jobs.acknowledged(id('web1'), 0, { jid })
    stage.sessions.disconnect('web1')
    stage.sessions.connect('web1', [])
    await stage.settle()
    await stage.jobs.sweep()
    expect(await stage.statuses(jid)).toBe('web1 lost, web2 waiting')
    stage.now += 30_000
    await stage.jobs.sweep()
    expect(await stage.statuses(jid)).toBe('web1 returned interrupted, web2 waiting')
    expect(stage.deliveries('web1')).toEqual([jid])
  })

  it('may still be returned by a minion that did not list it', async () => {
    stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    stage.jobs.acknowledged(id('web1'), 0, { jid })
    stage.sessions.disconnect('web1')
    stage.sessions.connect('web1', [])
    await stage.settle()
    await stage.jobs.returned(id('web1'), 0, answer(jid))
    stage.now += 60_000
    await stage.jobs.sweep()
    expect(await stage.statuses(jid)).toBe('web1 returned done, web2 waiting')
  })

  it('is not judged by the hello of the connection on which it was sent', async () => {
    const session = stage.sessions.open('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    await stage.settle()
    stage.jobs.acknowledged(id('web1'), 0, { jid })
    stage.sessions.tellConnected(session, [])
    await stage.settle()
    expect(await stage.statuses(jid)).toBe('web1 delivered, web2 waiting')
    expect(stage.deliveries('web1')).toEqual([jid])
  })

  it('waits behind older ones that are being delivered', async () => {
    const older = await stage.jobs.submit(submission(), trusted('root'))
    // Its hello is being worked on while the newer one is submitted.
    stage.sessions.connect('web1')
    const newer = stage.jobs.submit(submission(), trusted('root'))
    await stage.settle()
    expect(stage.deliveries('web1')).toEqual([older.jid, (await newer).jid])
  })
})

describe('returns', () => {
  it('are stored once', async () => {
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    stage.sessions.connect('web1')
    await stage.settle()
    await Promise.all([
      stage.jobs.returned(id('web1'), 0, answer(jid)),
      stage.jobs.returned(id('web1'), 0, answer(jid)),
    ])
    await stage.jobs.returned(id('web1'), 0, answer(jid))
    expect((await stage.account(jid)).targets[0]).toMatchObject({ status: 'returned', return: { ret: true } })
  })

  it('that differ are kept apart, counted and audited', async () => {
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    await stage.jobs.returned(id('web1'), 0, answer(jid)).catch(() => undefined)
    await stage.store.jobs.attempted(jid, [id('web1')])
    await stage.jobs.returned(id('web1'), 0, answer(jid, { ret: 'forged' }))
    expect((await stage.account(jid)).targets[0]).toMatchObject({ strays: 1, return: { ret: true } })
    expect(stage.audit.at(-1)).toMatchObject({ actor: 'minion:web1', kind: 'job.return', verdict: 'refused' })
  })

  it('are refused from whom nobody asked', async () => {
    stage.accepted.push({ id: id('db1'), generation: 0 })
    const { jid } = await stage.jobs.submit(
      submission({ target: { kind: 'glob', expression: 'web*' } }),
      trusted('root'),
    )
    const refused = (name: string, generation: number, of = jid) =>
      expect(stage.jobs.returned(id(name), generation, answer(of))).rejects.toMatchObject({
        code: 'return-unexpected',
      })
    await refused('db1', 0)
    await refused('web1', 1)
    await refused('web1', 0, '20200101000000000000' as typeof jid)
    expect(await stage.statuses(jid)).toBe('web1 waiting, web2 waiting')
  })

  it('of another generation say nothing about acknowledgement or progress either', async () => {
    stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    await stage.settle()
    stage.jobs.acknowledged(id('web1'), 1, { jid })
    stage.jobs.progressed(id('web1'), 1, progress(jid, 'running'))
    stage.jobs.acknowledged(id('web2'), 0, { jid: '20200101000000000000' as typeof jid })
    expect(await stage.statuses(jid)).toBe('web1 sent, web2 waiting')
  })
})

describe('expiry', () => {
  it('gives up what was never sent', async () => {
    const { jid } = await stage.jobs.submit(submission({ expirySeconds: 10 }), trusted('root'))
    stage.now += 10_001
    await stage.jobs.sweep()
    expect(await stage.statuses(jid)).toBe('web1 expired, web2 expired')
    stage.sessions.connect('web1')
    await stage.settle()
    expect(stage.deliveries('web1')).toEqual([])
  })

  it('claims nothing about what was sent until the minion is back', async () => {
    stage.sessions.connect('web1')
    stage.sessions.connect('web2')
    const { jid } = await stage.jobs.submit(submission({ expirySeconds: 10 }), trusted('root'))
    await stage.settle()
    stage.sessions.disconnect('web1')
    stage.sessions.disconnect('web2')
    stage.now += 20_000
    await stage.jobs.sweep()
    expect(await stage.statuses(jid)).toBe('web1 lost, web2 lost')
    stage.sessions.connect('web1', [jid])
    stage.sessions.connect('web2', [])
    await stage.settle()
    expect(await stage.statuses(jid)).toBe('web1 delivered, web2 expired')
  })

  it('lets a connected minion acknowledge a little later, and believes a return that comes much later', async () => {
    stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission({ expirySeconds: 10 }), trusted('root'))
    await stage.settle()
    stage.now += 15_000
    await stage.jobs.sweep()
    expect(await stage.statuses(jid)).toBe('web1 sent, web2 expired')
    stage.now += 6_000
    await stage.jobs.sweep()
    expect(await stage.statuses(jid)).toBe('web1 expired, web2 expired')
    await stage.jobs.returned(id('web1'), 0, answer(jid))
    expect(await stage.statuses(jid)).toBe('web1 returned done, web2 expired')
  })
})

describe('ending a job', () => {
  it('tells minions that have it, and ends at once where it was never sent', async () => {
    stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    await stage.settle()
    expect(await stage.jobs.kill(jid, 'TERM', trusted('root'))).toEqual(['web1'])
    expect(stage.sessions.sent.at(-1)).toEqual({
      id: 'web1',
      kind: 'job.kill',
      body: { jid, signal: 'TERM' },
    })
    expect(await stage.statuses(jid)).toBe('web1 sent, web2 returned cancelled')
    stage.sessions.connect('web2')
    await stage.settle()
    expect(stage.deliveries('web2')).toEqual([])
    expect(stage.audit.at(-1)).toMatchObject({ kind: 'job.kill', subject: jid })
  })

  it('tells a minion that is away when it is back, also after a restart', async () => {
    stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    stage.jobs.acknowledged(id('web1'), 0, { jid })
    stage.sessions.disconnect('web1')
    expect(await stage.jobs.kill(jid, 'KILL', trusted('root'))).toEqual([])
    await stage.crash()
    stage.sessions.connect('web1', [jid])
    await stage.settle()
    expect(stage.sessions.sent).toEqual([{ id: 'web1', kind: 'job.kill', body: { jid, signal: 'KILL' } }])
  })

  it('delivers nothing any more to a minion of which it was not known whether it had it', async () => {
    stage.sessions.connect('web1')
    const { jid } = await stage.jobs.submit(submission(), trusted('root'))
    await stage.settle()
    stage.sessions.disconnect('web1')
    await stage.jobs.kill(jid, 'TERM', trusted('root'))
    expect(await stage.statuses(jid)).toBe('web1 waiting, web2 returned cancelled')
    stage.sessions.connect('web1')
    await stage.settle()
    expect(await stage.statuses(jid)).toBe('web1 returned cancelled, web2 returned cancelled')
    expect(stage.deliveries('web1')).toEqual([jid])
  })

  it('is an error for a job that does not exist', async () => {
    const jid = '20200101000000000000' as Awaited<ReturnType<Stage['account']>>['jid']
    await expect(stage.jobs.kill(jid, 'TERM', trusted('root'))).rejects.toMatchObject({ code: 'job-unknown' })
  })
})

it('gives a minion that took over a name nothing of its predecessor', async () => {
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(submission(), trusted('root'))
  stage.jobs.acknowledged(id('web1'), 0, { jid })
  stage.sessions.disconnect('web1')
  stage.sessions.connect('web1', [jid], 1)
  stage.sessions.connect('web2', [], 1)
  await stage.settle()
  expect(await stage.statuses(jid)).toBe('web1 returned interrupted, web2 expired')
  expect(stage.sessions.sent.filter(({ kind }) => kind === 'job.deliver')).toHaveLength(1)
})

it('ends the open jobs of a minion that is deleted', async () => {
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(submission(), trusted('root'))
  stage.jobs.acknowledged(id('web1'), 0, { jid })
  stage.jobs.minionDeleted(id('web1'))
  stage.jobs.minionDeleted(id('web2'))
  await stage.settle()
  expect(await stage.statuses(jid)).toBe('web1 returned interrupted, web2 expired')
})

it('forgets what is old', async () => {
  const { jid } = await stage.jobs.submit(submission({ expirySeconds: 10 }), trusted('root'))
  stage.now += 20_000
  await stage.jobs.sweep()
  stage.now += 86_400_000
  await stage.jobs.sweep()
  expect(await stage.jobs.account(jid)).toBeUndefined()
})
