import { expect, it } from 'vitest'
import { openDatabase } from '../../../../master/store/sqlite/database.ts'
import { makeWriteQueue } from '../../../../master/store/sqlite/write-queue.ts'

function open(limits?: Parameters<typeof makeWriteQueue>[1]) {
  const database = openDatabase(':memory:', [
    { area: 'things', steps: ['CREATE TABLE things (name TEXT PRIMARY KEY) STRICT;'] },
  ])
  const insert = database.prepare('INSERT INTO things VALUES (?)')
  const names = database.prepare('SELECT name FROM things ORDER BY name').pluck()
  return {
    database,
    queue: makeWriteQueue(database, limits),
    add: (name: string) => () => insert.run(name).changes,
    names: () => names.all(),
  }
}
const limits = { groupCount: 3, groupBytes: 1_000, fullCount: 6, fullBytes: 2_000 }

it('puts the writes of one turn into one transaction', async () => {
  const { database, queue, add, names } = open()
  const seen: boolean[] = []
  const writes = ['a', 'b'].map((name) =>
    queue.write(() => {
      seen.push(database.inTransaction)
      return add(name)()
    }),
  )
  expect(names()).toEqual([])
  expect(await Promise.all(writes)).toEqual([1, 1])
  expect(seen).toEqual([true, true])
  expect(names()).toEqual(['a', 'b'])
})

it('undoes the work that fails, and nobody else’s', async () => {
  const { queue, add, names } = open()
  const outcomes = await Promise.allSettled([
    queue.write(add('a')),
    queue.write(() => {
      add('half')()
      return add('a')()
    }),
    queue.write(add('b')),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(outcomes[1]).toMatchObject({ reason: { code: 'store-write-failed' } })
  expect(names()).toEqual(['a', 'b'])
})

it('acknowledges nothing of a transaction that could not be committed', async () => {
  const { database, queue, add, names } = open()
  // What a full disk does: the whole transaction is rolled back by SQLite itself.
  const outcomes = await Promise.allSettled([
    queue.write(add('a')),
    queue.write(() => database.exec('ROLLBACK')),
    queue.write(add('b')),
  ])
  expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true)
  expect(names()).toEqual([])
  expect(await queue.write(add('c'))).toBe(1)
})

it('writes large queues in groups, in order', async () => {
  const { queue, add } = open(limits)
  const order: string[] = []
  await Promise.all(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => queue.write(add(name)).then(() => order.push(name))),
  )
  expect(order.join('')).toBe('abcdefg')
})

it('says when it is full, and when there is room again', async () => {
  const { queue, add } = open(limits)
  const said: boolean[] = []
  const unwatch = queue.watch((full) => said.push(full))
  const writes = ['a', 'b', 'c', 'd', 'e'].map((name) => queue.write(add(name)))
  expect(queue.full).toBe(false)
  writes.push(queue.write(add('f')))
  expect(queue.full).toBe(true)
  await Promise.all(writes)
  expect(queue.full).toBe(false)
  expect(said).toEqual([true, false])
  const big = queue.write(add('g'), 5_000)
  expect(queue.full).toBe(true)
  await big
  unwatch()
  expect(queue.full).toBe(false)
})

it('commits what is queued when it is closed', async () => {
  const { queue, add, names } = open(limits)
  const writes = ['a', 'b', 'c', 'd'].map((name) => queue.write(add(name)))
  queue.close()
  expect(names()).toEqual(['a', 'b', 'c', 'd'])
  expect(await Promise.all(writes)).toEqual([1, 1, 1, 1])
  await expect(queue.write(add('e'))).rejects.toMatchObject({ code: 'master-stopping' })
})
