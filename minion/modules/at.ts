/** Execution module `at`: jobs that run once. */

import { TsaltError } from '../../shared/errors/error.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { textList } from '../../shared/schema/collections.ts'
import { accountName, nonEmptyText, whole } from '../../shared/schema/scalars.ts'
import { type WaitingJob, waitingJobs } from '../states/at/queue.ts'
import type { Reader } from '../system/reader.ts'
import { byState } from './by-state.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

async function jobs(fun: string, look: Reader): Promise<WaitingJob[]> {
  const waiting = await waitingJobs(look)
  if (typeof waiting === 'string') throw new TsaltError('function-failed', { fun, reason: waiting })
  return waiting
}

const two = (number: number): string => String(number).padStart(2, '0')

/** Salt's members. */
const shown = ({ id, user, year, month, day, hour, minute, tag }: WaitingJob) => ({
  job: Number(id),
  date: `${year}-${two(month)}-${two(day)}`,
  time: `${two(hour)}:${two(minute)}`,
  queue: 'a',
  user,
  tag: tag ?? '',
})

const entries = {
  runas: optional(accountName, 'Only jobs of this user.'),
  tag: optional(nonEmptyText, 'Only jobs with this tag.'),
  hour: optional(whole, 'Only jobs of this hour.'),
  minute: optional(whole, 'Only jobs of this minute.'),
  day: optional(whole, 'Only jobs of this day.'),
  month: optional(whole, 'Only jobs of this month.'),
  year: optional(whole, 'Only jobs of this year.'),
}

export const atModule = execModule({
  summary: 'Jobs that run once.',
  functions: {
    atq: asking(
      'Jobs that wait, or those with a tag.',
      'at.atq',
      { tag: entries.tag },
      async ({ tag }, { look }) => ({
        jobs: (await jobs('at.atq', look)).filter((job) => tag === undefined || job.tag === tag).map(shown),
      }),
    ),
    jobcheck: asking(
      'Jobs that wait and are so.',
      'at.jobcheck runas=app day=13',
      entries,
      async (given, { look }) => {
        const { runas, year, ...rest } = given
        const wanted = { ...rest, user: runas, year: year !== undefined && year < 100 ? year + 2_000 : year }
        const isMeant = (job: WaitingJob): boolean =>
          Object.entries(wanted).every(
            ([name, value]) => value === undefined || job[name as keyof WaitingJob] === value,
          )
        return { jobs: (await jobs('at.jobcheck', look)).filter(isMeant).map(shown) }
      },
    ),
    atc: asking(
      'What a job runs, with its environment.',
      'at.atc 4',
      { jobid: needed(whole, 'Number of the job.') },
      async ({ jobid }, { look }) =>
        (await jobs('at.atc', look)).find(({ id }) => Number(id) === jobid)?.script ?? {
          error: `invalid job id '${jobid}'`,
        },
    ),
    at: changing(
      'Adds a job, unless the same one waits already.',
      "at.at 'now + 5 minutes' '/bin/touch /srv/five' tag=five",
      {
        timespec: needed(nonEmptyText, 'When, in the words of at(1).'),
        command: needed(nonEmptyText, 'The command, for a shell.'),
        tag: entries.tag,
        runas: optional(accountName, 'Who runs it. Default: root.'),
      },
      async ({ timespec, command, tag, runas }, context) => {
        const before = new Set((await jobs('at.at', context.look)).map(({ id }) => id))
        await byState('at.present', { name: command, timespec, tag, user: runas }, context)
        return { jobs: (await jobs('at.at', context.look)).filter(({ id }) => !before.has(id)).map(shown) }
      },
    ),
    atrm: changing(
      'Removes jobs by their numbers, or all of them.',
      'at.atrm 4 5',
      { ids: needed(textList, 'Numbers of jobs; `all`.') },
      async ({ ids }, context) => {
        const removed: number[] = []
        const waiting = (await jobs('at.atrm', context.look)).filter(
          ({ id }) => ids.includes('all') || ids.includes(id),
        )
        for (const { id } of waiting) {
          await byState('at.absent', { name: 'atrm', jobid: Number(id) }, context)
          removed.push(Number(id))
        }
        return { jobs: { removed, tag: null } }
      },
      { rest: 'ids' },
    ),
  },
})
