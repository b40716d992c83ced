/** What is asked of minions by one state of an orchestration, and what came of it. */
import type { Dict, Value } from '../../shared/data/value.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { TargetText } from '../targeting/resolve.ts'

export interface FleetRequest {
  /** ID of the state that asks for it. */
  readonly state: string
  readonly target: TargetText
  readonly fun: string
  readonly args: readonly Value[]
  readonly kwargs: Dict
  /** At most so many at once, or such a share: a rollout of the master. */
  readonly batch?: number | string | undefined
  /** Seconds. */
  readonly batchWait?: number | undefined
  readonly subset?: number | undefined
  /** Seconds without a sign of any minion after which nobody is waited for. */
  readonly timeout?: number | undefined
  /** False: a target that means nobody is no failure, nor is a minion that is not there. */
  readonly expectMinions: boolean
}

/**
 * returned: see the rest. offline: it was not there, and nothing will run on it. lost: its connection broke under the
 * job. silent: the job goes on there, and was not waited for any longer.
 */
export type MinionEnd = 'returned' | 'offline' | 'lost' | 'silent'

export interface MinionResult {
  readonly id: MinionId
  readonly end: MinionEnd
  /** Of what returned: ended well. */
  readonly ok: boolean
  readonly changed: boolean
  /** Of results of states only where something changed or failed: the job has them all. */
  readonly ret: Value
}

export interface FleetResult {
  /** undefined: nobody was meant, and there is no job. */
  readonly jid: JobId | undefined
  /** Why there is no job. */
  readonly nobody?: string
  /** By id. */
  readonly minions: readonly MinionResult[]
  /** The orchestration was killed under it, or the master stops. */
  readonly cut?: string
}
