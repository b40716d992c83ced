/**
 * Jobs that the master runs itself: orchestrations. Their one target is the master, under a name and a generation that
 * no minion has, so listing, following, killing and forgetting them needs nothing of its own.
 */
import type { Json } from '../../shared/data/codec.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { Step } from '../../shared/run/execution.ts'
import type { Actor } from '../auth/actor.ts'
import type { JobRow, KillSignal } from '../store/jobs.ts'
import type { ReturnRow } from '../store/returns.ts'
import { type LiveJob, type LiveTarget, liveTarget } from './live-jobs.ts'
import { instant, type ServiceContext } from './service-context.ts'
import type { Submit } from './submit.ts'
import { expire } from './verdicts.ts'

/** Greater than any that a minion has: no connection takes such a target for its own. */
export const ofMaster = Number.MAX_SAFE_INTEGER

export interface OwnCall {
  readonly fun: string
  readonly args: readonly Json[]
  readonly kwargs: Readonly<Record<string, Json>>
  /** Who runs it: the master's name. */
  readonly id: MinionId
}

export interface OwnJob {
  readonly jid: JobId
  /** As it was begun, milliseconds since the epoch. */
  readonly since: number
  progress(step: Step): void
  /** Durable when it resolves. */
  end(row: Pick<ReturnRow, 'outcome' | 'retcode' | 'success' | 'format' | 'ret'>): Promise<void>
}

export interface OwnJobs {
  /** @param kill called for each wish to end it */
  begin(call: OwnCall, actor: Actor, kill: (signal: KillSignal) => void): Promise<OwnJob>
  /** Those that were under way when an earlier life of the master ended. */
  left(): readonly { readonly row: JobRow; end(ret: Json): Promise<void> }[]
  /** What of a job was never sent is given up. @returns how many minions that were */
  withdraw(jid: JobId): Promise<number>
}

export function ownJobs(context: ServiceContext, { reserve }: Pick<Submit, 'reserve'>): OwnJobs {
  const { live, store, clock } = context
  const concluded = async (job: LiveJob, target: LiveTarget, row: ReturnRow): Promise<void> => {
    const at = instant(context)
    await store.returns.add(job.row.jid, target.id, ofMaster, row, at.wall)
    live.finish(job, target, 'returned', instant(context))
  }
  return {
    async begin(call, actor, kill) {
      const { job, target } = await enter(context, reserve(), call, actor)
      target.end = kill
      const from = clock.monotonic()
      const { jid, submitted } = job.row
      return {
        jid,
        since: submitted,
        progress(step) {
          const elapsed = Math.round(clock.monotonic() - from)
          target.progress = { jid, phase: 'running', step: clipped(step), elapsed }
          live.change(job, target, 'running', instant(context))
        },
        end: (row) => {
          const duration = Math.round(clock.monotonic() - from)
          return concluded(job, target, { ...row, started: submitted, duration, truncated: undefined })
        },
      }
    },
    left() {
      const found: ReturnType<OwnJobs['left']>[number][] = []
      for (const job of live.all()) {
        for (const target of job.targets.values()) {
          if (target.generation !== ofMaster || target.end) continue
          const started = job.row.submitted
          const verdict = { outcome: 'interrupted', retcode: 1, success: false, format: 'nested' } as const
          const times = { started, duration: 0, truncated: undefined }
          found.push({ row: job.row, end: (ret) => concluded(job, target, { ...verdict, ret, ...times }) })
        }
      }
      return found
    },
    async withdraw(jid) {
      const job = live.find(jid)
      if (job === undefined) return 0
      const open = [...job.targets.values()].filter(
        ({ state, attempted }) => state === 'pending' && !attempted,
      )
      // From here on nothing is delivered.
      for (const target of open) target.killed = 'TERM'
      await expire(context, job, open)
      return open.length
    },
  }
}

async function enter(
  { live, store, clock }: ServiceContext,
  jid: JobId,
  { id, ...call }: OwnCall,
  { name: operator }: Actor,
): Promise<{ job: LiveJob; target: LiveTarget }> {
  const submitted = clock.now()
  const row: JobRow = {
    jid,
    ...call,
    target: { kind: 'list', expression: id },
    defaulted: false,
    operator,
    submitted,
    expires: submitted,
    trees: {},
  }
  const target = liveTarget({ id, generation: ofMaster, attempted: true, state: 'delivered' }, submitted)
  target.status = 'running'
  const job = live.add(row, [id], [target], false)
  try {
    await store.jobs.add(row, [{ id, generation: ofMaster, attempted: true }])
    await store.jobs.delivered(jid, id, submitted)
  } catch (error) {
    live.drop(jid)
    throw error
  }
  job.committed = true
  return { job, target }
}

const longest = 200
function clipped({ index, total, fun, id, name }: Step): Step {
  const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text)
  return { index, total, fun: cut(fun), id: cut(id), name: cut(name) }
}
