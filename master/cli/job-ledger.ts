/** What is known of a job while it is followed: each target's account, and for how long it has been silent. */
import type { JobAccount, JobEvent, TargetAccount } from '../api/schemas.ts'
import type { RolloutAccount } from '../rollouts/schemas.ts'

export interface TargetEntry {
  readonly account: TargetAccount
  /** Monotonic milliseconds, without those of `JobLedger.stood`, at which the master last said something about it. */
  readonly heard: number
}

/** How a target ended, or why it is not waited for. */
export type Ending =
  | 'held'
  | 'ok'
  | 'failed'
  | 'interrupted'
  | 'cancelled'
  | 'timeout'
  | 'expired'
  | 'offline'
  | 'lost'
  | 'silent'

export class JobLedger {
  job: JobAccount | undefined
  ended = false
  /** Milliseconds in which returns were shown and nobody listened to the master: no part of anybody's silence. */
  stood = 0
  /** Of a job that is one. */
  rollout: RolloutAccount | undefined
  private readonly entries = new Map<string, TargetEntry>()
  /** Targets from which more is to be expected. */
  private open = 0
  /** Targets whose turn has not come. */
  private held = 0

  /** @returns the target that the event was about, where it has a return now */
  take(event: JobEvent, now: number): TargetAccount[] {
    switch (event.type) {
      case 'job':
        this.job = { ...event.job, targets: event.job.targets.map(withoutBody) }
        return event.job.targets.filter((target) => this.note(target, now))
      case 'target':
        return this.note(event.target, now) ? [event.target] : []
      case 'rollout':
        this.rollout = event.rollout
        return []
      case 'end':
        this.ended = true
        return []
      default:
        return []
    }
  }

  /** @returns whether this is the first that is heard of its return. After a reconnection all come again. */
  private note(target: TargetAccount, now: number): boolean {
    const before = this.entries.get(target.id)
    this.open += Number(isOpen(target)) - Number(before !== undefined && isOpen(before.account))
    this.held += Number(target.status === 'held') - Number(before?.account.status === 'held')
    this.entries.set(target.id, { account: withoutBody(target), heard: now })
    return target.return !== undefined && before?.account.return === undefined
  }

  targets(): readonly TargetEntry[] {
    return [...this.entries.values()]
  }

  /** Every target is where it stays. */
  get isComplete(): boolean {
    return this.ended || (this.entries.size > 0 && this.open === 0 && !this.goesOn())
  }

  /** Nothing more is to be expected within the time that the user wants to wait. @param silence seconds */
  isSettled(now: number, silence: number): boolean {
    if (this.isComplete) return true
    if (this.entries.size === 0 || this.goesOn()) return false
    for (const { account, heard } of this.entries.values()) {
      if (!isOpen(account)) continue
      const patience = isAtWork(account) ? Math.max(silence * 1000, betweenBeats) : silence * 1000
      if (now - heard <= patience) return false
    }
    return true
  }

  /** The next minions will have their turn, or a gate is asked behind the last return, or that is still to be told. */
  private goesOn(): boolean {
    if (this.rollout === undefined) return this.held > 0
    return this.rollout?.state === 'running' || this.rollout?.state === 'paused'
  }

  /** Starts the silence of every target anew: while the master was away nobody could be heard. */
  forgive(now: number): void {
    for (const [id, entry] of this.entries) this.entries.set(id, { ...entry, heard: now })
  }
}

/** A minion at work is heard at least every five seconds (job-progress.ts): less is no silence. Milliseconds. */
const betweenBeats = 7_500
const isAtWork = ({ status }: TargetAccount): boolean => status === 'running' || status === 'queued'

const isOpen = (account: TargetAccount): boolean => account.status !== 'held' && !isFinal(account)

/** What was returned has been shown, and thousands of highstates would fill the memory; how it ended is kept. */
function withoutBody(account: TargetAccount): TargetAccount {
  const { return: result } = account
  if (result === undefined || !['done', 'refused'].includes(result.outcome)) return account
  return { ...account, return: { ...result, ret: null } }
}

export const isFinal = (account: TargetAccount): boolean =>
  account.status === 'returned' || account.status === 'expired'

export function endingOf(account: TargetAccount): Ending {
  if (account.return) {
    const { outcome, retcode, success } = account.return
    if (outcome === 'done') return retcode === 0 && success ? 'ok' : 'failed'
    if (outcome === 'refused') return 'failed'
    return outcome
  }
  if (account.status === 'expired') return 'expired'
  if (account.status === 'held') return 'held'
  if (account.status === 'waiting') return 'offline'
  return account.status === 'lost' ? 'lost' : 'silent'
}
