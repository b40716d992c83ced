/** Pillars and the mine: what others may find out of them, and what templates of pillars may ask. */
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MineService, makeMine } from '../../../../master/mine/mine-service.ts'
import { pillarMine } from '../../../../master/mine/pillar-mine.ts'
import { openStore, type SqliteStore } from '../../../../master/store/sqlite/store.ts'
import { GrainTable } from '../../../../master/targeting/grain-table.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { type Dict, toPlain, toValue, type Value } from '../../../../shared/data/value.ts'
import { type MinionId, parseMinionId } from '../../../../shared/ids.ts'
import type { MineReaders } from '../../../../shared/protocol/messages/mine-put.ts'
import type { TargetKind } from '../../../../shared/targeting/target.ts'

const minion = (name: string) => ({ id: parseMinionId(name), generation: 0 })
const all = ['db1', 'web1', 'web2'].map(minion)
const pillars: Record<string, Dict> = {
  web1: toValue({ role: 'web', password: 'abc', list: [{ token: 't1', name: 'n1' }] }) as Dict,
  web2: toValue({ role: 'web' }) as Dict,
  db1: toValue({ role: 'db' }) as Dict,
}

let store: SqliteStore
let mine: MineService
let compiled: MinionId[]
let broken: string | undefined

beforeEach(async () => {
  compiled = []
  broken = undefined
  store = openStore(':memory:')
  for (const { id, generation } of all)
    await store.minions.connected({ id, generation, version: '1', address: '', grains: {}, at: 1 })
  mine = makeMine({
    store: store.mine,
    targeting: {
      accepted: () => all,
      table: new GrainTable(store.minions),
      pillarOf: async ({ id }) => {
        compiled.push(id)
        if (id === broken) throw new Error('the secret is hunter2')
        return pillars[id] ?? new Map()
      },
      nodegroups: toValue({ webs: 'I@role:w*' }) as Dict,
    },
    clock: systemClock,
    log: pino({ level: 'silent' }),
    size: () => 10_000,
  })
})
afterEach(() => store.close())

async function put(name: string, readers?: MineReaders): Promise<void> {
  const entries = [{ name: 'a', value: name, ...(readers ? { readers } : {}) }]
  await mine.put(minion(name), { clear: 'nothing', keep: [], remove: [], configured: false, entries })
}
const wanted = (kind: TargetKind, expression: string) => ({ target: { kind, expression }, names: ['a'] })
const ids = async (kind: TargetKind, expression: string, asker = 'db1') =>
  (await mine.get(minion(asker), wanted(kind, expression))).found[0]?.of.map(([id]) => id)

describe('pillar targets of minions', () => {
  test('match whole values of those that have the entry, and compile no other pillar', async () => {
    await put('web1')
    await put('db1')
    expect(await ids('pillar', 'role:web')).toEqual(['web1'])
    expect(compiled.sort()).toEqual(['db1', 'web1'])
    expect(await ids('nodegroup', 'webs')).toEqual(['web1'])
    expect(await ids('compound', 'not I@role:web')).toEqual(['db1'])
  })

  test('never match a secret, wherever it stands', async () => {
    await put('web1')
    expect(await ids('pillar', 'password:abc')).toEqual([])
    expect(await ids('pillar', 'list:token:t1')).toEqual([])
    expect(await ids('pillar', 'list:name:n1')).toEqual(['web1'])
    expect((await mine.show(wanted('pillar', 'password:a*'))).found[0]?.of).toHaveLength(1)
  })

  test('are refused without what is wrong with the pillar of another', async () => {
    await put('web1')
    broken = 'web1'
    const error = await ids('pillar', 'role:web').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'mine-target-pillar' })
    expect(String(error)).not.toContain('hunter2')
  })
})

describe('allow_tgt by pillar', () => {
  test('is answered from the pillar of who asks, as the master compiles it', async () => {
    await put('web1', { kind: 'compound', expression: 'I@role:d*' })
    expect([await ids('glob', '*', 'db1'), await ids('glob', '*', 'web2')]).toEqual([['web1'], []])
    broken = 'db1'
    expect(await ids('glob', '*', 'db1')).toEqual([])
  })
})

describe('templates of pillars', () => {
  const call = async (name: string, args: Value[], keywords: Record<string, Value> = {}, asker = 'db1') => {
    const own = pillarMine(minion(asker), (who, question) => mine.getForPillar(who, question))
    return toPlain((await own[name]?.(args, new Map(Object.entries(keywords)))) ?? null)
  }

  test('have what the minion may read whose pillar it is, in all of the forms that trees use', async () => {
    await put('web1')
    await put('web2', { kind: 'glob', expression: 'web*' })
    await put('db1')
    expect(await call('mine.get', ['*', 'a'])).toEqual({ db1: 'db1', web1: 'web1' })
    expect(await call('mine.get', ['*', 'a', 'glob', true])).toEqual({ web1: 'web1' })
    expect(await call('mine.get', [], { tgt: 'web1', fun: 'a,b' })).toEqual({ a: { web1: 'web1' } })
    const runner = 'saltutil.runner'
    expect(await call(runner, ['mine.get'], { tgt: 'web*', fun: 'a' }, 'web1')).toEqual({
      web1: 'web1',
      web2: 'web2',
    })
    expect(await call(runner, ['mine.get'], { arg: ['web1', 'a'] })).toEqual({ web1: 'web1' })
    const kwarg = toValue({ tgt: 'web1', fun: 'a' })
    expect(await call(runner, [], { name: 'mine.get', kwarg })).toEqual({ web1: 'web1' })
    await expect(call(runner, ['jobs.list_jobs'])).rejects.toMatchObject({ code: 'pillar-runner-refused' })
    await expect(call('mine.get', ['*'])).rejects.toMatchObject({ code: 'function-argument-missing' })
  })

  test('look into no pillar: one would compile the other without end', async () => {
    await put('web1', { kind: 'pillar', expression: 'role:db' })
    await expect(call('mine.get', ['role:web', 'a', 'pillar'])).rejects.toThrow('while a pillar is made')
    await expect(call('mine.get', ['N@webs', 'a', 'compound'])).rejects.toThrow('while a pillar is made')
    expect(await call('mine.get', ['*', 'a'])).toEqual({})
    expect(compiled).toEqual([])
  })
})
