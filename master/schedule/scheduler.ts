/**
 * The schedule of the master. What is due is in the store before it is begun, with the id of the job that it becomes:
 * after a crash no time is run twice, and a job that had not been made yet is made.
 */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, isDict } from '../../shared/data/value.ts'
import { isJobId } from '../../shared/ids.ts'
import { jobsOf, laidOver } from '../../shared/schedule/layers.ts'
import { leaveBehind, type Plan, planNext, tolerated } from '../../shared/schedule/plan.ts'
import { timingText } from '../../shared/schedule/timing-text.ts'
import type { DueRow, ScheduleStore } from '../store/schedules.ts'
import { type KnownNames, type MasterEntry, readMasterEntry } from './master-entry.ts'
import type { ScheduleDoor } from './schedule-door.ts'

export interface SchedulerParts {
  readonly store: ScheduleStore
  readonly clock: Clock
  readonly log: Logger
  readonly configured: Dict
  readonly known: KnownNames
  /** What a run of an entry is known by, before it begins: the id of its job, or another word of its own. */
  readonly token: (entry: MasterEntry) => string
  /** Resolves when it has ended. `begun` as soon as a crash would not lose it. Never rejects. */
  readonly run: (entry: MasterEntry, token: string, begun: () => void) => Promise<void>
  /** A runner was under way when the master ended: nobody knows how far it came. */
  readonly interrupted: (name: string, due: number) => void
}

interface Planned extends Plan<MasterEntry> {
  /** Token → when it was due: begun, and not known to have come to something. */
  readonly pending: Map<string, number>
}

/** Milliseconds. */
const longestSleep = 60_000

export class MasterScheduler implements ScheduleDoor {
  readonly #parts: SchedulerParts
  #configured: Dict
  #kept: Dict = new Map()
  #entries: Dict = new Map()
  #plans = new Map<string, Planned>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #turn: Promise<void> = Promise.resolve()
  readonly #underWay = new Set<Promise<void>>()

  constructor(parts: SchedulerParts) {
    this.#parts = parts
    this.#configured = parts.configured
  }

