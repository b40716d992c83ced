/** Runner `jobs`: what was asked of minions, and what they answered. */
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { isJobId, type JobId, parseJobId } from '../../shared/ids.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
import type { JobAccount } from '../api/schemas.ts'
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
const glob = (text: string) => v.optional(v.pipe(v.string(), v.description(text)))
const filters = {
  search_function: glob('Only jobs whose function matches this glob.'),
  search_target: glob('Only jobs one of whose minions matches this glob.'),
}
/** How far back `last_run` looks. */
const recent = 1_000

export const jobs = runner({
  summary: 'What was asked of minions, and what they answered.',
  functions: {
    list_jobs: runnerFunction({
      summary: 'Lists the jobs that are kept, oldest first.',
      args: v.strictObject({ ...filters, limit }),
      examples: ['tsalt-run jobs.list_jobs', "tsalt-run jobs.list_jobs search_function='state.*' limit=20"],
      async run({ limit: most, ...search }, context) {
        const found = (await context.jobs.list(most)).filter(matching(search))
        return new Map(found.reverse().map((job) => [job.jid, describeJob(job)]))
      },
    }),
    list_job: runnerFunction({
      summary: 'Shows a job with its minions and what they returned.',
      args: v.strictObject({ jid }),
      examples: ['tsalt-run jobs.list_job 20261122031950008068'],
      run: async (args, context) => describeWhole(await find(context, args.jid)),
    }),
    print_job: runnerFunction({
      summary: 'As list_job, under the id of the job.',
      args: v.strictObject({ jid }),
      examples: ['tsalt-run jobs.print_job 20261122031950008068'],
      async run(args, context) {
        const job = await find(context, args.jid)
        return new Map([[job.jid, describeWhole(job)]])
      },
    }),
    lookup_jid: runnerFunction({
      summary: 'What a job returned, by minion.',
      args: v.strictObject({
        jid,
        missing: v.optional(
          v.pipe(v.boolean(), v.description('Also the minions that have not returned, with their status.')),
          false,
        ),
      }),
      examples: [
        'tsalt-run jobs.lookup_jid 20261122031950008068',
        'tsalt-run jobs.lookup_jid 20261122031950008068 missing=True',
      ],
      async run(args, context) {
        const { targets } = await find(context, args.jid)
        const shown = targets.filter((target) => target.return !== undefined || args.missing)
        return new Map(shown.map((target) => [target.id, target.return ? retOf(target) : statusText(target)]))
      },
    }),
    active: runnerFunction({
      summary: 'Jobs that minions are working on.',
      args: v.strictObject({}),
      examples: ['tsalt-run jobs.active'],
      async run(_args, context) {
        return new Map((await context.jobs.active()).map((job) => [job.jid, describeActive(job)]))
      },
    }),
    last_run: runnerFunction({
      summary: 'The newest job, with what it returned.',
      args: v.strictObject(filters),
      examples: ['tsalt-run jobs.last_run', 'tsalt-run jobs.last_run search_function=state.highstate'],
      async run(search, context) {
        const newest = (await context.jobs.list(recent)).find(matching(search))
        if (newest === undefined) return new RunnerAnswer(null, 1)
        const job = await find(context, newest.jid)
        return new Map([[job.jid, describeWhole(job)]])
      },
    }),
    exit_success: runnerFunction({
      summary: 'Whether each minion of a job succeeded.',
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
}

function matching({ search_function, search_target }: Search): (job: JobAccount) => boolean {
  const fun = compileGlob(search_function ?? '*')
  const target = search_target === undefined ? undefined : compileGlob(search_target)
  return (job) => fun(job.fun) && (target === undefined || job.targets.some(({ id }) => target(id)))
}
