/** Runner `schedule`: what the master runs at which times. */
import * as v from 'valibot'
import { type Dict, isDict, type Plain, toValue, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { isOn, jobsOf, modified, switched } from '../../shared/schedule/layers.ts'
import { entryArguments } from '../../shared/schedule/schedule-entry.ts'
import { ownRights } from '../engines/own-rights.ts'
import { readMasterEntry } from '../schedule/master-entry.ts'
import { masterWords } from '../schedule/master-words.ts'
import type { ScheduleDoor } from '../schedule/schedule-door.ts'
import { RunnerAnswer, type RunnerContext, type RunnerFunction, runner, runnerFunction } from './contract.ts'

const name = v.pipe(v.string(), v.nonEmpty(), v.description('Name of the entry.'))
const anything = (description: string) => v.optional(v.pipe(v.unknown(), v.description(description)))
/** As `schedule.add` of minions, and what only the master has. Read by the schedule itself. */
const entryWords: Readonly<Record<string, ReturnType<typeof anything>>> = Object.fromEntries([
  ...Object.entries(entryArguments).map(([word, schema]) => [word, anything(descriptionOf(schema))] as const),
  ...Object.entries(masterWords).map(([word, description]) => [word, anything(description)] as const),
])

function descriptionOf(schema: object): string {
  const inner = 'wrapped' in schema ? schema.wrapped : schema
  return v.getDescription(inner as Parameters<typeof v.getDescription>[0]) ?? ''
}

const told = (result: boolean, comment: string, changes: Plain = {}): Plain | RunnerAnswer => {
  const answer = { comment, result, changes }
  return result ? answer : new RunnerAnswer(answer, 1)
}
const unknown = (job: string) => told(false, `Job ${job} does not exist.`)

function doorOf({ doors }: RunnerContext): ScheduleDoor {
  if (doors.schedule === undefined) throw new TsaltError('master-stopping', {})
  return doors.schedule
}

/** What was given of an entry. */
const givenOf = (given: Readonly<Record<string, unknown>>): Dict =>
  new Map(
    Object.entries(given).flatMap(([word, value]): [string, Value][] =>
      value === undefined ? [] : [[word, toValue(value as Plain)]],
    ),
  )

async function put(
  context: RunnerContext,
  job: string,
  entry: Dict,
  done: { comment: string; changes: Plain },
) {
  const door = doorOf(context)
  const groups = context.opts().get('nodegroups')
  const nodegroups = isDict(groups ?? null) ? (groups as Dict) : new Map()
  const known = { whens: new Map(), runners: context.runners.names(), nodegroups }
  const wrong = readMasterEntry(job, entry, known)
  if (typeof wrong === 'string') return told(false, `Job ${job}: ${wrong}.`)
  await door.keep(new Map(door.kept()).set(job, entry))
  return told(true, done.comment, done.changes)
}

const add = runnerFunction({
  summary: 'Adds an entry: a runner, or with tgt a job of minions.',
  args: v.strictObject({ name, ...entryWords }),
  examples: [
    'tsalt-run schedule.add sweep function=cache.clear_all hours=24',
    "tsalt-run schedule.add nightly function=state.highstate tgt='web*' cron='30 3 * * *' splay=600",
  ],
  async run({ name: job, ...given }, context) {
    const door = doorOf(context)
    if (isDict(door.entries().get(job) ?? null)) return told(false, `Job ${job} already exists in schedule.`)
    return put(context, job, ownRights(givenOf(given), context.actor, 'schedule.add'), {
      comment: `Added job: ${job} to schedule.`,
      changes: { [job]: 'added' },
    })
  },
})

const modify = runnerFunction({
  summary: 'Replaces an entry; what is not given of function, arguments and target stays.',
  args: v.strictObject({ name, ...entryWords }),
  examples: ['tsalt-run schedule.modify nightly hours=12'],
  async run({ name: job, ...given }, context) {
    const door = doorOf(context)
    const old = door.entries().get(job) ?? null
    if (!isDict(old)) return unknown(job)
    const whose = [...old].filter(([key]) => Object.hasOwn(masterWords, String(key)))
    const whole = new Map([...whose, ...modified(old, givenOf(given))])
    const entry = ownRights(whole, context.actor, 'schedule.modify')
    const changes = { [job]: { old, new: entry } }
    return put(context, job, entry, { comment: `Modified job: ${job} in schedule.`, changes })
  },
})

const remove = runnerFunction({
  summary: 'Deletes an entry that was added here.',
  args: v.strictObject({ name }),
  examples: ['tsalt-run schedule.delete nightly'],
  async run({ name: job }, context) {
    const door = doorOf(context)
    if (!isDict(door.entries().get(job) ?? null)) return unknown(job)
    if (door.configured().has(job))
      return told(
        false,
        `Job ${job} comes from the configuration of the master: remove it there, or disable it here.`,
      )
    const rest = new Map(door.kept())
    rest.delete(job)
    await door.keep(rest)
    return told(true, `Deleted Job ${job} from schedule.`, { [job]: 'removed' })
  },
})

/** Of one entry, or of all where `wantsName` allows it to be left out. */
function switching(enabled: boolean, wantsName: boolean): RunnerFunction {
  const word = enabled ? 'enabled' : 'disabled'
  const verb = enabled ? 'enable' : 'disable'
  const one = wantsName
    ? name
    : v.optional(v.pipe(v.string(), v.description('One entry; without it the whole schedule.')), '')
  return runnerFunction({
    summary: `${enabled ? 'Enables' : 'Disables'} an entry, wherever it comes from${wantsName ? '' : ', or the whole schedule'}.`,
    args: v.strictObject({ name: one }),
    examples: [`tsalt-run schedule.${verb}${wantsName ? '_job' : ''} nightly`],
    async run({ name: job }, context) {
      const door = doorOf(context)
      if (job === '') {
        await door.keep(new Map(door.kept()).set('enabled', enabled))
        return told(true, `${enabled ? 'Enabled' : 'Disabled'} schedule on the master.`, { schedule: word })
      }
      if (!isDict(door.entries().get(job) ?? null)) return unknown(job)
      await door.keep(switched(door.kept(), job, enabled))
      return told(true, `${enabled ? 'Enabled' : 'Disabled'} Job ${job} in schedule.`, { [job]: word })
    },
  })
}

const list = runnerFunction({
  summary: 'The entries of the schedule.',
  args: v.strictObject({
    show_disabled: v.optional(
      v.pipe(v.boolean(), v.description('False: only those that are enabled.')),
      true,
    ),
  }),
  examples: ['tsalt-run schedule.list'],
  async run({ show_disabled }, context) {
    const entries = doorOf(context).entries()
    const shown = jobsOf(entries).filter(([, entry]) => show_disabled || isOn(entry))
    return new Map<string, Value>([
      ...(entries.get('enabled') === false ? [['enabled', false] as const] : []),
      ...shown,
    ])
  },
})

const showNext = runnerFunction({
  summary: 'When an entry runs next, in local time of the master; all of them without a name.',
  args: v.strictObject({ name: v.optional(v.pipe(v.string(), v.description('Name of the entry.')), '') }),
  examples: ['tsalt-run schedule.show_next_fire_time nightly'],
  async run({ name: job }, context) {
    const door = doorOf(context)
    const timeOf = (each: string): Plain => {
      const at = door.nextFireTime(each)
      return at === undefined ? null : localSecond(at)
    }
    if (job === '') return new Map(jobsOf(door.entries()).map(([each]) => [each, timeOf(each)]))
    if (!isDict(door.entries().get(job) ?? null)) return unknown(job)
    return { result: true, next_fire_time: timeOf(job) }
  },
})

const runJob = runnerFunction({
  summary: 'Runs an entry now, beside its times.',
  args: v.strictObject({
    name,
    force: v.optional(v.pipe(v.boolean(), v.description('Also an entry that is disabled.')), false),
  }),
  examples: ['tsalt-run schedule.run_job nightly'],
  async run({ name: job, force }, context) {
    const door = doorOf(context)
    const entry = door.entries().get(job) ?? null
    if (!isDict(entry)) return unknown(job)
    if (!force && !isOn(entry)) return told(false, `Job ${job} is disabled.`)
    if (!door.runNow(job))
      return told(false, `Job ${job} is wrong and not planned; the log of the master says why.`)
    return told(true, `Scheduling Job ${job} on the master.`)
  },
})

const isEnabled = runnerFunction({
  summary: 'Whether an entry is enabled; without a name, whether the schedule is.',
  args: v.strictObject({ name: v.optional(v.pipe(v.string(), v.description('Name of the entry.')), '') }),
  examples: ['tsalt-run schedule.is_enabled nightly'],
  async run({ name: job }, context) {
    const entries = doorOf(context).entries()
    const isOpen = entries.get('enabled') !== false
    return job === '' ? isOpen : isOpen && isOn(entries.get(job) ?? null)
  },
})

/** `2026-12-24T08:00:00` */
function localSecond(at: number): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  const time = new Date(at)
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${date}T${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`
}

export const schedule = runner({
  summary: 'What the master runs at which times.',
  functions: {
    list,
    add,
    modify,
    delete: remove,
    enable: switching(true, false),
    disable: switching(false, false),
    enable_job: switching(true, true),
    disable_job: switching(false, true),
    run_job: runJob,
    is_enabled: isEnabled,
    show_next_fire_time: showNext,
  },
})
