/** `tsalt jobs.list`, `jobs.show`, `jobs.attach` and `jobs.kill`: jobs that were submitted before. */
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import { nearest } from '../../shared/data/nearest.ts'
import { toValue } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { parseJobId } from '../../shared/ids.ts'
import { localTime } from '../../shared/output/durations.ts'
import { formatValue, isDocument } from '../../shared/output/format.ts'
import { paintOf } from '../../shared/output/paint.ts'
import { pythonRepr } from '../../shared/output/python-text.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { JobAccount } from '../api/schemas.ts'
import type { Console } from './console.ts'
import { exitCodeOfJob, exitCodes } from './exit-codes.ts'
import { endingOf, JobLedger } from './job-ledger.ts'
import { JobReport, targetWords } from './job-report.ts'
import { followAndReport, outputSettings, statusOf } from './job-session.ts'
import type { MasterClient } from './master-client.ts'
import { openOutput } from './output-file.ts'
import type { TsaltOptions } from './tsalt-options.ts'

const commands = ['list', 'show', 'attach', 'kill'] as const
export type JobsCommand = (typeof commands)[number]
const listed = 20

/**
 * Recognises `jobs.show JID` and `jobs show JID`. undefined: not about jobs.
 * @throws TsaltError `usage-wrong` for a word after `jobs.` that is none of the commands
 */
export function jobsWords(words: readonly string[]): { command: JobsCommand; rest: string[] } | undefined {
  const [first = '', second = ''] = words
  const spaced = first === 'jobs' && !second.includes('.')
  if (!spaced && !first.startsWith('jobs.')) return undefined
  // A host may be called jobs.example.
  if (!spaced && /^\w+\.\w+$/.test(second)) return undefined
  const name = spaced ? second : first.slice('jobs.'.length)
  const command = commands.find((each) => each === name)
  if (command) return { command, rest: words.slice(spaced ? 2 : 1) }
  const near = nearest(name, commands)
  throw new TsaltError(
    'usage-wrong',
    { reason: name === '' ? '"jobs" needs to know what' : `There is no "jobs.${name}"` },
    {
      hint: near
        ? `Did you mean "tsalt jobs.${near}"?`
        : `There are jobs.${commands.join(', jobs.')}. Runners: tsalt-run jobs.${name || 'list_jobs'}`,
    },
  )
}

export async function runJobsCommand(
  client: MasterClient,
  console: Console,
  options: TsaltOptions,
  { command, rest }: { command: JobsCommand; rest: readonly string[] },
): Promise<number> {
  const [first] = rest
  if (command === 'list') return listJobs(client, console, options, first)
  if (first === undefined || rest.length > 1) {
    throw new TsaltError(
      'usage-wrong',
      { reason: `jobs.${command} takes one job id` },
      { hint: `tsalt jobs.${command} JID; "tsalt jobs.list" lists them` },
    )
  }
  const jid = parseJobId(first)
  if (command === 'kill') {
    const { told } = await client.kill(jid, options.signal)
    const names =
      told.length === 0 ? 'No minion runs this job any more.' : `Told to end job ${jid}: ${told.join(', ')}`
    console.out(`${names}\n`)
    return exitCodes.ok
  }
  const status = await statusOf(client)
  const job = await client.job(jid)
  if (command === 'show') return showJob(console, options, job, status)
  const began = console.clock.monotonic()
  const start = { jid, fun: job.fun, defaulted: false, began, dryRun: undefined, announce: true }
  console.err(`${commandWords(job)}\n`)
  return followAndReport(client, console, options, start, status)
}

async function listJobs(
  client: MasterClient,
  console: Console,
  options: TsaltOptions,
  count: string | undefined,
): Promise<number> {
  if (count !== undefined && !/^[1-9]\d{0,5}$/.test(count)) {
    throw new TsaltError('usage-wrong', { reason: `"${count}" is not a number of jobs` })
  }
  const jobs = await client.jobs(count === undefined ? listed : Number(count))
  const settings = outputSettings(options, {}, console)
  const output = openOutput(console, options.outFile)
  if (isDocument(settings)) output.write(formatValue(toValue(jobs.map(jobFields)), settings))
  else {
    const paint = paintOf(settings.color)
    for (const job of jobs) {
      const line = [job.jid, localTime(job.submitted), harmlessLine(job.operator).padEnd(8), countsWords(job)]
      output.write(`${line.join('  ')}  ${paint('bold', commandWords(job))}\n`)
    }
  }
  output.close()
  return exitCodes.ok
}

