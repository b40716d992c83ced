/** pkg.removed and pkg.purged: packages that are not there, purged without their configuration, too. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { packageList, packageName } from '../../../shared/schema/packages.ts'
import { flag, text } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { InstalledPackage, Reader } from '../../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  inSync,
  type StateFunction,
  stateFunction,
} from '../contract.ts'
import { afterEarlierStates } from './predicted.ts'
import { isSatisfied, parseVersionWish } from './version-wish.ts'
import { findInstalled, wantedPackages } from './wanted.ts'

const args = v.strictObject({
  name: needed(packageName, 'The package; with `pkgs` only a name for the state.'),
  pkgs: optional(packageList, 'Several packages in one transaction.'),
  version: optional(text, 'Only remove this version.'),
  normalize: defaulted(flag, true, 'Accepted for trees of Salt.'),
  ignore_epoch: defaulted(flag, false, 'Compare versions without their epoch.'),
})
type RemovedArguments = v.InferOutput<typeof args>

interface Removal {
  readonly summary: string
  readonly examples: readonly string[]
  readonly purge: boolean
}

function removalFunction({ summary, examples, purge }: Removal): StateFunction {
  return stateFunction({
    summary,
    args,
    examples,
    async check(wanted, now, run): Promise<Decision> {
      const look = afterEarlierStates(now, run)
      const before = await findPresent(wanted, purge, look)
      const names = [...before.keys()]
      if (names.length === 0)
        return inSync(`All specified packages are already ${purge ? 'purged' : 'absent'}`)
      const installed = await look.packages.installed()
      const held = names.filter((name) => installed.get(name)?.held)
      if (held.length > 0)
        return failed(
          `The following packages are held: ${held.join(', ')}`,
          'Release them first: pkg.installed with "hold: False", or tsalt MINION pkg.unhold NAME.',
        )
      const verb = purge ? 'purged' : 'removed'
      return drift(
        Object.fromEntries([...before].map(([name, old]) => [name, { old, new: '' }])),
        {
          would: `The following packages will be ${verb}: ${names.join(', ')}.`,
          done: `All targeted packages were ${verb}.`,
        },
        (act) => remove(names, purge, verb, wanted, act),
      )
    },
  })
}

/** Name → version, or "configuration files" where nothing else is left of it. */
async function findPresent(
  wanted: RemovedArguments,
  purge: boolean,
  look: Reader,
): Promise<ReadonlyMap<string, string>> {
  const present = new Map<string, string>()
  const left = purge ? await look.packages.configurationLeft() : new Set<string>()
  for (const { name, version } of wantedPackages(wanted)) {
    const found = await findInstalled(name, look)
    const wish = parseVersionWish(version, wanted.ignore_epoch)
    if (found && (await isSatisfied(found.version, wish, undefined, look.packages)))
      present.set(name, found.version)
    else if (!found && left.has(name)) present.set(name, 'configuration files')
  }
  return present
}

async function remove(
  names: readonly string[],
  purge: boolean,
  verb: string,
  wanted: RemovedArguments,
  act: Changer,
): Promise<Applied | undefined> {
  const before = await act.look.packages.installed()
  await (purge ? act.packages.purge(names) : act.packages.remove(names))
  const still = await findPresent(wanted, purge, act.look)
  if (still.size > 0)
    return {
      ok: false,
      comment: `The following packages failed to be ${verb}: ${[...still.keys()].join(', ')}.`,
    }
  const others = await othersRemoved(before, new Set(names), act.look)
  return others.length > 0
    ? { comment: `All targeted packages were ${verb}.\nWith them went: ${others.join(', ')}` }
    : undefined
}

async function othersRemoved(
  before: ReadonlyMap<string, InstalledPackage>,
  asked: ReadonlySet<string>,
  look: Reader,
): Promise<string[]> {
  const after = await look.packages.installed()
  return [...before.keys()].filter((name) => !after.has(name) && !asked.has(name)).sort()
}

export const removed = removalFunction({
  summary: 'Makes sure that packages are not installed; their configuration may stay.',
  examples: [
    'telnet:\n  pkg.removed: []\n',
    'unwanted:\n  pkg.removed:\n    - pkgs: [apache2, apache2-utils]\n',
  ],
  purge: false,
})

export const purged = removalFunction({
  summary: 'Makes sure that packages are not installed and have left no configuration.',
  examples: ['exim4:\n  pkg.purged:\n    - pkgs: [exim4-base, exim4-config]\n'],
  purge: true,
})
