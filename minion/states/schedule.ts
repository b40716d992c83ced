/** schedule.*: what this minion runs at which times. */
import * as v from 'valibot'
import { isDict, type Plain } from '../../shared/data/value.ts'
import { isOn, switched } from '../../shared/schedule/layers.ts'
import { entryArguments, entryOf, isSameEntry, named, persist } from '../../shared/schedule/schedule-entry.ts'
import { readScheduledJob } from '../../shared/schedule/scheduled-job.ts'
import { keepSchedule, type OpenSchedule, openSchedule, without } from '../schedule/edit-schedule.ts'
import type { Reader } from '../system/reader.ts'
import { drift, type Failed, failed, inSync, type StateRun, stateFunction, stateModule } from './contract.ts'

const noDaemon = failed('There is no schedule here')

/** @throws TsaltError `schedule-unreadable` */
async function opened(look: Reader, run: StateRun): Promise<OpenSchedule | Failed> {
  return run.schedule ? openSchedule(run.schedule, look) : noDaemon
}

const byName = v.strictObject({ name: named, persist })

const present = stateFunction({
  summary: 'Makes sure that the schedule has an entry. Its results are events `schedule/NAME` of the master.',
  args: v.strictObject({ name: named, ...entryArguments, persist }),
  examples: [
    'highstate:\n  schedule.present:\n    - function: state.apply\n    - hours: 6\n    - splay: 600\n',
    "backup:\n  schedule.present:\n    - function: cmd.run\n    - job_args: ['/usr/local/bin/backup']\n    - cron: '30 3 * * *'\n",
  ],
  refuse({ name, persist: _, ...given }) {
    const wrong = readScheduledJob(name, entryOf(given), 'any')
    return typeof wrong === 'string' ? { argument: 'function', reason: wrong } : undefined
  },
  async check({ name, persist: _, ...given }, look, run) {
    const schedule = await opened(look, run)
    if ('kind' in schedule) return schedule
    const entry = entryOf(given)
    const wrong = readScheduledJob(name, entry, run.schedule?.whens())
    if (typeof wrong === 'string') return failed(`Job ${name}: ${wrong}`)
    const old = schedule.entries.get(name) ?? null
    if (isSameEntry(old, entry)) return inSync(`Job ${name} in correct state`)
    const isNew = !isDict(old)
    const changes: Plain = { [name]: isNew ? 'added' : { old, new: entry } }
    const told = isNew
      ? { would: `Job: ${name} would be added to schedule.`, done: `Adding new job ${name} to schedule` }
      : { would: `Job: ${name} would be modified in schedule.`, done: `Modifying job ${name} in schedule` }
    return drift(changes, told, async (act) => {
      if (run.schedule) await keepSchedule(run.schedule, new Map(schedule.kept).set(name, entry), act)
    })
  },
})

const absent = stateFunction({
  summary: 'Makes sure that the schedule has no such entry.',
  args: byName,
  examples: ['backup:\n  schedule.absent: []\n'],
  async check({ name }, look, run) {
    const schedule = await opened(look, run)
    if ('kind' in schedule) return schedule
    if (!schedule.entries.has(name)) return inSync(`Job ${name} not present in schedule`)
    if (schedule.given.has(name))
      return failed(
        `Job ${name} comes from the pillar or the configuration`,
        'Remove it there, or disable it.',
      )
    const told = {
      would: `Job: ${name} would be deleted from schedule.`,
      done: `Removed job ${name} from schedule`,
    }
    return drift({ [name]: 'removed' }, told, async (act) => {
      if (run.schedule) await keepSchedule(run.schedule, without(schedule, name), act)
    })
  },
})

const switching = (enabled: boolean) => {
  const word = enabled ? 'enabled' : 'disabled'
  return stateFunction({
    summary: `Makes sure that an entry of the schedule is ${word}.`,
    args: byName,
    examples: [`backup:\n  schedule.${word}: []\n`],
    async check({ name }, look, run) {
      const schedule = await opened(look, run)
      if ('kind' in schedule) return schedule
      const entry = schedule.entries.get(name) ?? null
      if (!isDict(entry)) return failed(`Job ${name} does not exist in schedule`)
      if (isOn(entry) === enabled) return inSync(`Job ${name} is already ${word}`)
      const told = {
        would: `Job: ${name} would be ${word} in schedule.`,
        done: `${enabled ? 'Enabled' : 'Disabled'} Job ${name} in schedule.`,
      }
      return drift({ [name]: word }, told, async (act) => {
        if (run.schedule) await keepSchedule(run.schedule, switched(schedule.kept, name, enabled), act)
      })
    },
  })
}

export const schedule = stateModule({
  summary: 'What this minion runs at which times.',
  functions: { present, absent, enabled: switching(true), disabled: switching(false) },
})
