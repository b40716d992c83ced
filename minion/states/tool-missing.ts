/** A program that a state needs is not there: in a dry run an earlier state may bring it. */
import { type Decision, failed, type StateRun, unknown } from './contract.ts'

/** State modules whose changes may bring programs. */
const bringers: ReadonlySet<string> = new Set([
  'pkg',
  'cmd',
  'file',
  'archive',
  'virtualenv',
  'pip',
  'npm',
  'gem',
])

/** @param what a sentence about what is missing */
export function toolMissing(what: string, hint: string, run: StateRun): Decision {
  const bringer = run.test ? run.predicted.find(({ state }) => bringers.has(state)) : undefined
  if (bringer) return unknown(`${what} yet; ${bringer.state}.${bringer.fun} ${bringer.id} may bring it`)
  return failed(what, hint)
}
