/** Ending jobs. The wish is durable: a minion that is away learns of it when it is back. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { Actor } from '../auth/actor.ts'
import type { KillSignal } from '../store/jobs.ts'
import { isOpen, sessionOf } from './delivery.ts'
import type { LiveTarget } from './live-jobs.ts'
import type { ServiceContext } from './service-context.ts'
import { conclude } from './verdicts.ts'

/** @returns the minions that were told now. @throws TsaltError `job-unknown`, `access-denied` */
export async function kill(
  context: ServiceContext,
  jid: JobId,
  signal: KillSignal,
  actor: Actor,
): Promise<readonly MinionId[]> {
  const row = await context.store.jobs.find(jid)
  if (row === undefined) throw new TsaltError('job-unknown', { jid })
  // Who may not start it may not end it.
  const minions = (await context.store.jobs.targets(jid)).map(({ id }) => id)
  const { fun, args, kwargs } = row
  await context.access.require(actor, { kind: 'job', fun, args, kwargs, minions })
  context.audit({
    actor: `operator:${actor.name}`,
    kind: 'job.kill',
    verdict: 'allowed',
    reason: signal,
    subject: jid,
  })
  await context.rollouts.killed(jid, actor.name)
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
    if (target.end) {
      target.end(signal)
      told.push(target.id)
      continue
    }
    if (target.state === 'pending' && !target.attempted) untouched.push(target)
    else if (sessionOf(context, target) && context.sessions.send(target.id, 'job.kill', { jid, signal }))
      told.push(target.id)
  }
  await Promise.all(untouched.map((target) => conclude(context, job, target, 'cancelled')))
  return told
}
