/** `tsalt jobs list|show|attach|kill|rerun`: jobs that were submitted before. */
import { Option } from 'commander'
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type JobId, parseJobId } from '../../shared/ids.ts'
import { type JobState, type JobSubmitted, jobStates } from '../api/schemas.ts'
import { newCommand, parseWords } from './command-line.ts'
import type { Console } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { followAndReport, statusOf } from './job-session.ts'
import { commandWords } from './job-words.ts'
import { killJob } from './jobs-kill.ts'
import { listJobs } from './jobs-list.ts'
import { showJob } from './jobs-show.ts'
import type { MasterClient } from './master-client.ts'
import { addLoginOptions, addReachOptions, type LoginOptions, type ReachOptions } from './network-options.ts'
import { withMaster } from './open-master.ts'
import { addReportingOptions, type ReportingOptions, timeoutOption } from './reporting-options.ts'
import { mintJobId } from './submit-job.ts'

export interface JobsOptions extends ReachOptions, LoginOptions, ReportingOptions {
  function?: string
  target?: string
  operator?: string
  state?: JobState
  since?: string
  limit?: number
  async: boolean
  failed: boolean
  missing: boolean
  signal: 'TERM' | 'KILL'
}

const commands = ['list', 'show', 'attach', 'kill', 'rerun'] as const
type JobsCommand = (typeof commands)[number]

const examples = `
Examples:
  tsalt jobs list                                       the last 20
  tsalt jobs list --state failed --since 2h --function 'state.*'
  tsalt jobs show JID                                   every target, and what it returned
  tsalt jobs attach JID                                 follow one to its end
  tsalt jobs kill JID                                   end it, with all that it started
  tsalt jobs rerun JID --failed                         again, where it failed
  tsalt jobs rerun JID --failed --missing --async       and where it never came; do not wait

States of a job: running (minions are at work), waiting (for minions that are away), ok, failed, cancelled, expired
(some never had it). Salt's runners are there as well: tsalt-run jobs.list_jobs, jobs.lookup_jid, jobs.active …`

/** Is this about jobs? `jobs show`, `jobs.show`; a host may be called jobs or jobs.example. */
export function isAboutJobs(words: readonly string[]): boolean {
  const [first = '', second = ''] = words
  if (first === 'jobs') return !second.includes('.')
  return first.startsWith('jobs.') && !/^\w+\.\w+$/.test(second)
}

/** @param words what follows `tsalt`, where the first one may also be `jobs.show` */
export async function runJobs(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt jobs',
    'list | show <jid> | attach <jid> | kill <jid> | rerun <jid> [options]',
    'Looks at jobs that were submitted before, follows them, ends them, runs them again.',
    console,
  ).argument('[words...]')
  command
    .optionsGroup('list:')
    .option('--function <glob>', "only jobs of such a function: 'state.*'")
    .option('--target <glob>', 'only jobs with such a minion, or with exactly this target')
    .option('--operator <name>', 'only jobs of such an operator; a glob')
    .addOption(
      new Option('--state <state>', `only jobs that are ${jobStates.join(', ')}`).choices([...jobStates]),
    )
    .option('--since <time>', 'only jobs since then: 90s, 10m, 2h, 3d ago, or 2026-11-22, "2026-11-22 14:30"')
    .addOption(new Option('--limit <number>', 'at most so many (default: 20)').argParser(positive))
    .optionsGroup('rerun:')
    .option('--failed', 'only where it failed', false)
    .option('--missing', 'only where it never came before it expired', false)
    .option('--async', 'print the job id and do not wait (also of kill)', false)
    .optionsGroup('kill:')
    .addOption(
      new Option('--signal <name>', 'TERM (default; KILL follows after ten seconds) or KILL')
        .choices(['TERM', 'KILL'])
        .default('TERM'),
    )
    .optionsGroup('Waiting:')
    .addOption(timeoutOption())
  addLoginOptions(addReachOptions(addReportingOptions(command))).addHelpText('after', examples)
  parseWords(command, words)
  const options = command.opts<JobsOptions>()
  const [verb, ...rest] = verbOf(command.args)
  return withMaster(options, console, (client) => runVerb(client, console, options, verb, rest))
}

async function runVerb(
  client: MasterClient,
  console: Console,
  options: JobsOptions,
  verb: JobsCommand,
  rest: readonly string[],
): Promise<number> {
  if (verb === 'list') {
    if (rest.length > 1) throw wrong('"list" takes at most one number')
    return listJobs(
      client,
      console,
      options,
      options.limit ?? (rest[0] === undefined ? 20 : positive(rest[0])),
    )
  }
  const [first] = rest
  if (first === undefined || rest.length > 1) {
    throw new TsaltError(
      'usage-wrong',
      { reason: `"jobs ${verb}" takes one job id` },
      { hint: `tsalt jobs ${verb} JID; "tsalt jobs list" lists them` },
    )
  }
  const jid = parseJobId(first)
  if (verb === 'kill') return killJob(client, console, options, jid)
  if (verb === 'show') return showJob(client, console, options, jid)
  return verb === 'attach' ? attach(client, console, options, jid) : rerun(client, console, options, jid)
}

/** `jobs.show JID` is `show JID`. @throws TsaltError `usage-wrong` */
function verbOf(words: readonly string[]): [JobsCommand, ...string[]] {
  const [first = '', ...rest] = words
  const name = first.startsWith('jobs.') ? first.slice('jobs.'.length) : first
  const verb = commands.find((each) => each === name)
  if (verb) return [verb, ...rest]
  if (name === '') return ['list']
  const near = nearest(name, commands)
  throw new TsaltError(
    'usage-wrong',
    { reason: `There is no "jobs ${name}"` },
    {
      hint: near
        ? `Did you mean "tsalt jobs ${near}"?`
        : `There are ${commands.join(', ')}. Runners: tsalt-run jobs.${name}`,
    },
  )
}

async function attach(
  client: MasterClient,
  console: Console,
  options: JobsOptions,
  jid: JobId,
): Promise<number> {
  const status = await statusOf(client)
  const job = await client.job(jid)
  const began = console.clock.monotonic() - Math.max(0, console.clock.now() - job.submitted)
  const start = { jid, fun: job.fun, defaulted: false, began, dryRun: undefined, announce: true }
  console.err(`${commandWords(job)}\n`)
  return followAndReport(client, console, options, start, status)
}

async function rerun(
  client: MasterClient,
  console: Console,
  options: JobsOptions,
  jid: JobId,
): Promise<number> {
  const { failed, missing } = options
  const which = [...(failed ? ['failed'] : []), ...(missing ? ['missing'] : [])]
  const began = console.clock.monotonic()
  const asked = statusOf(client)
  const job = await client.job(jid)
  const submitted = await client.post<JobSubmitted>(`/jobs/${jid}/rerun`, {
    which: which.length === 0 ? ['all'] : which,
    jid: mintJobId(console),
  })
  if (options.async) {
    console.out(`Executed command with job ID: ${submitted.jid}\n`)
    return exitCodes.ok
  }
  console.err(`${commandWords(job)}, again as job ${submitted.jid}\n`)
  const start = {
    jid: submitted.jid,
    fun: job.fun,
    defaulted: false,
    began,
    dryRun: undefined,
    announce: true,
  }
  return followAndReport(client, console, options, start, await asked)
}

function positive(text: string): number {
  if (/^[1-9]\d{0,2}$|^1000$/.test(text)) return Number(text)
  throw wrong(`"${text}" is not a number of jobs from 1 to 1000`)
}

const wrong = (reason: string): TsaltError => new TsaltError('usage-wrong', { reason })
