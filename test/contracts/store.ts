/** What every driver of the master's store must do. A driver's test calls this with a way to open it again. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NewEvent } from '../../master/store/events.ts'
import type { JobRow, KeepWish, NewTarget } from '../../master/store/jobs.ts'
import type { MineChange } from '../../master/store/mine.ts'
import type { StoredOperatorCertificate, StoredPass, StoredUser } from '../../master/store/operators.ts'
import { type ReturnRow, straysKept } from '../../master/store/returns.ts'
import type { Store } from '../../master/store/store.ts'
import { type JobId, type MinionId, parseJobId, parseMinionId, type Sha256 } from '../../shared/ids.ts'
import { consumersContract, schedulesContract } from './store-engines.ts'

export interface StoreDriver {
  /** Opens the same data again each time it is called. */
  open(): Store
  /** Away with the data. */
  destroy(): void | Promise<void>
}

export const jidOf = (number: number): JobId => parseJobId(`202611220000${String(number).padStart(8, '0')}`)
export const idOf = (name: string): MinionId => parseMinionId(name)

export function jobRow(number: number, more: Partial<JobRow> = {}): JobRow {
  return {
    jid: jidOf(number),
    fun: 'test.ping',
    args: [1, 'two', { $int: '12345678901234567890' }],
    kwargs: { key: [null] },
    target: { kind: 'glob', expression: '*' },
    defaulted: false,
    operator: 'root',
    submitted: 1_000 + number,
    expires: 301_000 + number,
    trees: {},
    ...more,
  }
}

export const newTarget = (name: string, more: Partial<NewTarget> = {}): NewTarget => ({
  id: idOf(name),
  generation: 0,
  attempted: false,
  ...more,
})

export const returnRow = (more: Partial<ReturnRow> = {}): ReturnRow => ({
  outcome: 'done',
  retcode: 0,
  success: true,
  format: 'nested',
  ret: { a: [1, { $float: '1.0' }] },
  started: 5,
  duration: 7,
  truncated: undefined,
  ...more,
})

export function storeContract(name: string, makeDriver: () => StoreDriver): void {
  describe(`store contract: ${name}`, () => {
    let driver: StoreDriver
    let store: Store
    const reopen = async () => {
      await store.close()
      store = driver.open()
    }
    beforeEach(() => {
      driver = makeDriver()
      store = driver.open()
    })
    afterEach(async () => {
      await store.close()
      await driver.destroy()
    })

    jobsContract(() => ({ store, reopen }))
    returnsContract(() => ({ store, reopen }))
    minionsContract(() => ({ store, reopen }))
    rolloutsContract(() => ({ store, reopen }))
    operatorsContract(() => ({ store, reopen }))
    eventsContract(() => ({ store, reopen }))
    consumersContract(() => ({ store, reopen }))
    schedulesContract(() => ({ store, reopen }))
    mineContract(() => ({ store, reopen }))
  })
}

type Current = () => { store: Store; reopen: () => Promise<void> }

