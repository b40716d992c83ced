/** Execution module `beacons`: what this minion watches. Changes are kept and undone as those of states. */
import { type Dict, isDict, isList, type Plain, type Value } from '../../shared/data/value.ts'
import { dumpYaml } from '../../shared/render/yaml-dump.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import { type KeptBeacons, nothingKept } from '../beacons/beacons-file.ts'
import {
  keepBeacons,
  type OpenBeacons,
  openBeacons,
  withEntry,
  withoutEntry,
  withSwitch,
} from '../beacons/edit-beacons.ts'
import { execModule, type ModuleContext } from './contract.ts'
import { asking, changing } from './define.ts'

const named = needed(nonEmptyText, 'Name of the beacon.')
const test = defaulted(flag, false, 'Only tells what would be done.')
const save = defaulted(flag, true, 'Accepted for Salt: every change is kept at once.')
const beaconData = needed(anything, 'Its configuration: a mapping, or a list of such.')
const returnYaml = defaulted(flag, true, 'False: a mapping.')

const open = ({ services, look }: ModuleContext): Promise<OpenBeacons> => openBeacons(services.beacons, look)
const answer = (result: boolean, comment: string, changes?: Plain): Plain => ({
  comment,
  result,
  ...(changes === undefined ? {} : { changes }),
})

async function keep(
  context: ModuleContext,
  isTest: boolean,
  kept: KeptBeacons,
  told: { readonly would: string; readonly done: string; readonly changes?: Plain },
): Promise<Plain> {
  if (isTest) return answer(true, told.would, told.changes)
  await keepBeacons(context.services.beacons, kept, context.act)
  return answer(true, told.done, told.changes)
}

/** A configuration given as text is YAML that the command line read. @returns why it cannot be one */
async function unfit(name: string, data: Value, { services }: ModuleContext): Promise<string | undefined> {
  if (!isDict(data) && !(isList(data) && data.every(isDict)))
    return `Beacon ${name}: a mapping, or a list of mappings, is expected.`
  return services.beacons.check(name, data)
}

const add = changing(
  'Adds a beacon.',
  "beacons.add load \"[{'averages': {'1m': [0.0, 2.0]}}, {'interval': 60}]\"",
  { name: named, beacon_data: beaconData, save, test },
  async ({ name, beacon_data, test: isTest }, context) => {
    const beacons = await open(context)
    if (beacons.beacons.has(name)) return answer(false, `Beacon ${name} is already configured.`)
    const wrong = await unfit(name, beacon_data, context)
    if (wrong !== undefined)
      return answer(false, `Beacon ${name} configuration invalid, not adding.\n${wrong}`)
    return keep(context, isTest, withEntry(beacons, name, beacon_data as Dict), {
      would: `Beacon: ${name} would be added.`,
      done: `Added beacon: ${name}.`,
    })
  },
)

const modify = changing(
  'Replaces the configuration of a beacon.',
  "beacons.modify load \"[{'averages': {'1m': [0.0, 4.0]}}]\"",
  { name: named, beacon_data: beaconData, save, test },
  async ({ name, beacon_data, test: isTest }, context) => {
    const beacons = await open(context)
    const old = beacons.beacons.get(name)
    if (old === undefined) return answer(false, `Beacon ${name} is not configured.`)
    const wrong = await unfit(name, beacon_data, context)
    if (wrong !== undefined)
      return answer(false, `Beacon ${name} configuration invalid, not modifying.\n${wrong}`)
    return keep(context, isTest, withEntry(beacons, name, beacon_data as Dict), {
      would: `Beacon: ${name} would be modified.`,
      done: `Modified beacon: ${name}.`,
      changes: { [name]: { old: old.value, new: beacon_data } },
    })
  },
)

const remove = changing(
  'Removes a beacon that was added here.',
  'beacons.delete load',
  { name: named, save, test },
  async ({ name, test: isTest }, context) => {
    const beacons = await open(context)
    const found = beacons.beacons.get(name)
    if (found === undefined) return answer(false, `Beacon item ${name} not found.`)
    if (beacons.pillar.has(name) || beacons.configuration.has(name))
      return answer(
        false,
        `Cannot delete beacon item ${name}: it comes from the pillar or the configuration. Remove it there, or disable it here.`,
      )
    return keep(context, isTest, withoutEntry(beacons, name), {
      would: `Beacon: ${name} would be deleted.`,
      done: `Deleted beacon: ${name}.`,
    })
  },
)

const beaconSwitch = (on: boolean) =>
  changing(
    `${on ? 'Enables' : 'Disables'} a beacon, wherever it comes from.`,
    `beacons.${on ? 'enable' : 'disable'}_beacon load`,
    { name: named, save, test },
    async ({ name, test: isTest }, context) => {
      const beacons = await open(context)
      if (!beacons.beacons.has(name)) return answer(false, `Beacon ${name} is not currently configured.`)
      const word = on ? 'enabled' : 'disabled'
      return keep(context, isTest, withSwitch(beacons, name, on), {
        would: `Beacon ${name} would be ${word}.`,
        done: `${on ? 'Enabled' : 'Disabled'} beacon ${name} on minion.`,
      })
    },
  )

