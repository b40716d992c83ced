/** What is known of a job while it is followed: each target's account, and for how long it has been silent. */
import type { JobAccount, JobEvent, TargetAccount } from '../api/schemas.ts'
import type { RolloutAccount } from '../rollouts/schemas.ts'

export interface TargetEntry {
  readonly account: TargetAccount
  /** Monotonic milliseconds at which the master last said something about it. */
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
  /** Of a job that is one. */
  rollout: RolloutAccount | undefined
  private readonly entries = new Map<string, TargetEntry>()

  /** @returns the target that the event was about, where it has a return now */
  take(event: JobEvent, now: number): TargetAccount[] {
    switch (event.type) {
      case 'job':
        this.job = event.job
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
    this.entries.set(target.id, { account: target, heard: now })
    return target.return !== undefined && before?.account.return === undefined
  }

  targets(): readonly TargetEntry[] {
    return [...this.entries.values()]
  }

  /** Nothing more is to be expected within the time that the user wants to wait. @param silence seconds */
  isSettled(now: number, silence: number): boolean {
    if (this.ended) return true
    if (this.entries.size === 0 || this.goesOn()) return false
    return this.targets().every(({ account, heard }) => {
      if (account.status === 'held') return true
      const patience = isAtWork(account) ? Math.max(silence * 1000, betweenBeats) : silence * 1000
      return isFinal(account) || now - heard > patience
    })
  }

  /** The next minions will have their turn, or a gate is asked behind the last return. */
  private goesOn(): boolean {
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