function jobsContract(current: Current): void {
  it('gives a job back as it was added, with its targets in order, also when opened again', async () => {
    const { store, reopen } = current()
    const row = jobRow(1)
    expect(await store.jobs.add(row, [newTarget('web2'), newTarget('web1', { attempted: true })])).toBe(true)
    await reopen()
    const again = current().store
    expect(await again.jobs.find(row.jid)).toEqual(row)
    expect(await again.jobs.targets(row.jid)).toEqual([
      {
        id: 'web2',
        generation: 0,
        state: 'pending',
        since: 1_001,
        attempted: false,
        killed: undefined,
        strays: 0,
        held: false,
      },
      {
        id: 'web1',
        generation: 0,
        state: 'pending',
        since: 1_001,
        attempted: true,
        killed: undefined,
        strays: 0,
        held: false,
      },
    ])
    expect(await again.jobs.find(jidOf(2))).toBeUndefined()
    expect(await again.jobs.target(row.jid, idOf('nobody'))).toBeUndefined()
  })

  it('adds a jid once', async () => {
    const { store } = current()
    const added = await Promise.all([
      store.jobs.add(jobRow(1), [newTarget('web1')]),
      store.jobs.add(jobRow(1, { fun: 'test.version' }), [newTarget('web1'), newTarget('web2')]),
    ])
    expect(added).toEqual([true, false])
    expect((await store.jobs.find(jidOf(1)))?.fun).toBe('test.ping')
    expect(await store.jobs.targets(jidOf(1))).toHaveLength(1)
  })

  it('adds a job with all its targets or not at all', async () => {
    const { store } = current()
    await expect(store.jobs.add(jobRow(1), [newTarget('web1'), newTarget('web1')])).rejects.toMatchObject({
      code: 'store-write-failed',
    })
    expect(await store.jobs.find(jidOf(1))).toBeUndefined()
  })

  it('remembers the greatest jid, also when its job is gone', async () => {
    const { store, reopen } = current()
    expect(await store.jobs.lastJid()).toBeUndefined()
    await store.jobs.add(jobRow(7), [newTarget('web1')])
    await store.jobs.add(jobRow(3), [newTarget('web1')])
    await forget(store, { allBefore: 100_000 })
    await reopen()
    expect(await current().store.jobs.lastJid()).toBe(jidOf(7))
  })

  it('lists newest first', async () => {
    const { store } = current()
    for (const number of [2, 1, 3]) await store.jobs.add(jobRow(number), [newTarget('web1')])
    expect((await store.jobs.list(2)).map(({ jid }) => jid)).toEqual([jidOf(3), jidOf(2)])
  })

  it('knows what is open, oldest first', async () => {
    const { store } = current()
    await store.jobs.add(jobRow(2), [newTarget('web1'), newTarget('web2')])
    await store.jobs.add(jobRow(1), [newTarget('web1'), newTarget('web2', { attempted: true })])
    await store.returns.add(jidOf(2), idOf('web1'), 0, returnRow(), 50)
    await store.jobs.expired(jidOf(2), [idOf('web2')], 60)
    await store.jobs.delivered(jidOf(1), idOf('web2'), 70)
    await store.jobs.add(jobRow(3), [newTarget('web3')])
    const open = await store.jobs.open()
    expect(
      open.map(({ job, targets }) => [job.jid, targets.map(({ id, state }) => `${id} ${state}`)]),
    ).toEqual([
      [jidOf(1), ['web1 pending', 'web2 delivered']],
      [jidOf(3), ['web3 pending']],
    ])
  })

  it('moves targets only forwards', async () => {
    const { store } = current()
    await store.jobs.add(jobRow(1), [newTarget('web1')])
    const state = async () => (await store.jobs.target(jidOf(1), idOf('web1')))?.state
    await store.jobs.expired(jidOf(1), [idOf('web1')], 10)
    expect(await state()).toBe('expired')
    await store.jobs.delivered(jidOf(1), idOf('web1'), 20)
    expect(await state()).toBe('delivered')
    await store.jobs.expired(jidOf(1), [idOf('web1')], 30)
    expect(await state()).toBe('delivered')
    await store.returns.add(jidOf(1), idOf('web1'), 0, returnRow(), 40)
    await store.jobs.delivered(jidOf(1), idOf('web1'), 50)
    await store.jobs.expired(jidOf(1), [idOf('web1')], 60)
    await store.jobs.killed(jidOf(1), [idOf('web1')], 'TERM')
    expect(await store.jobs.target(jidOf(1), idOf('web1'))).toMatchObject({
      state: 'returned',
      since: 40,
      killed: undefined,
    })
  })

  it('keeps the wish to end a job', async () => {
    const { store, reopen } = current()
    await store.jobs.add(jobRow(1), [newTarget('web1'), newTarget('web2')])
    await store.jobs.attempted(jidOf(1), [idOf('web2')])
    await store.jobs.killed(jidOf(1), [idOf('web2')], 'KILL')
    await reopen()
    const targets = await current().store.jobs.targets(jidOf(1))
    expect(targets.map(({ attempted, killed }) => [attempted, killed])).toEqual([
      [false, undefined],
      [true, 'KILL'],
    ])
  })

  it('forgets finished jobs, and unfinished ones much later', async () => {
    const { store } = current()
    for (const number of [1, 2, 3]) await store.jobs.add(jobRow(number), [newTarget('web1')])
    await store.returns.add(jidOf(1), idOf('web1'), 0, returnRow(), 10)
    await store.returns.add(jidOf(3), idOf('web1'), 0, returnRow(), 10)
    await forget(store, { finishedBefore: 1_003 })
    expect((await store.jobs.list(9)).map(({ jid }) => jid)).toEqual([jidOf(3), jidOf(2)])
    expect(await store.returns.find(jidOf(1), idOf('web1'))).toBeUndefined()
    await forget(store, { finishedBefore: 1_003, allBefore: 1_003 })
    expect((await store.jobs.list(9)).map(({ jid }) => jid)).toEqual([jidOf(3)])
  })

  it('forgets in slices, and nobody finds what is half gone', async () => {
    const { store, reopen } = current()
    const names = Array.from({ length: 25 }, (_, index) => `web${index}`)
    await store.jobs.add(
      jobRow(1),
      names.map((name) => newTarget(name)),
    )
    await store.jobs.add(jobRow(2), [newTarget('web1')])
    for (const name of names) await store.returns.add(jidOf(1), idOf(name), 0, returnRow(), 10)
    const wish = { finishedBefore: 9_999, allBefore: 0, mostBytes: Number.MAX_SAFE_INTEGER }
    expect(await store.jobs.prune(wish, 10)).toBe(true)
    expect(await store.jobs.find(jidOf(1))).toBeUndefined()
    expect(await store.jobs.targets(jidOf(1))).toHaveLength(15)
    expect((await store.jobs.list(9)).map(({ jid }) => jid)).toEqual([jidOf(2)])
    await reopen()
    // What was begun goes on going, whatever is wished.
    await forget(current().store, {}, 10)
    expect(await current().store.jobs.targets(jidOf(1))).toEqual([])
    expect((await current().store.jobs.list(9)).map(({ jid }) => jid)).toEqual([jidOf(2)])
  })

  it('forgets the oldest finished jobs where all together are too large', async () => {
    const { store, reopen } = current()
    const large = returnRow({ ret: 'x'.repeat(10_000) })
    for (const number of [1, 2, 3, 4]) await store.jobs.add(jobRow(number), [newTarget('web1')])
    for (const number of [2, 3, 4]) await store.returns.add(jidOf(number), idOf('web1'), 0, large, 10)
    const before = await store.jobs.bytes()
    expect(before).toBeGreaterThan(30_000)
    expect(before).toBeLessThan(35_000)
    await reopen()
    const again = current().store
    expect(await again.jobs.bytes()).toBe(before)
    await forget(again, { mostBytes: 22_500 })
    expect((await again.jobs.list(9)).map(({ jid }) => jid)).toEqual([jidOf(4), jidOf(3), jidOf(1)])
    expect(await again.jobs.bytes()).toBeLessThan(22_500)
    // One that is not finished stays, whatever it takes.
    await forget(again, { mostBytes: 0 })
    expect((await again.jobs.list(9)).map(({ jid }) => jid)).toEqual([jidOf(1)])
  })

  it('counts what the targets of a job came to', async () => {
    const { store } = current()
    const names = ['a', 'b', 'c', 'd', 'e']
    await store.jobs.add(
      jobRow(1),
      names.map((name) => newTarget(name)),
    )
    const add = (name: string, more: Partial<ReturnRow>) =>
      store.returns.add(jidOf(1), idOf(name), 0, returnRow(more), 10)
    await add('a', { started: 100, duration: 20 })
    await add('b', { started: 100, duration: 50 })
    await add('c', { retcode: 2 })
    await store.jobs.expired(jidOf(1), [idOf('d')], 60)
    const tally = [...(await store.jobs.tally(jidOf(1)))].map(({ state, outcome, ok, count, last }) =>
      [state, outcome, ok, count, last].join(' '),
    )
    expect(tally.sort()).toEqual([
      'expired  false 1 60',
      'pending  false 1 1001',
      'returned done false 1 12',
      'returned done true 2 150',
    ])
  })

  it('finds the last jobs that are alike, and how long they took', async () => {
    const { store } = current()
    for (const number of [1, 2, 3]) await store.jobs.add(jobRow(number), [newTarget('web1')])
    await store.jobs.add(jobRow(4, { args: [] }), [newTarget('web1')])
    await store.jobs.add(jobRow(5, { fun: 'test.version' }), [newTarget('web1')])
    expect(await store.jobs.alike(jobRow(6), 2)).toEqual([jidOf(3), jidOf(2)])
    expect(await store.jobs.alike(jobRow(2), 9)).toEqual([jidOf(1)])
    await store.returns.add(jidOf(3), idOf('web1'), 0, returnRow({ duration: 70 }), 10)
    await store.returns.add(jidOf(2), idOf('web1'), 0, returnRow({ outcome: 'cancelled' }), 10)
    expect([...(await store.returns.durations(jidOf(3)))]).toEqual([['web1', 70]])
    expect((await store.returns.durations(jidOf(2))).size).toBe(0)
  })

  it('keeps what a job is found by, and counts what it takes', async () => {
    const { store, reopen } = current()
    const metadata = { change: 42, '': [null, { $int: '12345678901234567890' }] }
    await store.jobs.add(jobRow(1, { metadata }), [])
    const small = await store.jobs.bytes()
    await store.jobs.add(jobRow(2, { metadata: { text: 'x'.repeat(5_000) } }), [])
    expect((await store.jobs.bytes()) - small).toBeGreaterThan(5_000)
    await store.jobs.add(jobRow(3), [])
    await reopen()
    const again = current().store
    expect((await again.jobs.find(jidOf(1)))?.metadata).toEqual(metadata)
    expect(await again.jobs.find(jidOf(3))).not.toHaveProperty('metadata')
  })

  it('keeps what limits a job, and lists on from one', async () => {
    const { store, reopen } = current()
    for (const number of [1, 2, 3]) await store.jobs.add(jobRow(number, { maxSeconds: number }), [])
    await reopen()
    const again = current().store
    expect((await again.jobs.find(jidOf(2)))?.maxSeconds).toBe(2)
    expect((await again.jobs.list(9, jidOf(3))).map(({ jid }) => jid)).toEqual([jidOf(2), jidOf(1)])
  })
}

