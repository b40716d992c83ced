/** Runner `jobs`: what was asked of minions, and what they answered. */
import * as v from 'valibot'
import { type Dict, isDict, type Plain, toValue } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { isJobId, type JobId, parseJobId } from '../../shared/ids.ts'
import type { JobAccount } from '../api/schemas.ts'
import type { JobFilter } from '../jobs/summaries.ts'
import { RunnerAnswer, type RunnerContext, runner, runnerFunction } from './contract.ts'
import { describeActive, describeJob, describeWhole, isSuccess, retOf, statusText } from './job-text.ts'

const jid = v.pipe(
  v.string('a job id has 20 digits'),
  v.check(isJobId, 'a job id has 20 digits'),
  v.transform((text): JobId => parseJobId(text)),
  v.description('A job id, as jobs.list_jobs shows it.'),
)
const limit = v.optional(
  v.pipe(
    v.number(),
    v.integer(),
    v.minValue(1),
    v.maxValue(10_000),
    v.description('At most so many, the newest.'),
  ),
  500,
)
const text = (meaning: string) => v.optional(v.pipe(v.string(), v.description(meaning)))
const filters = {
  search_function: text('Only jobs whose function matches one of these globs, by comma.'),
  search_target: text(
    'Only jobs one of whose minions matches one of these globs, or with exactly this target.',
  ),
}
const search_metadata = v.optional(
  v.pipe(
    v.custom<Plain>(
      (input) => isDict(toValue(input as Plain)),
      'a mapping is expected, as in \'{"change": 42}\'',
    ),
    v.description('Only jobs that were submitted with all of this (tsalt --metadata).'),
  ),
)
const times = {
  start_time: text('Only jobs submitted at this time or later: 2026-11-22 03:20, or "2026, Nov 22 03:20".'),
  end_time: text('Only jobs submitted before this time.'),
}

/** How an answer is shown, and while it is looked for, is up to the command line. */
const ignored = ['display_progress', 'outputter']

