/** Rollouts: how far each has come. The job of the same id holds the targets. */
import type { Json } from '../../shared/data/codec.ts'
import type { JobId } from '../../shared/ids.ts'

export interface RolloutRow {
  readonly jid: JobId
  /** Not `done` or `aborted`: it has something left to do, or may be resumed. */
  readonly open: boolean
  /** What master/rollouts makes of it. */
  readonly data: Json
}

export interface RolloutStore {
  /** Replaces what is there of the same jid. */
  put(row: RolloutRow): Promise<void>
  find(jid: JobId): Promise<RolloutRow | undefined>
  /** Oldest first. */
  open(): Promise<readonly RolloutRow[]>
  /** Newest first. */
  list(limit: number): Promise<readonly RolloutRow[]>
  /** Removes those whose job is gone. @returns their number */
  prune(): Promise<number>
}
