/** One thing that an operator may do, out of the configuration's rules. */
import type { Place } from '../../shared/data/place.ts'
import type { TargetText } from '../targeting/resolve.ts'

export interface Grant {
  /** `job`: functions on minions; `runner`, `wheel`: on the master; `see`: what is looked at without a job. */
  readonly on: 'job' | 'runner' | 'wheel' | 'see'
  /** Globs over `module.function` (of `see`: over what is seen, as `events`, `pillar`). */
  readonly functions: readonly string[]
  /** Regular expressions over the same, as Salt's rules may have them; the whole name must match. */
  readonly expressions?: readonly string[]
  /** Minions that it is about; every one of a job's targets must be meant. Of `job` absent: of no minion. */
  readonly target?: TargetText
  /** Expressions that positional arguments must match, by position, whole. Where this or `kwargs` is given, no others are. */
  readonly args?: readonly string[]
  /** Keyword arguments that may be given, each with the expression that its value must match, whole. */
  readonly kwargs?: Readonly<Record<string, string>>
  /** Only dry runs, and what only looks. */
  readonly testOnly?: boolean
  /** What is root on the minion or the master by its nature is covered only where this is written out. */
  readonly rootEquivalent?: boolean
  /** Where it is written. */
  readonly place?: Place
}
