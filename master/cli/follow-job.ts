/** Follows a job to its end, through restarts of the master, until it is settled or the user has had enough. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobId } from '../../shared/ids.ts'
import type { JobAccount, TargetAccount } from '../api/schemas.ts'
import type { RolloutAccount } from '../rollouts/schemas.ts'
import type { Console } from './console.ts'
import { JobLedger } from './job-ledger.ts'
import type { MasterClient } from './master-client.ts'

/** For how long a master that went away is looked for, in milliseconds. */
const patience = 30_000
/** A stream without a beat for this long is dead; the master beats every five seconds. */
const longestQuiet = 16_000
const tick = 100

export interface FollowWatcher {
  /** The master told what the job is; again after each reconnection. */
  opened(job: JobAccount): void
  /** A target returned; called once for each. */
  returned(target: TargetAccount): void
  /** Asked after each return: what was shown is not read yet, and no more is taken from the master until it is. */
  ready?(): Promise<void> | undefined
  /** The rollout that the job is began, paused, stopped, went on or entered a step. */
  rolled?(rollout: RolloutAccount): void
  /** Something changed or time passed: redraw. */
  progressed(ledger: JobLedger): void
  /** The master went away (true) or is back (false). */
  away(isAway: boolean): void
}

export interface Followed {
  readonly ledger: JobLedger
  /** end: settled. detached: the user left. gone: the master did not come back. */
  readonly reason: 'end' | 'detached' | 'gone'
  readonly signal?: 'SIGINT' | 'SIGTERM' | 'SIGHUP'
}

export interface FollowOptions {
  /** Seconds of silence after which a target is not waited for; asked again at each look. */
  silence(): number
  /** The master said that it has this job, so one that does not answer at the first look is looked for, too. */
  readonly accepted?: boolean
  /** Aborts when the watcher knows all that it wants. */
  readonly enough?: AbortSignal
  /** Milliseconds after which it is given up whatever happens. */
  readonly total?: number
  /** Ctrl-C: whether to leave. Absent, or pressed again before it answers: leave. `over` aborts when nobody needs it. */
  asked?(over: AbortSignal): Promise<'leave' | 'stay'>
}

/** @throws TsaltError or MasterRefusal where the job can't be followed at all, as for an unknown jid */
export async function followJob(
  client: MasterClient,
  jid: JobId,
  console: Console,
  watcher: FollowWatcher,
  options: FollowOptions,
): Promise<Followed> {
  const following = new Following(client, jid, console, watcher, options)
  let signal: Followed['signal']
  let asking: Promise<void> | undefined
  const over = new AbortController()
  const leave = (name: NonNullable<Followed['signal']>): void => {
    signal ??= name
    following.stop()
  }
  const unlisten = console.onInterrupt((name) => {
    if (name !== 'SIGINT' || options.asked === undefined || asking !== undefined) return leave(name)
    asking = options
      .asked(over.signal)
      .then((answer) => {
        asking = undefined
        if (answer === 'leave' && !over.signal.aborted) leave(name)
      })
      .catch(() => leave(name))
  })
  const timer = setInterval(() => following.look(), tick)
  const stop = (): void => following.stop()
  options.enough?.addEventListener('abort', stop, { once: true })
  const limit = options.total === undefined ? undefined : setTimeout(stop, options.total)
  try {
    await following.read()
  } finally {
    clearInterval(timer)
    clearTimeout(limit)
    options.enough?.removeEventListener('abort', stop)
    over.abort()
    // Its last word comes before the report.
    await asking
    unlisten()
    following.stop()
  }
  const { ledger } = following
  if (signal !== undefined) return { ledger, reason: 'detached', signal }
  return { ledger, reason: following.settled ? 'end' : 'gone' }
}

class Following {
  readonly ledger = new JobLedger()
  settled = false
  private readonly stopped = new AbortController()
  private stream = new AbortController()
  private lastWord: number
  /** Since when the master is away. */
  private goneSince: number | undefined
  /** Since when a return is being shown, or waits for its reader: the clock of the ledger stands. */
  private busySince: number | undefined
  private readonly client: MasterClient
  private readonly jid: JobId
  private readonly console: Console
  private readonly watcher: FollowWatcher
  private readonly options: FollowOptions

