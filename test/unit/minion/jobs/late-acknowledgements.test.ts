/** What the master hears of a job that has arrived, and when. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { acknowledgingLate } from '../../../../minion/jobs/late-acknowledgements.ts'
import { type JobId, parseJobId } from '../../../../shared/ids.ts'
import type { JobReturn } from '../../../../shared/protocol/messages/job-return.ts'

const one = parseJobId('20260101000000000001')
const two = parseJobId('20260101000000000002')
const heard: string[] = []
const link = acknowledgingLate({
  connected: () => true,
  offset: () => 7,
  acknowledge: (jid) => void heard.push(`ack ${jid.slice(-1)}`),
  progress: ({ jid }) => void heard.push(`progress ${jid.slice(-1)}`),
  deliver: async ({ jid }) => void heard.push(`return ${jid.slice(-1)}`),
})

beforeEach(() => {
  heard.length = 0
  vi.useFakeTimers()
})
afterEach(() => void vi.useRealTimers())

const returnOf = (jid: JobId): JobReturn => ({
  jid,
  fun: 'test.ping',
  outcome: 'done',
  retcode: 0,
  success: true,
  format: 'nested',
  ret: true,
  started: 0,
  duration: 0,
})

it('acknowledges what takes longer, once however often it was delivered in between', () => {
  link.acknowledge(one)
  link.acknowledge(two)
  link.acknowledge(one)
  expect(heard).toEqual([])
  vi.advanceTimersByTime(60)
  expect(heard.sort()).toEqual(['ack 1', 'ack 2'])
  link.acknowledge(one)
  vi.advanceTimersByTime(60)
  expect(heard).toHaveLength(3)
})

it('acknowledges nothing of which a return or its progress has told', async () => {
  link.acknowledge(one)
  link.acknowledge(two)
  await link.deliver(returnOf(one))
  link.progress({ jid: two, phase: 'running', elapsed: 1 })
  vi.advanceTimersByTime(1_000)
  expect(heard).toEqual(['return 1', 'progress 2'])
})

it('hands on everything else', () => {
  expect([link.connected(), link.offset()]).toEqual([true, 7])
})