/** All that is not to be kept. */
async function forget(store: Store, wish: Partial<KeepWish>, rows = 500): Promise<void> {
  const whole = { finishedBefore: 0, allBefore: 0, mostBytes: Number.MAX_SAFE_INTEGER, ...wish }
  for (let slices = 0; await store.jobs.prune(whole, rows); slices++) expect(slices).toBeLessThan(50)
}

function returnsContract(current: Current): void {
  it('stores a return once, with the state of its target', async () => {
    const { store, reopen } = current()
    await store.jobs.add(jobRow(1), [newTarget('web1')])
    const ended = [{ pid: 12, name: 'sleep', signal: 'KILL' as const }]
    const verdict = { outcome: 'done', retcode: 0, success: true, format: 'nested' } as const
    const calls = ['cmd.run', 'test.ping'].map((fun) => ({ fun, ...verdict }))
    const row = returnRow({ truncated: 'ret', ended, ranAs: jidOf(9), calls })
    expect(await store.returns.add(jidOf(1), idOf('web1'), 0, row, 40)).toBe('stored')
    await reopen()
    const again = current().store
    expect(await again.returns.add(jidOf(1), idOf('web1'), 0, row, 41)).toBe('repeated')
    expect(await again.returns.find(jidOf(1), idOf('web1'))).toEqual(row)
    expect(await again.returns.ofJob(jidOf(1))).toEqual(new Map([['web1', row]]))
    expect(await again.jobs.target(jidOf(1), idOf('web1'))).toMatchObject({
      state: 'returned',
      since: 40,
      strays: 0,
    })
  })

  it('keeps different returns apart, a bounded number of them, and counts all', async () => {
    const { store } = current()
    await store.jobs.add(jobRow(1), [newTarget('web1')])
    await store.returns.add(jidOf(1), idOf('web1'), 0, returnRow(), 40)
    for (let number = 1; number <= straysKept + 2; number++)
      expect(
        await store.returns.add(jidOf(1), idOf('web1'), 0, returnRow({ ret: number }), 40 + number),
      ).toBe('different')
    expect((await store.returns.strays(jidOf(1), idOf('web1'))).map(({ ret }) => ret)).toEqual([
      1, 2, 3, 4, 5,
    ])
    expect((await store.jobs.target(jidOf(1), idOf('web1')))?.strays).toBe(straysKept + 2)
    expect((await store.returns.find(jidOf(1), idOf('web1')))?.ret).toEqual(returnRow().ret)
  })

  it('expects returns only of targets, of their generation', async () => {
    const { store } = current()
    await store.jobs.add(jobRow(1), [newTarget('web1', { generation: 2 })])
    const add = (jid: number, id: string, generation: number) =>
      store.returns.add(jidOf(jid), idOf(id), generation, returnRow(), 40)
    expect(await add(2, 'web1', 2)).toBe('unexpected')
    expect(await add(1, 'web2', 2)).toBe('unexpected')
    expect(await add(1, 'web1', 1)).toBe('unexpected')
    expect(await add(1, 'web1', 3)).toBe('unexpected')
    expect(await store.returns.ofJob(jidOf(1))).toEqual(new Map())
    expect(await add(1, 'web1', 2)).toBe('stored')
  })

  it('believes a minion that an expired job had been sent to, and no other', async () => {
    const { store } = current()
    await store.jobs.add(jobRow(1), [newTarget('web1', { attempted: true }), newTarget('web2')])
    await store.jobs.expired(jidOf(1), [idOf('web1'), idOf('web2')], 30)
    expect(await store.returns.add(jidOf(1), idOf('web1'), 0, returnRow(), 40)).toBe('stored')
    expect(await store.returns.add(jidOf(1), idOf('web2'), 0, returnRow(), 40)).toBe('unexpected')
  })

  it('takes many returns at once', async () => {
    const { store } = current()
    const names = Array.from({ length: 2_500 }, (_, number) => `web${number}`)
    await store.jobs.add(
      jobRow(1),
      names.map((name) => newTarget(name)),
    )
    const stored = await Promise.all(
      names.map((name) => store.returns.add(jidOf(1), idOf(name), 0, returnRow({ ret: name }), 40)),
    )
    expect(new Set(stored)).toEqual(new Set(['stored']))
    expect((await store.returns.ofJob(jidOf(1))).size).toBe(2_500)
    expect(await store.jobs.open()).toEqual([])
  })

  it('rejects writes after it was closed, having kept those before', async () => {
    const { store, reopen } = current()
    const before = store.jobs.add(jobRow(1), [newTarget('web1')])
    await reopen()
    expect(await before).toBe(true)
    await expect(store.jobs.add(jobRow(2), [])).rejects.toMatchObject({ code: 'master-stopping' })
    expect(await current().store.jobs.find(jidOf(1))).toBeDefined()
  })
}

