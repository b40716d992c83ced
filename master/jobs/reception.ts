/** What minions say about jobs: acknowledgements, progress, returns. The sender is the session's, never the message's. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import type { Body } from '../../shared/protocol/registry.ts'
import { jobReturned } from '../events/job-events.ts'
import type { ReturnRow } from '../store/returns.ts'
import { sessionOf, statusOf } from './delivery.ts'
import type { LiveJob, LiveTarget } from './live-jobs.ts'
import { instant, type ServiceContext } from './service-context.ts'

export function acknowledged(
  context: ServiceContext,
  from: MinionId,
  generation: number,
  { jid }: Body<'job.ack'>,
): void {
  const found = context.live.target(jid, from)
  if (found?.target.generation !== generation) return
  markDelivered(context, found.job, found.target)
}

export function progressed(
  context: ServiceContext,
  from: MinionId,
  generation: number,
  progress: Body<'job.progress'>,
): void {
  const found = context.live.target(progress.jid, from)
  if (found?.target.generation !== generation) return
  found.target.progress = progress
  markDelivered(context, found.job, found.target)
}

/** Progress proves delivery as well as an acknowledgement does, and that a missing job is there after all. */
function markDelivered(context: ServiceContext, job: LiveJob, target: LiveTarget): void {
  const arrived = target.state === 'pending'
  const session = sessionOf(context, target)
  target.state = 'delivered'
  target.attempted = true
  target.session = session
  target.missingSince = undefined
  const at = instant(context)
  context.live.change(job, target, session ? statusOf(target) : 'lost', at)
  if (arrived) context.background(() => context.store.jobs.delivered(job.row.jid, target.id, at.wall))
}

/** @throws TsaltError `return-unexpected`, `store-write-failed` */
export async function returned(
  context: ServiceContext,
  from: MinionId,
  generation: number,
  body: Body<'job.return'>,
): Promise<void> {
  const { jid } = body
  const stored = await context.store.returns.add(jid, from, generation, rowOf(body), context.clock.now())
  switch (stored) {
    case 'unexpected':
      return refuse(context, from, body)
    case 'different':
      context.audit({
        actor: `minion:${from}`,
        kind: 'job.return',
        verdict: 'refused',
        reason: 'another return is stored already; this one is kept apart',
        subject: jid,
      })
      context.log.warn({ jid, minion: from }, 'a second, different return was kept apart')
      return
    case 'stored':
    case 'repeated': {
      const found = context.live.target(jid, from)
      if (found) context.live.finish(found.job, found.target, 'returned', instant(context))
      else if (stored === 'stored') context.live.announce(jid, from)
      if (stored === 'stored') jobReturned(context.events, from, body)
    }
  }
}

/** The gateway, which knows the certificate, puts the refusal into the audit log. */
function refuse({ log }: ServiceContext, id: MinionId, { jid }: Body<'job.return'>): never {
  log.warn({ jid, minion: id }, 'a return was refused that nobody asked for')
  throw new TsaltError('return-unexpected', { jid, id })
}

const rowOf = (body: Body<'job.return'>): ReturnRow => ({
  outcome: body.outcome,
  retcode: body.retcode,
  success: body.success,
  format: body.format,
  ret: body.ret,
  started: body.started,
  duration: body.duration,
  truncated: body.truncated,
  ...(body.ended === undefined ? {} : { ended: body.ended }),
  ...(body.ranAs === undefined ? {} : { ranAs: body.ranAs }),
  ...(body.calls === undefined ? {} : { calls: body.calls }),
})
