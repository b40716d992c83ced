/** Rollouts: a job whose targets wait for their turn, run by the master, so that nobody's laptop has to stay open. */
import * as v from 'valibot'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { JobSubmission, JobSubmitted, Target } from '../api/schemas.ts'
import type { Actor } from '../auth/actor.ts'
import { meantFor } from '../auth/meant-for.ts'
import { requireGate } from './gate.ts'
import { isUntried, type Place } from './next-move.ts'
import { type Plan, planRollout } from './plan.ts'
import type { RolloutParts } from './rollout-parts.ts'
import { isOpen, RolloutRun } from './rollout-run.ts'
import { Rollout, type RolloutAccount, type RolloutWish } from './schemas.ts'
import { turnOf } from './turns.ts'

export type RolloutAction = 'pause' | 'resume' | 'abort'

export interface RolloutService {
  /** @throws TsaltError `rollout-invalid`, and as JobService.submit */
  submit(submission: JobSubmission, wish: RolloutWish, actor: Actor): Promise<JobSubmitted>
  account(jid: JobId): Promise<RolloutAccount | undefined>
  /** Newest first. */
  list(limit: number): Promise<readonly RolloutAccount[]>
  /** @throws TsaltError `rollout-unknown`, `rollout-over` */
  act(jid: JobId, action: RolloutAction, actor: Actor): Promise<RolloutAccount>
  /** The whole job is being killed: the rollout is aborted, where it is not over. */
  killed(jid: JobId, operator: string): Promise<void>
  /** A new rollout of the same function on those that failed, were passed over or never had a turn. */
  retry(jid: JobId, actor: Actor): Promise<JobSubmitted>
  stop(): Promise<void>
}

/** A rollout may take long; the minions that have their turn late must not find the job expired. Seconds. */
const longest = 7 * 86_400

/** Takes up those of an earlier life of the master. */
export async function openRollouts(parts: RolloutParts): Promise<RolloutService> {
  const rollouts = new Rollouts(parts)
  for (const { jid, data } of await parts.store.rollouts.open()) {
    // Without a job the master died between the two commits: nobody was told of it.
    if ((await parts.store.jobs.find(jid)) !== undefined) rollouts.run(v.parse(Rollout, data))
  }
  return rollouts
}

class Rollouts implements RolloutService {
  readonly #parts: RolloutParts
  readonly #runs = new Map<JobId, RolloutRun>()

  constructor(parts: RolloutParts) {
    this.#parts = parts
  }

