/** How many refusals are written down one by one: strangers are many, operators are few. */
import { expect, it } from 'vitest'
import { RefusalBudget, refusalsInAll, refusalsPerActor } from '../../../../master/audit/refusal-budget.ts'
import { systemClock } from '../../../../shared/clock.ts'

const open = () => new RefusalBudget({ ...systemClock, monotonic: () => 0 })
const count = (times: number, one: (index: number) => boolean): number =>
  Array.from({ length: times }, (_, index) => one(index)).filter(Boolean).length

it('is bounded for strangers, each and all together', () => {
  const budget = open()
  expect(count(1_000, () => budget.allows('address:10.0.0.1'))).toBe(refusalsPerActor)
  expect(count(5_000, (index) => budget.allows(`address:10.0.1.${index}`))).toBe(
    refusalsInAll - refusalsPerActor,
  )
})

it('of operators is not used up by strangers: nobody hides behind a crowd what he tries', () => {
  const budget = open()
  for (let index = 0; index < 5_000; index += 1) budget.allows(`address:10.0.1.${index}`)
  expect(count(1_000, () => budget.allows('operator:alice'))).toBe(refusalsPerActor)
})
