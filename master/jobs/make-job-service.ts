/** The job service, put together: memory rebuilt from the store, connections watched, timers running. */
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { JobAccount } from '../api/schemas.ts'
import type { HeldJobs } from '../rollouts/rollout-parts.ts'
import { accountOf } from './account.ts'
import { minionConnected, minionDeleted, minionDisconnected } from './delivery.ts'
import { follow } from './follow.ts'
import { heldJobs } from './held.ts'
import type { JobService } from './job-service.ts'
import { kill } from './kill.ts'
import { liveTarget, makeLiveJobs } from './live-jobs.ts'
import { type OwnJobs, ownJobs } from './own.ts'
import { acknowledged, progressed, returned } from './reception.ts'
import { rerun } from './rerun.ts'
import type { JobServiceParts, ServiceContext } from './service-context.ts'
import { makeSubmit } from './submit.ts'
import { summaries } from './summaries.ts'
import { sweepHistory, sweepTargets } from './sweep.ts'

export interface JobServiceHandle extends JobService {
  /** For rollouts. */
  readonly held: HeldJobs
  /** For orchestrations. */
  readonly own: OwnJobs
  /** Whoever follows a job that is a rollout hears of that, too, and who kills it ends the rollout. */
  tellRollouts(rollouts: ServiceContext['rollouts']): void
  /** What the timers do, now: expiry, deliveries to repeat, jobs to forget. */
  sweep(): Promise<void>
  /** Its open jobs end: nobody will ever report them. */
  minionDeleted(id: MinionId): void
  /** Ends the timers, and waits for what is being written. Before the store closes. */
  stop(): Promise<void>
}

/** Milliseconds. */
const everySecond = 1_000
const everyFewMinutes = 5 * 60_000

/** Before the gateway listens: minions that connect earlier would not be seen. */
export async function makeJobService(parts: JobServiceParts): Promise<JobServiceHandle> {
  const underWay = new Set<Promise<unknown>>()
  const stopping = new AbortController()
  const context = makeContext(parts, underWay, stopping.signal)
  await restore(context)
  const submit = makeSubmit(context, await parts.store.jobs.lastJid())
  const stopWatching = parts.sessions.watch({
    connected(session, unfinished) {
      context.returning.delete(session.id)
      context.background(() => minionConnected(context, session, unfinished))
    },
    disconnected: (session) => minionDisconnected(context, session),
  })
  const timers = startTimers(context)

  return {
    submit,
    reserveJid: () => submit.reserve(),
    held: heldJobs(context, submit),
    own: ownJobs(context, submit),
    tellRollouts(rollouts) {
      context.rollouts = rollouts
    },
    follow: (jid, signal) => follow(context, jid, signal),
    account: (jid) => accountOf(context, jid, 'full'),
    list: (limit) => list(context, limit),
    summaries: (filter) => summaries(context, filter),
    minionsOf: async (jid) => (await parts.store.jobs.targets(jid)).map(({ id }) => id),
    rerun: (jid, request, actor) => rerun(context, submit, jid, request, actor),
    active: () => active(context),
    kill: (jid, signal, actor) => kill(context, jid, signal, actor),
    acknowledged: (from, generation, body) => acknowledged(context, from, generation, body),
    progressed: (from, generation, body) => progressed(context, from, generation, body),
    returned: (from, generation, body) => returned(context, from, generation, body),
    minionDeleted: (id) => context.background(() => minionDeleted(context, id)),
    async sweep() {
      await sweepTargets(context)
      await sweepHistory(context)
    },
    async stop() {
      stopping.abort()
      stopWatching()
      for (const timer of timers) clearInterval(timer)
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}

function makeContext(
  parts: JobServiceParts,
  underWay: Set<Promise<unknown>>,
  stopping: AbortSignal,
): ServiceContext {
  return {
    ...parts,
    stopping,
    live: makeLiveJobs(),
    rollouts: { account: async () => undefined, killed: async () => undefined },
    started: parts.clock.monotonic(),
    returning: new Set(),
    settling: new Set(),
    background(work) {
      const run = work()
        .catch((error: unknown) => parts.log.error({ err: error }, 'work on a job failed'))
        .finally(() => underWay.delete(run))
      underWay.add(run)
    },
  }
}

async function restore({ store, live, clock, started, returning, options }: ServiceContext): Promise<void> {
  const now = clock.now()
  for (const { id, connectedSince, lastSeen } of await store.minions.list()) {
    // Connected when the master was killed, or until it was stopped in order, just now.
    if (connectedSince !== undefined || now - lastSeen < options.timeout * 1000) returning.add(id)
  }
  for (const { job, targets } of await store.jobs.open()) {
    const restored = targets.map((target) =>
      // A delivered one is lost from now on, until its minion says more; one that waits has waited since it was made.
      liveTarget(target, target.state === 'delivered' ? now : target.since),
    )
    const ids = targets.map(({ id }) => id)
    const restoredJob = live.add(job, ids, restored, true)
    if (restored.some(({ state }) => state === 'delivered')) restoredJob.lostAt = started
  }
}

function startTimers(context: ServiceContext): NodeJS.Timeout[] {
  let sweeping = false
  const sweep = () => {
    if (context.clock.monotonic() - context.started > context.options.timeout * 1000)
      context.returning.clear()
    if (sweeping) return
    sweeping = true
    context.background(() =>
      sweepTargets(context).finally(() => {
        sweeping = false
      }),
    )
  }
  const history = () => context.background(() => sweepHistory(context))
  const timers = [setInterval(sweep, everySecond), setInterval(history, everyFewMinutes)]
  for (const timer of timers) timer.unref()
  return timers
}

async function list(context: ServiceContext, limit: number): Promise<readonly JobAccount[]> {
  const rows = await context.store.jobs.list(limit)
  return accounts(
    context,
    rows.map(({ jid }) => jid),
  )
}

async function active(context: ServiceContext): Promise<readonly JobAccount[]> {
  const jobs = [...context.live.all()].filter(
    ({ counts: { sent, delivered, queued, running } }) => sent + delivered + queued + running > 0,
  )
  return accounts(context, jobs.map(({ row }) => row.jid).sort())
}

/** One after another, letting minions be served in between: a long list of large jobs takes its time. */
async function accounts(context: ServiceContext, jids: readonly JobId[]): Promise<readonly JobAccount[]> {
  const found: JobAccount[] = []
  for (const jid of jids) {
    const account = await accountOf(context, jid, 'without')
    if (account) found.push(account)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return found
}