  run(rollout: Rollout): void {
    if (!this.#runs.has(rollout.jid)) this.#runs.set(rollout.jid, new RolloutRun(rollout, this.#parts))
  }

  async submit(submission: JobSubmission, wish: RolloutWish, actor: Actor): Promise<JobSubmitted> {
    const { jobs, store, clock, access } = this.#parts
    if (typeof wish.canary === 'object') access.requireTarget(actor, wish.canary)
    if (wish.stopOnChangeIn !== undefined) access.requireTarget(actor, wish.stopOnChangeIn)
    const canaries =
      typeof wish.canary === 'object' ? await idsOf(this.#parts, actor, 'canary', wish.canary) : []
    const guarded =
      wish.stopOnChangeIn === undefined
        ? []
        : await idsOf(this.#parts, actor, 'stop-on-change-in', wish.stopOnChangeIn)
    const whole = { expirySeconds: longest, ...submission }
    const submitted = await jobs.submitHeld(whole, actor, async (jid, ids) => {
      const plan = planRollout(wish, ids, { canaries, isThere: jobs.isThere })
      await requireGate(this.#parts, actor, wish, ids)
      const rollout = begin(jid, actor.name, wish, plan, guarded, clock.now())
      await store.rollouts.put({ jid, open: true, data: JSON.parse(JSON.stringify(rollout)) })
    })
    const rollout = await this.#find(submitted.jid)
    if (rollout && isOpen(rollout)) this.run(rollout)
    return { ...submitted, targets: [...submitted.targets] }
  }

  account = async (jid: JobId): Promise<RolloutAccount | undefined> => {
    const rollout = await this.#find(jid)
    return rollout && accountOf(this.#parts, rollout)
  }

  async list(limit: number): Promise<readonly RolloutAccount[]> {
    const accounts: RolloutAccount[] = []
    for (const { jid } of await this.#parts.store.rollouts.list(limit)) {
      const account = await this.account(jid)
      if (account) accounts.push(account)
    }
    return accounts
  }

  async act(jid: JobId, action: RolloutAction, actor: Actor): Promise<RolloutAccount> {
    const run = this.#runs.get(jid)
    if (run === undefined || !isOpen(run.rollout)) throw await this.#over(jid)
    const { audit, jobs } = this.#parts
    await this.#require(jid, actor)
    const operator = actor.name
    audit({ actor: `operator:${operator}`, kind: `rollout.${action}`, verdict: 'allowed', subject: jid })
    if (action === 'pause') {
      // One that stopped begins nothing more already, and why it did is to be seen until somebody forgives it.
      if (run.rollout.state === 'running')
        await run.change({ state: 'paused', reason: `paused by ${operator}` })
    } else if (action === 'abort') {
      await run.change({ state: 'aborted', reason: `aborted by ${operator}` })
      await jobs.cancelHeld(jid)
    } else await resume(this.#parts, run)
    return accountOf(this.#parts, run.rollout)
  }

  killed = async (jid: JobId, operator: string): Promise<void> => {
    const run = this.#runs.get(jid)
    if (run !== undefined && isOpen(run.rollout))
      await run.change({ state: 'aborted', reason: `its job was killed by ${operator}` })
  }

  async retry(jid: JobId, actor: Actor): Promise<JobSubmitted> {
    const rollout = await this.#find(jid)
    const job = await this.#parts.store.jobs.find(jid)
    if (rollout === undefined || job === undefined) throw new TsaltError('rollout-unknown', { jid })
    const verdicts = await this.#parts.jobs.verdicts(jid)
    const again = rollout.order.filter((id) =>
      ['failed', 'offline', 'left'].includes(turnOf(verdicts.get(id), rollout, this.#parts)),
    )
    if (again.length === 0) throw new TsaltError('rollout-nothing-failed', { jid })
    const { fun, args, kwargs } = job
    // The first of those that failed are no canaries, and what they change was wanted.
    const { canary: _canary, stopOnChangeIn: _guard, pauseBetween, ...rest } = rollout.wish
    const paused = rest.steps !== undefined && pauseBetween !== undefined
    const wish = paused ? { ...rest, pauseBetween } : rest
    const target: Target = { kind: 'list', expression: again.join(',') }
    return this.submit({ target, fun, args: [...args], kwargs: { ...kwargs } }, wish, actor)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => run.stop()))
  }

  async #find(jid: JobId): Promise<Rollout | undefined> {
    const running = this.#runs.get(jid)?.rollout
    if (running) return running
    const row = await this.#parts.store.rollouts.find(jid)
    return row && v.parse(Rollout, row.data)
  }

  /** Who may not run it may not steer it. @throws TsaltError `access-denied` */
  async #require(jid: JobId, actor: Actor): Promise<void> {
    const { store, access } = this.#parts
    const job = await store.jobs.find(jid)
    if (job === undefined) throw new TsaltError('rollout-unknown', { jid })
    const { fun, args, kwargs } = job
    const minions = (await store.jobs.targets(jid)).map(({ id }) => id)
    await access.require(actor, { kind: 'job', fun, args, kwargs, minions })
  }

  async #over(jid: JobId): Promise<TsaltError> {
    const rollout = await this.#find(jid)
    return rollout === undefined
      ? new TsaltError('rollout-unknown', { jid })
      : new TsaltError('rollout-over', { jid, state: rollout.state })
  }
}

function begin(
  jid: JobId,
  operator: string,
  wish: RolloutWish,
  { order, ends, limit }: Plan,
  guarded: readonly MinionId[],
  since: number,
): Rollout {
  return {
    jid,
    operator,
    wish,
    order: [...order],
    ends: [...ends],
    ...(limit === undefined ? {} : { limit }),
    guarded: guarded.filter((id) => order.includes(id)),
    state: 'running',
    step: 0,
    forgiven: 0,
    gates: {},
    skipped: [],
    since,
  }
}

/** What failed so far was seen: it counts no more. A pause between steps is over, and so is a step that nobody was there for. */
async function resume(parts: RolloutParts, run: RolloutRun): Promise<void> {
  const { rollout } = run
  if (rollout.state === 'running') return
  const { failed } = await accountOf(parts, rollout)
  const isPause =
    rollout.state === 'paused' && rollout.stepEnded !== undefined && rollout.wish.pauseBetween === true
  const isOver = isPause || (rollout.state === 'stopped' && isUntried(await placeOf(parts, rollout)))
  await run.change({
    state: 'running',
    reason: undefined,
    guarded: rollout.state === 'stopped' ? [] : rollout.guarded,
    forgiven: rollout.state === 'stopped' ? failed : rollout.forgiven,
    ...(isOver ? { step: rollout.step + 1, stepEnded: undefined } : {}),
  })
}

async function placeOf(parts: RolloutParts, rollout: Rollout): Promise<Place> {
  const { jid, order, ends, step } = rollout
  const verdicts = await parts.jobs.verdicts(jid)
  const turns = new Map(order.map((id) => [id, turnOf(verdicts.get(id), rollout, parts)]))
  return { order, ends, step, turns }
}

/** @param option whose target it is: nobody should take its mistake for one of the job's own target */
async function idsOf(
  { resolveTarget, access }: RolloutParts,
  actor: Actor,
  option: 'canary' | 'stop-on-change-in',
  target: Target,
): Promise<readonly MinionId[]> {
  try {
    const require = (minions: readonly MinionId[]) =>
      access.require(actor, { kind: 'see', what: 'minions', minions })
    const ids = (await meantFor({ access, resolveTarget, require }, actor, target)).map(({ id }) => id)
    await require(ids)
    return ids
  } catch (error) {
    if (!isTsaltError(error)) throw error
    const { message, hint, place } = error
    throw new TsaltError(
      'rollout-invalid',
      { reason: `--${option} ${target.expression.slice(0, 80)}: ${message}` },
      {
        cause: error,
        place,
        hint: hint ?? 'tsalt -C TARGET --preview-target shows whom an expression means.',
      },
    )
  }
}

async function accountOf(parts: RolloutParts, rollout: Rollout): Promise<RolloutAccount> {
  const { jid, state, reason, step, ends, order, gates, since } = rollout
  const verdicts = await parts.jobs.verdicts(jid)
  const counts = { held: 0, left: 0, busy: 0, ok: 0, failed: 0, offline: 0, 'gate-due': 0 }
  for (const id of order) counts[turnOf(verdicts.get(id), rollout, parts)] += 1
  return {
    jid,
    state,
    ...(reason === undefined ? {} : { reason }),
    step,
    steps: ends.length,
    total: order.length,
    held: counts.held + counts.left,
    underWay: counts.busy + counts['gate-due'],
    succeeded: counts.ok,
    failed: counts.failed,
    offline: counts.offline,
    gatesAsked: Object.values(gates).filter((gate) => gate.state === 'asking').length,
    since,
  }
}
