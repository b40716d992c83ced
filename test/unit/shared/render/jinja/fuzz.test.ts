/** A few hundred random templates against the real Jinja2, where it is installed; fuzz.mts runs as many as wanted. */
import { describe, expect, it } from 'vitest'
import { findDifferences, hasPython } from './differential.ts'

describe.skipIf(!hasPython)('random templates (skipped without python3-jinja2)', () => {
  it('come out as Jinja2 renders them', async () => {
    expect(await findDifferences(400, 20_260_101)).toEqual([])
  }, 60_000)
})
