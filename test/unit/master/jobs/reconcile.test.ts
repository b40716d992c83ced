import { expect, it } from 'vitest'
import { judge } from '../../../../master/jobs/reconcile.ts'

const fresh = { state: 'pending', generation: 1, killed: undefined } as const
const delivered = { ...fresh, state: 'delivered' } as const
const arrival = { generation: 1, unfinished: false, expired: false }

it.each([
  ['is sent what it does not have', fresh, arrival, 'deliver'],
  ['is sent nothing that has expired', fresh, { ...arrival, expired: true }, 'expire'],
  ['is sent nothing that was cancelled', { ...fresh, killed: 'TERM' as const }, arrival, 'cancel'],
  ['is believed that it has it', fresh, { ...arrival, unfinished: true }, 'adopt'],
  [
    'is believed that it has it, expired or not',
    fresh,
    { ...arrival, unfinished: true, expired: true },
    'adopt',
  ],
  [
    'has it, and is told that it was cancelled',
    { ...fresh, killed: 'TERM' as const },
    { ...arrival, unfinished: true },
    'adopt',
  ],
  ['still has it', delivered, { ...arrival, unfinished: true }, 'adopt'],
  ['is never sent again what it had acknowledged', delivered, arrival, 'missing'],
  [
    'is never sent again what it had acknowledged, expired or not',
    delivered,
    { ...arrival, expired: true },
    'missing',
  ],
  ['inherits nothing of its name', fresh, { ...arrival, generation: 2, unfinished: true }, 'expire'],
  [
    'inherits no cancellation of its name',
    { ...fresh, killed: 'KILL' as const },
    { ...arrival, generation: 2 },
    'cancel',
  ],
  [
    'ends what another of its name had begun',
    delivered,
    { ...arrival, generation: 2, unfinished: true },
    'orphan',
  ],
  [
    'of an older generation decides nothing',
    delivered,
    { ...arrival, generation: 0, unfinished: true },
    'leave',
  ],
] as const)('a minion %s', (_, target, arrived, verdict) => {
  expect(judge(target, arrived)).toBe(verdict)
})
