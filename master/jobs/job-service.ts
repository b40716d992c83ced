/** Jobs as the API, the runners and the gateway see them. */
import type { Value } from '../../shared/data/value.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { Body } from '../../shared/protocol/registry.ts'
import type { JobAccount, JobEvent, JobSubmission, JobSummary, RerunRequest } from '../api/schemas.ts'
import type { Actor } from '../auth/actor.ts'
import type { JobFilter } from './summaries.ts'

export interface JobService {
  /**
   * Resolves the target, commits the job with all its targets, then delivers. Idempotent by `submission.jid`.
   * @throws TsaltError `target-empty` where nothing matches, `access-denied`; no job is made then.
   */
  submit(
    submission: JobSubmission,
    actor: Actor,
  ): Promise<{
    readonly jid: JobId
    readonly targets: readonly MinionId[]
    /** True where the target came from default_target. */
    readonly defaulted: boolean
  }>
  /**
   * A job id that no other job gets: whoever notes it before it submits the job with it makes no second one after a
   * crash.
   */
  reserveJid(): JobId
  /** What has happened so far and what happens, until every target is in a final or waiting-for-nothing status. */
  follow(jid: JobId, signal: AbortSignal): AsyncIterable<JobEvent>
  /** With returns. Asynchronous, as every read of the store: the next driver asks over a network. */
  account(jid: JobId): Promise<JobAccount | undefined>
  /** Newest first, without returns. */
  list(limit: number): Promise<readonly JobAccount[]>
  /** Newest first, with what their targets came to. */
  summaries(filter: JobFilter): Promise<readonly JobSummary[]>
  /** Its targets; none where there is no such job. */
  minionsOf(jid: JobId): Promise<readonly MinionId[]>
  /**
   * A new job of the same function and arguments on the minions of an earlier one, or on some of them.
   * @throws TsaltError `job-unknown`, `rerun-nothing`, `rerun-own`, `target-unknown`, `access-denied`
   */
  rerun(jid: JobId, request: RerunRequest, actor: Actor): ReturnType<JobService['submit']>
  /** Those that minions are working on or have been sent, oldest first, without returns. */
  active(): Promise<readonly JobAccount[]>
  /**
   * The wish is durable: minions that are away are told when they are back, targets never delivered to become
   * `cancelled` at once.
   * @returns the minions that were told now. @throws TsaltError `job-unknown`, `access-denied`
   */
  kill(jid: JobId, signal: 'TERM' | 'KILL', actor: Actor): Promise<readonly MinionId[]>

  /** From the gateway. The session's id and generation, never the message's. */
  acknowledged(from: MinionId, generation: number, body: Body<'job.ack'>): void
  progressed(from: MinionId, generation: number, body: Body<'job.progress'>): void
  /** Resolves after the commit; a repeated equal return resolves too. @throws TsaltError `return-unexpected` */
  returned(from: MinionId, generation: number, body: Body<'job.return'>): Promise<void>
}

/** One return as stored. */
export interface StoredReturn {
  readonly jid: JobId
  readonly id: MinionId
  readonly ret: Value
}
