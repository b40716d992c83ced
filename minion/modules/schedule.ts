/** Execution module `schedule`: what this minion runs at which times. Changes are undone as those of states. */
import { type Dict, isDict, type Plain, type Value } from '../../shared/data/value.ts'
import { dumpYaml } from '../../shared/render/yaml-dump.ts'
import { isOn, jobsOf, modified, switched } from '../../shared/schedule/layers.ts'
import { entryArguments, entryOf, named, persist } from '../../shared/schedule/schedule-entry.ts'
import { readScheduledJob } from '../../shared/schedule/scheduled-job.ts'
import { defaulted } from '../../shared/schema/argument.ts'
import { choice, flag } from '../../shared/schema/scalars.ts'
import { keepSchedule, type OpenSchedule, openSchedule, without } from '../schedule/edit-schedule.ts'
import { execModule, type ModuleContext } from './contract.ts'
import { asking, changing } from './define.ts'

const test = defaulted(flag, false, 'Only tells what would be done.')
const open = ({ services, look }: ModuleContext): Promise<OpenSchedule> =>
  openSchedule(services.schedule, look)
const answer = (result: boolean, comment: string, changes: Plain = {}): Plain => ({
  comment,
  result,
  changes,
})
const unknown = (name: string): Plain => answer(false, `Job ${name} does not exist.`)

/** @param change undefined: nothing is to be done */
async function edit(
  context: ModuleContext,
  isTest: boolean,
  kept: Dict,
  told: { readonly would: string; readonly done: string; readonly changes: Plain },
): Promise<Plain> {
  if (isTest) return answer(true, told.would, told.changes)
  await keepSchedule(context.services.schedule, kept, context.act)
  return answer(true, told.done, told.changes)
}

const add = changing(
  'Adds an entry to the schedule. Its results are events `schedule/NAME` of the master.',
  'schedule.add nightly function=state.apply hours=24 splay=600',
  { name: named, ...entryArguments, persist, test },
  async ({ name, persist: _, test: isTest, ...given }, context) => {
    const schedule = await open(context)
    if (schedule.entries.has(name)) return answer(false, `Job ${name} already exists in schedule.`)
    const entry = entryOf(given)
    const wrong = readScheduledJob(name, entry, context.services.schedule.whens())
    if (typeof wrong === 'string') return answer(false, `Job ${name}: ${wrong}.`)
    return edit(context, isTest, new Map(schedule.kept).set(name, entry), {
      would: `Job: ${name} would be added to schedule.`,
      done: `Added job: ${name} to schedule.`,
      changes: { [name]: 'added' },
    })
  },
)

const modify = changing(
  'Replaces an entry of the schedule; what is not given of function and arguments stays.',
  'schedule.modify nightly function=state.apply hours=12',
  { name: named, ...entryArguments, persist, test },
  async ({ name, persist: _, test: isTest, ...given }, context) => {
    const schedule = await open(context)
    const old = schedule.entries.get(name)
    if (!isDict(old ?? null)) return unknown(name)
    const entry = modified(old as Dict, entryOf(given))
    const wrong = readScheduledJob(name, entry, context.services.schedule.whens())
    if (typeof wrong === 'string') return answer(false, `Job ${name}: ${wrong}.`)
    return edit(context, isTest, new Map(schedule.kept).set(name, entry), {
      would: `Job: ${name} would be modified in schedule.`,
      done: `Modified job: ${name} in schedule.`,
      changes: { [name]: { old: old as Value, new: entry } as Plain },
    })
  },
)

const remove = changing(
  'Removes an entry of the schedule that was added here.',
  'schedule.delete nightly',
  { name: named, persist, test },
  async ({ name, test: isTest }, context) => {
    const schedule = await open(context)
    if (!schedule.entries.has(name)) return unknown(name)
    if (schedule.given.has(name))
      return answer(
        false,
        `Job ${name} comes from the pillar or the configuration: remove it there, or disable it here.`,
      )
    return edit(context, isTest, without(schedule, name), {
      would: `Job: ${name} would be deleted from schedule.`,
      done: `Deleted Job ${name} from schedule.`,
      changes: { [name]: 'removed' },
    })
  },
)

const purge = changing(
  'Removes all entries of the schedule that were added here.',
  'schedule.purge',
  { persist, test },
  async ({ test: isTest }, context) => {
    const { kept, given } = await open(context)
    const names = jobsOf(kept).flatMap(([name]) => (given.has(name) ? [] : [name]))
    const rest = new Map([...kept].filter(([name]) => !names.includes(String(name))))
    return edit(context, isTest, rest, {
      would: names.map((name) => `Job: ${name} would be deleted from schedule.`).join('\n'),
      done: names.map((name) => `Deleted job: ${name} from schedule.`).join('\n'),
      changes: Object.fromEntries(names.map((name) => [name, 'removed'])),
    })
  },
)

