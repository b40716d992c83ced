/** Sending jobs to minions that are there, and what follows from their coming and going. */
import type { MinionId } from '../../shared/ids.ts'
import { protocolVersions, severalFunctionsSince } from '../../shared/protocol/versions.ts'
import { isSeveral } from '../../shared/several-functions.ts'
import type { Session } from '../gateway/sessions.ts'
import type { LiveJob, LiveTarget } from './live-jobs.ts'
import { judge, type Verdict } from './reconcile.ts'
import { instant, type ServiceContext } from './service-context.ts'
import { conclude, expire } from './verdicts.ts'

const { newest } = protocolVersions

export interface Delivery {
  readonly job: LiveJob
  readonly target: LiveTarget
}

/** Marks the targets as attempted (durably, before the first byte leaves), then sends in the order given. */
async function deliver(context: ServiceContext, deliveries: readonly Delivery[]): Promise<void> {
  const fresh = deliveries.filter(({ target }) => !target.attempted && sessionOf(context, target))
  await Promise.all(fresh.map(({ job, target }) => context.store.jobs.attempted(job.row.jid, [target.id])))
  for (const { target } of fresh) target.attempted = true
  for (const { job, target } of deliveries) if (target.attempted) send(context, job, target)
}

/** A new job, or what of it has not been acknowledged, to all its minions that are there. */
export async function deliverJob(
  context: ServiceContext,
  job: LiveJob,
  targets: Iterable<LiveTarget>,
): Promise<void> {
  const ready: Delivery[] = []
  for (const target of targets) {
    const session = sessionOf(context, target)
    if (session && !target.held && !context.settling.has(session)) ready.push({ job, target })
  }
  await deliver(context, ready)
}

function send(context: ServiceContext, job: LiveJob, target: LiveTarget): void {
  const session = sessionOf(context, target)
  // While the attempt was being written it may have been killed, have arrived by another connection, or be gone.
  if (!session || target.state !== 'pending' || target.killed || !isOpen(job, target)) return
  if (isSeveral(job.row.fun) && (session.protocol ?? newest) < severalFunctionsSince) {
    if (target.session !== session) context.background(() => refuseOlder(context, job, target, session))
    target.session = session
    return
  }
  if (!context.sessions.send(target.id, 'job.deliver', job.delivery)) return
  const at = instant(context)
  target.session = session
  target.sentAt = at.monotonic
  context.live.change(job, target, 'sent', at)
}

/** It would take the message for a mistake, and end the connection over it. */
function refuseOlder(
  context: ServiceContext,
  job: LiveJob,
  target: LiveTarget,
  { version = 'an older version' }: Session,
): Promise<void> {
  const text = `Not run: the tsalt of this minion (${version}) cannot run several functions in one job. Update it, or call one function at a time.`
  return conclude(context, job, target, 'refused', text)
}

/** The minion's connection, if it is of the generation that was targeted. */
export function sessionOf(
  { sessions }: Pick<ServiceContext, 'sessions'>,
  target: { readonly id: MinionId; readonly generation: number },
): Session | undefined {
  const session = sessions.find(target.id)
  return session?.generation === target.generation ? session : undefined
}

/** After `hello`: every open job of this minion gets its verdict; what has to be delivered goes in order. */
export async function minionConnected(
  context: ServiceContext,
  session: Session,
  unfinished: readonly string[],
): Promise<void> {
  const there = new Set<string>(unfinished)
  context.settling.add(session)
  try {
    const toDeliver: Delivery[] = []
    for (const open of openOn(context, session)) {
      const verdict = verdictOn(context, session, open, there.has(open.job.row.jid))
      if (verdict === 'deliver') toDeliver.push(open)
      else await carryOut(context, session, open, verdict)
    }
    await deliver(context, toDeliver)
  } finally {
    context.settling.delete(session)
  }
  // Submitted in the meantime.
  await deliver(
    context,
    openOn(context, session).filter(({ target }) => target.state === 'pending' && !target.killed),
  )
}

/** What was sent on this very connection is not judged by the hello that came before it. */
function openOn({ live }: ServiceContext, session: Session): Delivery[] {
  return live
    .ofMinion(session.id)
    .filter(
      ({ job, target }) =>
        job.committed &&
        !target.held &&
        target.session !== session &&
        target.generation <= session.generation,
    )
}

function verdictOn(
  { clock }: ServiceContext,
  { generation }: Session,
  { job, target }: Delivery,
  unfinished: boolean,
): Verdict {
  return judge(target, { generation, unfinished, expired: clock.now() > job.row.expires })
}

async function carryOut(
  context: ServiceContext,
  session: Session,
  { job, target }: Delivery,
  verdict: Exclude<Verdict, 'deliver'>,
): Promise<void> {
  switch (verdict) {
    case 'adopt':
      return adopt(context, session, job, target)
    case 'expire':
      return expire(context, job, [target])
    case 'cancel':
      return conclude(context, job, target, 'cancelled')
    case 'orphan':
      return conclude(context, job, target, 'orphaned')
    case 'missing':
      target.session = session
      target.missingSince = context.clock.monotonic()
      context.live.change(job, target, 'lost', instant(context))
      return
    case 'leave':
      return
  }
}

function adopt(context: ServiceContext, session: Session, job: LiveJob, target: LiveTarget): void {
  const arrived = target.state === 'pending'
  target.state = 'delivered'
  target.session = session
  target.missingSince = undefined
  context.live.change(job, target, statusOf(target), instant(context))
  if (target.killed) context.sessions.send(target.id, 'job.kill', { jid: job.row.jid, signal: target.killed })
  if (arrived)
    context.background(() => context.store.jobs.delivered(job.row.jid, target.id, context.clock.now()))
}

/** The status of a delivered target whose minion is connected. */
export function statusOf({ progress }: LiveTarget): 'delivered' | 'queued' | 'running' {
  if (progress === undefined) return 'delivered'
  return progress.phase === 'queued' ? 'queued' : 'running'
}

/** After the socket has gone: what was under way on it is lost until the minion is back, what was not yet is waiting. */
export function minionDisconnected(context: ServiceContext, session: Session): void {
  const at = instant(context)
  for (const { job, target } of context.live.ofMinion(session.id)) {
    if (target.session !== session) continue
    target.session = undefined
    target.missingSince = undefined
    // Also for one that was sent and not acknowledged: whoever follows the job gives the minion time to come back.
    job.lostAt = at.monotonic
    context.live.change(job, target, target.state === 'delivered' ? 'lost' : 'waiting', at)
  }
}

/** Its key was deleted: what it has not received is given up, what it had is interrupted for all we shall know. */
export async function minionDeleted(context: ServiceContext, id: MinionId): Promise<void> {
  for (const { job, target } of context.live.ofMinion(id)) {
    // What the master runs itself may have this name as well.
    if (target.end) continue
    const verdict = judge(target, {
      generation: target.generation + 1,
      unfinished: false,
      expired: false,
    })
    if (verdict === 'orphan') await conclude(context, job, target, 'orphaned')
    else if (verdict === 'cancel') await conclude(context, job, target, 'cancelled')
    else await expire(context, job, [target])
  }
}

export function isOpen(job: LiveJob, target: LiveTarget): boolean {
  return job.targets.get(target.id) === target
}
