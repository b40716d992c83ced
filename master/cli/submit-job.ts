/**
 * Brings a job to the master, once: the command line mints its id, so that a submission whose answer was lost is
 * repeated until the master says that it has it.
 */
import { TsaltError } from '../../shared/errors/error.ts'
import { type JobId, nextJobId } from '../../shared/ids.ts'
import type { JobSubmission, JobSubmitted } from '../api/schemas.ts'
import type { Console } from './console.ts'
import type { MasterClient } from './master-client.ts'
import { MasterRefusal } from './master-refusal.ts'

/** For how long a master that went away in the midst of it is looked for, in milliseconds. */
const patience = 30_000
const longestPause = 2_000
const mints = 5

/**
 * @throws MasterRefusal where the master refuses it; TsaltError `master-down` where there is no master at all,
 * `submission-uncertain` where it went away and did not come back
 */
export async function submitJob(
  client: MasterClient,
  console: Console,
  submission: JobSubmission,
): Promise<JobSubmitted> {
  if (submission.jid !== undefined) return persist(client, console, submission, submission.jid)
  for (let attempt = 1; ; attempt++) {
    const jid = mintJobId(console)
    try {
      return await persist(client, console, { ...submission, jid }, jid)
    } catch (error) {
      // Somebody else's job of the same microsecond.
      if (attempt < mints && error instanceof MasterRefusal && error.code === 'jid-taken') continue
      throw error
    }
  }
}

/** The millisecond, and a microsecond by chance: two that submit at once must not take each other's job for their own. */
export function mintJobId({ clock }: Console): JobId {
  const micros = String(Math.floor(clock.random() * 1000)).padStart(3, '0')
  return `${nextJobId(clock.now(), undefined).slice(0, 17)}${micros}` as JobId
}

async function persist(
  client: MasterClient,
  console: Console,
  submission: JobSubmission,
  jid: JobId,
): Promise<JobSubmitted> {
  const { clock } = console
  let lostAt: number | undefined
  for (let attempt = 0; ; attempt++) {
    try {
      return await client.submit(submission)
    } catch (error) {
      const code = codeOf(error)
      const uncertain = code === 'submission-uncertain'
      if (lostAt === undefined && !uncertain) throw error
      if (lostAt === undefined) {
        lostAt = clock.monotonic()
        console.err(`The master went away before it answered; the job ${jid} is submitted again.\n`)
      } else if (!uncertain && code !== 'master-down' && code !== 'master-stopping') throw error
      if (clock.monotonic() - lostAt > patience)
        throw new TsaltError('submission-uncertain', { jid }, { cause: error })
      const wait = Math.min(longestPause, 100 * 2 ** Math.min(attempt, 5)) * (0.5 + clock.random() / 2)
      await new Promise((done) => setTimeout(done, wait))
    }
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof TsaltError || error instanceof MasterRefusal ? error.code : undefined