const jobSwitch = (enabled: boolean) =>
  changing(
    `${enabled ? 'Enables' : 'Disables'} an entry of the schedule, wherever it comes from.`,
    `schedule.${enabled ? 'enable' : 'disable'}_job nightly`,
    { name: named, persist, test },
    async ({ name, test: isTest }, context) => {
      const schedule = await open(context)
      if (!isDict(schedule.entries.get(name) ?? null)) return unknown(name)
      const word = enabled ? 'enabled' : 'disabled'
      return edit(context, isTest, switched(schedule.kept, name, enabled), {
        would: `Job: ${name} would be ${word} in schedule.`,
        done: `${enabled ? 'Enabled' : 'Disabled'} Job ${name} in schedule.`,
        changes: { [name]: word },
      })
    },
  )

const allSwitch = (enabled: boolean) =>
  changing(
    `${enabled ? 'Enables' : 'Disables'} the whole schedule.`,
    `schedule.${enabled ? 'enable' : 'disable'}`,
    { persist, test },
    async ({ test: isTest }, context) => {
      const { kept } = await open(context)
      const word = enabled ? 'enabled' : 'disabled'
      return edit(context, isTest, new Map(kept).set('enabled', enabled), {
        would: `Schedule would be ${word}.`,
        done: `${enabled ? 'Enabled' : 'Disabled'} schedule on minion.`,
        changes: { schedule: word },
      })
    },
  )

const list = asking(
  'The entries of the schedule, as YAML.',
  'schedule.list',
  {
    show_all: defaulted(flag, false, 'Accepted for Salt; there are no hidden entries.'),
    show_disabled: defaulted(flag, true, 'False: only those that are enabled.'),
    where: defaulted(
      choice(['', 'pillar', 'opts']),
      '',
      '`pillar`: of pillar and configuration; `opts`: added here.',
    ),
    return_yaml: defaulted(flag, true, 'False: a mapping.'),
  },
  async ({ show_disabled, where, return_yaml }, context) => {
    const { kept, given, entries } = await open(context)
    const source = where === '' ? entries : where === 'opts' ? kept : given
    const isOff = entries.get('enabled') === false
    const shown = jobsOf(source).filter(([, entry]) => show_disabled || isOn(entry))
    const found: Dict = new Map<string, Value>([...(isOff ? [['enabled', false] as const] : []), ...shown])
    return return_yaml ? dumpYaml(new Map([['schedule', found]])) : found
  },
)

const isEnabled = asking(
  'Whether an entry is enabled; without a name, whether the schedule is.',
  'schedule.is_enabled nightly',
  { name: defaulted(named, '', 'Name of the entry.') },
  async ({ name }, context) => {
    const { entries } = await open(context)
    const isOpen = entries.get('enabled') !== false
    return name === '' ? isOpen : isOpen && isOn(entries.get(name) ?? null)
  },
)

const showNext = asking(
  'When an entry runs next, as the daemon has planned it, in local time.',
  'schedule.show_next_fire_time nightly',
  { name: named },
  async ({ name }, { services }) => {
    const at = services.schedule.nextFireTime(name)
    return { result: true, next_fire_time: at === undefined ? null : localTime(at) }
  },
)

const runJob = changing(
  'Runs an entry now, beside its times. It is told of as when its time comes.',
  'schedule.run_job nightly',
  { name: named, force: defaulted(flag, false, 'Also an entry that is disabled.') },
  async ({ name, force }, context) => {
    const { entries } = await open(context)
    const entry = entries.get(name) ?? null
    if (!isDict(entry)) return unknown(name)
    if (!force && !isOn(entry)) return answer(false, `Job ${name} is disabled.`)
    if (!context.services.schedule.runNow(name))
      return answer(false, `Job ${name} is not planned: no daemon runs.`)
    return answer(true, `Scheduling Job ${name} on minion.`)
  },
  { besideRuns: true },
)

const reload = changing(
  'Reads the schedule again, as the minion does by itself within a minute.',
  'schedule.reload',
  {},
  async (_, { services }) => {
    await services.schedule.refresh()
    return answer(true, 'Reloaded schedule on minion.')
  },
  { besideRuns: true },
)

const save = asking(
  'Accepted for Salt: every change is kept at once.',
  'schedule.save',
  {},
  async (_, { services }) => answer(true, `Schedule (non-pillar items) saved in ${services.schedule.file}.`),
)

function localTime(at: number): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  const time = new Date(at)
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${date}T${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`
}

export const scheduleModule = execModule({
  summary: 'What this minion runs at which times.',
  functions: {
    list,
    add,
    modify,
    delete: remove,
    purge,
    enable: allSwitch(true),
    disable: allSwitch(false),
    enable_job: jobSwitch(true),
    disable_job: jobSwitch(false),
    run_job: runJob,
    is_enabled: isEnabled,
    show_next_fire_time: showNext,
    save,
    reload,
  },
})
