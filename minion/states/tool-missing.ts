/** A program that a state needs is not there: in a dry run an earlier state may bring it. */
import type { Decision, StateRun } from './contract.ts'
import { missingUnlessBrought } from './required-program.ts'

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
export const toolMissing = (what: string, hint: string, run: StateRun): Decision =>
  missingUnlessBrought(what, hint, bringers, run)
