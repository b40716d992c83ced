/** One thing that an operator may do, out of the configuration's rules. */
import type { TargetText } from '../targeting/resolve.ts'

export interface Grant {
  /** `job`: functions on minions; `runner`, `wheel`: on the master; `see`: what is looked at without a job. */
  readonly on: 'job' | 'runner' | 'wheel' | 'see'
  /** Globs over `module.function` (of `see`: over what is seen, as `events`, `pillar`). */
  readonly functions: readonly string[]
  /** Minions that it is about; every one of a job's targets must be meant. Absent: of no minion. */
  readonly target?: TargetText
  /** Expressions that positional arguments must match, by position; further ones are free where absent. */
  readonly args?: readonly string[]
  /** Names of keyword arguments that may be given, each with the expression that its value must match. */
  readonly kwargs?: Readonly<Record<string, string>>
  /** Only dry runs. */
  readonly testOnly?: boolean
  /** What is root on the minion or the master by its nature is covered only where this is written out. */
  readonly rootEquivalent?: boolean
}
