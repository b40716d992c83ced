/**
 * Runs the jobs of the schedule at their times. What was due is on the disk before it runs, so that a restart neither
 * runs it twice nor forgets it. The planning (and croner) is loaded when there is a first entry.
 */
import { readFileSync, statSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { Dict } from '../../shared/data/value.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { jobsOf, laidOver } from '../../shared/schedule/layers.ts'
import type { Plan } from '../../shared/schedule/plan.ts'
import type { ScheduledJob } from '../../shared/schedule/scheduled-job.ts'
import { timingText } from '../../shared/schedule/timing-text.ts'
import { writeFileAtomicSync } from '../system/atomic-file.ts'
import { readScheduleFile } from './schedule-file.ts'

export interface SchedulerParts {
  readonly clock: Clock
  readonly log: Logger
  /** Of the configuration. */
  readonly configured: Dict
  /** Holds what functions and states keep; see schedule-file.ts. */
  readonly file: string
  /** Holds what was due last. */
  readonly timesFile: string
  /** As compiled last: the same object until it is compiled again. */
  pillar(): Dict
  /** Times that have names: name → time. */
  whens(): Dict
  /** Compiles it, where it was not yet. */
  loadPillar(): Promise<unknown>
  /** Takes its turn as any job. */
  call(job: ScheduledJob): Promise<JobReturn>
  /** A job came to its end. */
  done(job: ScheduledJob, result: JobReturn): void
}

/** Milliseconds. */
const longestSleep = 60_000

/** How long a master is waited for, and when the pillar is asked for after that. */
const patience = 60_000
const pillarPause = 5_000
const pillarSpread = 30_000

type Times = Record<string, { readonly entry: string; readonly anchor: number }>

export class Scheduler {
  readonly #parts: SchedulerParts
  #plans = new Map<string, Plan>()
  #enabled = true
  #entries: Dict = new Map()
  #seen: { file: string; pillar: Dict | undefined } = { file: '?', pillar: undefined }
  #timer: NodeJS.Timeout | undefined
  #starting: NodeJS.Timeout | undefined
  #asking: NodeJS.Timeout | undefined
  #phase: 'new' | 'started' | 'stopped' = 'new'
  #ticking: Promise<void> = Promise.resolve()

  constructor(parts: SchedulerParts) {
    this.#parts = parts
  }

  /** Begins, with the jobs that are to run at every start. Once. */
  async start(): Promise<void> {
    if (this.#phase !== 'new') return
    this.#phase = 'started'
    this.#askForPillar(this.#parts.clock.random() * pillarSpread + pillarPause)
    await this.refresh()
    for (const plan of this.#plans.values()) if (plan.job.runOnStart && this.#isOn(plan)) this.#run(plan)
  }

  /** As start, a while from now: jobs that need no master run without it. */
  startWithoutMaster(): void {
    this.#starting = setTimeout(() => void this.start(), patience).unref()
  }

  stop(): void {
    this.#phase = 'stopped'
    for (const timer of [this.#timer, this.#starting, this.#asking]) clearTimeout(timer)
  }

  /** All entries as they are in force. */
  get entries(): Dict {
    return this.#entries
  }

  /** Milliseconds since the epoch; undefined: not planned. */
  nextFireTime(name: string): number | undefined {
    const plan = this.#plans.get(name)
    return plan && this.#isOn(plan) ? plan.at : undefined
  }

  /** Now, beside its times. @returns false: there is no such job */
  runNow(name: string): boolean {
    const plan = this.#plans.get(name)
    if (plan) this.#run(plan)
    return plan !== undefined
  }

  /** Reads again what changed, runs what is due, sleeps until the next. */
  refresh(): Promise<void> {
    this.#ticking = this.#ticking
      .then(() => this.#tick())
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error }, 'the schedule could not be looked at')
      })
    return this.#ticking
  }

  /** A schedule may be in it. Not at once, as after a power cut thousands of minions start together. */
  #askForPillar(pause: number): void {
    const ask = async (): Promise<void> => {
      try {
        await this.#parts.loadPillar()
        await this.refresh()
      } catch (error) {
        this.#parts.log.debug({ err: error }, 'no pillar for the schedule yet')
        if (!this.#isStopped()) this.#askForPillar(longestSleep)
      }
    }
    this.#asking = setTimeout(() => void ask(), pause).unref()
  }

  async #tick(): Promise<void> {
    if (this.#phase !== 'started') return
    await this.#reload()
    const { clock } = this.#parts
    for (const plan of this.#plans.values()) {
      if (plan.anchor > clock.now()) {
        // The clock was set back.
        plan.anchor = clock.now()
        await this.#plan(plan)
      }
      if (plan.at !== undefined && plan.at <= clock.now()) await this.#fire(plan)
    }
    const next = Math.min(...[...this.#plans.values()].map(({ at }) => at ?? Number.POSITIVE_INFINITY))
    clearTimeout(this.#timer)
    if (this.#isStopped()) return
    const sleep = Math.max(10, Math.min(longestSleep, next - clock.now()))
    this.#timer = setTimeout(() => void this.refresh(), sleep).unref()
  }

  #isStopped(): boolean {
    return this.#phase === 'stopped'
  }

  async #fire(plan: Plan): Promise<void> {
    const { clock, log } = this.#parts
    const { job, due } = plan
    const { leaveBehind } = await import('../../shared/schedule/plan.ts')
    const isLate = leaveBehind(plan, clock)
    this.#keepTimes()
    if (!this.#isOn(plan)) return
    if (isLate) log.warn({ schedule: job.name, due }, 'the time of a scheduled job was missed')
    else if (plan.runs.count >= job.maxrunning)
      log.warn({ schedule: job.name }, 'a scheduled job still runs and is not started again')
    else this.#run(plan)
  }

  #run(plan: Plan): void {
    const { log, call, done } = this.#parts
    plan.runs.count += 1
    log.info({ schedule: plan.job.name, fun: plan.job.fun }, 'a scheduled job begins')
    call(plan.job)
      .then((result) => done(plan.job, result))
      .catch((error: unknown) => log.error({ err: error, schedule: plan.job.name }, 'a scheduled job failed'))
      .finally(() => {
        plan.runs.count -= 1
      })
  }

  #isOn = ({ job }: Plan): boolean => this.#enabled && job.enabled

  async #reload(): Promise<void> {
    const { configured, file, pillar, log } = this.#parts
    const seen = { file: stampOf(file), pillar: pillar() }
    if (seen.file === this.#seen.file && seen.pillar === this.#seen.pillar) return
    let kept: Dict
    try {
      kept = readScheduleFile(file)
    } catch (error) {
      log.error({ err: error }, 'the schedule stays as it was')
      return
    }
    this.#seen = seen
    const fromPillar = seen.pillar.get('schedule')
    this.#entries = laidOver(fromPillar instanceof Map ? fromPillar : new Map(), configured, kept)
    this.#enabled = this.#entries.get('enabled') !== false
    const jobs = jobsOf(this.#entries)
    if (jobs.length === 0 && this.#plans.size === 0) return
    const { readScheduledJob } = await import('../../shared/schedule/scheduled-job.ts')
    const times = this.#times()
    const plans = new Map<string, Plan>()
    for (const [name, entry] of jobs) {
      const job = readScheduledJob(name, entry, this.#parts.whens())
      if (typeof job === 'string') {
        log.error({ schedule: name, reason: job }, 'an entry of the schedule is wrong and left out')
        continue
      }
      plans.set(name, await this.#planned(job, timingText(entry as Dict), times[name]))
    }
    this.#plans = plans
    this.#keepTimes()
  }

  async #planned(job: ScheduledJob, entry: string, before: Times[string] | undefined): Promise<Plan> {
    const now = this.#parts.clock.now()
    const known = this.#plans.get(job.name)
    if (known?.entry === entry) {
      known.job = job
      return known
    }
    // A clock that was set back must not stop what it had run already.
    const anchor = before?.entry === entry ? Math.min(before.anchor, now) : now
    const plan: Plan = {
      job,
      entry,
      anchor,
      due: undefined,
      at: undefined,
      runs: known?.runs ?? { count: 0 },
    }
    await this.#plan(plan)
    return plan
  }

  async #plan(plan: Plan): Promise<void> {
    const { planNext } = await import('../../shared/schedule/plan.ts')
    planNext(plan, this.#parts.clock)
  }

  #times(): Times {
    try {
      return JSON.parse(readFileSync(this.#parts.timesFile, 'utf8')) as Times
    } catch {
      return {}
    }
  }

  #keepTimes(): void {
    const times = Object.fromEntries(
      [...this.#plans].map(([name, { entry, anchor }]) => [name, { entry, anchor }]),
    )
    try {
      writeFileAtomicSync(this.#parts.timesFile, JSON.stringify(times), { walk: false })
    } catch (error) {
      this.#parts.log.error({ err: error }, 'the times of scheduled jobs could not be kept')
    }
  }
}

function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false })
  return found === undefined ? '' : `${found.ino} ${found.mtimeMs} ${found.size}`
}
