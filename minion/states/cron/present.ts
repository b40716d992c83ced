/** cron.present and cron.absent: a job in a user's crontab. */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything } from '../../../shared/schema/collections.ts'
import { accountName, choice, flag, nonEmptyText, readText, text } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  inSync,
  type StateRun,
  stateFunction,
} from '../contract.ts'
import { openCrontab, saveCrontab } from './crontab-file.ts'
import { type CronJob, findJob, noIdentifier } from './table.ts'

interface Field {
  readonly from: number
  readonly to: number
  readonly names?: string
}
const fields = {
  minute: { from: 0, to: 59 },
  hour: { from: 0, to: 23 },
  daymonth: { from: 1, to: 31 },
  month: { from: 1, to: 12, names: 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec' },
  dayweek: { from: 0, to: 7, names: 'sun|mon|tue|wed|thu|fri|sat' },
} as const satisfies Record<string, Field>
type FieldName = keyof typeof fields
const fieldNames = Object.keys(fields) as FieldName[]

/** What cron would refuse is refused before it gets there: it drops a whole table for one bad line. */
function timeField(name: FieldName) {
  const { from, to }: Field = fields[name]
  const words: string | undefined = (fields[name] as Field).names
  return shaped<string>({
    words: `schedule, ${from} to ${to}`,
    json: { type: ['string', 'integer'] },
    read(value) {
      const written = readText(value)?.trim()
      if (written === undefined) return new Mismatch(`a ${name} is expected, not ${describeValue(value)}`)
      if (written === 'random') return written
      const isNumber = (one: string): boolean => /^\d+$/.test(one) && Number(one) >= from && Number(one) <= to
      const isPoint = (one: string): boolean =>
        isNumber(one) || (words !== undefined && new RegExp(`^(?:${words})$`, 'i').test(one))
      const isPart = (part: string): boolean => {
        const [range = '', step, more] = part.split('/')
        const ends = range.split('-')
        const isStep = step === undefined || (/^\d+$/.test(step) && Number(step) > 0)
        return more === undefined && isStep && (range === '*' || (ends.length <= 2 && ends.every(isPoint)))
      }
      return written.split(',').every(isPart)
        ? written
        : new Mismatch(
            `${describeValue(value)} is no ${name}: ${from} to ${to}, lists, ranges, */steps or \`random\``,
          )
    },
  })
}

const specials = [
  '@reboot',
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
] as const
const user = defaulted(accountName, 'root', 'Whose crontab it is.')
const identifierEntry = optional(
  anything,
  'Tells the job from others, so that its command can change. Not given: the name; `False` counts as not given.',
)
const entries = {
  name: needed(nonEmptyText, 'The command.'),
  user,
  minute: optional(timeField('minute'), 'Minute, default `*`; `random` is chosen once for this minion.'),
  hour: optional(timeField('hour'), 'Hour, default `*`.'),
  daymonth: optional(timeField('daymonth'), 'Day of the month, default `*`.'),
  month: optional(timeField('month'), 'Month, by number or name, default `*`.'),
  dayweek: optional(timeField('dayweek'), 'Day of the week, 0 or 7 is Sunday, default `*`.'),
  comment: optional(text, 'Stands above the job.'),
  commented: defaulted(flag, false, 'Keep the job in the crontab, but switched off.'),
  identifier: identifierEntry,
  special: optional(choice(specials), 'Instead of a time: `@daily`, `@reboot`.'),
}
const presentArguments = v.strictObject(entries)
type PresentArguments = v.InferOutput<typeof presentArguments>
const absentArguments = v.strictObject(entries)

function refuse(given: PresentArguments): ArgumentRefusal | undefined {
  const both =
    given.special !== undefined && fieldNames.find((name) => given[name] !== undefined && given[name] !== '*')
  if (both) return { argument: both, reason: 'it cannot be given together with special' }
  const { name } = given
  return /[\r\n]/.test(name) ? { argument: 'name', reason: 'a job has one line' } : undefined
}

const identifierOf = ({ name, identifier }: { name: string; identifier?: unknown }): string => {
  if (identifier === undefined || identifier === false) return name
  return (readText(identifier) ?? String(identifier)).replace(/\s+/g, ' ').trim() || noIdentifier
}

export const present = stateFunction({
  summary: "Makes sure that a command is in a user's crontab, with this time.",
  args: presentArguments,
  examples: [
    '/usr/local/bin/backup --all:\n  cron.present:\n    - identifier: backup\n    - user: root\n    - minute: 30\n    - hour: 2\n',
    'certbot renew -q:\n  cron.present:\n    - special: "@daily"\n    - comment: certificates\n',
  ],
  refuse,
  check: checkPresent,
})

async function checkPresent(wanted: PresentArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name } = wanted
  const crontab = await openCrontab(wanted.user, look, run)
  if (crontab.kind !== 'crontab') return crontab
  const { jobs } = crontab.table
  const at = findJob(jobs, name, identifierOf(wanted))
  const now = jobs[at]
  const job: CronJob = {
    schedule: scheduleOf(wanted, now, String(look.grains.get('id') ?? '')),
    command: name,
    comment: wanted.comment ?? (now?.comment || undefined),
    identifier: identifierOf(wanted),
    commented: wanted.commented,
  }
  if (now && isSame(now, job)) return inSync(`Cron ${name} already present`)
  const after = now ? jobs.with(at, job) : [...jobs, job]
  const comments = now
    ? { would: `Cron ${name} is set to be updated`, done: `Cron ${name} updated` }
    : { would: `Cron ${name} is set to be added`, done: `Cron ${name} added to ${wanted.user}'s crontab` }
  return drift({ [wanted.user]: name }, comments, (act) =>
    saveCrontab(wanted.user, crontab, { ...crontab.table, jobs: after }, act),
  )
}