const allSwitch = (on: boolean) =>
  changing(
    `${on ? 'Enables' : 'Disables'} all beacons.`,
    `beacons.${on ? 'enable' : 'disable'}`,
    { save, test },
    async ({ test: isTest }, context) => {
      const { kept } = await open(context)
      const word = on ? 'enabled' : 'disabled'
      return keep(
        context,
        isTest,
        { ...kept, enabled: on },
        {
          would: `Beacons would be ${word}.`,
          done: `${on ? 'Enabled' : 'Disabled'} beacons on minion.`,
        },
      )
    },
  )

const reset = changing(
  'Removes all that was added and switched here; beacons of pillar and configuration stay.',
  'beacons.reset',
  { save, test },
  async ({ test: isTest }, context) =>
    keep(context, isTest, nothingKept, {
      would: 'Beacons would be reset.',
      done: 'Beacon configuration reset.',
    }),
)

const list = asking(
  'The beacons that are configured, as YAML; a beacon that is wrong has a line that says so.',
  'beacons.list',
  {
    return_yaml: returnYaml,
    include_pillar: defaulted(flag, true, 'False: without those of the pillar.'),
    include_opts: defaulted(flag, true, 'False: without those of the configuration and those added here.'),
  },
  async ({ return_yaml, include_pillar, include_opts }, context) => {
    const { beacons, enabled } = await open(context)
    const shown: Dict = new Map<string, Value>(enabled ? [] : [['enabled', false]])
    const remarks: string[] = []
    for (const [name, { value, source, isOff }] of beacons) {
      if (!(source === 'pillar' ? include_pillar : include_opts)) continue
      shown.set(name, value)
      if (isOff) remarks.push(`# ${name} is disabled here.`)
      const { beacons: service } = context.services
      // The daemon knows the place.
      const wrong = service.report(name)?.mistake ?? (await service.check(name, value))
      if (wrong !== undefined) remarks.push(...wrong.split('\n').map((line) => `# ${line}`))
    }
    if (!return_yaml) return shown
    if (shown.size === 0) return { beacons: {} }
    return [dumpYaml(new Map([['beacons', shown]])).trimEnd(), ...remarks, ''].join('\n')
  },
)

const listAvailable = asking(
  'The kinds of beacons that can be configured, programs of the tree among them.',
  'beacons.list_available',
  { return_yaml: returnYaml },
  async ({ return_yaml }, { services }) => {
    const names = [...services.beacons.available()]
    return return_yaml ? dumpYaml(new Map([['beacons', names]])) : names
  },
)

const validate = asking(
  'Whether beacons are configured as they have to be: True, or what is wrong with each.',
  'beacons.validate',
  {
    name: optional(nonEmptyText, 'Only this one.'),
    beacon_data: optional(anything, 'A configuration that it might have.'),
  },
  async ({ name, beacon_data }, context) => {
    if (name !== undefined && beacon_data !== undefined) {
      const wrong = await unfit(name, beacon_data, context)
      return { valid: wrong === undefined, vcomment: wrong ?? 'Valid beacon configuration' }
    }
    const { beacons } = await open(context)
    const found: Record<string, Plain> = {}
    for (const [each, { value }] of beacons)
      if (name === undefined || each === name)
        found[each] = (await context.services.beacons.check(each, value)) ?? true
    return found
  },
)

const status = asking(
  'How each beacon does: when it looked last, how much it told, what is wrong with it.',
  'beacons.status',
  {},
  async (_, context) => {
    const { beacons, enabled } = await open(context)
    return Object.fromEntries(
      [...beacons].map(([name, { source, isOff }]): [string, Plain] => {
        const { mistake, lastLook, told, dropped, trouble } = context.services.beacons.report(name) ?? {}
        const from = source === 'here' ? context.services.beacons.file : source
        return [
          name,
          {
            from,
            enabled: enabled && !isOff,
            last_look: lastLook === undefined ? null : new Date(lastLook).toISOString(),
            told: told ?? 0,
            dropped: dropped ?? 0,
            trouble: mistake ?? trouble ?? null,
          },
        ]
      }),
    )
  },
)

const saved = asking(
  'Accepted for Salt: every change is kept at once.',
  'beacons.save',
  {},
  async (_, { services }) => answer(true, `Beacons saved to ${services.beacons.file}.`),
)

export const beaconsModule = execModule({
  summary: 'What this minion watches.',
  functions: {
    list,
    list_available: listAvailable,
    add,
    modify,
    delete: remove,
    enable: allSwitch(true),
    disable: allSwitch(false),
    enable_beacon: beaconSwitch(true),
    disable_beacon: beaconSwitch(false),
    save: saved,
    reset,
    validate,
    status,
  },
})
