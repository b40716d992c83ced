/** A bound on what walks through data that may be shared many times over: comparing, printing, serializing. */
import { PyError } from './errors.ts'

const mostWork = 2_000_000
let done = 0

/** A rendering begins; renderings do not overlap, as none waits in its midst. */
export function beginWork(): void {
  done = 0
}

/** @throws PyError LimitError */
export function work(items: number): void {
  done += items
  if (done > mostWork) throw new PyError('LimitError', `${mostWork} items compared or printed`)
}
