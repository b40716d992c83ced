/** What the parts of the job service share. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { JobId, MinionId, Sha256 } from '../../shared/ids.ts'
import type { Target } from '../api/schemas.ts'
import type { AuditEntry } from '../audit/audit-log.ts'
import type { Access } from '../auth/access.ts'
import type { Events } from '../events/event-bus.ts'
import type { Session, Sessions } from '../gateway/sessions.ts'
import type { RolloutAccount } from '../rollouts/schemas.ts'
import type { Store } from '../store/store.ts'
import type { ResolveTarget } from '../targeting/resolve.ts'
import type { Instant, LiveJobs } from './live-jobs.ts'

export interface JobServiceParts {
  readonly store: Store
  readonly sessions: Sessions
  readonly clock: Clock
  readonly resolveTarget: ResolveTarget
  /** Environment → hash of its manifest, as the trees are now. */
  readonly treeHashes: () => Promise<Readonly<Record<string, Sha256>>>
  readonly options: JobOptions
  readonly log: Logger
  readonly audit: (entry: AuditEntry) => void
  readonly events: Events
  readonly access: Access
}

export interface JobOptions {
  /** Of `default_target`; undefined where there is none. */
  readonly defaultTarget: Target | undefined
  /** Seconds. */
  readonly jobExpiry: number
  readonly keepJobsSeconds: number
  /** Of arguments and returns of all jobs together. */
  readonly keepJobsBytes: number
  /** How long a followed job waits for lost minions to come back. */
  readonly timeout: number
}

export interface ServiceContext extends JobServiceParts {
  readonly live: LiveJobs
  /** Aborted when the service is to stop: long work in slices ends. */
  readonly stopping: AbortSignal
  /** Monotonic: when the service started; minions are given `timeout` from here to come back. */
  readonly started: number
  /** Minions that were connected when the master went down, until they are back. */
  readonly returning: Set<MinionId>
  /** Connections whose older jobs are being delivered; newer ones wait their turn behind them. */
  readonly settling: Set<Session>
  rollouts: {
    /** What `follow` tells of the rollout that a job is. */
    readonly account: (jid: JobId) => Promise<RolloutAccount | undefined>
    /** Its job is being killed: nothing more is begun. */
    readonly killed: (jid: JobId, operator: string) => Promise<void>
  }
  /** Runs work whose failure concerns nobody who waits: it is logged. */
  readonly background: (work: () => Promise<unknown>) => void
}

export const instant = ({ clock }: ServiceContext): Instant => ({
  wall: clock.now(),
  monotonic: clock.monotonic(),
})

/** How far the service lets things drift before it acts, in milliseconds. */
export const patience = {
  /** A delivery that a connected minion has not acknowledged is sent again. */
  resend: 15_000,
  /** So is one that should have been sent at once. */
  unsent: 5_000,
  /** A connected minion may still acknowledge what was sent before the expiry. */
  expiry: 10_000,
  /** A connected minion that does not know of a job it had acknowledged may still have its return on the way. */
  missing: 30_000,
  /** Unfinished jobs are forgotten this much later than finished ones. */
  unfinished: 30 * 86_400_000,
}