  async start(): Promise<void> {
    const { store } = this.#parts
    const edits = decodeValue(await store.edits())
    this.#kept = isDict(edits) ? edits : new Map()
    const rows = new Map((await store.due()).map((row) => [row.name, row]))
    await this.#plan(rows)
    for (const name of rows.keys()) if (!this.#plans.has(name)) await store.dropDue(name)
    await this.refresh()
    for (const plan of this.#plans.values())
      if (plan.job.runOnStart && this.#isOn(plan)) await this.#begin(plan)
  }

  entries = (): Dict => this.#entries
  kept = (): Dict => this.#kept
  configured = (): Dict => this.#configured

  keep(kept: Dict): Promise<void> {
    return this.#inTurn(async () => {
      await this.#parts.store.putEdits(encodeValue(kept))
      this.#kept = kept
      await this.#replan()
    })
  }

  /** Other entries of the configuration. What runs goes on; entries that are as before keep their times. */
  configure(configured: Dict): Promise<void> {
    return this.#inTurn(async () => {
      this.#configured = configured
      await this.#replan()
    })
  }

  nextFireTime(name: string): number | undefined {
    const plan = this.#plans.get(name)
    return plan && this.#isOn(plan) ? plan.at : undefined
  }

  runNow(name: string): boolean {
    const plan = this.#plans.get(name)
    if (plan === undefined) return false
    this.#inTurn(() => this.#begin(plan)).catch(this.#fails)
    return true
  }

  /** Runs what is due, sleeps until the next. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#tick()).catch(this.#fails)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#turn.catch(() => undefined)
  }

  #fails = (error: unknown): void =>
    this.#parts.log.error({ err: error }, 'the schedule could not be looked at')

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.catch(() => undefined).then(work)
    this.#turn = turn
    return turn
  }

  async #tick(): Promise<void> {
    if (this.#stopped) return
    const { clock } = this.#parts
    for (const plan of this.#plans.values()) {
      // The clock was set back.
      if (plan.anchor > clock.now()) {
        plan.anchor = clock.now()
        planNext(plan, clock)
      }
      if (plan.at !== undefined && plan.at <= clock.now()) await this.#fire(plan)
    }
    const next = Math.min(...[...this.#plans.values()].map(({ at }) => at ?? Number.POSITIVE_INFINITY))
    clearTimeout(this.#timer)
    const sleep = Math.max(10, Math.min(longestSleep, next - clock.now()))
    this.#timer = setTimeout(() => void this.refresh(), sleep).unref()
  }

  async #fire(plan: Planned): Promise<void> {
    const { clock, log } = this.#parts
    const { job, due = 0 } = plan
    const isLate = leaveBehind(plan, clock)
    if (this.#isOn(plan) && !isLate && plan.runs.count < job.maxrunning) return this.#begin(plan, due)
    await this.#write(plan)
    if (!this.#isOn(plan)) return
    if (isLate) log.warn({ schedule: job.name, due }, 'the time of a scheduled job was missed')
    else log.warn({ schedule: job.name }, 'a scheduled job still runs and is not started again')
  }

  /** In the store first, so that it is neither lost nor done twice. */
  async #begin(plan: Planned, due = this.#parts.clock.now()): Promise<void> {
    const token = this.#parts.token(plan.job)
    plan.pending.set(token, due)
    await this.#write(plan)
    this.#run(plan, token)
  }

  #run(plan: Planned, token: string): void {
    const { log, run } = this.#parts
    plan.runs.count += 1
    log.info({ schedule: plan.job.name, fun: plan.job.fun }, 'a scheduled job begins')
    const done = (): void => {
      if (!plan.pending.delete(token) || this.#stopped) return
      this.#write(plan).catch(this.#fails)
    }
    const work = run(plan.job, token, done)
      .then(done)
      .finally(() => {
        plan.runs.count -= 1
        this.#underWay.delete(work)
      })
    this.#underWay.add(work)
  }

  async #replan(): Promise<void> {
    const before = new Set(this.#plans.keys())
    await this.#plan(new Map())
    for (const name of before) if (!this.#plans.has(name)) await this.#parts.store.dropDue(name)
    await this.#tick()
  }

  #isOn = ({ job }: Planned): boolean => job.enabled && this.#entries.get('enabled') !== false

  /** @param rows what an earlier master had come to */
  async #plan(rows: ReadonlyMap<string, DueRow>): Promise<void> {
    const { known, log } = this.#parts
    this.#entries = laidOver(this.#configured, this.#kept)
    const plans = new Map<string, Planned>()
    for (const [name, entry] of jobsOf(this.#entries)) {
      const job = readMasterEntry(name, entry, known)
      if (typeof job === 'string') {
        log.error({ schedule: name, reason: job }, 'an entry of the schedule is wrong and left out')
        continue
      }
      plans.set(name, await this.#planned(job, timingText(entry as Dict), rows.get(name)))
    }
    this.#plans = plans
  }

  async #planned(job: MasterEntry, entry: string, row: DueRow | undefined): Promise<Planned> {
    const { clock } = this.#parts
    const known = this.#plans.get(job.name)
    if (known?.entry === entry) {
      known.job = job
      return known
    }
    const now = clock.now()
    // A clock that was set back must not stop what it had run already.
    const anchor = row?.timing === entry ? Math.min(row.anchor, now) : now
    const runs = known?.runs ?? { count: 0 }
    const plan: Planned = { job, entry, anchor, due: undefined, at: undefined, runs, pending: new Map() }
    planNext(plan, clock)
    const left = row === undefined ? [] : pendingOf(row.pending)
    for (const [token, due] of left) this.#takeUp(plan, token, due)
    await this.#write(plan)
    return plan
  }

  /** What was begun when an earlier master ended. A job is made once, whether it was made before or not. */
  #takeUp(plan: Planned, token: string, due: number): void {
    const { clock, interrupted } = this.#parts
    const isJob = plan.job.target !== undefined && isJobId(token)
    if (isJob && clock.now() - due <= tolerated) {
      plan.pending.set(token, due)
      this.#run(plan, token)
    } else interrupted(plan.job.name, due)
  }

  #write({ job, entry, anchor, pending }: Planned): Promise<void> {
    return this.#parts.store.putDue({ name: job.name, timing: entry, anchor, pending: [...pending] })
  }
}

/** As `#write` has it. */
function pendingOf(json: Json): [string, number][] {
  return (Array.isArray(json) ? json : []).flatMap((each): [string, number][] =>
    Array.isArray(each) && typeof each[0] === 'string' && typeof each[1] === 'number'
      ? [[each[0], each[1]]]
      : [],
  )
}