export const jobs = runner({
  summary: 'What was asked of minions, and what they answered.',
  functions: {
    list_jobs: runnerFunction({
      summary: 'Lists the jobs that are kept, oldest first.',
      ignored,
      args: v.strictObject({ ...filters, search_metadata, ...times, limit }),
      examples: [
        'tsalt-run jobs.list_jobs',
        "tsalt-run jobs.list_jobs search_function='state.*' limit=20",
        `tsalt-run jobs.list_jobs search_metadata='{"change": 42}'`,
      ],
      async run({ limit: most, ...search }, context) {
        const found = await context.jobs.summaries({ limit: most, ...filterOf('jobs.list_jobs', search) })
        return new Map(found.toReversed().map((job) => [job.jid, describeJob(job)]))
      },
    }),
    list_jobs_filter: runnerFunction({
      summary: 'Lists the newest jobs, oldest first.',
      ignored,
      args: v.strictObject({
        count: v.pipe(
          v.number(),
          v.integer(),
          v.minValue(1),
          v.maxValue(10_000),
          v.description('At most so many.'),
        ),
        filter_find_job: v.optional(
          v.pipe(v.boolean(), v.description('Leave out saltutil.find_job, as which Salt asks minions.')),
          true,
        ),
      }),
      examples: [
        'tsalt-run jobs.list_jobs_filter 50',
        'tsalt-run jobs.list_jobs_filter 100 filter_find_job=False',
      ],
      async run({ count, filter_find_job }, context) {
        const found = (await context.jobs.summaries({ limit: count })).filter(
          ({ fun }) => !(filter_find_job && fun === 'saltutil.find_job'),
        )
        return new Map(found.toReversed().map((job) => [job.jid, describeJob(job)]))
      },
    }),
    list_job: runnerFunction({
      summary: 'Shows a job with its minions and what they returned.',
      ignored,
      args: v.strictObject({ jid }),
      examples: ['tsalt-run jobs.list_job 20261122031950008068'],
      run: async (args, context) => describeWhole(await find(context, args.jid)),
    }),
    print_job: runnerFunction({
      summary: 'As list_job, under the id of the job.',
      ignored,
      args: v.strictObject({ jid }),
      examples: ['tsalt-run jobs.print_job 20261122031950008068'],
      async run(args, context) {
        const job = await find(context, args.jid)
        return new Map([[job.jid, describeWhole(job)]])
      },
    }),
    lookup_jid: runnerFunction({
      summary: 'What a job returned, by minion.',
      ignored,
      args: v.strictObject({
        jid,
        missing: v.optional(
          v.pipe(v.boolean(), v.description('Also the minions that have not returned, with their status.')),
          false,
        ),
        returned: v.optional(
          v.pipe(v.boolean(), v.description('False, with missing=True: only those that have not returned.')),
          true,
        ),
      }),
      examples: [
        'tsalt-run jobs.lookup_jid 20261122031950008068',
        'tsalt-run jobs.lookup_jid 20261122031950008068 missing=True',
      ],
      async run(args, context) {
        const { targets } = await find(context, args.jid)
        const shown = targets.filter((target) => (target.return === undefined ? args.missing : args.returned))
        return new Map(shown.map((target) => [target.id, target.return ? retOf(target) : statusText(target)]))
      },
    }),
    active: runnerFunction({
      summary: 'Jobs that minions are working on.',
      ignored,
      args: v.strictObject({}),
      examples: ['tsalt-run jobs.active'],
      async run(_args, context) {
        return new Map((await context.jobs.active()).map((job) => [job.jid, describeActive(job)]))
      },
    }),
    last_run: runnerFunction({
      summary: 'The newest job, with what it returned.',
      ignored,
      args: v.strictObject({
        ...filters,
        function: text("As search_function: Salt's name for it."),
        target: text("As search_target: Salt's name for it."),
        metadata: search_metadata,
      }),
      examples: ['tsalt-run jobs.last_run', 'tsalt-run jobs.last_run function=state.highstate target=web1'],
      async run({ function: fun, target, metadata, ...search }, context) {
        const { search_function = fun, search_target = target } = search
        const [newest] = await context.jobs.summaries({
          limit: 1,
          fun: search_function,
          target: search_target,
          metadata: metadata === undefined ? undefined : (toValue(metadata) as Dict),
        })
        if (newest === undefined) return new RunnerAnswer(null, 1)
        const job = await find(context, newest.jid)
        return new Map([[job.jid, describeWhole(job)]])
      },
    }),
    kill: runnerFunction({
      summary: 'Ends a job on all its minions, with all that it started; answers which minions were told.',
      args: v.strictObject({
        jid,
        signal: v.optional(
          v.pipe(
            v.picklist(['TERM', 'KILL'], 'TERM or KILL is wanted'),
            v.description('TERM, which KILL follows after ten seconds, or KILL.'),
          ),
          'TERM',
        ),
      }),
      examples: ['tsalt-run jobs.kill 20261122031950008068', 'tsalt-run jobs.kill 20261122031950008068 KILL'],
      run: async (args, context) => [...(await context.jobs.kill(args.jid, args.signal, context.actor))],
    }),
    exit_success: runnerFunction({
      summary: 'Whether each minion of a job succeeded.',
      ignored,
      args: v.strictObject({ jid }),
      examples: ['tsalt-run jobs.exit_success 20261122031950008068'],
      async run(args, context) {
        const { targets } = await find(context, args.jid)
        return new Map(targets.map((target) => [target.id, isSuccess(target)]))
      },
    }),
  },
})

async function find({ jobs: service }: RunnerContext, wanted: JobId): Promise<JobAccount> {
  const account = await service.account(wanted)
  if (account === undefined) throw new TsaltError('job-unknown', { jid: wanted })
  return account
}

interface Search {
  readonly search_function?: string | undefined
  readonly search_target?: string | undefined
  readonly search_metadata?: Plain | undefined
  readonly start_time?: string | undefined
  readonly end_time?: string | undefined
}

/** @throws TsaltError `runner-argument` */
function filterOf(fun: string, search: Search): Omit<JobFilter, 'limit'> {
  return {
    fun: search.search_function,
    target: search.search_target,
    metadata: search.search_metadata === undefined ? undefined : (toValue(search.search_metadata) as Dict),
    since: timeOf(fun, 'start_time', search.start_time),
    until: timeOf(fun, 'end_time', search.end_time),
  }
}

function timeOf(fun: string, name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  // A day alone is one of the local time zone, as all others are.
  const time = new Date(/^\d{4}-\d\d-\d\d$/.test(given) ? `${given}T00:00` : given).getTime()
  if (!Number.isNaN(time)) return time
  throw new TsaltError('runner-argument', {
    fun,
    reason: `${name}: "${given}" is no time, such as 2026-11-22 03:20`,
  })
}