function showJob(
  console: Console,
  options: TsaltOptions,
  job: JobAccount,
  status: Parameters<typeof outputSettings>[1],
): number {
  const { clock } = console
  const settings = outputSettings(options, status, console)
  const output = openOutput(console, options.outFile)
  if (isDocument(settings)) {
    output.write(formatValue(toValue(accountFields(job)), settings))
    output.close()
    return exitCodes.ok
  }
  const ledger = new JobLedger()
  const report = new JobReport(job.fun, settings, {
    static: options.static,
    hideTimeout: options.hideTimeout,
    summary: options.summary,
    silence: 0,
    out: output.write,
    err: (text) => console.err(text),
  })
  const waits = job.expires > clock.now() && job.targets.some(({ status }) => status === 'waiting')
  const expiry = waits ? `, offline minions are waited for until ${localTime(job.expires)}` : ''
  output.write(`Job ${job.jid}: ${commandWords(job)}\n`)
  output.write(`Submitted ${localTime(job.submitted)} by ${harmlessLine(job.operator)}${expiry}\n`)
  output.write(`${targetWords(job, false, options.verbose)}\n\n`)
  for (const target of ledger.take({ type: 'job', job }, clock.monotonic())) report.returned(target)
  const ends = job.targets.map((target) =>
    target.return ? target.return.started + target.return.duration : job.submitted,
  )
  report.finish(ledger, Math.max(0, Math.max(job.submitted, ...ends) - job.submitted), clock.now())
  output.close()
  const code = exitCodeOfJob(job.targets.map(endingOf))
  // Looking succeeded; only what the job itself says as failed is passed on.
  return code === exitCodes.failed ? code : exitCodes.ok
}

/** `state.apply nginx test=True` */
export function commandWords(job: JobAccount): string {
  const word = (json: Json): string => (typeof json === 'string' ? json : pythonRepr(decodeValue(json)))
  const args = job.args.map(word)
  const kwargs = Object.entries(job.kwargs).map(([key, json]) => `${key}=${word(json)}`)
  return harmlessLine([job.fun, ...args, ...kwargs].join(' '))
}

function countsWords(job: JobAccount): string {
  const counts = new Map<string, number>()
  for (const target of job.targets) {
    const ending = target.return ? endingOf(target) : target.status
    const word = { waiting: 'offline' }[ending as string] ?? ending
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts]
    .map(([word, number]) => `${number} ${word}`)
    .join(', ')
    .padEnd(12)
}

function jobFields(job: JobAccount): Parameters<typeof toValue>[0] {
  return {
    jid: job.jid,
    fun: job.fun,
    arguments: job.args.map((each) => decodeValue(each)),
    keywords: new Map(Object.entries(job.kwargs).map(([key, each]) => [key, decodeValue(each)])),
    target: job.target.expression,
    target_kind: job.target.kind,
    user: job.operator,
    submitted: new Date(job.submitted).toISOString(),
    targets: Object.fromEntries(
      job.targets.map((target) => [target.id, target.return ? endingOf(target) : target.status]),
    ),
  }
}

/** As jobFields, with what each target came to: for programs. */
function accountFields(job: JobAccount): Parameters<typeof toValue>[0] {
  const targets = job.targets.map((target) => {
    const { status, since, return: returned } = target
    const fields = { status, since: new Date(since).toISOString() }
    if (!returned) return [target.id, toValue(fields)] as const
    const { outcome, retcode, success, duration, ret } = returned
    return [
      target.id,
      toValue({ ...fields, outcome, retcode, success, duration, ret: decodeValue(ret) }),
    ] as const
  })
  return { ...(jobFields(job) as object), targets: new Map(targets) }
}
