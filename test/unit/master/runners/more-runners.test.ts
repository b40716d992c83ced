/** Runners that ask minions or are about the mine, files, events and the configuration. */
import { createSocket } from 'node:dgram'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { compareVersions } from '../../../../master/runners/version-order.ts'
import type { Json } from '../../../../shared/data/codec.ts'
import { answer, id, Stage } from '../jobs/stage.ts'
import { callOn } from './runner-stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await new Stage().start()
})
afterEach(() => stage.end())

const call = (fun: string, args: Json[] = [], kwargs: Record<string, Json> = {}) =>
  callOn(stage, fun, args, kwargs)
const ret = async (...words: Parameters<typeof call>) => (await call(...words)).ret

/** Calls a runner whose job the connected minions answer. */
async function answered(
  returns: Record<string, { ret: Json; retcode?: number }>,
  ...words: Parameters<typeof call>
) {
  for (const name of Object.keys(returns)) stage.sessions.connect(name)
  const under = call(...words)
  let jid: Awaited<ReturnType<typeof stage.jobs.list>>[number] | undefined
  while (jid === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    jid = (await stage.jobs.list(1))[0]
  }
  for (const [name, body] of Object.entries(returns))
    await stage.jobs.returned(id(name), 0, answer(jid.jid, { fun: jid.fun, ...body }))
  return { ...(await under), job: jid }
}

const mined = async (name: string, entries: Record<string, Json>) =>
  stage.store.mine.put(
    {
      id: id(name),
      generation: 0,
      at: 1,
      clear: 'nothing',
      keep: [],
      remove: [],
      configured: false,
      entries: Object.entries(entries).map(([key, value]) => ({
        name: key,
        value,
        readers: { kind: 'glob', expression: 'nobody' },
      })),
    },
    { names: 10, bytes: 1_000 },
  )

describe('mine and cache', () => {
  it('show operators all there is, and clear it by minion and name', async () => {
    await mined('web1', { a: 1, b: [2] })
    await mined('web2', { a: 3 })
    expect(await ret('mine.get', ['*', 'a'])).toEqual({ web1: 1, web2: 3 })
    expect(await ret('mine.get', ['web1', 'a,b,none'])).toEqual({ a: { web1: 1 }, b: { web1: [2] } })
    expect(await ret('cache.mine')).toEqual({ web1: { a: 1, b: [2] }, web2: { a: 3 } })
    expect(await ret('cache.clear_mine_func', ['web1', 'a'])).toBe(true)
    expect(await ret('cache.mine', ['web1'])).toEqual({ web1: { b: [2] } })
    expect(await ret('cache.clear_mine', ['*'])).toBe(true)
    expect(await ret('cache.mine')).toEqual({ web1: {}, web2: {} })
    expect(await ret('cache.clear_mine', ['none'])).toBe(true)
  })

  it('have minions ask their functions', async () => {
    const {
      ret: said,
      retcode,
      job,
    } = await answered({ web1: { ret: true }, web2: { ret: 'no', retcode: 1 } }, 'mine.update', ['*'], {
      clear: true,
    })
    expect(said).toEqual({ web1: true, web2: 'no' })
    expect([retcode, job.fun, job.kwargs]).toEqual([1, 'mine.update', { clear: true }])
  })

  it('show pillars with their errors, and say whose grains could not be renewed', async () => {
    expect(await call('cache.pillar', ['web1'])).toEqual({ ret: { web1: { secret: 'of web1' } }, retcode: 0 })
    expect((await call('cache.pillar')).retcode).toBe(1)
    expect(await call('cache.clear_grains', ['web1'])).toEqual({
      ret: { web1: 'not connected: its grains stay' },
      retcode: 1,
    })
    const { ret: said, job } = await answered({ web2: { ret: true } }, 'cache.clear_all', ['web2'])
    expect([said, job.fun]).toEqual([true, 'saltutil.refresh_grains'])
  })
})

describe('survey', () => {
  it('groups minions by what they answer, and leaves those out that failed', async () => {
    stage.accepted = ['web1', 'web2', 'web3', 'web4'].map((name) => ({ id: id(name), generation: 0 }))
    const {
      ret: pools,
      retcode,
      job,
    } = await answered(
      {
        web1: { ret: 'a\nb\n' },
        web2: { ret: 'a\nc\n' },
        web3: { ret: 'a\nb\n' },
        web4: { ret: 'oh', retcode: 2 },
      },
      'survey.diff',
      ['web*', 'file.read', '/etc/motd'],
      { extra: 1 },
    )
    expect([retcode, job.fun, job.args, job.kwargs]).toEqual([1, 'file.read', ['/etc/motd'], { extra: 1 }])
    expect(pools).toMatchObject([
      { pool: ['web1', 'web3'], result: 'a\nb\n' },
      { pool: ['web2'], diff: expect.stringContaining('-b\n+c\n') },
      { pool: ['web4'], status: { web4: 'done' } },
    ])
  })

  it('begins with the smallest group where it is asked to', async () => {
    stage.accepted = ['web1', 'web2', 'web3'].map((name) => ({ id: id(name), generation: 0 }))
    const { ret: pools } = await answered(
      { web1: { ret: 1 }, web2: { ret: 2 }, web3: { ret: 1 } },
      'survey.hash',
      ['*', 'test.ping'],
      { survey_sort: 'up' },
    )
    expect(pools).toMatchObject([
      { pool: ['web2'], result: 2 },
      { pool: ['web1', 'web3'], result: 1 },
    ])
  })
})

