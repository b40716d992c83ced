import { afterEach, expect, test, vi } from 'vitest'
import { watchClock } from '../../../../master/gateway/clock-step.ts'
import { systemClock } from '../../../../shared/clock.ts'

afterEach(() => vi.useRealTimers())

test('a clock that is set is noticed once, drift of a second is not', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  let [wall, monotonic] = [1_000_000, 0]
  const clock = { ...systemClock, now: () => wall, monotonic: () => monotonic }
  const steps: number[] = []
  const stop = watchClock(clock, (step) => steps.push(step))
  const pass = (elapsed: number, step = 0): void => {
    monotonic += elapsed
    wall += elapsed + step
    vi.advanceTimersByTime(elapsed)
  }
  pass(5_000)
  pass(5_000, 1_000)
  expect(steps).toEqual([])
  pass(5_000, 86_400_000)
  pass(5_000)
  expect(steps).toHaveLength(1)
  expect(Math.round((steps[0] ?? 0) / 1_000)).toBe(86_401)
  pass(5_000, -3_600_000)
  expect(steps[1]).toBe(-3_600_000)
  stop()
  pass(5_000, 99_999_999)
  expect(steps).toHaveLength(2)
})
