/** at.present and at.watch: a job that runs once, at a time. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { accountName, flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { withAccountsAfter } from '../accounts-after.ts'
import {
  type Applied,
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
} from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { requireAt, tagLine, waitingJobs } from './queue.ts'

const args = v.strictObject({
  name: needed(nonEmptyText, 'The command, where `job` is not given.'),
  job: optional(nonEmptyText, 'The command, for a shell.'),
  timespec: needed(nonEmptyText, 'When, in the words of at(1): `9:30 tomorrow`, `now + 2 hours`.'),
  tag: optional(nonEmptyText, 'Tells the job from others.'),
  unique_tag: defaulted(flag, false, 'Any job with the tag will do, whatever it runs.'),
  user: optional(accountName, 'Who runs it. Default: root.'),
})
type Arguments = v.InferOutput<typeof args>

function refuse({ tag, unique_tag, timespec }: Arguments): ArgumentRefusal | undefined {
  if (unique_tag && tag === undefined)
    return { argument: 'tag', reason: 'no tag provided and unique_tag is set to True' }
  if (tag !== undefined && /[\r\n]/.test(tag)) return { argument: 'tag', reason: 'it has a line break' }
  return timespec.trim().startsWith('-') || /[\r\n]/.test(timespec)
    ? { argument: 'timespec', reason: `"${timespec}" is no time` }
    : undefined
}

export const present = stateFunction({
  summary: 'Makes sure that a job waits to run once. One that waits already is not added again.',
  args,
  examples: [
    "send the report:\n  at.present:\n    - job: /usr/local/bin/report --mail\n    - timespec: '18:00 today'\n    - tag: report\n    - user: app\n",
  ],
  refuse,
  check,
})

export const watch = stateFunction({
  summary: 'Adds a job that runs once whenever something that it watches has changed.',
  args,
  examples: [
    'restart at night:\n  at.watch:\n    - job: systemctl restart app\n    - timespec: 3:00 tomorrow\n    - watch:\n      - file: /etc/app.conf\n/etc/app.conf:\n  file.managed:\n    - contents: workers = 4\n',
  ],
  refuse,
  check: async ({ name, job = name }) => inSync(`job ${job} is added when what it watches changes`),
  refresh: check,
})

const linesOf = (command: string): string => command.trim().split(/\r?\n/).join('\n')

async function check(wanted: Arguments, look: Reader, run: StateRun): Promise<Decision> {
  const lacking = await requireAt(look, run)
  if (lacking) return lacking
  const { timespec, tag, unique_tag, user = 'root' } = wanted
  const job = linesOf(wanted.job ?? wanted.name)
  if (!(await (await withAccountsAfter(look, run)).accounts.user(user)))
    return failed(
      `User: ${user} does not exist`,
      'Make it in an earlier state (user.present), and require that.',
    )
  const jobs = await waitingJobs(look)
  if (typeof jobs === 'string') return failed(jobs)
  const same = jobs.find(
    (one) =>
      (tag === undefined || one.tag === tag) &&
      (unique_tag || (one.user === user && one.lines.join('\n').trim() === job)),
  )
  if (same && unique_tag) return inSync(`atleast one job with tag ${tag} exists.`)
  if (same) return inSync(`job ${job} waits already as number ${same.id}`)
  const comment = `job ${job} added and will run on ${timespec}`
  return drift(
    { job: { job, timespec, user, ...(tag !== undefined && { tag }) } },
    { would: comment, done: comment },
    async (act): Promise<Applied | undefined> => {
      const stdin = `${tag === undefined ? '' : `${tagLine(tag)}\n`}${job}\n`
      const runas = user === 'root' ? {} : { runas: user }
      const { code, stderr, stdout } = await act.commands.run(['at', ...timespec.trim().split(/\s+/)], {
        stdin,
        ...runas,
        undo: [],
      })
      const id = /^job (\d+) at /m.exec(stderr)?.[1]
      if (code !== 0 || id === undefined)
        return { ok: false, comment: `job ${job} failed to be added: ${saidBy({ code, stderr, stdout })}` }
      // Its number is known only now, and so is how it is taken back.
      await act.commands.run(['at', '-c', id], { undo: [{ argv: ['atrm', id] }] })
      return undefined
    },
  )
}