describe('the rest', () => {
  it('lists files and folders, and reads the trees anew', async () => {
    expect(await ret('fileserver.dir_list')).toEqual(['.', 'a', 'a/b'])
    expect(await ret('fileserver.envs', [], { sources: true })).toEqual({ roots: ['base', 'dev'] })
    expect(await ret('fileserver.clear_file_list_cache')).toEqual({ roots: ['base', 'dev'] })
    expect(await ret('fileserver.update')).toBe(true)
    await expect(call('fileserver.dir_list', ['bse'])).rejects.toMatchObject({ hint: 'Did you mean "base"?' })
  })

  it('sends events; tags of the master are for those who may do everything', async () => {
    expect(await ret('event.send', ['my/tag', { a: 1 }], { b: 2 })).toBe(true)
    expect(await ret('event.send', ['salt/custom'])).toBe(true)
    await stage.events.stop()
    const sent = await stage.store.events.since(0, 10)
    expect(sent.map(({ tag, data }) => [tag, data])).toEqual([
      ['my/tag', { a: 1, b: 2 }],
      ['salt/custom', {}],
    ])
    await expect(call('event.send', ['a b'])).rejects.toMatchObject({ code: 'event-tag-invalid' })
  })

  it('shows what it was given, fails on purpose, knows the configuration', async () => {
    expect(await ret('test.arg', [1, 'two'], { three: [3] })).toEqual({
      args: [1, 'two'],
      kwargs: { three: [3] },
    })
    await expect(call('error.error', [], { message: 'oh' })).rejects.toThrow('Exception: oh')
    expect(await ret('config.get', ['file_roots:base'])).toEqual(['states'])
    expect(await ret('config.get', ['none', 5])).toBe(5)
    expect(await ret('test.sleep', [0])).toBe(0)
  })

  it('wakes minions by the cards that their grains named', async () => {
    const heard: string[] = []
    const socket = createSocket('udp4')
    socket.on('message', (packet) => heard.push(packet.toString('hex')))
    await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done))
    const to = { bcast: '127.0.0.1', destport: socket.address().port }
    const grains = { hwaddr_interfaces: { lo: '00:00:00:00:00:00', eth0: '00:16:3e:12:34:56' } }
    await stage.store.minions.connected({
      id: id('web1'),
      generation: 0,
      version: '1',
      address: '',
      grains,
      at: 1,
    })
    expect(await call('network.wolmatch', ['*'], to)).toEqual({
      ret: ['Waking up 00:16:3e:12:34:56', 'web2 has named no network card'],
      retcode: 1,
    })
    expect(await ret('network.wol', ['00-16-3E-12-34-57'], to)).toBe(true)
    await expect(call('network.wol', ['00:16'])).rejects.toThrow('is no MAC address')
    while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    socket.close()
    const packet = (card: string) => 'ff'.repeat(6) + card.repeat(16)
    expect(heard).toEqual([packet('00163e123456'), packet('00163e123457')])
  })

  it('documents functions of minions by asking one that is there', async () => {
    expect(await call('doc.execution')).toEqual({ ret: {}, retcode: 1 })
    const { ret: docs, job } = await answered({ web2: { ret: { 'test.ping': 'x' } } }, 'doc.execution')
    expect([docs, job.targets.map((target) => target.id)]).toEqual([{ 'test.ping': 'x' }, ['web2']])
    expect(Object.keys((await ret('doc.runner', ['mine'])) as object)).toEqual(['mine.get', 'mine.update'])
  })

  it('shows who is there with an address, under all of the names that Salt has for it', async () => {
    stage.sessions.connect('web2')
    for (const name of ['present', 'joined', 'allowed', 'alived', 'reaped', 'list_state']) {
      expect(await ret(`manage.${name}`)).toEqual(['web2'])
      const not = name === 'list_state' ? 'list_not_state' : `not_${name}`
      expect(await ret(`manage.${not}`)).toEqual(['web1'])
    }
    expect(await ret('manage.present', [], { show_ip: true })).toEqual({ web2: expect.any(String) })
    expect(await ret('manage.present', ['web1'])).toEqual([])
    expect(await ret('manage.status', ['web1'])).toEqual({ down: ['web1'], up: [] })
    expect(await ret('manage.up', ['db*'])).toEqual([])
  })
})

test.each([
  ['1.2.3', '1.2.3', 0],
  ['1.10.0', '1.9.0', 1],
  ['1.2', '1.2.1', -1],
  ['1.2.0-rc.1', '1.2.0', -1],
])('%s is to %s as %d', (a, b, expected) => {
  expect(compareVersions(a, b)).toBe(expected)
  expect(compareVersions(b, a)).toBe(expected === 0 ? 0 : -expected)
})