function minionsContract(current: Current): void {
  const report = (name: string, more: object = {}) => ({
    id: idOf(name),
    generation: 0,
    version: '1.0',
    address: '10.0.0.1',
    grains: { os: 'Debian' },
    at: 100,
    ...more,
  })

  it('remembers when a minion was seen first and last', async () => {
    const { store, reopen } = current()
    await store.minions.connected(report('web1'))
    await store.minions.disconnected(idOf('web1'), 0, 100, 150)
    await store.minions.connected(report('web1', { at: 200, version: '1.1', grains: { os: 'Arch' } }))
    await reopen()
    const again = current().store
    expect(await again.minions.find(idOf('web1'), 0)).toEqual({
      id: 'web1',
      generation: 0,
      version: '1.1',
      address: '10.0.0.1',
      firstSeen: 100,
      lastSeen: 200,
      connectedSince: 200,
    })
    expect(await again.minions.grains(idOf('web1'), 0)).toEqual({ os: 'Arch' })
  })

  it('lets the end of an older connection not end a newer one', async () => {
    const { store } = current()
    await store.minions.connected(report('web1'))
    await store.minions.connected(report('web1', { at: 200 }))
    await store.minions.disconnected(idOf('web1'), 0, 100, 210)
    expect((await store.minions.find(idOf('web1'), 0))?.connectedSince).toBe(200)
    await store.minions.disconnected(idOf('web1'), 0, 200, 220)
    expect(await store.minions.find(idOf('web1'), 0)).toMatchObject({
      connectedSince: undefined,
      lastSeen: 220,
    })
  })

  it('lets a reused id inherit nothing', async () => {
    const { store } = current()
    await store.minions.connected(report('web1'))
    await store.minions.connected(report('web1', { generation: 1, grains: {}, at: 300 }))
    expect(await store.minions.find(idOf('web1'), 0)).toBeUndefined()
    expect(await store.minions.grains(idOf('web1'), 0)).toBeUndefined()
    expect(await store.minions.find(idOf('web1'), 1)).toMatchObject({ firstSeen: 300 })
  })

  it('tells which grains were written since a revision, in pages', async () => {
    const { store } = current()
    for (const id of ['web1', 'web2', 'web3']) await store.minions.connected(report(id))
    const [first, ...none] = await store.minions.grainsSince(0, 1)
    expect(first).toMatchObject({ id: 'web1', generation: 0, grains: { os: 'Debian' } })
    expect(none).toEqual([])
    const rest = await store.minions.grainsSince(first?.revision ?? 0, 10)
    expect(rest.map(({ id }) => id)).toEqual(['web2', 'web3'])
    const seen = rest.at(-1)?.revision ?? 0
    expect(await store.minions.grainsSince(seen, 10)).toEqual([])

    await store.minions.forget(idOf('web3'))
    await store.minions.connected(report('web2', { at: 400 }))
    expect(await store.minions.grainsSince(seen, 10), 'the same grains again are no news').toEqual([])
    await store.minions.grainsChanged(idOf('web1'), 0, { os: 'Alpine' })
    await store.minions.connected(report('web3', { generation: 1, at: 400 }))
    const news = await store.minions.grainsSince(seen, 10)
    expect(news.map(({ id, generation }) => [id, generation])).toEqual([
      ['web1', 0],
      ['web3', 1],
    ])
  })

  it('lists by id, changes grains, forgets', async () => {
    const { store } = current()
    await store.minions.connected(report('web2'))
    await store.minions.connected(report('web1'))
    expect((await store.minions.list()).map(({ id }) => id)).toEqual(['web1', 'web2'])
    await store.minions.grainsChanged(idOf('web1'), 0, { os: 'Alpine' })
    expect(await store.minions.grains(idOf('web1'), 0)).toEqual({ os: 'Alpine' })
    await store.minions.forget(idOf('web1'))
    expect((await store.minions.list()).map(({ id }) => id)).toEqual(['web2'])
    expect(await store.minions.grains(idOf('web1'), 0)).toBeUndefined()
  })
}

