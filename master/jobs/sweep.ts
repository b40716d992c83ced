/** What becomes due by time alone: expiry, deliveries to repeat, jobs to forget. */
import { inSlices, sliceRows } from '../store/in-slices.ts'
import { deliverJob, isOpen, sessionOf } from './delivery.ts'
import type { LiveJob, LiveTarget } from './live-jobs.ts'
import { instant, patience, type ServiceContext } from './service-context.ts'
import { conclude, expire } from './verdicts.ts'

/** Every second. */
export async function sweepTargets(context: ServiceContext): Promise<void> {
  for (const job of [...context.live.all()]) {
    if (job.committed) await sweepJob(context, job)
  }
}

async function sweepJob(context: ServiceContext, job: LiveJob): Promise<void> {
  const now = instant(context)
  const toExpire: LiveTarget[] = []
  const toResend: LiveTarget[] = []
  for (const target of [...job.targets.values()]) {
    if (!isOpen(job, target)) continue
    const due = dueOf(context, job, target, now.wall, now.monotonic)
    if (due === 'expire') toExpire.push(target)
    else if (due === 'resend') toResend.push(target)
    else if (due === 'lost') context.live.change(job, target, 'lost', now)
    else if (due === 'cancel') await conclude(context, job, target, 'cancelled')
    else if (due === 'interrupt') await conclude(context, job, target, 'missing')
  }
  await expire(context, job, toExpire)
  await deliverJob(context, job, toResend)
}

type Due = 'expire' | 'cancel' | 'resend' | 'lost' | 'interrupt' | undefined

function dueOf(
  context: ServiceContext,
  job: LiveJob,
  target: LiveTarget,
  wall: number,
  monotonic: number,
): Due {
  if (target.state === 'delivered') {
    const { missingSince } = target
    return missingSince !== undefined && monotonic - missingSince >= patience.missing
      ? 'interrupt'
      : undefined
  }
  if (target.held) return target.killed ? 'cancel' : undefined
  const session = sessionOf(context, target)
  if (wall <= job.row.expires) {
    if (session === undefined || target.killed) return undefined
    const sent = target.session === session
    // Not sent although its minion is there: the attempt could not be written, or the socket was full.
    const overdue = sent
      ? monotonic - target.sentAt >= patience.resend
      : wall - Math.max(target.since, session.since) >= patience.unsent
    return overdue ? 'resend' : undefined
  }
  const gaveUp = target.killed ? 'cancel' : 'expire'
  if (!target.attempted) return gaveUp
  // It was sent, and nobody knows whether it arrived: only the minion can tell, when it is back.
  if (session === undefined) return target.status === 'lost' ? undefined : 'lost'
  return wall > job.row.expires + patience.expiry ? gaveUp : undefined
}

/** Every few minutes. */
export async function sweepHistory(context: ServiceContext): Promise<void> {
  const finishedBefore = context.clock.now() - context.options.keepJobsSeconds * 1000
  const allBefore = finishedBefore - patience.unfinished
  const mostBytes = context.options.keepJobsBytes
  const wish = { finishedBefore, allBefore, mostBytes }
  await inSlices(() => context.store.jobs.prune(wish, sliceRows), context.stopping)
  if (context.stopping.aborted) return
  await context.store.rollouts.prune()
  for (const job of [...context.live.all()]) {
    if (job.row.submitted < allBefore) context.live.drop(job.row.jid)
  }
}
