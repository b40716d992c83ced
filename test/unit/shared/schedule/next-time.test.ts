/** When entries of a schedule are due. Local time; the process's zone does not matter to what is held here. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Plain, toValue } from '../../../../shared/data/value.ts'
import { readMoment } from '../../../../shared/schedule/moment.ts'
import { nextTime } from '../../../../shared/schedule/next-time.ts'
import { readScheduledJob, type ScheduledJob } from '../../../../shared/schedule/scheduled-job.ts'

function job(entry: Record<string, Plain>): ScheduledJob {
  const read = readScheduledJob('one', toValue({ function: 'test.ping', ...entry }))
  if (typeof read === 'string') throw new Error(read)
  return read
}
const wrong = (entry: Record<string, Plain>) =>
  readScheduledJob('one', toValue({ function: 'test.ping', ...entry }))
const at = (text: string): number => new Date(text).getTime()
const from = at('2026-11-22T12:00:30')
const next = (entry: Record<string, Plain>, after = from): string | undefined => {
  const time = nextTime(job(entry), after, from)
  return time === undefined
    ? undefined
    : new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

describe('the next time', () => {
  it.each<[string, Record<string, Plain>, string | undefined]>([
    ['an interval', { minutes: 1, seconds: 30 }, '2026-11-22T12:02:00'],
    ['cron', { cron: '30 3 * * *' }, '2026-11-23T03:30:00'],
    ['cron with weekdays by name', { cron: '0 9 * * mon-fri' }, '2026-11-23T09:00:00'],
    ['cron with seconds at the end', { cron: '* * * * * */20' }, '2026-11-22T12:00:40'],
    ['a time of today', { when: '5:00pm' }, '2026-11-22T17:00:00'],
    ['a time of tomorrow', { when: '12:00' }, '2026-11-23T12:00:00'],
    ['the first of several', { when: ['Monday 17:00', 'Sunday 11:00', '11pm'] }, '2026-11-22T23:00:00'],
    ['a weekday', { when: 'sunday 11:00' }, '2026-11-29T11:00:00'],
    ['a date', { when: '12/24/2026 8:00am' }, '2026-12-24T08:00:00'],
    ['a date in words', { when: 'December 24, 2026 8am' }, '2026-12-24T08:00:00'],
    ['once', { once: '2026-12-24T08:00:00' }, '2026-12-24T08:00:00'],
    ['once that is over', { once: '2025-12-24T08:00:00' }, undefined],
    ['after', { days: 1, after: '2026-12-01' }, '2026-12-01T12:00:30'],
    ['until', { days: 1, until: '2026-11-23 12:00' }, undefined],
    ['a range that opens', { minutes: 7, range: { start: '14:00', end: '15:00' } }, '2026-11-22T14:06:30'],
    ['a range over midnight', { hours: 1, range: { start: '10pm', end: '6am' } }, '2026-11-22T22:00:30'],
    [
      'a range that is left out',
      { hours: 1, range: { start: '12:30', end: '14:00', invert: true } },
      '2026-11-22T14:00:30',
    ],
    [
      'the same by its other name',
      { hours: 1, skip_during_range: { start: '12:30', end: '14:00' } },
      '2026-11-22T14:00:30',
    ],
    [
      'a range of dates that is over',
      { hours: 1, range: { start: '2025-01-01', end: '2025-02-01' } },
      undefined,
    ],
    [
      'a cron that never comes to its range',
      { cron: '0 9 * * *', range: { start: '10:00', end: '11:00' } },
      undefined,
    ],
    ['no time at all', {}, undefined],
  ])('of %s', (_, entry, expected) => {
    expect(next(entry)).toBe(expected)
  })

  it.each<[Record<string, Plain>, string]>([
    [{ function: 'ping' }, 'name a function'],
    [{ seconds: 0 }, 'a second at least'],
    [{ seconds: 'x' }, 'has to be a number'],
    [{ seconds: 1, cron: '* * * * *' }, 'exclude'],
    [{ cron: '61 * * * *' }, 'no such expression'],
    [{ when: '25:00' }, 'no time'],
    [{ when: '2026-02-30 8:00' }, 'no day'],
    [{ when: 17 }, 'in quotes'],
    [{ once: '8:00' }, 'needs a date'],
    [{ returner: 'mysql' }, 'events'],
    [{ minutes: 1, range: { start: '8:00' } }, 'text'],
    [{ minutes: 1, splay: { start: 9, end: 3 } }, 'after its start'],
    [{ minute: 1 }, 'no argument "minute"'],
  ])('is refused for %j', (entry, reason) => {
    expect(wrong(entry)).toContain(reason)
  })

  it('lies after the moment asked for, inside of the range, and nothing before it would do', () => {
    const instant = fc.integer({ min: at('2026-01-01T00:00'), max: at('2027-12-31T00:00') })
    const clock = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([h, m]) => `${h}:${String(m).padStart(2, '0')}`)
    const timing: fc.Arbitrary<Record<string, Plain>> = fc.oneof(
      fc.record({ seconds: fc.integer({ min: 1, max: 100_000 }) }),
      fc.record({ when: fc.array(clock, { minLength: 1, maxLength: 3 }) }),
      fc.record({ cron: fc.integer({ min: 0, max: 59 }).map((minute) => `${minute} */2 * * *`) }),
    )
    const range = fc.option(fc.record({ start: clock, end: clock, invert: fc.boolean() }), { nil: undefined })
    fc.assert(
      fc.property(timing, range, instant, (times, within, after) => {
        const one = job(within === undefined ? times : { ...times, range: within })
        const time = nextTime(one, after, after)
        if (time === undefined) return
        expect(time).toBeGreaterThan(after)
        expect(nextTime(one, time - 1, after)).toBe(time)
        const between = after + Math.floor((time - after) / 2)
        expect(nextTime(one, between, after)).toBe(time)
      }),
      { numRuns: 300 },
    )
  })

  it('reads any text without a stumble', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const moment = readMoment(text)
        expect(typeof moment === 'string' || (moment.time >= 0 && moment.time < 86_400)).toBe(true)
      }),
    )
  })
})