function rolloutsContract(current: Current): void {
  it('holds targets until they are released, also when opened again', async () => {
    const { store, reopen } = current()
    const row = jobRow(1)
    await store.jobs.add(row, [newTarget('web1', { held: true }), newTarget('web2', { held: true })])
    await store.jobs.released(row.jid, [idOf('web2')])
    await reopen()
    const held = (await current().store.jobs.targets(row.jid)).map(({ id, held }) => [id, held])
    expect(held).toEqual([
      ['web1', true],
      ['web2', false],
    ])
  })

  it('tells what returned without the bodies', async () => {
    const { store } = current()
    const row = jobRow(1)
    await store.jobs.add(row, [newTarget('web1'), newTarget('web2')])
    await store.returns.add(row.jid, idOf('web1'), 0, returnRow({ retcode: 2, success: false }), 9)
    expect(await store.returns.verdicts(row.jid)).toEqual(
      new Map([[idOf('web1'), { outcome: 'done', retcode: 2, success: false }]]),
    )
  })

  it('keeps rollouts, and forgets those whose job is gone', async () => {
    const { store, reopen } = current()
    await store.jobs.add(jobRow(2), [newTarget('web1')])
    for (const number of [1, 2, 3])
      await store.rollouts.put({ jid: jidOf(number), open: true, data: { number } })
    await store.rollouts.put({ jid: jidOf(3), open: false, data: { number: 33 } })
    await reopen()
    const { rollouts } = current().store
    expect(await rollouts.find(jidOf(3))).toEqual({ jid: jidOf(3), open: false, data: { number: 33 } })
    expect((await rollouts.open()).map(({ jid }) => jid)).toEqual([jidOf(1), jidOf(2)])
    expect((await rollouts.list(2)).map(({ jid }) => jid)).toEqual([jidOf(3), jidOf(2)])
    expect(await rollouts.prune()).toBe(2)
    expect(await rollouts.find(jidOf(2))).toBeDefined()
  })
}

