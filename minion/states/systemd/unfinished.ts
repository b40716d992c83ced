/**
 * What unit files that were changed leave to the end of a run: reading them again once for all, and one restart of
 * each unit that ran with what they said before.
 */
import type { StateRun } from '../contract.ts'

export interface Unfinished {
  /** A file of a unit that systemd knows has changed. */
  reload: boolean
  /** By id and name of the state: units to restart. */
  readonly restarts: Map<string, readonly string[]>
  /** Units that were restarted meanwhile, by a state that watches. */
  readonly restarted: Set<string>
}

const key = Symbol('unfinished units')

export function unfinishedIn({ memory }: Pick<StateRun, 'memory'>): Unfinished {
  const known = memory?.get(key) as Unfinished | undefined
  if (known) return known
  const fresh: Unfinished = { reload: false, restarts: new Map(), restarted: new Set() }
  memory?.set(key, fresh)
  return fresh
}

/** A state that watches has restarted a unit (or would), so that nobody has to do it again. */
export function noteRestart(name: string, run: StateRun): void {
  unfinishedIn(run).restarted.add(/\.[a-z]+$/.test(name) ? name : `${name}.service`)
}
