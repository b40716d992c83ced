/** Deliveries and results as plain data. */
import pino from 'pino'
import type { Clock } from '../../../../shared/clock.ts'
import type { Json } from '../../../../shared/data/codec.ts'
import { type JobId, parseJobId } from '../../../../shared/ids.ts'
import type { JobDelivery } from '../../../../shared/protocol/messages/job-delivery.ts'
import type { JobReturn } from '../../../../shared/protocol/messages/job-return.ts'

export const silent = pino({ level: 'silent' })
export const start = Date.UTC(2026, 0, 2, 3, 4, 5)

export const jid = (number: number): JobId => parseJobId(`20260102030405${String(number).padStart(6, '0')}`)

export function delivery(number: number, more: Partial<JobDelivery> = {}): JobDelivery {
  const job = {
    jid: jid(number),
    fun: 'test.ping',
    args: [],
    kwargs: {},
    notBefore: 0,
    trees: {},
    operator: 'root',
  }
  return { ...job, expires: start + 300_000, ...more }
}

export function done(number: number, ret: Json = true): JobReturn {
  return {
    jid: jid(number),
    fun: 'test.ping',
    outcome: 'done',
    retcode: 0,
    success: true,
    format: 'nested',
    ret,
    started: start,
    duration: 1,
  }
}

/** A wall clock that stands until it is set, and a monotonic one that goes. */
export function standingClock(): Clock & { wall: number } {
  const clock = {
    wall: start,
    now: () => clock.wall,
    monotonic: () => performance.now(),
    random: () => 0.5,
    randomHex: (bytes: number) => 'ab'.repeat(bytes),
  }
  return clock
}
