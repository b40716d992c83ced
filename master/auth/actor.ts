/** Who asks the master for something, and by what right. */
import type { Grant } from './grant.ts'

export interface Actor {
  /**
   * As it stands in the audit log after `operator:` and with each job: `root` and `local` (the Unix socket),
   * `alice` (who has logged in), `reactor`, `schedule`.
   */
  readonly name: string
  /** `everything`: is root on the fleet. Otherwise what no grant covers is refused. */
  readonly grants: 'everything' | readonly Grant[]
}

/** Names that nobody who logs in may have. */
export const reservedNames: ReadonlySet<string> = new Set(['root', 'local', 'master', 'reactor', 'schedule'])

/** Whoever may open the operators' socket, and what the master's own configuration asks for. */
export const trusted = (name: string): Actor => ({ name, grants: 'everything' })
