/**
 * Jobs with open targets, in memory: what the store knows of them, and what only connections tell (sent, running,
 * lost, progress). None of it is truth: after a restart it is built again from the store and from reconnecting minions.
 */
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { Body } from '../../shared/protocol/registry.ts'
import type { TargetStatus } from '../api/schemas.ts'
import type { Session } from '../gateway/sessions.ts'
import type { JobRow, KillSignal, TargetRow } from '../store/jobs.ts'

export interface LiveTarget {
  readonly id: MinionId
  readonly generation: number
  /** As in the store: until it is acknowledged, or is known to have arrived. */
  state: 'pending' | 'delivered'
  attempted: boolean
  /** Its turn in a rollout has not come: it is not delivered. */
  held: boolean
  killed: KillSignal | undefined
  status: TargetStatus
  /** Since when it has this status. */
  since: number
  progress: Body<'job.progress'> | undefined
  /** The connection on which it is under way. */
  session: Session | undefined
  /** Monotonic: when the delivery was sent last. */
  sentAt: number
  /** Monotonic: since when a connected minion that had acknowledged the job has not known of it. */
  missingSince: number | undefined
  /** Of what the master itself runs: ends it. */
  end?: (signal: KillSignal) => void
}

export interface LiveJob {
  readonly row: JobRow
  /** Only the open ones. */
  readonly targets: Map<MinionId, LiveTarget>
  /** Every target, in order. */
  readonly ids: readonly MinionId[]
  readonly counts: Record<TargetStatus, number>
  /** False until the job row is on the disk; nobody may hear of it before. */
  committed: boolean
  /** Monotonic: when a target was lost last. */
  lostAt: number
  readonly delivery: Body<'job.deliver'>
}

/** Told of each change of a target; of what is not about one of them (its rollout) without an id. */
export type ChangeWatcher = (id: MinionId | undefined) => void

export interface LiveJobs {
  all(): Iterable<LiveJob>
  find(jid: JobId): LiveJob | undefined
  target(jid: JobId, id: MinionId): { job: LiveJob; target: LiveTarget } | undefined
  /** Open targets of a minion, in the order of their jobs. */
  ofMinion(id: MinionId): readonly { job: LiveJob; target: LiveTarget }[]
  add(row: JobRow, ids: readonly MinionId[], targets: readonly LiveTarget[], committed: boolean): LiveJob
  /** Where its commit failed. */
  drop(jid: JobId): void
  /** Says that a target has changed, to `status` where that is another one. */
  change(job: LiveJob, target: LiveTarget, status: TargetStatus, at: Instant): void
  /** The target is in its final state, in the store too. */
  finish(job: LiveJob, target: LiveTarget, status: 'returned' | 'expired', at: Instant): void
  watch(jid: JobId, watcher: ChangeWatcher): () => void
  /** Says that something changed about a target that is not open, or not any more. */
  announce(jid: JobId, id: MinionId | undefined): void
}

export interface Instant {
  readonly wall: number
  readonly monotonic: number
}

export function makeLiveJobs(): LiveJobs {
  const jobs = new Map<JobId, LiveJob>()
  const byMinion = new Map<MinionId, Set<JobId>>()
  const watchers = new Map<JobId, Set<ChangeWatcher>>()

  function announce(jid: JobId, id: MinionId | undefined): void {
    for (const watcher of watchers.get(jid) ?? []) watcher(id)
  }

  function remove(job: LiveJob, id: MinionId): void {
    job.targets.delete(id)
    const { jid } = job.row
    const open = byMinion.get(id)
    open?.delete(jid)
    if (open?.size === 0) byMinion.delete(id)
    if (job.targets.size === 0) jobs.delete(jid)
  }

  function setStatus(job: LiveJob, target: LiveTarget, status: TargetStatus, at: Instant): void {
    if (status === 'lost') job.lostAt = at.monotonic
    if (target.status === status) return
    job.counts[target.status] -= 1
    job.counts[status] += 1
    target.status = status
    target.since = at.wall
  }

  return {
    all: () => jobs.values(),
    find: (jid) => jobs.get(jid),
    target: (jid, id) => pairOf(jobs.get(jid), id),
    ofMinion: (id) => [...(byMinion.get(id) ?? [])].sort().flatMap((jid) => pairOf(jobs.get(jid), id) ?? []),
    add(row, ids, targets, committed) {
      const job = makeLiveJob(row, ids, targets, committed)
      jobs.set(row.jid, job)
      for (const { id } of targets) {
        const open = byMinion.get(id) ?? new Set()
        byMinion.set(id, open.add(row.jid))
      }
      return job
    },
    drop(jid) {
      const job = jobs.get(jid)
      for (const id of [...(job?.targets.keys() ?? [])]) if (job) remove(job, id)
      jobs.delete(jid)
    },
    change(job, target, status, at) {
      setStatus(job, target, status, at)
      announce(job.row.jid, target.id)
    },
    finish(job, target, status, at) {
      if (job.targets.get(target.id) !== target) return
      setStatus(job, target, status, at)
      remove(job, target.id)
      announce(job.row.jid, target.id)
    },
    watch(jid, watcher) {
      const set = watchers.get(jid) ?? new Set()
      watchers.set(jid, set.add(watcher))
      return () => {
        set.delete(watcher)
        if (set.size === 0 && watchers.get(jid) === set) watchers.delete(jid)
      }
    },
    announce,
  }
}

function pairOf(job: LiveJob | undefined, id: MinionId): { job: LiveJob; target: LiveTarget } | undefined {
  const target = job?.targets.get(id)
  return job && target && { job, target }
}

function makeLiveJob(
  row: JobRow,
  ids: readonly MinionId[],
  targets: readonly LiveTarget[],
  committed: boolean,
): LiveJob {
  const counts: Record<TargetStatus, number> = {
    held: 0,
    waiting: 0,
    sent: 0,
    delivered: 0,
    queued: 0,
    running: 0,
    lost: 0,
    returned: 0,
    expired: 0,
  }
  for (const { status } of targets) counts[status] += 1
  return {
    row,
    ids,
    targets: new Map(targets.map((target) => [target.id, target])),
    counts,
    committed,
    lostAt: Number.NEGATIVE_INFINITY,
    delivery: deliveryOf(row),
  }
}

/** Built once for each job, so that all minions get the same object and it is serialised once. */
export function deliveryOf(row: JobRow): Body<'job.deliver'> {
  return {
    jid: row.jid,
    fun: row.fun,
    args: [...row.args],
    kwargs: { ...row.kwargs },
    notBefore: row.submitted,
    expires: row.expires,
    trees: { ...row.trees },
    operator: row.operator,
    ...(row.maxSeconds === undefined ? {} : { maxSeconds: row.maxSeconds }),
  }
}

/** @param status what it is without a connection: waiting where it is pending, lost where it is delivered */
export function liveTarget(
  row: Pick<TargetRow, 'id' | 'generation' | 'attempted'> & Partial<TargetRow>,
  since: number,
): LiveTarget {
  const state = row.state === 'delivered' ? 'delivered' : 'pending'
  return {
    id: row.id,
    generation: row.generation,
    state,
    attempted: row.attempted,
    held: row.held === true,
    killed: row.killed,
    status: row.held ? 'held' : state === 'delivered' ? 'lost' : 'waiting',
    since,
    progress: undefined,
    session: undefined,
    sentAt: Number.NEGATIVE_INFINITY,
    missingSince: undefined,
  }
}
