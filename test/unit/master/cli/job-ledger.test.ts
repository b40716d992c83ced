import { expect, test } from 'vitest'
import { JobLedger } from '../../../../master/cli/job-ledger.ts'
import { isMinionId } from '../../../../shared/ids.ts'
import { job, rollout, target } from './scripted-master.ts'

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

test('minions whose turn has not come are waited for until the master says what became of their rollout', () => {
  const ledger = new JobLedger()
  ledger.take({ type: 'job', job: job([target('web1', { status: 'held' })]) }, 0)
  expect(ledger.isComplete).toBe(false)
  expect(ledger.isSettled(100_000, 2)).toBe(false)
  ledger.take({ type: 'rollout', rollout: rollout('running') }, 0)
  expect(ledger.isComplete).toBe(false)
  ledger.take({ type: 'rollout', rollout: rollout('stopped') }, 0)
  expect(ledger.isComplete).toBe(true)
  const unknown = new JobLedger()
  unknown.take({ type: 'job', job: job([target('web1', { status: 'held' })]) }, 0)
  unknown.take({ type: 'end' }, 0)
  expect(unknown.isComplete).toBe(true)
})
