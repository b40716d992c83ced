/** Random templates against the real Jinja2, where it is installed; fuzz.mts runs as many as wanted. */
import { afterAll, describe, expect, it } from 'vitest'
import { findDifferences, hasPython, Oracle } from './differential.ts'

describe.skipIf(!hasPython)('random templates (skipped without python3-jinja2)', () => {
  const oracle = new Oracle()
  afterAll(() => oracle.close())

  it('20,000 come out as Jinja2 renders them', async () => {
    expect(await findDifferences(oracle, 20_000, 20_260_101)).toEqual([])
  }, 600_000)
})