function eventsContract(current: Current): void {
  const event = (tag: string, more: Partial<NewEvent> = {}): NewEvent => ({
    tag,
    data: { tag },
    at: 100,
    ...more,
  })

  it('keeps events in one order, also when opened again', async () => {
    const { store, reopen } = current()
    expect(await store.events.last()).toBe(0)
    const numbers = [await store.events.add(event('a')), await store.events.add(event('b', { at: 200 }))]
    expect(numbers[1]).toBeGreaterThan(numbers[0] ?? 0)
    await reopen()
    const { store: again } = current()
    expect(await again.events.last()).toBe(numbers[1])
    const [first, second] = await again.events.since(0, 10)
    expect(first).toEqual({
      sequence: numbers[0],
      tag: 'a',
      data: { tag: 'a' },
      at: 100,
      origin: undefined,
      key: undefined,
    })
    expect(second?.tag).toBe('b')
    expect(await again.events.since(numbers[0] ?? 0, 10)).toEqual([second])
    expect(await again.events.since(0, 1)).toEqual([first])
    expect([await again.events.before(100), await again.events.before(101)]).toEqual([0, numbers[0]])
  })

  it('counts an event that its teller tells again once, and another teller of the same name apart', async () => {
    const { store } = current()
    const told = event('a', { origin: idOf('web1'), key: 'k1' })
    expect(await store.events.add(told)).toBeDefined()
    expect(await store.events.add({ ...told, at: 300 })).toBeUndefined()
    expect(await store.events.add({ ...told, origin: idOf('web2') })).toBeDefined()
    expect(await store.events.add(event('a'))).toBeDefined()
    expect(await store.events.add(event('a'))).toBeDefined()
    expect((await store.events.since(0, 10)).length).toBe(4)
  })

  it('forgets the old ones and those beyond a number, a few at a time; numbers are never used again', async () => {
    const { store, reopen } = current()
    for (let at = 1; at <= 6; at++) await store.events.add(event(`e${at}`, { at }))
    expect(await store.events.prune(3, 100, 1)).toBe(1)
    expect(await store.events.prune(3, 100, 10)).toBe(1)
    expect((await store.events.since(0, 10)).map(({ tag }) => tag)).toEqual(['e3', 'e4', 'e5', 'e6'])
    expect(await store.events.prune(0, 2, 10)).toBe(2)
    const last = await store.events.last()
    expect(await store.events.prune(1_000, 0, 10)).toBe(2)
    await reopen()
    const { store: again } = current()
    expect(await again.events.last()).toBe(last)
    expect(await again.events.add(event('next'))).toBeGreaterThan(last)
  })
}

