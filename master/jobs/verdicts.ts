/** Returns that the master makes itself, for targets that will never send one. */
import type { Outcome } from '../../shared/protocol/messages/job-return.ts'
import type { ReturnRow } from '../store/returns.ts'
import type { LiveJob, LiveTarget } from './live-jobs.ts'
import { instant, type ServiceContext } from './service-context.ts'

const texts = {
  cancelled: 'Cancelled before it reached the minion; nothing was run.',
  missing:
    'The minion had accepted this job and no longer knows of it: its state was lost, so nobody can say how far it came. It is not run again by itself.',
  orphaned:
    'The minion was deleted after it had accepted this job; its return, should it send one, is not taken any more.',
} as const
const outcomes: Record<keyof typeof texts | 'refused', Outcome> = {
  cancelled: 'cancelled',
  missing: 'interrupted',
  orphaned: 'interrupted',
  refused: 'refused',
}

/** Stores and announces a return in the minion's place. @param text of `refused` */
export async function conclude(
  context: ServiceContext,
  job: LiveJob,
  target: LiveTarget,
  ...[reason, text]: [keyof typeof texts] | ['refused', string]
): Promise<void> {
  const at = instant(context)
  const row: ReturnRow = {
    outcome: outcomes[reason],
    retcode: 1,
    success: false,
    format: 'nested',
    ret: reason === 'refused' ? text : texts[reason],
    started: at.wall,
    duration: 0,
    truncated: undefined,
  }
  await context.store.returns.add(job.row.jid, target.id, target.generation, row, at.wall)
  context.live.finish(job, target, 'returned', instant(context))
}

/** Gives up targets that never had the job. */
export async function expire(
  context: ServiceContext,
  job: LiveJob,
  targets: readonly LiveTarget[],
): Promise<void> {
  if (targets.length === 0) return
  const ids = targets.map(({ id }) => id)
  await context.store.jobs.expired(job.row.jid, ids, context.clock.now())
  for (const target of targets) {
    // Its acknowledgement may have come while the disk was busy; then the store has kept it as delivered.
    if (target.state === 'pending') context.live.finish(job, target, 'expired', instant(context))
  }
}
