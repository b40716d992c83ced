/** Targets that wait for their turn: what rollouts do with jobs. */
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { HeldJobs, TargetVerdict } from '../rollouts/rollout-parts.ts'
import { deliverJob, isOpen, sessionOf } from './delivery.ts'
import type { LiveTarget } from './live-jobs.ts'
import { instant, type ServiceContext } from './service-context.ts'
import type { Submit } from './submit.ts'
import { conclude, expire } from './verdicts.ts'

export function heldJobs(context: ServiceContext, submit: Submit): HeldJobs {
  const { live, store } = context
  const openOf = (jid: JobId, ids: readonly MinionId[]): LiveTarget[] =>
    ids.flatMap((id) => live.target(jid, id)?.target ?? [])

  return {
    submit,
    submitHeld: (submission, actor, before) => submit(submission, actor, before),
    verdicts: (jid) => verdictsOf(context, jid),
    async release(jid, ids) {
      const job = live.find(jid)
      if (job === undefined || ids.length === 0) return
      await store.jobs.released(jid, ids)
      const targets = openOf(jid, ids)
      const at = instant(context)
      for (const target of targets) {
        target.held = false
        live.change(job, target, 'waiting', at)
      }
      await deliverJob(context, job, targets)
    },
    async skip(jid, ids) {
      const job = live.find(jid)
      if (job === undefined) return
      await expire(
        context,
        job,
        openOf(jid, ids).filter(({ held }) => held),
      )
    },
    async cancelHeld(jid) {
      const job = live.find(jid)
      for (const target of [...(job?.targets.values() ?? [])])
        if (job && target.held && isOpen(job, target)) await conclude(context, job, target, 'cancelled')
    },
    presence(jid, id) {
      const target = live.target(jid, id)?.target
      if (target !== undefined && sessionOf(context, target) !== undefined) return 'there'
      return target !== undefined && context.returning.has(id) ? 'expected' : 'away'
    },
    isThere: (id) => context.sessions.find(id) !== undefined || context.returning.has(id),
    announceRollout: (jid) => live.announce(jid, undefined),
    watchTargets: (jid, watcher) =>
      live.watch(jid, (id) => {
        if (id !== undefined) watcher()
      }),
  }
}

async function verdictsOf(
  { live, store }: ServiceContext,
  jid: JobId,
): Promise<ReadonlyMap<MinionId, TargetVerdict>> {
  const [rows, verdicts] = [await store.jobs.targets(jid), await store.returns.verdicts(jid)]
  return new Map(
    rows.map(({ id, state, since }): [MinionId, TargetVerdict] => {
      if (state === 'expired') return [id, { id, status: 'expired', since }]
      if (state === 'returned') {
        const verdict = verdicts.get(id)
        return [id, { id, status: 'returned', since, ...(verdict === undefined ? {} : { verdict }) }]
      }
      const target = live.target(jid, id)?.target
      return [id, { id, status: target?.status ?? 'lost', since: target?.since ?? since }]
    }),
  )
}
