/** at.absent: jobs that do not run after all. */
import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { accountName, choice, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { requireAt, type WaitingJob, waitingJobs } from './queue.ts'

const args = v.strictObject({
  name: needed(text, 'Name of the state; `all` where nothing below is given.'),
  jobid: optional(whole, 'Number of the one job.'),
  limit: optional(choice(['all']), 'Accepted for trees of Salt.'),
  tag: optional(nonEmptyText, 'Only jobs with this tag.'),
  runas: optional(accountName, 'Only jobs of this user.'),
  year: optional(whole, 'Only jobs of this year: 26 or 2026.'),
  month: optional(whole, 'Only jobs of this month.'),
  day: optional(whole, 'Only jobs of this day.'),
  hour: optional(whole, 'Only jobs of this hour.'),
  minute: optional(whole, 'Only jobs of this minute.'),
})
type Arguments = v.InferOutput<typeof args>

export const absent = stateFunction({
  summary: 'Makes sure that jobs no longer wait to run once.',
  args,
  examples: ['no reports:\n  at.absent:\n    - tag: report\n    - runas: app\n'],
  refuse: ({ name, limit, ...only }) =>
    Object.keys(only).length === 0 && name !== 'all' && limit === undefined
      ? {
          argument: 'name',
          reason: 'it says nothing of which jobs: give jobid, tag, runas or a time, or the name all',
        }
      : undefined,
  async check(wanted, look, run) {
    const lacking = await requireAt(look, run)
    if (lacking) return lacking
    const jobs = await waitingJobs(look)
    if (typeof jobs === 'string') return failed(jobs)
    const gone = jobs.filter((job) => isMeant(job, wanted))
    if (gone.length === 0)
      return inSync(
        wanted.jobid === undefined
          ? 'No match jobs or time format error'
          : `job with id: ${wanted.jobid} not present`,
      )
    const ids = gone.map(({ id }) => id)
    return drift(
      { removed: ids },
      { would: `${ids.length} job(s) would be removed`, done: `removed ${ids.length} job(s)` },
      async (act): Promise<Applied | undefined> => {
        const { code, stderr } = await act.commands.run(['atrm', ...ids], { undo: gone.map(again) })
        return code === 0 ? undefined : { ok: false, comment: `atrm failed: ${saidBy({ code, stderr })}` }
      },
    )
  },
})

function isMeant(job: WaitingJob, { jobid, tag, runas, year, month, day, hour, minute }: Arguments): boolean {
  const is = (wanted: number | undefined, now: number): boolean => wanted === undefined || wanted === now
  return (
    is(jobid, Number(job.id)) &&
    (tag === undefined || job.tag === tag) &&
    (runas === undefined || job.user === runas) &&
    is(year === undefined ? undefined : year < 100 ? year + 2_000 : year, job.year) &&
    is(month, job.month) &&
    is(day, job.day) &&
    is(hour, job.hour) &&
    is(minute, job.minute)
  )
}

function again({ year, month, day, hour, minute, user, tag, lines }: WaitingJob) {
  const two = (number: number): string => String(number).padStart(2, '0')
  const stamp = `${year}${two(month)}${two(day)}${two(hour)}${two(minute)}`
  const stdin = `${tag === undefined ? '' : `### SALT: ${tag}\n`}${lines.join('\n')}\n`
  return { argv: ['at', '-t', stamp], stdin, ...(user === 'root' ? {} : { runas: user }) }
}
