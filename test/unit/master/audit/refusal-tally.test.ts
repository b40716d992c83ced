/** Who was refused how often: bounded, the most refused first. */
import { expect, it } from 'vitest'
import { RefusalTally } from '../../../../master/audit/refusal-tally.ts'

it('counts by actor, with the last reason', () => {
  const tally = new RefusalTally()
  for (let at = 1; at <= 3; at++) tally.note({ actor: 'minion:a', kind: 'job.return', reason: `r${at}` }, at)
  tally.note({ actor: 'minion:b', kind: 'connection' }, 9)
  expect(tally.counts()).toEqual([
    { actor: 'minion:a', count: 3, last: 3, kind: 'job.return', reason: 'r3' },
    { actor: 'minion:b', count: 1, last: 9, kind: 'connection', reason: '' },
  ])
})

it('forgets those that were refused nothing for the longest time', () => {
  const tally = new RefusalTally()
  tally.note({ actor: 'minion:stays', kind: 'x' }, 0)
  for (let n = 0; n < 3_000; n++) {
    tally.note({ actor: `address:10.0.${n >> 8}.${n & 255}`, kind: 'connection' }, n)
    if (n % 500 === 0) tally.note({ actor: 'minion:stays', kind: 'x' }, n)
  }
  expect(tally.counts()).toHaveLength(2_000)
  expect(tally.counts()[0]).toMatchObject({ actor: 'minion:stays', count: 7 })
})