const isSame = (a: CronJob, b: CronJob): boolean =>
  a.schedule === b.schedule &&
  a.command === b.command &&
  a.commented === b.commented &&
  (a.comment ?? '') === (b.comment ?? '') &&
  a.identifier === b.identifier

/** A random part stays what it is once it is written, and is the same whenever it is chosen again. */
function scheduleOf(wanted: PresentArguments, now: CronJob | undefined, minion: string): string {
  if (wanted.special !== undefined) return wanted.special
  const written = now && !now.schedule.startsWith('@') ? now.schedule.split(' ') : []
  return fieldNames
    .map((name, index) => {
      const value = wanted[name] ?? '*'
      if (value !== 'random') return value
      const kept = written[index]
      if (kept !== undefined && /^\d+$/.test(kept)) return kept
      const { from, to } = fields[name]
      const digest = createHash('sha256')
        .update(`${minion}\0${identifierOf(wanted)}\0${name}`)
        .digest()
      // A day that every month has.
      return String(
        from + (digest.readUInt32BE(0) % (Math.min(to, name === 'daymonth' ? 28 : to) - from + 1)),
      )
    })
    .join(' ')
}

export const absent = stateFunction({
  summary: "Makes sure that a command is not in a user's crontab.",
  args: absentArguments,
  examples: ['/usr/local/bin/backup --all:\n  cron.absent:\n    - identifier: backup\n'],
  async check(wanted, look, run) {
    const { name } = wanted
    const crontab = await openCrontab(wanted.user, look, run)
    if (crontab.kind !== 'crontab')
      return crontab.kind === 'failed' ? inSync(`Cron ${name} already absent`) : crontab
    const { jobs } = crontab.table
    const at = findJob(jobs, name, identifierOf(wanted))
    if (at < 0) return inSync(`Cron ${name} already absent`)
    const comments = {
      would: `Cron ${name} is set to be removed`,
      done: `Cron ${name} removed from ${wanted.user}'s crontab`,
    }
    return drift({ [wanted.user]: name }, comments, (act) =>
      saveCrontab(wanted.user, crontab, { ...crontab.table, jobs: jobs.toSpliced(at, 1) }, act),
    )
  },
})