function mineContract(current: Current): void {
  const limits = { names: 4, bytes: 200 }
  const change = (name: string, more: Partial<MineChange> = {}): MineChange => ({
    id: idOf(name),
    generation: 0,
    at: 100,
    clear: 'nothing',
    keep: [],
    remove: [],
    configured: false,
    entries: [],
    ...more,
  })
  const put = (name: string, more: Partial<MineChange>) =>
    current().store.mine.put(change(name, more), limits)
  const namesOf = async (name: string, generation = 0) =>
    (await current().store.mine.of(idOf(name), generation)).map((row) => row.name)
  const valuesOf = async (...names: string[]) => {
    const { mine } = current().store
    const rows = await mine.find(names)
    const values = await mine.values(rows.map(({ key }) => key))
    return rows.map((row) => [row.name, row.id, values.get(row.key)])
  }
  const entry = (name: string, value: number | string = 1) => ({ name, value })

  it('keeps values by name and minion, through a restart, in the order asked for', async () => {
    const readers = { kind: 'compound', expression: 'web* and not G@os:x' } as const
    await put('web2', { entries: [{ name: 'a', value: { b: [{ $float: '1.0' }] }, readers }] })
    await put('web1', { entries: [entry('a', 'é'), entry('c')], configured: true, at: 7 })
    await current().reopen()
    expect(await valuesOf('c', 'a', 'none')).toEqual([
      ['c', 'web1', 1],
      ['a', 'web1', 'é'],
      ['a', 'web2', { b: [{ $float: '1.0' }] }],
    ])
    const [first, second] = await current().store.mine.find(['a'])
    expect(first).toMatchObject({ configured: true, readers: undefined, bytes: 4, at: 7, generation: 0 })
    expect(second).toMatchObject({ configured: false, readers })
  })

  it('replaces a value under another key, and leaves one alone that says the same', async () => {
    await put('web1', { entries: [entry('a'), entry('b')] })
    const before = await current().store.mine.of(idOf('web1'), 0)
    await put('web1', { entries: [entry('a'), entry('b', 2)], at: 200, configured: true })
    const after = await current().store.mine.of(idOf('web1'), 0)
    expect(after[0]).toEqual({ ...before[0], configured: true })
    expect(after[1]?.key).toBeGreaterThan(before[1]?.key ?? 0)
    expect(after[1]).toMatchObject({ at: 200 })
    expect(await current().store.mine.values([before[1]?.key ?? 0])).toEqual(new Map())
    await put('web1', { entries: [{ ...entry('a'), readers: { kind: 'glob', expression: 'x' } }] })
    expect((await current().store.mine.find(['a']))[0]?.readers).toEqual({ kind: 'glob', expression: 'x' })
  })

  it('has another version of a name after each change of it', async () => {
    const version = () => current().store.mine.version('a')
    const seen = [await version()]
    const change = async (name: string, more: Partial<MineChange>) => {
      await put(name, more)
      seen.push(await version())
    }
    await change('web1', { entries: [entry('a')] })
    await change('web2', { entries: [entry('a')] })
    await change('web1', { entries: [entry('a', 2)] })
    await change('web2', { remove: ['a'] })
    await change('web2', { entries: [entry('a', 3)] })
    expect(new Set(seen).size).toBe(seen.length)
    const last = seen.at(-1)
    await put('web2', { entries: [entry('a', 3), entry('b')] })
    expect(await version()).toBe(last)
  })

  it('clears what the configuration had brought, all, or by name, and keeps what failed', async () => {
    await put('web1', { entries: [entry('sent')] })
    await put('web1', { entries: [entry('a'), entry('b'), entry('c')], configured: true })
    await put('web1', { clear: 'configured', keep: ['b'], entries: [entry('a')], configured: true })
    expect(await namesOf('web1')).toEqual(['a', 'b', 'sent'])
    await put('web1', { remove: ['b', 'never'] })
    expect(await namesOf('web1')).toEqual(['a', 'sent'])
    await put('web1', { clear: 'all', entries: [entry('d')] })
    expect(await namesOf('web1')).toEqual(['d'])
  })

  it('holds the limits of a minion; what exceeds them leaves nothing under its name', async () => {
    await put('web1', { entries: [entry('a'), entry('b'), entry('c')] })
    const excess = await put('web1', { entries: [entry('b', 'x'.repeat(198)), entry('d'), entry('e')] })
    expect(excess).toEqual([{ name: 'b', exceeds: 'bytes', size: 202 }])
    expect(await namesOf('web1')).toEqual(['a', 'c', 'd', 'e'])
    expect(await put('web1', { entries: [entry('f')] })).toEqual([{ name: 'f', exceeds: 'names', size: 5 }])
    expect(await put('web2', { entries: [entry('f')] })).toEqual([])
  })

  it('belongs to a generation: the next begins empty and ends the one before', async () => {
    await put('web1', { entries: [entry('a')] })
    expect(await namesOf('web1', 1)).toEqual([])
    await put('web1', { generation: 1, entries: [entry('b')] })
    expect([await namesOf('web1'), await namesOf('web1', 1)]).toEqual([[], ['b']])
    await put('web2', { entries: [entry('b')] })
    await current().store.mine.forget(idOf('web1'))
    expect(await valuesOf('a', 'b')).toEqual([['b', 'web2', 1]])
  })
}

