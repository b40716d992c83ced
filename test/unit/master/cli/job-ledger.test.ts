import { expect, test } from 'vitest'
import { JobLedger } from '../../../../master/cli/job-ledger.ts'
import { isMinionId } from '../../../../shared/ids.ts'

test('a minion at work is not given up between two of its beats, however short -t is', () => {
  const id = 'web1'
  if (!isMinionId(id)) throw new Error('no id')
  const ledger = new JobLedger()
  ledger.take({ type: 'target', target: { id, status: 'running', since: 0 } }, 0)
  expect(ledger.isSettled(5_100, 2)).toBe(false)
  expect(ledger.isSettled(8_000, 2)).toBe(true)
  expect(ledger.isSettled(8_000, 30)).toBe(false)
  ledger.take({ type: 'target', target: { id, status: 'sent', since: 0 } }, 8_000)
  expect(ledger.isSettled(10_100, 2)).toBe(true)
})
