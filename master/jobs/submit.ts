/** Submission: resolve, commit the job with all its targets, answer; delivery follows. */
import { decodeValue } from '../../shared/data/codec.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type JobId, type MinionId, nextJobId, type Sha256 } from '../../shared/ids.ts'
import { encodeEnvelope } from '../../shared/protocol/envelope.ts'
import { callsOf, functionsOf } from '../../shared/several-functions.ts'
import type { JobSubmission, Target } from '../api/schemas.ts'
import type { Actor } from '../auth/actor.ts'
import { meantFor } from '../auth/meant-for.ts'
import { jobSubmitted } from '../events/job-events.ts'
import type { JobRow, NewTarget } from '../store/jobs.ts'
import type { AcceptedMinion } from '../targeting/resolve.ts'
import { deliverJob, sessionOf } from './delivery.ts'
import { deliveryOf, type LiveJob, liveTarget } from './live-jobs.ts'
import type { ServiceContext } from './service-context.ts'

export interface Submitted {
  readonly jid: JobId
  readonly targets: readonly MinionId[]
  readonly defaulted: boolean
}

/** A client's clock may be this far ahead of ours, in milliseconds. */
const jidAhead = 3_600_000

/** Where a rollout begins: its targets are held. Runs when they are known, before the job is committed. */
export type BeforeHeld = (jid: JobId, ids: readonly MinionId[]) => Promise<void>
export interface Submit {
  (submission: JobSubmission, actor: Actor, held?: BeforeHeld): Promise<Submitted>
  /** A job id that no other job gets, for a job that is submitted later. */
  reserve(): JobId
}

/** @param newest the greatest jid that the store has seen */
export function makeSubmit(context: ServiceContext, newest: JobId | undefined): Submit {
  let last = newest
  const underWay = new Map<JobId, Promise<Submitted>>()

  function mint(wanted: JobId | undefined): JobId {
    const now = context.clock.now()
    if (wanted !== undefined && wanted > nextJobId(now + jidAhead, undefined))
      throw new TsaltError('jid-implausible', { jid: wanted })
    const jid = wanted ?? nextJobId(now, last)
    if (last === undefined || jid > last) last = jid
    return jid
  }

  async function submit(
    submission: JobSubmission,
    actor: Actor,
    held: BeforeHeld | undefined,
  ): Promise<Submitted> {
    requireParted(submission)
    const target = submission.target ?? context.options.defaultTarget
    if (target === undefined) throw new TsaltError('target-missing', {})
    context.access.requireTarget(actor, target)
    const defaulted = submission.target === undefined
    const wanted = submission.jid
    const existing = wanted && (await repeated(context, wanted, submission, target))
    if (existing) {
      await requireJob(context, actor, submission, existing.targets)
      return existing
    }

    const require = (ids: readonly MinionId[]) => requireJob(context, actor, submission, ids)
    const [matched, trees] = await Promise.all([
      meantFor({ ...context, require }, actor, target),
      hashesOf(context),
    ])
    const minions = drawn(context, matched, submission.subset)
    const ids = minions.map(({ id }) => id)
    await requireJob(context, actor, submission, ids)
    const operator = actor.name
    const row = makeRow(context, mint(wanted), submission, { target, defaulted, operator, trees })
    checkDeliverable(row)
    // Before anything is accepted: what cannot be recorded is not done.
    context.audit({
      actor: `operator:${operator}`,
      kind: 'job.submit',
      verdict: 'allowed',
      reason: `${row.fun} on ${minions.length} minions`,
      subject: row.jid,
    })
    if (held) await held(row.jid, ids)
    const job = await commit(context, row, minions, held !== undefined)
    if (job === undefined) {
      const other = await repeated(context, row.jid, submission, target)
      if (other) return other
      throw new TsaltError('jid-taken', { jid: row.jid })
    }
    jobSubmitted(context.events, row, job.ids)
    context.background(() => deliverJob(context, job, [...job.targets.values()]))
    return { jid: row.jid, targets: job.ids, defaulted }
  }

  const inTurn = async (submission: JobSubmission, actor: Actor, held?: BeforeHeld): Promise<Submitted> => {
    const { jid } = submission
    if (jid === undefined) return submit(submission, actor, held)
    // A retry that comes while the first attempt is being written waits for it, and then finds its job.
    const before: Promise<unknown> = underWay.get(jid) ?? Promise.resolve()
    const attempt = before.catch(() => undefined).then(() => submit(submission, actor, held))
    underWay.set(jid, attempt)
    try {
      return await attempt
    } finally {
      if (underWay.get(jid) === attempt) underWay.delete(jid)
    }
  }
  return Object.assign(inTurn, { reserve: () => mint(undefined) })
}

