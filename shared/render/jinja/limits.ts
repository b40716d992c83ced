/** What one rendering may use. */
import { requireTime, work } from './values/work.ts'
import { PyError } from './values.ts'

export const mostSteps = 5_000_000
/** Steps of all renderings of one template that waits for answers of the machine. */
export const mostRepeatedSteps = 4 * mostSteps
/** Milliseconds of one rendering, where nobody says otherwise; waiting for answers of the machine does not count. */
export const longestTime = 10_000
/** How often the clock is looked at. */
const stepsBetweenLooks = 1_000
/** Characters. */
export const mostOutput = 16_000_000
/** Items of `range`, as Jinja's sandbox has it. */
export const longestRange = 100_000
/** Characters or items that one multiplication or padding may make. */
export const mostRepeated = 4_000_000
/** Macros, includes and recursive loops inside one another. */
export const deepestCalls = 250

export class Budget {
  private steps = 0
  private lookAt = stepsBetweenLooks

  get spent(): number {
    return this.steps
  }

  spend(steps: number): void {
    this.steps += steps
    if (this.steps > mostSteps) throw new PyError('LimitError', `${mostSteps} steps`)
    if (this.steps >= this.lookAt) this.look()
  }

  private look(): void {
    this.lookAt = this.steps + stepsBetweenLooks
    requireTime()
  }
}

/** @throws PyError LimitError where a repetition would be too large */
export function checkRepeated(length: number): void {
  if (length > 1_000) work(length >> 3)
  if (length > mostRepeated)
    throw new PyError('LimitError', `${mostRepeated} characters or items made at once`)
}

/** @throws PyError LimitError where a text would be longer than an output may be */
export function checkText(length: number): void {
  if (length > 10_000) work(length >> 10)
  if (length > mostOutput) throw new PyError('LimitError', `${mostOutput} characters of output`)
}

/** The items themselves. @throws PyError LimitError where all that was taken apart so far would be too many to hold */
export function checkItems<Items extends { readonly length: number }>(items: Items): Items {
  if (items.length > 1_000) work(items.length >> 1)
  return items
}
