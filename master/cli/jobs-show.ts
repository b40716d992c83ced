/** `tsalt jobs show JID`: every target of a job in one status, and what it returned. */
import { decodeValue } from '../../shared/data/codec.ts'
import { toValue } from '../../shared/data/value.ts'
import type { JobId } from '../../shared/ids.ts'
import { localTime } from '../../shared/output/durations.ts'
import { formatValue, isDocument } from '../../shared/output/format.ts'
import { paintOf } from '../../shared/output/paint.ts'
import { pythonRepr } from '../../shared/output/python-text.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { JobAccount } from '../api/schemas.ts'
import type { RolloutAccount } from '../rollouts/schemas.ts'
import type { Console } from './console.ts'
import { exitCodeOfJob, exitCodes } from './exit-codes.ts'
import { endingOf, isFinal, JobLedger } from './job-ledger.ts'
import { JobReport, targetWords } from './job-report.ts'
import { outputSettings, statusOf } from './job-session.ts'
import { commandWords, countParts, jobFields, metadataOf } from './job-words.ts'
import type { JobsOptions } from './jobs-program.ts'
import type { MasterClient } from './master-client.ts'
import { MasterRefusal } from './master-refusal.ts'
import { openOutput } from './output-file.ts'
import { againWords, rolloutLine } from './rollout-words.ts'

export async function showJob(
  client: MasterClient,
  console: Console,
  options: JobsOptions,
  jid: JobId,
): Promise<number> {
  const status = await statusOf(client)
  const job = await client.job(jid)
  const { clock } = console
  const settings = outputSettings(options, status, console)
  const output = openOutput(console, options)
  if (isDocument(settings)) {
    output.write(formatValue(toValue(accountFields(job)), settings))
    output.close()
    return exitCodes.ok
  }
  const rollout = await rolloutOf(client, job)
  const ledger = new JobLedger()
  const report = new JobReport(job.fun, settings, {
    static: options.static,
    hideTimeout: options.hideTimeout,
    summary: options.summary,
    silence: 0,
    looking: true,
    out: output.write,
    ready: () => console.outDrained(),
    err: (text) => console.err(text),
  })
  output.write(
    headLines(job, rollout, {
      now: clock.now(),
      all: options.verbose,
      command: paintOf(settings.color)('bold', commandWords(job)),
    }),
  )
  if (rollout !== undefined) ledger.take({ type: 'rollout', rollout }, clock.monotonic())
  for (const target of ledger.take({ type: 'job', job }, clock.monotonic())) report.returned(target)
  const ends = job.targets.map((target) =>
    target.return ? target.return.started + target.return.duration : job.submitted,
  )
  await report.finish(ledger, Math.max(0, Math.max(job.submitted, ...ends) - job.submitted), clock.now())
  output.close()
  const code = exitCodeOfJob(job.targets.map(endingOf))
  // Looking succeeded; only what the job itself says as failed is passed on.
  return code === exitCodes.failed && job.targets.some(({ return: returned }) => returned)
    ? code
    : exitCodes.ok
}

/** Asked for only where it explains why a minion was left out. Not everybody may see it. */
async function rolloutOf(
  client: MasterClient,
  { jid, targets }: JobAccount,
): Promise<RolloutAccount | undefined> {
  if (!targets.some(({ status }) => status === 'held' || status === 'expired')) return undefined
  try {
    return await client.get<RolloutAccount>(`/rollouts/${jid}`)
  } catch (error) {
    if (error instanceof MasterRefusal) return undefined
    throw error
  }
}

interface HeadWords {
  readonly now: number
  /** Every id, however many. */
  readonly all: boolean
  readonly command: string
}

function headLines(job: JobAccount, rollout: RolloutAccount | undefined, words: HeadWords): string {
  const { now, all, command } = words
  const progress = rollout && (rolloutLine(rollout, undefined) ?? againWords(rollout))
  const waits = job.expires > now && job.targets.some(({ status }) => status === 'waiting')
  const expiry = waits ? `, offline minions are waited for until ${localTime(job.expires)}` : ''
  const limit = job.maxSeconds === undefined ? '' : `, ended where it takes longer than ${job.maxSeconds} s`
  const counts: Record<string, number> = {}
  for (const target of job.targets) {
    const word = isFinal(target) ? endingOf(target) : target.status
    counts[word] = (counts[word] ?? 0) + 1
  }
  const result = countParts(counts)
    .map(({ text }) => text)
    .join(', ')
  return [
    `Job ${job.jid}: ${command}`,
    `Submitted ${localTime(job.submitted)} by ${harmlessLine(job.operator)}${expiry}${limit}`,
    targetWords(job, false, all),
    ...(job.metadata === undefined
      ? []
      : [`Metadata: ${harmlessLine(pythonRepr(toValue(metadataOf(job.metadata))))}`]),
    `Result: ${result}`,
    ...(progress === undefined ? [] : [progress]),
    ...sharedLines(job),
    '',
    '',
  ].join('\n')
}

/** With which jobs it was one run: their ids are those of the undo journals. */
function sharedLines(job: JobAccount): string[] {
  const leads = new Map<JobId, number>()
  for (const { return: returned } of job.targets)
    if (returned?.ranAs) leads.set(returned.ranAs, (leads.get(returned.ranAs) ?? 0) + 1)
  return [...leads].map(
    ([jid, count]) => `One run with job ${jid} on ${count === 1 ? '1 minion' : `${count} minions`}`,
  )
}

/** For programs. */
function accountFields(job: JobAccount): Parameters<typeof toValue>[0] {
  const targets = job.targets.map((target) => {
    const { status, since, return: returned, progress } = target
    const fields = {
      status,
      since: new Date(since).toISOString(),
      ...(progress?.step === undefined ? {} : { state: progress.step.index, states: progress.step.total }),
    }
    if (!returned) return [target.id, toValue(fields)] as const
    const { outcome, retcode, success, duration, ret, ended, ranAs, calls } = returned
    const more = {
      ...(ended === undefined ? {} : { ended: ended.map((each) => ({ ...each })) }),
      ...(ranAs === undefined ? {} : { ran_as: ranAs }),
      ...(calls === undefined ? {} : { functions: calls.map(({ format: _, ...each }) => each) }),
    }
    return [
      target.id,
      toValue({ ...fields, outcome, retcode, success, duration, ...more, ret: decodeValue(ret) }),
    ] as const
  })
  return {
    ...jobFields(job),
    targets: new Map(targets),
  }
}
