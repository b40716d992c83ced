/**
 * What the master remembers. Small interfaces; a driver implements each in a file of the same name. No driver reads a
 * clock or makes random numbers. Everything about a minion belongs to (id, generation). Writes resolve after their
 * commit is on the disk. Reads see every write that has resolved, in the order in which they were asked for.
 */
import type { ConsumerStore } from './consumers.ts'
import type { EventStore } from './events.ts'
import type { JobStore } from './jobs.ts'
import type { MineStore } from './mine.ts'
import type { MinionStore } from './minions.ts'
import type { OperatorStore } from './operators.ts'
import type { ReturnStore } from './returns.ts'
import type { RolloutStore } from './rollouts.ts'
import type { ScheduleStore } from './schedules.ts'

export interface Store {
  readonly minions: MinionStore
  readonly jobs: JobStore
  readonly returns: ReturnStore
  readonly events: EventStore
  readonly mine: MineStore
  readonly rollouts: RolloutStore
  readonly operators: OperatorStore
  readonly consumers: ConsumerStore
  readonly schedules: ScheduleStore
  readonly pressure: WritePressure
  /** Commits what is queued, then closes. Writes asked for afterwards are rejected with `master-stopping`. */
  close(): Promise<void>
}

/** How the store says that it cannot keep up: whoever reads sockets pauses them until it can. */
export interface WritePressure {
  readonly full: boolean
  /** Called on each change. @returns the function that stops it. */
  watch(watcher: (full: boolean) => void): () => void
}
