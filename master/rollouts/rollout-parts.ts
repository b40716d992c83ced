/** What rollouts need of the rest of the master. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { Outcome } from '../../shared/protocol/messages/job-return.ts'
import type { JobSubmission, TargetStatus } from '../api/schemas.ts'
import type { Access } from '../auth/access.ts'
import type { Actor } from '../auth/actor.ts'
import type { Events } from '../events/event-bus.ts'
import type { Store } from '../store/store.ts'
import type { ResolveTarget } from '../targeting/resolve.ts'

export interface TargetVerdict {
  readonly id: MinionId
  readonly status: TargetStatus
  /** Since when it has this status. */
  readonly since: number
  /** Of what returned. */
  readonly verdict?: { readonly outcome: Outcome; readonly retcode: number; readonly success: boolean }
}

/** `expected`: it was connected when the master went down, and has a while to come back. */
export type Presence = 'there' | 'expected' | 'away'

/** What rollouts do with jobs. */
export interface HeldJobs {
  /** As JobService.submit, but nothing is delivered. @param before runs when the targets are known, before the commit */
  submitHeld(
    submission: JobSubmission,
    actor: Actor,
    before: (jid: JobId, ids: readonly MinionId[]) => Promise<void>,
  ): Promise<{ readonly jid: JobId; readonly targets: readonly MinionId[]; readonly defaulted: boolean }>
  submit(submission: JobSubmission, actor: Actor): Promise<{ readonly jid: JobId }>
  /** Every target. */
  verdicts(jid: JobId): Promise<ReadonlyMap<MinionId, TargetVerdict>>
  /** Their turn has come. */
  release(jid: JobId, ids: readonly MinionId[]): Promise<void>
  /** They were not there: nothing is run on them, not later either. */
  skip(jid: JobId, ids: readonly MinionId[]): Promise<void>
  /** Held targets that will not have a turn any more are `cancelled`. */
  cancelHeld(jid: JobId): Promise<void>
  presence(jid: JobId, id: MinionId): Presence
  /** Whether it is connected, or expected back, before there is a job. */
  isThere(id: MinionId): boolean
  /** Tells who follows the job that its rollout has changed. */
  announceRollout(jid: JobId): void
  watchTargets(jid: JobId, watcher: () => void): () => void
}

export interface RolloutParts {
  readonly jobs: HeldJobs
  readonly store: Pick<Store, 'rollouts' | 'returns' | 'jobs'>
  readonly events: Events
  readonly resolveTarget: ResolveTarget
  readonly access: Access
  readonly clock: Clock
  readonly log: Logger
  readonly audit: (entry: import('../audit/audit-log.ts').AuditEntry) => void
  readonly options: {
    /** Seconds that a lost minion has to come back before it counts as failed. */
    readonly timeout: number
  }
}