  constructor(
    client: MasterClient,
    jid: JobId,
    console: Console,
    watcher: FollowWatcher,
    options: FollowOptions,
  ) {
    this.client = client
    this.jid = jid
    this.console = console
    this.watcher = watcher
    this.options = options
    this.lastWord = console.clock.monotonic()
  }

  stop(): void {
    this.stopped.abort()
    this.stream.abort()
  }

  /** Time has passed. */
  look(): void {
    this.watcher.progressed(this.ledger)
    const now = this.now()
    if (this.goneSince === undefined) this.settle(now)
    if (now - this.lastWord > longestQuiet) this.stream.abort()
  }

  /** Reads streams one after the other until the job is settled; the first failure to open one is the caller's. */
  async read(): Promise<void> {
    for (let attempt = 0; !this.stopped.signal.aborted; attempt++) {
      try {
        await this.readStream()
      } catch (error) {
        const known = this.options.accepted === true || this.ledger.job !== undefined
        if (!(known && isConnectionError(error)) && !this.stopped.signal.aborted) throw error
      }
      if (this.stopped.signal.aborted) return
      const now = this.now()
      if (this.goneSince === undefined) {
        this.goneSince = now
        attempt = 0
        this.watcher.away(true)
      }
      if (now - this.goneSince > patience) return
      const wait = Math.min(2000, 100 * 2 ** Math.min(attempt, 5))
      await pause(wait * (0.5 + this.console.clock.random() / 2), this.stopped.signal)
    }
  }

  private async readStream(): Promise<void> {
    this.stream = new AbortController()
    this.lastWord = this.now()
    for await (const event of this.client.follow(this.jid, this.stream.signal)) {
      const now = this.now()
      this.lastWord = now
      if (this.goneSince !== undefined) this.welcome(now)
      if (event.type === 'job') this.watcher.opened(event.job)
      if (event.type === 'rollout') this.watcher.rolled?.(event.rollout)
      for (const target of this.ledger.take(event, now)) await this.show(target)
      if (this.ledger.isComplete) this.settle(now)
      if (this.stopped.signal.aborted) return
    }
  }

  /** Nobody is silent because this side is slow: what others said meanwhile waits on the connection. */
  private async show(target: TargetAccount): Promise<void> {
    const from = this.console.clock.monotonic()
    this.busySince = from
    try {
      this.watcher.returned(target)
      const ready = this.watcher.ready?.()
      if (ready !== undefined) await unlessStopped(ready, this.stopped.signal)
    } finally {
      this.ledger.stood += this.console.clock.monotonic() - from
      this.busySince = undefined
    }
  }

  /** Monotonic milliseconds, but for those in which returns were shown. */
  private now(): number {
    return (this.busySince ?? this.console.clock.monotonic()) - this.ledger.stood
  }

  private welcome(now: number): void {
    this.goneSince = undefined
    this.ledger.forgive(now)
    this.watcher.away(false)
  }

  private settle(now: number): void {
    if (!this.ledger.isSettled(now, this.options.silence())) return
    this.settled = true
    this.stop()
  }
}

const isConnectionError = (error: unknown): boolean =>
  error instanceof TsaltError && (error.code === 'master-down' || error.code === 'submission-uncertain')

function unlessStopped(ready: Promise<void>, stopped: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const finish = (): void => {
      stopped.removeEventListener('abort', finish)
      done()
    }
    stopped.addEventListener('abort', finish)
    if (stopped.aborted) finish()
    ready.then(finish, failed)
  })
}

function pause(milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(finish, milliseconds)
    function finish(): void {
      clearTimeout(timer)
      stopped.removeEventListener('abort', finish)
      done()
    }
    stopped.addEventListener('abort', finish)
    if (stopped.aborted) finish()
  })
}
