/** The returns of a job as they come, for as long as a client wants to wait for silent minions. */
import type { Clock } from '../../shared/clock.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { TargetAccount } from '../api/schemas.ts'
import type { JobService } from '../jobs/job-service.ts'

export interface Patience {
  /** Seconds without a word of any minion that is waited for. */
  readonly silence: number
  /** Aborted when the client has left. */
  readonly signal: AbortSignal
  readonly clock: Pick<Clock, 'monotonic'>
}

/** A minion at work is heard about every five seconds: less is no silence. Milliseconds. */
const betweenWords = 16_000
const look = 250

/** Minions that are offline are not waited for; the job goes on without the client. */
export async function* awaitReturns(
  jobs: Pick<JobService, 'follow'>,
  jid: JobId,
  { silence, signal, clock }: Patience,
): AsyncGenerator<TargetAccount> {
  const enough = new AbortController()
  const heard = new Map<MinionId, { at: number; atWork: boolean }>()
  const timer = setInterval(() => {
    const now = clock.monotonic()
    const quiet = ({ at, atWork }: { at: number; atWork: boolean }): boolean =>
      now - at > (atWork ? Math.max(silence * 1000, betweenWords) : silence * 1000)
    if (heard.size > 0 && [...heard.values()].every(quiet)) enough.abort()
  }, look)
  try {
    for await (const event of jobs.follow(jid, AbortSignal.any([signal, enough.signal]))) {
      const targets = event.type === 'job' ? event.job.targets : event.type === 'target' ? [event.target] : []
      for (const target of targets) {
        const atWork = target.status === 'running' || target.status === 'queued' || target.status === 'held'
        if (isFinal(target)) heard.delete(target.id)
        else heard.set(target.id, { at: clock.monotonic(), atWork })
        if (event.type === 'target' && target.return !== undefined) yield target
      }
    }
  } finally {
    clearInterval(timer)
  }
}

const final = new Set<TargetAccount['status']>(['returned', 'expired'])
const isFinal = ({ status }: TargetAccount): boolean => final.has(status)
