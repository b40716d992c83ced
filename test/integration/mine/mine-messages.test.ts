/** The mine at the master, through real sockets: whose entries are whose, who reads them, and what too much costs. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { putAllowance } from '../../../master/mine/mine-service.ts'
import type { Json } from '../../../shared/data/codec.ts'
import { type Fingerprint, parseMinionId } from '../../../shared/ids.ts'
import type { Body } from '../../../shared/protocol/registry.ts'
import { type Master, startMaster } from '../gateway/master-fixture.ts'
import { connected, enrolled, minionOver, openSocket, tlsOf } from '../gateway/peer.ts'

const masters: Master[] = []
afterEach(async () => {
  for (const master of masters.splice(0)) await master.stop()
})

type Entry = Body<'mine.put'>['entries'][number]
const put = (entries: Entry[], more: Partial<Body<'mine.put'>> = {}): Body<'mine.put'> => ({
  clear: 'nothing',
  keep: [],
  remove: [],
  configured: false,
  entries,
  ...more,
})
const entry = (
  name: string,
  value: Json,
  expression?: string,
  kind: 'glob' | 'compound' = 'glob',
): Entry => ({
  name,
  value,
  ...(expression === undefined ? {} : { readers: { kind, expression } }),
})
const glob = (expression: string, ...names: string[]): Body<'mine.get'> => ({
  target: { kind: 'glob', expression },
  names,
})

async function stage(...ids: string[]) {
  const master = await startMaster()
  masters.push(master)
  const channels = []
  for (const id of ids) channels.push((await connected(master, await enrolled(master, id))).channel)
  const audited = (): { actor: string; kind: string; reason?: string }[] =>
    readFileSync(master.auditFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"mine.'))
      .map((line) => JSON.parse(line))
  return { master, channels, audited }
}

describe('mine.put and mine.get', () => {
  it('belong to whom the certificate names, and are read by target', async () => {
    const { channels } = await stage('web1', 'web2', 'db1')
    const [web1, web2, db1] = channels
    for (const [index, channel] of [web1, web2, db1].entries())
      await channel?.request('mine.put', put([entry('addrs', [`10.0.0.${index}`]), entry('n', index)]))
    expect((await db1?.request('mine.get', glob('web*', 'addrs', 'none')))?.body.found).toEqual([
      {
        name: 'addrs',
        of: [
          ['web1', ['10.0.0.0']],
          ['web2', ['10.0.0.1']],
        ],
      },
      { name: 'none', of: [] },
    ])
    expect((await web1?.request('mine.get', glob('nobody*', 'n')))?.body.found[0]?.of).toEqual([])
    const listed = { target: { kind: 'list' as const, expression: 'db1,never-there' }, names: ['n'] }
    expect((await web1?.request('mine.get', listed))?.body.found[0]?.of).toEqual([['db1', 2]])
  })

  it('let none read whom allow_tgt does not mean, the owner included, as in Salt', async () => {
    const { channels } = await stage('web1', 'web2', 'admin1')
    const [web1, web2, admin1] = channels
    await web1?.request(
      'mine.put',
      put([entry('a', 1, 'web2'), entry('b', 2, 'N@admins', 'compound'), entry('c', 3)]),
    )
    const read = async (channel: typeof web1) =>
      (await channel?.request('mine.get', glob('*', 'a', 'b', 'c')))?.body.found
        .filter(({ of }) => of.length > 0)
        .map(({ name }) => name)
    expect([await read(web1), await read(web2), await read(admin1)]).toEqual([['c'], ['a', 'c'], ['b', 'c']])
  })

  it('refuse a rule that cannot be read, with its place, and what was under that name is gone', async () => {
    const { channels, audited } = await stage('web1', 'web2')
    const [web1, web2] = channels
    await web1?.request('mine.put', put([entry('a', 1)]))
    const stored = await web1?.request(
      'mine.put',
      put([entry('a', 2, 'web* and and', 'compound'), entry('b', 3)]),
    )
    expect(stored?.body.refused).toMatchObject([{ name: 'a', code: 'target-invalid' }])
    expect(stored?.body.refused[0]?.message).toContain('target:1:')
    expect((await web2?.request('mine.get', glob('*', 'a', 'b')))?.body.found).toEqual([
      { name: 'a', of: [] },
      { name: 'b', of: [['web1', 3]] },
    ])
    expect(audited()).toMatchObject([{ actor: 'minion:web1', kind: 'mine.put', reason: 'a: target-invalid' }])
  })

  it('refuse a target that cannot be read, or spells out pillars of others, with its place', async () => {
    const { channels } = await stage('web1')
    await channels[0]?.request('mine.put', put([entry('a', 1)]))
    const ask = (expression: string) =>
      channels[0]?.request('mine.get', { target: { kind: 'compound', expression }, names: ['a'] })
    await expect(ask('web* and')).rejects.toThrow(/character \d+/)
    await expect(ask('web* and I@password:a*')).rejects.toMatchObject({
      parameters: { code: 'mine-target-invalid' },
    })
    await expect(ask('N@nobody')).rejects.toThrow('no nodegroup "nobody"')
    expect((await ask('N@admins or I@role:web'))?.body.found[0]?.of).toEqual([])
  })

  it('hold what one minion may keep, in bytes and names, and how deep a value is', async () => {
    const { channels, audited } = await stage('web1')
    const [web1] = channels
    let deep: Json = 1
    for (let level = 0; level < 50; level++) deep = [deep]
    const stored = await web1?.request(
      'mine.put',
      put([entry('big', 'x'.repeat(3_000)), entry('deep', deep), entry('small', 1)]),
    )
    expect(stored?.body.refused.map(({ name, code }) => [name, code])).toEqual([
      ['deep', 'mine-value-invalid'],
      ['big', 'mine-too-large'],
    ])
    expect((await web1?.request('mine.get', glob('*', 'big', 'deep', 'small')))?.body.found[2]?.of).toEqual([
      ['web1', 1],
    ])
    expect(audited()).toHaveLength(2)
  })

  it('refuse and audit a flood, and the connection stays', async () => {
    const { channels, audited } = await stage('web1')
    const [web1] = channels
    let refused = 0
    for (let number = 0; number < putAllowance.burst + 40; number++)
      await web1?.request('mine.put', put([entry('a', number)])).catch((error) => {
        expect(error).toMatchObject({ parameters: { code: 'mine-flood' } })
        refused += 1
      })
    expect(refused).toBeGreaterThan(10)
    expect(audited()).toHaveLength(refused)
    expect((await web1?.request('mine.get', glob('*', 'a')))?.body.found[0]?.of).toHaveLength(1)
  })

  it('answer of five thousand minions in one message, in parts on the wire', async () => {
    const { master, channels } = await stage('web1')
    const ids = Array.from({ length: 5_000 }, (_, index) => parseMinionId(`host${index}`))
    master.desk.store.transaction(() => {
      for (const id of ids)
        master.desk.store.putKey({
          id,
          fingerprint: createHash('sha256').update(id).digest('hex') as Fingerprint,
          state: 'accepted',
          generation: 0,
          since: 1,
          request: '',
        })
    })
    const noise = (id: string): string => createHash('sha512').update(id).digest('base64').repeat(8)
    const change = { generation: 0, at: 1, ...put([]) }
    await Promise.all(
      ids.map((id) =>
        master.store.mine.put(
          { ...change, id, entries: [{ name: 'a', value: [id, noise(id)] }] },
          { names: 10, bytes: 10_000 },
        ),
      ),
    )
    const found = (await channels[0]?.request('mine.get', glob('host*', 'a')))?.body.found[0]?.of ?? []
    expect(found).toHaveLength(5_000)
    expect(found.every(([id, value]) => JSON.stringify(value) === JSON.stringify([id, noise(id)]))).toBe(true)
    const few = { target: { kind: 'list' as const, expression: 'host1,host4999' }, names: ['a'] }
    expect((await channels[0]?.request('mine.get', few))?.body.found[0]?.of.map(([id]) => id)).toEqual([
      'host1',
      'host4999',
    ])
  }, 60_000)

  it('are refused before hello', async () => {
    const { master } = await stage()
    const opened = await openSocket(master, '/minion', tlsOf(await enrolled(master, 'web1')))
    if (!('socket' in opened)) throw new Error(opened.refusal)
    const { channel, ended } = minionOver(opened.socket)
    await expect(channel.request('mine.get', glob('*', 'a'))).rejects.toThrow()
    expect((await ended).code).toBe(1008)
  })
})
