/** pkg.held and pkg.unheld: packages that keep their version at upgrades, and that do not. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { packageList, packageName } from '../../../shared/schema/packages.ts'
import { flag } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction } from '../contract.ts'
import { applyHolds, type HoldChange, holdChanges } from './holds.ts'
import { afterEarlierStates } from './predicted.ts'
import { wantedPackages } from './wanted.ts'

const entries = {
  name: needed(packageName, 'The package; with `pkgs` only a name for the state.'),
  pkgs: optional(packageList, 'Several packages.'),
}

function decision(changes: readonly HoldChange[], names: readonly string[], word: string): Decision {
  if (changes.length === 0) return inSync(`Package ${names.join(', ')} is already ${word}`)
  const told = changes.map((one) => one.name).join(', ')
  return drift(
    Object.fromEntries(changes.map(({ name, from, to }) => [name, { old: from, new: to }])),
    { would: `Package ${told} is set to be ${word}`, done: `Package ${told} is now ${word}` },
    (act) => applyHolds(changes, act),
  )
}

async function notInstalled(names: readonly string[], look: Reader): Promise<string[]> {
  const installed = await look.packages.installed()
  return names.filter((name) => !installed.has(name))
}

export const held = stateFunction({
  summary: 'Makes sure that packages keep their version at upgrades.',
  args: v.strictObject({ ...entries, replace: defaulted(flag, false, 'No other package is held.') }),
  examples: ['linux-image-amd64:\n  pkg.held: []\n'],
  async check(wanted, now, run: StateRun) {
    const look = afterEarlierStates(now, run)
    const names = wantedPackages(wanted).map(({ name }) => name)
    const missing = await notInstalled(names, look)
    if (missing.length > 0)
      return failed(
        `Package ${missing.join(', ')} is not installed, so it cannot be held`,
        'Install it first (pkg.installed with "hold: True").',
      )
    const others = wanted.replace
      ? [...(await look.packages.installed()).values()]
          .filter((one) => one.held && !names.includes(one.name))
          .map((one) => one.name)
      : []
    const changes = [...(await holdChanges(names, true, look)), ...(await holdChanges(others, false, look))]
    return decision(changes, names, 'held')
  },
})

export const unheld = stateFunction({
  summary: 'Makes sure that packages do not keep their version at upgrades.',
  args: v.strictObject({ ...entries, all: defaulted(flag, false, 'All that are held.') }),
  examples: ['linux-image-amd64:\n  pkg.unheld: []\n'],
  async check(wanted, now, run) {
    const look = afterEarlierStates(now, run)
    const all = [...(await look.packages.installed()).values()]
      .filter((one) => one.held)
      .map((one) => one.name)
    const names = wanted.all ? all : wantedPackages(wanted).map(({ name }) => name)
    return decision(await holdChanges(names, false, look), names, 'unheld')
  },
})
