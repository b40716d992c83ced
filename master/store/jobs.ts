/** Jobs with all their targets. */
import type { Json } from '../../shared/data/codec.ts'
import type { JobId, MinionId, Sha256 } from '../../shared/ids.ts'
import type { Outcome } from '../../shared/protocol/messages/job-return.ts'
import type { Target } from '../api/schemas.ts'

/** Times are milliseconds since the epoch. */
export interface JobRow {
  readonly jid: JobId
  readonly fun: string
  readonly args: readonly Json[]
  readonly kwargs: Readonly<Record<string, Json>>
  readonly target: Target
  /** True where the target came from the configured default. */
  readonly defaulted: boolean
  readonly operator: string
  readonly submitted: number
  readonly expires: number
  /** Hash of each environment's manifest at submission. */
  readonly trees: Readonly<Record<string, Sha256>>
  /** Seconds that it may run on a minion. */
  readonly maxSeconds?: number
  /** What whoever submitted it wants to find it by. */
  readonly metadata?: Readonly<Record<string, Json>>
}

/** How many targets of a job came to the same; `ok` and `outcome` of those that returned. */
export interface TargetTally {
  readonly state: TargetState
  readonly outcome: Outcome | undefined
  readonly ok: boolean
  readonly count: number
  /** When the last of them ended, milliseconds since the epoch. */
  readonly last: number
}

/** What is kept: a job goes when one of these says so, the oldest first; one with open targets only by `allBefore`. */
export interface KeepWish {
  /** Finished jobs submitted before this. */
  readonly finishedBefore: number
  /** All jobs submitted before this. */
  readonly allBefore: number
  /** Bytes that arguments and returns may take together; finished jobs go beyond it. */
  readonly mostBytes: number
}

/**
 * What is durable about one target. pending: not acknowledged. delivered: in the minion's inbox. returned: there is a
 * return. expired: given up, the minion never had it. Everything finer (sent, running, lost) follows from connections.
 */
export const targetStates = ['pending', 'delivered', 'returned', 'expired'] as const
export type TargetState = (typeof targetStates)[number]
export type KillSignal = 'TERM' | 'KILL'

export interface TargetRow {
  readonly id: MinionId
  readonly generation: number
  readonly state: TargetState
  /** Since when it has this state. */
  readonly since: number
  /** A delivery was begun, so the minion may have the job although it has not said so. */
  readonly attempted: boolean
  /** An operator wants it ended. */
  readonly killed: KillSignal | undefined
  /** Returns that differed from the first one. */
  readonly strays: number
  /** It waits for its turn in a rollout: nobody delivers it. */
  readonly held: boolean
}

export interface NewTarget {
  readonly id: MinionId
  readonly generation: number
  readonly attempted: boolean
  readonly held?: boolean
}

export interface JobWithTargets {
  readonly job: JobRow
  readonly targets: readonly TargetRow[]
}

export interface JobStore {
  /** The job and all its targets or nothing. @returns false where the jid exists; nothing is written then. */
  add(job: JobRow, targets: readonly NewTarget[]): Promise<boolean>
  find(jid: JobId): Promise<JobRow | undefined>
  /** In the order of `add`. */
  targets(jid: JobId): Promise<readonly TargetRow[]>
  target(jid: JobId, id: MinionId): Promise<TargetRow | undefined>
  /** Newest first. @param before only those with a smaller id */
  list(limit: number, before?: JobId): Promise<readonly JobRow[]>
  /** What its targets came to, counted. */
  tally(jid: JobId): Promise<readonly TargetTally[]>
  /** The newest jobs with the same function and arguments, at most `limit`; one that is older than many is not found. */
  alike(job: Pick<JobRow, 'jid' | 'fun' | 'args' | 'kwargs'>, limit: number): Promise<readonly JobId[]>
  /** The greatest that was ever added, also when that job has been removed since. */
  lastJid(): Promise<JobId | undefined>
  /** Jobs with a target that is pending or delivered, with those targets, oldest first. */
  open(): Promise<readonly JobWithTargets[]>

  /** Their turn has come. */
  released(jid: JobId, ids: readonly MinionId[]): Promise<void>
  /** Before a delivery is sent. */
  attempted(jid: JobId, ids: readonly MinionId[]): Promise<void>
  /** From pending, or from expired: an acknowledgement that comes late is true all the same. */
  delivered(jid: JobId, id: MinionId, at: number): Promise<void>
  /** From pending. */
  expired(jid: JobId, ids: readonly MinionId[], at: number): Promise<void>
  /** Of targets that are pending or delivered. */
  killed(jid: JobId, ids: readonly MinionId[], signal: KillSignal): Promise<void>
  /**
   * Takes away one slice of what need not be kept: about `rows` targets with their returns. A job that does not fit
   * into the slice cannot be found any more and goes on going with the next. @returns whether there may be more
   */
  prune(wish: KeepWish, rows: number): Promise<boolean>
  /** Bytes that arguments and returns take. */
  bytes(): Promise<number>
}
