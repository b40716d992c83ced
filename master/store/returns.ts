/** Returns: one for each target of a job; what differs from it is kept apart. */
import type { Json } from '../../shared/data/codec.ts'
import type { EndedProcess } from '../../shared/end-order.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { CallVerdict, Outcome } from '../../shared/protocol/messages/job-return.ts'

export type ReturnVerdict = Pick<ReturnRow, 'outcome' | 'retcode' | 'success'>

export interface ReturnRow {
  readonly outcome: Outcome
  /** Salt's. */
  readonly retcode: number
  readonly success: boolean
  readonly format: 'highstate' | 'nested'
  readonly ret: Json
  /** Milliseconds since the epoch. */
  readonly started: number
  /** Milliseconds. */
  readonly duration: number
  /** Where the minion cut the body: what was cut. */
  readonly truncated: string | undefined
  /** Processes that were ended with it. */
  readonly ended?: readonly EndedProcess[]
  /** It was one run with this job. */
  readonly ranAs?: JobId
  /** Of several functions: how each came out. */
  readonly calls?: readonly CallVerdict[]
}

/**
 * stored: it is the target's return now. repeated: the same is stored already. different: another one is; this one is
 * kept apart and counted. unexpected: no such target, or of another generation, or given up without a delivery.
 */
export type Stored = 'stored' | 'repeated' | 'different' | 'unexpected'

/** Bodies kept of returns that differ, for each target; all are counted. */
export const straysKept = 5

export interface ReturnStore {
  /** Also ends the target's state, in the same transaction. @param at when it came, milliseconds since the epoch */
  add(jid: JobId, id: MinionId, generation: number, row: ReturnRow, at: number): Promise<Stored>
  find(jid: JobId, id: MinionId): Promise<ReturnRow | undefined>
  ofJob(jid: JobId): Promise<ReadonlyMap<MinionId, ReturnRow>>
  /** The same without what was returned. */
  verdicts(jid: JobId): Promise<ReadonlyMap<MinionId, ReturnVerdict>>
  /** Milliseconds that it took on each minion where it came to its end. */
  durations(jid: JobId): Promise<ReadonlyMap<MinionId, number>>
  /** Those kept apart, oldest first. */
  strays(jid: JobId, id: MinionId): Promise<readonly ReturnRow[]>
}
