/** file.retention_schedule: of the backups in a directory, those that a schedule does not keep are removed. */
import { join } from 'node:path'
import * as v from 'valibot'
import { isDict } from '../../../shared/data/value.ts'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { readText, text } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Reader } from '../../system/reader.ts'
import { drift, failed, inSync, stateFunction } from '../contract.ts'
import { type Backup, keptBackups, periods, type Retain, timeReader } from './backup-times.ts'

const schedule = shaped<Retain>({
  words: `mapping of ${periods.join(', ')} to numbers`,
  json: {
    type: 'object',
    propertyNames: { enum: periods },
    additionalProperties: { type: ['integer', 'string'] },
  },
  read(value) {
    if (!isDict(value))
      return new Mismatch(`a mapping such as {most_recent: 5} is expected, not ${describeValue(value)}`)
    const retain: Partial<Record<(typeof periods)[number], number>> = {}
    for (const [key, count] of value) {
      const period = periods.find((one) => one === key)
      const written = readText(count)
      if (!period) return new Mismatch(`${describeValue(key)} is not one of ${periods.join(', ')}`)
      if (written !== 'all' && !/^\d{1,9}$/.test(written ?? ''))
        return new Mismatch(`${period}: a number, or all, is expected, not ${describeValue(count)}`)
      retain[period] = written === 'all' ? Number.POSITIVE_INFINITY : Number(written)
    }
    return retain
  },
})

const args = v.strictObject({
  name: needed(absolutePath, 'The directory of the backups.'),
  retain: needed(
    schedule,
    'How many stay: `most_recent`, and of the last so many periods with a backup the first: `first_of_hour`, `first_of_day`, `first_of_week`, `first_of_month`, `first_of_year`; `all` of them.',
  ),
  strptime_format: optional(
    text,
    'How names say when the backup was made: `backup-%Y-%m-%d.tar.gz`; others stay. Not given: the time of the last change.',
  ),
  timezone: optional(text, 'Accepted for trees of Salt; times of names are compared as they stand.'),
})
type Arguments = v.InferOutput<typeof args>

export const retentionSchedule = stateFunction({
  summary: 'Makes sure that only those backups are in a directory that a schedule keeps.',
  args,
  examples: [
    '/var/backups/app:\n  file.retention_schedule:\n    - retain:\n        most_recent: 5\n        first_of_day: 7\n        first_of_month: all\n    - strptime_format: app-%Y-%m-%d_%H%M.tar.gz\n',
  ],
  refuse: ({ retain, strptime_format }) => {
    // Nothing to keep would mean: remove everything.
    if (!Object.values(retain).some((count) => count > 0))
      return { argument: 'retain', reason: 'it keeps nothing; file.absent removes a directory' }
    try {
      if (strptime_format !== undefined) timeReader(strptime_format)
      return undefined
    } catch (error) {
      return {
        argument: 'strptime_format',
        reason: `${(error as Error).message} is no part of a time that is known here`,
      }
    }
  },
  async check(wanted, look) {
    const { name, retain } = wanted
    const info = await look.files.info(name)
    if (info?.type !== 'directory')
      return failed(`${name} is ${info ? `a ${info.type}, not a directory` : 'not there'}`)
    const { backups, ignored } = await backupsIn(wanted, look)
    const kept = keptBackups(backups, retain)
    const deleted = backups
      .map((backup) => backup.name)
      .filter((one) => !kept.has(one))
      .sort()
    if (deleted.length === 0) return inSync(`No backups are to be removed from ${name}.`)
    return drift(
      { retained: [...kept].sort(), deleted, ignored },
      {
        would: `${deleted.length} backups would have been removed from ${name}.`,
        done: `${deleted.length} backups were removed from ${name}.`,
      },
      async (act) => {
        for (const one of deleted) await act.files.remove(join(name, one))
      },
    )
  },
})

async function backupsIn(
  { name, strptime_format }: Arguments,
  look: Reader,
): Promise<{ backups: Backup[]; ignored: string[] }> {
  const timeOf = strptime_format === undefined ? undefined : timeReader(strptime_format)
  const backups: Backup[] = []
  const ignored: string[] = []
  for (const entry of await look.files.list(name)) {
    const time = timeOf ? timeOf(entry) : (await look.files.info(join(name, entry)))?.modified
    if (time === undefined) ignored.push(entry)
    else backups.push({ name: entry, time })
  }
  return { backups, ignored }
}
