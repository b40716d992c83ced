/** One rollout under way: looks at its job, decides the next move, makes it, and says so on the disk first. */
import type { JobId, MinionId } from '../../shared/ids.ts'
import { partsOfReturn } from '../jobs/return-parts.ts'
import { askGate } from './gate.ts'
import { nextMove, type Situation, type Turn } from './next-move.ts'
import { windowOf } from './plan.ts'
import type { RolloutParts } from './rollout-parts.ts'
import type { Gate, Rollout } from './schemas.ts'
import { didChange, turnOf } from './turns.ts'

/** Milliseconds: many returns at once are one look. */
const gather = 50
/** Between two looks where nothing is heard: connections that stay lost, gates, pauses. */
const look = 1_000

export class RolloutRun {
  #rollout: Rollout
  readonly #parts: RolloutParts
  readonly #unwatch: () => void
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  /** Minions of `guarded` whose returns were looked into. */
  readonly #checked = new Set<MinionId>()
  #changed: MinionId | undefined
  /** Monotonic: when slots were freed, for `batchWait`. */
  readonly #freed: number[] = []
  #busyBefore = 0

  constructor(rollout: Rollout, parts: RolloutParts) {
    this.#rollout = rollout
    this.#parts = parts
    this.#unwatch = parts.jobs.watchTargets(rollout.jid, () => this.#soon(gather))
    this.#soon(0)
    for (const [id, { state }] of Object.entries(rollout.gates))
      if (state === 'asking') this.#ask(id as MinionId)
  }

  get rollout(): Rollout {
    return this.#rollout
  }

  /** @throws TsaltError `store-write-failed` */
  async change(to: Partial<Rollout>): Promise<void> {
    await this.#turn(() => this.#save(to))
    this.#soon(0)
  }

  /** Writes what is under way, then no more. */
  async stop(): Promise<void> {
    this.#unwatch()
    this.#stopping.abort()
    clearTimeout(this.#timer)
    await this.#looking
  }

  #soon(milliseconds: number): void {
    clearTimeout(this.#timer)
    if (this.#stopping.signal.aborted || !isOpen(this.#rollout)) return
    this.#timer = setTimeout(() => {
      this.#turn(() => this.#step()).catch((error: unknown) => {
        this.#parts.log.error(
          { err: error, jid: this.#rollout.jid },
          'a rollout could not go on; it tries again',
        )
        this.#soon(look)
      })
    }, milliseconds)
  }

  /** One after the other. */
  #turn(work: () => Promise<void>): Promise<void> {
    const mine = this.#looking.then(work)
    this.#looking = mine.catch(() => undefined)
    return mine
  }

  async #step(): Promise<void> {
    if (this.#rollout.state !== 'running' || this.#stopping.signal.aborted) return
    const moved = await this.#move(await this.#situation())
    this.#soon(moved ? 0 : look)
  }

  async #situation(): Promise<Situation> {
    const { jid, order, ends, step, limit, forgiven, wish, stepEnded, guarded, gates } = this.#rollout
    const { jobs, clock } = this.#parts
    const accounts = await jobs.verdicts(jid)
    const turns = new Map<MinionId, Turn>()
    for (const id of order) turns.set(id, turnOf(accounts.get(id), this.#rollout, this.#parts))
    for (const id of guarded) if (turns.get(id) === 'ok' || turns.get(id) === 'failed') await this.#look(id)
    const busy = order.filter((id) => turns.get(id) === 'busy').length
    for (let freed = busy; freed < this.#busyBefore; freed++) this.#freed.push(clock.monotonic())
    this.#busyBefore = busy
    const rest = (wish.batchWait ?? 0) * 1000
    while ((this.#freed[0] ?? Number.POSITIVE_INFINITY) <= clock.monotonic() - rest) this.#freed.shift()
    return {
      order,
      ends,
      step,
      turns,
      presence: (id) => jobs.presence(jid, id),
      window: windowOf(wish, order.length),
      resting: this.#freed.length,
      limit,
      forgiven,
      note: (id) => (gates[id]?.state === 'failed' ? gates[id].said : undefined),
      changed: this.#changed,
      pauseBetween: wish.pauseBetween,
      stepEnded,
      now: clock.now(),
    }
  }

  async #look(id: MinionId): Promise<void> {
    if (this.#checked.has(id)) return
    this.#checked.add(id)
    const found = await this.#parts.store.returns.find(this.#rollout.jid, id)
    if (found && partsOfReturn(found).some(({ ret }) => didChange(ret))) this.#changed ??= id
  }

  /** @returns whether it may go on at once */
  async #move(situation: Situation): Promise<boolean> {
    const { jid, step } = this.#rollout
    const move = nextMove(situation)
    switch (move.kind) {
      case 'wait':
        return false
      case 'ask': {
        const since = this.#parts.clock.now()
        const asked = Object.fromEntries(
          move.ids.map((id): [string, Gate] => [id, { state: 'asking', since }]),
        )
        await this.#save({ gates: { ...this.#rollout.gates, ...asked } })
        for (const id of move.ids) this.#ask(id)
        return true
      }
      case 'release':
        if (move.skip.length > 0) {
          await this.#save({ skipped: [...this.#rollout.skipped, ...move.skip] })
          await this.#parts.jobs.skip(jid, move.skip)
        }
        await this.#parts.jobs.release(jid, move.ids)
        this.#freed.splice(0, move.ids.length)
        return move.ids.length === 0
      case 'step':
        await this.#save({ step: step + 1, stepEnded: undefined })
        return true
      case 'step-ended':
        await this.#save({ stepEnded: situation.now })
        return true
      case 'pause':
        await this.#save({ state: 'paused', reason: move.reason })
        return false
      case 'stop':
        await this.#save({ state: 'stopped', reason: move.reason })
        return false
      case 'done':
        await this.#save({ state: 'done' })
        return false
    }
  }

  #ask(id: MinionId): void {
    const { wish, operator, gates } = this.#rollout
    const { signal } = this.#stopping
    askGate(
      this.#parts,
      { id, gate: wish.gate ?? '', timeout: wish.gateTimeout, operator, since: gates[id]?.since },
      signal,
    )
      .then((answer) => {
        if (answer === undefined) return
        return this.#turn(() => this.#save({ gates: { ...this.#rollout.gates, [id]: answer } }))
      })
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error, minion: id }, 'a gate could not be asked')
      })
      .finally(() => this.#soon(0))
  }

  async #save(change: Partial<Rollout>): Promise<void> {
    const { store, jobs, events } = this.#parts
    const before = this.#rollout
    const rollout: Rollout = { ...before, ...change }
    if ('stepEnded' in change && change.stepEnded === undefined)
      delete (rollout as { stepEnded?: number }).stepEnded
    await store.rollouts.put({
      jid: rollout.jid,
      open: isOpen(rollout),
      data: JSON.parse(JSON.stringify(rollout)),
    })
    this.#rollout = rollout
    jobs.announceRollout(rollout.jid)
    if (rollout.state !== before.state || rollout.step !== before.step) tell(events, rollout)
  }
}

export const isOpen = ({ state }: Rollout): boolean => state !== 'done' && state !== 'aborted'

function tell(events: RolloutParts['events'], { jid, state, step, ends, reason }: Rollout): void {
  events.fire(`salt/rollout/${jid}/${state}`, {
    jid: jid as JobId,
    state,
    step: step + 1,
    steps: ends.length,
    reason: reason ?? null,
  })
}