function operatorsContract(current: Current): void {
  const user = (name: string, more: Partial<StoredUser> = {}): StoredUser => ({
    name,
    password: 'scrypt$…',
    groups: ['web', 'ops'],
    disabled: false,
    made: 5,
    changed: 6,
    ...more,
  })
  const pass = (number: number, more: Partial<StoredPass> = {}): StoredPass => ({
    hash: String(number).padStart(64, '0') as Sha256,
    user: 'alice',
    eauth: 'local',
    made: number,
    expires: 100 + number,
    note: 'from 10.0.0.1',
    ...more,
  })

  it('keeps operators as they were added, a name once, sorted, also when opened again', async () => {
    const { store, reopen } = current()
    expect(await store.operators.addUser(user('bob'))).toBe(true)
    expect(await store.operators.addUser(user('alice', { disabled: true, groups: [] }))).toBe(true)
    expect(await store.operators.addUser(user('bob', { password: 'other' }))).toBe(false)
    await reopen()
    const { operators } = current().store
    expect(await operators.users()).toEqual([user('alice', { disabled: true, groups: [] }), user('bob')])
    expect(await operators.changeUser(user('bob', { password: 'new' }), false)).toBe(true)
    expect(await operators.changeUser(user('nobody'), false)).toBe(false)
    expect((await operators.users())[1]?.password).toBe('new')
    expect(await operators.dropUser('bob', 9)).toBe(true)
    expect(await operators.dropUser('bob', 9)).toBe(false)
    expect((await operators.users()).map(({ name }) => name)).toEqual(['alice'])
  })

  it("ends a user's tokens with the user or the password, and nobody else's", async () => {
    const { operators } = current().store
    for (const name of ['alice', 'bob']) await operators.addUser(user(name))
    await operators.addPass(pass(1), 10)
    await operators.addPass(pass(2, { user: 'bob' }), 10)
    // Of another way to log in: another user.
    await operators.addPass(pass(3, { eauth: 'pam' }), 10)
    await operators.changeUser(user('alice'), false)
    expect(await operators.pass(pass(1).hash)).toEqual(pass(1))
    await operators.changeUser(user('alice'), true)
    expect((await operators.passes()).map(({ made }) => made)).toEqual([2, 3])
    await operators.dropUser('bob', 9)
    expect((await operators.passes()).map(({ made }) => made)).toEqual([3])
    expect(await operators.dropPass(pass(3).hash)).toBe(true)
    expect(await operators.dropPass(pass(3).hash)).toBe(false)
    expect(await operators.pass(pass(3).hash)).toBeUndefined()
  })

  it('keeps so many tokens of a user and forgets those that ended', async () => {
    const { operators } = current().store
    for (let number = 1; number <= 4; number++) await operators.addPass(pass(number), 3)
    await operators.addPass(pass(9, { user: 'bob' }), 3)
    expect((await operators.passes()).map(({ made }) => made)).toEqual([2, 3, 4, 9])
    await operators.forget(104)
    expect((await operators.passes()).map(({ made }) => made)).toEqual([4, 9])
  })

  it('revokes a certificate of an operator once, and all of a user who goes', async () => {
    const { operators } = current().store
    const certificate = (serial: string, name: string): StoredOperatorCertificate => ({
      serial,
      name,
      hash: 'ab'.repeat(32) as Sha256,
      made: 1,
      expires: 100,
      revoked: undefined,
    })
    for (const one of [certificate('a', 'alice'), certificate('b', 'alice'), certificate('c', 'bob')])
      await operators.addCertificate(one)
    await operators.addUser(user('alice'))
    expect(await operators.revokeCertificate('a', 7)).toBe(true)
    expect(await operators.revokeCertificate('a', 8)).toBe(false)
    expect(await operators.revokeCertificate('x', 8)).toBe(false)
    await operators.dropUser('alice', 9)
    expect((await operators.certificates()).map(({ revoked }) => revoked)).toEqual([7, 9, undefined])
    expect(await operators.certificate('c')).toEqual(certificate('c', 'bob'))
    await operators.forget(101)
    expect(await operators.certificates()).toEqual([])
  })
}
