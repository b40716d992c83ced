import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Backoff } from '../../../../minion/connection/backoff.ts'
import { systemClock } from '../../../../shared/clock.ts'

const clockAt = (random: number) => ({ ...systemClock, random: () => random })

describe('pauses', () => {
  it('double up to the longest, and begin anew after a success', () => {
    const backoff = new Backoff(1000, 60_000, clockAt(0.5))
    const pauses = Array.from({ length: 9 }, () => backoff.next())
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    backoff.reset()
    expect(backoff.next()).toBe(500)
  })

  it('are spread over everything between nothing and the bound', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(200), (random, attempts) => {
        const backoff = new Backoff(1000, 60_000, clockAt(random))
        for (let count = 0; count < attempts; count++) backoff.next()
        const bound = Math.min(60_000, 1000 * 2 ** Math.min(attempts, 30))
        expect(backoff.next()).toBeCloseTo(random * bound)
      }),
    )
  })
})
