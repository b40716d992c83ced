/**
 * Bounds on what one rendering costs beside its steps: data that is walked through though it may be shared many times
 * over (comparing, printing, serializing), and time, since what one step costs depends on the data.
 */
import { PyError } from './errors.ts'

const mostWork = 2_000_000
/** How often the clock is looked at. */
const workBetweenLooks = 2_000

interface Account {
  done: number
  lookAt: number
  readonly most: number
  readonly milliseconds: number
  readonly until: number
}

/** Of whoever compares and prints without a rendering. */
const unbounded = { done: 0, lookAt: 0, most: Infinity, milliseconds: Infinity, until: Infinity }
let account: Account = unbounded

/** Does what `run` does within the bounds; one inside another has bounds of its own. */
export function bounded<Result>(milliseconds: number, run: () => Result): Result {
  const before = account
  const until = performance.now() + milliseconds
  account = { done: 0, lookAt: workBetweenLooks, most: mostWork, milliseconds, until }
  try {
    return run()
  } finally {
    account = before
  }
}

/** @throws PyError LimitError */
export function work(items: number): void {
  account.done += items
  if (account.done > account.most)
    throw new PyError('LimitError', `${mostWork} items compared, printed or taken apart`)
  if (account.done < account.lookAt) return
  account.lookAt = account.done + workBetweenLooks
  requireTime()
}

/** @throws PyError LimitError */
export function requireTime(): void {
  const { until, milliseconds } = account
  if (performance.now() > until) throw new PyError('LimitError', `${milliseconds / 1000} seconds`)
}
