/** beacon.*: what this minion watches. */
import * as v from 'valibot'
import { type Dict, equalValues, isDict, type Plain, type Value } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import {
  keepBeacons,
  type OpenBeacons,
  openBeacons,
  withEntry,
  withoutEntry,
  withSwitch,
} from '../beacons/edit-beacons.ts'
import type { Reader } from '../system/reader.ts'
import { drift, type Failed, failed, inSync, type StateRun, stateFunction, stateModule } from './contract.ts'

const named = needed(nonEmptyText, 'Name of the beacon.')
const save = defaulted(flag, true, 'Accepted for Salt: beacons are always kept.')
const byName = v.strictObject({ name: named, save })

/** @throws TsaltError `beacons-unreadable` */
async function opened(look: Reader, run: StateRun): Promise<OpenBeacons | Failed> {
  return run.beacons ? openBeacons(run.beacons, look) : failed('There are no beacons here')
}

const present = stateFunction({
  summary: 'Makes sure that a beacon is configured so.',
  args: v.strictObject({ name: named, save, settings: optional(anything, 'What `beacons:` takes of it.') }),
  restArguments: 'settings',
  examples: [
    'load:\n  beacon.present:\n    - averages:\n        1m: [0.0, 2.0]\n    - interval: 60\n',
    'certificates:\n  beacon.present:\n    - beacon_module: inotify\n    - files:\n        /etc/ssl/private:\n          mask: [create, modify]\n    - disable_during_state_run: True\n',
  ],
  async check({ name, settings }, look, run) {
    const beacons = await opened(look, run)
    if ('kind' in beacons) return beacons
    const wanted = settingsOf(isDict(settings ?? null) ? (settings as Dict) : new Map())
    const wrong = await run.beacons?.check(name, wanted)
    if (wrong !== undefined) return failed(wrong)
    const old = beacons.beacons.get(name)
    if (old !== undefined && equalValues(asMapping(old.value), asMapping(wanted)))
      return inSync(`Job ${name} in correct state`)
    const changes: Plain = { [name]: old === undefined ? 'added' : { old: old.value, new: wanted } }
    const told =
      old === undefined
        ? { would: `Beacon: ${name} would be added.`, done: `Adding ${name} to beacons` }
        : { would: `Beacon: ${name} would be modified.`, done: `Modifying ${name} in beacons` }
    return drift(changes, told, async (act) => {
      if (run.beacons) await keepBeacons(run.beacons, withEntry(beacons, name, wanted), act)
    })
  },
})

/** Salt's own name of `enabled` here is `enable`. */
const settingsOf = (given: Dict): Dict =>
  new Map([...given].map(([key, value]) => [key === 'enable' ? 'enabled' : key, value]))

/** A list of mappings says the same as one. */
function asMapping(value: Value): Value {
  if (!Array.isArray(value) || !value.every(isDict)) return value
  return new Map(value.flatMap((item) => [...item]).sort(byKey))
}
const byKey = ([a]: [unknown, Value], [b]: [unknown, Value]): number => (String(a) < String(b) ? -1 : 1)

const absent = stateFunction({
  summary: 'Makes sure that there is no such beacon.',
  args: byName,
  examples: ['load:\n  beacon.absent: []\n'],
  async check({ name }, look, run) {
    const beacons = await opened(look, run)
    if ('kind' in beacons) return beacons
    if (!beacons.beacons.has(name)) return inSync(`${name} not configured in beacons`)
    if (beacons.pillar.has(name) || beacons.configuration.has(name))
      return failed(
        `The beacon ${name} comes from the pillar or the configuration`,
        'Remove it there, or disable it.',
      )
    const told = { would: `Beacon: ${name} would be deleted.`, done: `Removed ${name} from beacons` }
    return drift({ [name]: 'removed' }, told, async (act) => {
      if (run.beacons) await keepBeacons(run.beacons, withoutEntry(beacons, name), act)
    })
  },
})

const switching = (on: boolean) => {
  const word = on ? 'enabled' : 'disabled'
  return stateFunction({
    summary: `Makes sure that a beacon is ${word}.`,
    args: byName,
    examples: [`load:\n  beacon.${word}: []\n`],
    async check({ name }, look, run) {
      const beacons = await opened(look, run)
      if ('kind' in beacons) return beacons
      const found = beacons.beacons.get(name)
      if (found === undefined) return failed(`${name} is not a configured beacon`)
      if (!found.isOff === on) return inSync(`The beacon ${name} is already ${word}`)
      const told = {
        would: `Beacon ${name} would be ${word}.`,
        done: `${on ? 'Enabled' : 'Disabled'} beacon ${name}.`,
      }
      return drift({ [name]: word }, told, async (act) => {
        if (run.beacons) await keepBeacons(run.beacons, withSwitch(beacons, name, on), act)
      })
    },
  })
}

export const beacon = stateModule({
  summary: 'What this minion watches.',
  functions: { present, absent, enabled: switching(true), disabled: switching(false) },
})
