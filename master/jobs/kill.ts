/** Ending jobs. The wish is durable: a minion that is away learns of it when it is back. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { KillSignal } from '../store/jobs.ts'
import { isOpen, sessionOf } from './delivery.ts'
import type { LiveTarget } from './live-jobs.ts'
import type { ServiceContext } from './service-context.ts'
import { conclude } from './verdicts.ts'

/** @returns the minions that were told now. @throws TsaltError `job-unknown` */
export async function kill(
  context: ServiceContext,
  jid: JobId,
  signal: KillSignal,
  operator: string,
): Promise<readonly MinionId[]> {
  if ((await context.store.jobs.find(jid)) === undefined) throw new TsaltError('job-unknown', { jid })
  context.audit({
    actor: `operator:${operator}`,
    kind: 'job.kill',
    verdict: 'allowed',
    reason: signal,
    subject: jid,
  })
  const job = context.live.find(jid)
  if (!job?.committed) return []
  const targets = [...job.targets.values()]
  const ids = targets.map(({ id }) => id)
  // In memory first: from here on no delivery starts.
  for (const target of targets) target.killed = signal
  await context.store.jobs.killed(jid, ids, signal)
  const told: MinionId[] = []
  const untouched: LiveTarget[] = []
  for (const target of targets) {
    if (!isOpen(job, target)) continue
    if (target.state === 'pending' && !target.attempted) untouched.push(target)
    else if (sessionOf(context, target) && context.sessions.send(target.id, 'job.kill', { jid, signal }))
      told.push(target.id)
  }
  await Promise.all(untouched.map((target) => conclude(context, job, target, 'cancelled')))
  return told
}