/** Several functions have a list of arguments each. @throws TsaltError `request-malformed` */
function requireParted(submission: JobSubmission): void {
  if (callsOf(submission) !== undefined) return
  const { length } = functionsOf(submission.fun)
  throw new TsaltError(
    'request-malformed',
    { reason: `${submission.fun} are ${length} functions, and args is no list of ${length} lists` },
    {
      hint: 'Keywords belong into the list of their function: [["uptime", {"__kwarg__": true, "timeout": 5}], []].',
    },
  )
}

/** @throws TsaltError `access-denied` */
const requireJob = (
  { access }: ServiceContext,
  actor: Actor,
  { fun, args, kwargs }: JobSubmission,
  minions: readonly MinionId[],
): Promise<void> => access.require(actor, { kind: 'job', fun, args, kwargs, minions })

/** So many by chance, in the order of all; those that are not connected only where the others don't suffice. */
function drawn(
  context: ServiceContext,
  matched: readonly AcceptedMinion[],
  subset: number | undefined,
): readonly AcceptedMinion[] {
  if (subset === undefined || subset >= matched.length) return matched
  const draws = matched.map((minion, index) => ({
    index,
    minion,
    offline: sessionOf(context, minion) === undefined,
    lot: context.clock.random(),
  }))
  draws.sort((a, b) => Number(a.offline) - Number(b.offline) || a.lot - b.lot)
  return draws
    .slice(0, subset)
    .sort((a, b) => a.index - b.index)
    .map(({ minion }) => minion)
}

/** What no minion could be sent or would understand is refused now. @throws TsaltError `request-malformed` */
function checkDeliverable(row: JobRow): void {
  try {
    encodeEnvelope({ kind: 'job.deliver', body: deliveryOf(row) })
    const named = [row.kwargs, row.metadata ?? {}].flatMap((each) => Object.values(each))
    for (const value of [...row.args, ...named]) decodeValue(value)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TsaltError('request-malformed', { reason }, { cause: error })
  }
}

/** The minion asks for the trees itself where their hashes are missing, so a job is not refused for them. */
async function hashesOf({ treeHashes, log }: ServiceContext): Promise<Readonly<Record<string, Sha256>>> {
  try {
    return await treeHashes()
  } catch (error) {
    log.warn({ err: error }, 'the trees could not be hashed for a job')
    return {}
  }
}

function makeRow(
  { clock, options }: ServiceContext,
  jid: JobId,
  { fun, args, kwargs, expirySeconds, maxSeconds, metadata }: JobSubmission,
  more: Pick<JobRow, 'target' | 'defaulted' | 'operator' | 'trees'>,
): JobRow {
  const submitted = clock.now()
  const expires = submitted + (expirySeconds ?? options.jobExpiry) * 1000
  const given = {
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
    ...(metadata === undefined ? {} : { metadata }),
  }
  return { jid, fun, args, kwargs, submitted, expires, ...given, ...more }
}

/** @returns undefined where the jid exists already. */
async function commit(
  context: ServiceContext,
  row: JobRow,
  minions: readonly AcceptedMinion[],
  held: boolean,
): Promise<LiveJob | undefined> {
  const { live, store } = context
  if (live.find(row.jid)) return undefined
  // Those that are connected will be sent to as soon as this commit is done: it records the attempt as well.
  const targets: NewTarget[] = minions.map(({ id, generation }) => ({
    id,
    generation,
    attempted: !held && sessionOf(context, { id, generation }) !== undefined,
    held,
  }))
  const ids = targets.map(({ id }) => id)
  // Live before it is committed, so that whoever follows the jid meanwhile does not take it for a finished one.
  const job = live.add(
    row,
    ids,
    targets.map((target) => liveTarget(target, row.submitted)),
    false,
  )
  try {
    if (await store.jobs.add(row, targets)) {
      job.committed = true
      return job
    }
  } catch (error) {
    live.drop(row.jid)
    throw error
  }
  live.drop(row.jid)
  return undefined
}

/** The same submission again is the same job. @throws TsaltError `jid-taken` where it is another command. */
async function repeated(
  { store }: ServiceContext,
  jid: JobId,
  { fun, args, kwargs }: JobSubmission,
  target: Target,
): Promise<Submitted | undefined> {
  const row = await store.jobs.find(jid)
  if (row === undefined) return undefined
  const same =
    JSON.stringify([row.fun, row.args, row.kwargs, row.target]) ===
    JSON.stringify([fun, args, kwargs, target])
  if (!same) throw new TsaltError('jid-taken', { jid })
  const targets = await store.jobs.targets(jid)
  return { jid, targets: targets.map(({ id }) => id), defaulted: row.defaulted }
}
