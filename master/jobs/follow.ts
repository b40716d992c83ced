/**
 * A job as a stream: what it is, every change, the end. A slow reader gets the newest of each target, never a queue of
 * old ones, and returns are read from the store one at a time, so following costs no more memory than the targets.
 */
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { JobEvent } from '../api/schemas.ts'
import { accountOf, targetAccountOf } from './account.ts'
import { expectedOf } from './expected.ts'
import type { LiveJob } from './live-jobs.ts'
import type { ServiceContext } from './service-context.ts'

/** Milliseconds of silence between two beats. */
const beatEvery = 5_000
/** So many changes at once are a crowd, and this long, in milliseconds, is waited before the next of one is told. */
const crowd = 20
const crowdPause = 50
/** Milliseconds for which it is not told that a target was sent to: most tell more in that time. */
const sentPause = 1_000

/** @throws TsaltError `job-unknown` */
export async function* follow(
  context: ServiceContext,
  jid: JobId,
  signal: AbortSignal,
): AsyncGenerator<JobEvent, void, undefined> {
  const changed = new Set<MinionId>()
  let wake: () => void = () => undefined
  let rolled = true
  /** A rollout that goes on has more to tell: the next minions, and gates behind the last return. */
  let goesOn = false
  const sent = new JustSent(context, jid)
  const unwatch = context.live.watch(jid, (id) => {
    if (id === undefined) rolled = true
    else if (sent.holds(id)) return
    else changed.add(id)
    wake()
  })
  try {
    // Returns that are there already follow as events of their own: all in one document could fill the memory.
    const job = await accountOf(context, jid, 'later')
    if (job === undefined) throw new TsaltError('job-unknown', { jid })
    for (const { id, state } of await context.store.jobs.targets(jid))
      if (state === 'returned') changed.add(id)
    const row = context.live.find(jid)?.row
    const expected = row && (await expectedOf(context, row))
    yield { type: 'job', job: expected === undefined ? job : { ...job, expected } }

    while (!signal.aborted) {
      if (rolled) {
        rolled = false
        const rollout = await context.rollouts.account(jid)
        goesOn = rollout?.state === 'running' || rollout?.state === 'paused'
        if (rollout) yield { type: 'rollout', rollout }
      }
      for (const id of sent.due()) changed.add(id)
      const round = [...changed]
      changed.clear()
      for (const id of round) {
        const target = await targetAccountOf(context, jid, id)
        if (target) yield { type: 'target', target }
        if (signal.aborted) return
      }
      // Of thousands under way at once, the next look tells several steps of each in one.
      if (round.length >= crowd) await sleep(crowdPause, signal, () => false)
      if (rolled || changed.size > 0) continue
      const left = goesOn ? Number.POSITIVE_INFINITY : timeLeft(context, context.live.find(jid))
      if (left <= 0) {
        yield { type: 'end' }
        return
      }
      const pause = Math.min(beatEvery, left, sent.pause())
      const woken = await sleep(pause, signal, (waker) => {
        wake = waker
        return changed.size > 0 || rolled
      })
      if (!woken && pause === beatEvery) yield { type: 'beat' }
    }
  } finally {
    unwatch()
  }
}

/** Targets that were sent to a moment ago, until they tell something themselves. */
class JustSent {
  readonly #context: ServiceContext
  readonly #jid: JobId
  readonly #held = new Set<MinionId>()
  #until = Number.POSITIVE_INFINITY

  constructor(context: ServiceContext, jid: JobId) {
    this.#context = context
    this.#jid = jid
  }

  /** Told of each change. @returns whether it waits */
  holds(id: MinionId): boolean {
    const { live, clock } = this.#context
    const target = live.target(this.#jid, id)?.target
    if (target?.status !== 'sent') {
      this.#held.delete(id)
      return false
    }
    this.#held.add(id)
    this.#until = Math.min(this.#until, clock.monotonic() + sentPause)
    return true
  }

  /** Those that have waited long enough, once. */
  due(): readonly MinionId[] {
    if (this.pause() > 0) return []
    const due = [...this.#held]
    this.#held.clear()
    this.#until = Number.POSITIVE_INFINITY
    return due
  }

  /** Milliseconds until some may be due. */
  pause(): number {
    return Math.max(0, this.#until - this.#context.clock.monotonic())
  }
}

/**
 * How long there is still something to wait for, in milliseconds. Targets that are under way are waited for as long as
 * their connection lives; lost ones get `timeout` to come back; offline ones are not waited for.
 */
function timeLeft(context: ServiceContext, job: LiveJob | undefined): number {
  if (job === undefined) return 0
  const { sent, delivered, queued, running, lost, waiting } = job.counts
  const underWay = sent + delivered + queued + running > 0
  if (underWay || !job.committed) return Number.POSITIVE_INFINITY
  const now = context.clock.monotonic()
  const grace = context.options.timeout * 1000
  const forLost = lost + waiting > 0 ? job.lostAt + grace - now : 0
  const forReturning = awaitsReturning(context, job) ? context.started + grace - now : 0
  return Math.max(0, forLost, forReturning)
}

/** Just after a restart of the master, minions that were connected before it are not taken for offline ones. */
function awaitsReturning({ returning }: ServiceContext, job: LiveJob): boolean {
  for (const id of returning) if (job.targets.has(id)) return true
  return false
}

/** @param arm is given the function that ends the sleep; if it answers true there is no sleep. */
function sleep(
  milliseconds: number,
  signal: AbortSignal,
  arm: (waker: () => void) => boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (woken: boolean) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wakeUp)
      resolve(woken)
    }
    const wakeUp = () => done(true)
    const timer = setTimeout(() => done(false), milliseconds)
    signal.addEventListener('abort', wakeUp, { once: true })
    if (arm(wakeUp) || signal.aborted) wakeUp()
  })
}
