/** Execution module `cron`: jobs of users. */
import type { Plain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { accountName, flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import type { CronJob } from '../states/cron/table.ts'
import { byState, found, noRun } from './by-state.ts'
import { execModule, type ModuleContext } from './contract.ts'
import { asking, changing } from './define.ts'

const user = needed(accountName, 'Whose table it is.')
const cmd = needed(nonEmptyText, 'The command.')
const identifier = optional(text, 'Tells the job apart whatever its command is.')
const comment = optional(text, 'Stands above the job.')
const commented = defaulted(flag, false, 'Keep it, but switched off.')

async function tableOf(owner: string, { look }: ModuleContext) {
  const { openCrontab } = await import('../states/cron/crontab-file.ts')
  return found('cron.list_tab', await openCrontab(owner, look, noRun))
}

async function jobsOf(owner: string, context: ModuleContext): Promise<Plain> {
  const { table } = await tableOf(owner, context)
  const times = (job: CronJob) => job.schedule.split(' ')
  const named = (job: CronJob) => ({
    cmd: job.command,
    identifier: job.identifier ?? null,
    comment: job.comment ?? null,
    commented: job.commented,
  })
  const isSpecial = (job: CronJob): boolean => job.schedule.startsWith('@')
  return {
    pre: [...table.others],
    crons: table.jobs
      .filter((job) => !isSpecial(job))
      .map((job) => {
        const [minute, hour, daymonth, month, dayweek] = times(job)
        return { minute, hour, daymonth, month, dayweek, ...named(job) }
      }),
    special: table.jobs.filter(isSpecial).map((job) => ({ spec: job.schedule, ...named(job) })),
    env: [...table.environment].map(([name, value]) => ({ name, value })),
  }
}

const list = (name: string) =>
  asking('Jobs and variables of a user.', `cron.${name} root`, { user }, (given, context) =>
    jobsOf(given.user, context),
  )

const removal = (name: string) =>
  changing(
    'Removes a job: `removed`, or `absent` where there was none.',
    `cron.${name} root /usr/local/bin/weekly`,
    {
      user,
      cmd,
      minute: optional(text, 'Accepted; a job is told by its command or identifier.'),
      hour: optional(text, 'Accepted.'),
      daymonth: optional(text, 'Accepted.'),
      month: optional(text, 'Accepted.'),
      dayweek: optional(text, 'Accepted.'),
      identifier,
    },
    async (given, context) => {
      const wanted = { name: given.cmd, user: given.user, identifier: given.identifier }
      return (await byState('cron.absent', wanted, context)).changed ? 'removed' : 'absent'
    },
  )

/** `new`, `updated` or `present`, as Salt says it. */
async function set(
  owner: string,
  args: Readonly<Record<string, unknown>>,
  context: ModuleContext,
): Promise<string> {
  const before = (await tableOf(owner, context)).table.jobs.length
  const { changed } = await byState('cron.present', { ...args, user: owner }, context)
  if (!changed) return 'present'
  return (await tableOf(owner, context)).table.jobs.length > before ? 'new' : 'updated'
}

export const cronModule = execModule({
  summary: 'Jobs that users run at times.',
  functions: {
    list_tab: list('list_tab'),
    ls: list('ls'),
    raw_cron: asking(
      'The table of a user as it stands.',
      'cron.raw_cron root',
      { user },
      async (given, context) => {
        return (await tableOf(given.user, context)).file.text
      },
    ),
    get_entry: asking(
      'A job of a user, by its identifier or command; False where there is none.',
      'cron.get_entry root identifier=weekly',
      { user, identifier, cmd: optional(text, 'The command.') },
      async (given, context) => {
        const { crons, special } = (await jobsOf(given.user, context)) as Record<string, Plain[]>
        const all = [...(crons ?? []), ...(special ?? [])] as { identifier: string | null; cmd: string }[]
        const isIt = (job: (typeof all)[number]): boolean =>
          given.identifier === undefined ? job.cmd === given.cmd : job.identifier === given.identifier
        return (all.find(isIt) as Plain | undefined) ?? false
      },
    ),
    set_job: changing(
      'Adds or changes a job: `new`, `updated` or `present`.',
      "cron.set_job root '*' '*' '*' '*' 1 /usr/local/bin/weekly",
      {
        user,
        minute: needed(text, 'Minute.'),
        hour: needed(text, 'Hour.'),
        daymonth: needed(text, 'Day of the month.'),
        month: needed(text, 'Month.'),
        dayweek: needed(text, 'Day of the week.'),
        cmd,
        commented,
        comment,
        identifier,
      },
      ({ user: owner, cmd: name, ...rest }, context) => set(owner, { name, ...rest }, context),
    ),
    set_special: changing(
      'Adds or changes a job at a special time: `new`, `updated` or `present`.',
      "cron.set_special root @hourly 'echo foobar'",
      { user, special: needed(text, 'When: `@reboot`, `@daily`.'), cmd, commented, comment, identifier },
      ({ user: owner, cmd: name, ...rest }, context) => set(owner, { name, ...rest }, context),
    ),
    rm_job: removal('rm_job'),
    rm: removal('rm'),
    rm_special: removal('rm_special'),
    set_env: changing(
      'Sets a variable of the jobs: `new`, `updated` or `present`.',
      'cron.set_env root MAILTO ops@example.com',
      { user, name: needed(nonEmptyText, 'The variable.'), value: optional(text, 'Its value.') },
      async (given, context) => {
        const had = (await tableOf(given.user, context)).table.environment.has(given.name)
        const { changed } = await byState('cron.env_present', given, context)
        if (!changed) return 'present'
        return had ? 'updated' : 'new'
      },
    ),
    rm_env: changing(
      'Removes a variable of the jobs: `removed` or `absent`.',
      'cron.rm_env root MAILTO',
      { user, name: needed(nonEmptyText, 'The variable.') },
      async (given, context) =>
        (await byState('cron.env_absent', given, context)).changed ? 'removed' : 'absent',
    ),
  },
})
