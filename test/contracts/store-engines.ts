/** What every driver must do for those who work through events, and for the schedule of the master. */
import { expect, it } from 'vitest'
import type { Store } from '../../master/store/store.ts'

type Current = () => { readonly store: Store; reopen(): Promise<void> }

export function consumersContract(current: Current): void {
  const claim = (sequence: number, part: string, token = 'a', ended = false) => ({
    sequence,
    part,
    token,
    ended,
  })

  it('keeps how far a consumer came, through a restart', async () => {
    expect(await current().store.consumers.find('reactor')).toBeUndefined()
    await current().store.consumers.put({ name: 'reactor', sequence: 5, data: { deep: [null] } })
    await current().store.consumers.put({ name: 'reactor', sequence: 7, data: [1] })
    await current().reopen()
    expect(await current().store.consumers.find('reactor')).toEqual({
      name: 'reactor',
      sequence: 7,
      data: [1],
    })
    expect(await current().store.consumers.find('other')).toBeUndefined()
  })

  it('lets a part of the work be claimed once, and tells who comes later what was claimed', async () => {
    const { consumers } = current().store
    expect(await consumers.claim('reactor', claim(3, 'x'))).toBeUndefined()
    expect(await consumers.claim('reactor', claim(3, 'x', 'b'))).toEqual(claim(3, 'x'))
    expect(await consumers.claim('reactor', claim(3, 'y', 'b'))).toBeUndefined()
    expect(await consumers.claim('other', claim(3, 'x', 'c'))).toBeUndefined()
    await consumers.settle('reactor', claim(3, 'x', 'a', true))
    await current().reopen()
    expect(await current().store.consumers.claim('reactor', claim(3, 'x', 'd'))).toEqual(
      claim(3, 'x', 'a', true),
    )
  })

  it('forgets the claims of events that are done with, of this consumer alone', async () => {
    const { consumers } = current().store
    for (const sequence of [3, 4, 5]) await consumers.claim('reactor', claim(sequence, 'x'))
    await consumers.claim('other', claim(3, 'x'))
    await consumers.put({ name: 'reactor', sequence: 4, data: null })
    expect(await consumers.claim('reactor', claim(4, 'x', 'b'))).toBeUndefined()
    expect(await consumers.claim('reactor', claim(5, 'x', 'b'))).toEqual(claim(5, 'x'))
    expect(await consumers.claim('other', claim(3, 'x', 'b'))).toEqual(claim(3, 'x'))
  })

  it('claims in the order in which they were asked for: one of many gets it', async () => {
    const { consumers } = current().store
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((token) => consumers.claim('r', claim(1, 'x', token))),
    )
    expect(answers).toEqual([undefined, claim(1, 'x', 'a'), claim(1, 'x', 'a')])
  })
}

export function schedulesContract(current: Current): void {
  it('keeps what operators change in the schedule, and what was due', async () => {
    const { schedules } = current().store
    expect(await schedules.edits()).toBeNull()
    expect(await schedules.due()).toEqual([])
    const row = { name: 'b', timing: '[]', anchor: 1_700_000_000_000, pending: [['1', 2]] }
    await schedules.putEdits({ a: { seconds: 1 } })
    await schedules.putEdits({ b: null })
    await schedules.putDue({ ...row, name: 'c' })
    await schedules.putDue(row)
    await schedules.putDue({ ...row, anchor: 5, pending: [] })
    await current().reopen()
    expect(await current().store.schedules.edits()).toEqual({ b: null })
    expect(await current().store.schedules.due()).toEqual([
      { ...row, anchor: 5, pending: [] },
      { ...row, name: 'c' },
    ])
    await current().store.schedules.dropDue('b')
    expect((await current().store.schedules.due()).map(({ name }) => name)).toEqual(['c'])
  })
}
