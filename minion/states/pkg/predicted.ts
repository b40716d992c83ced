/**
 * In a dry run: packages as they will be once earlier states of the run have done what they predicted, so that a
 * package which two states name is told as a change of the first only.
 */
import { isDict, toValue } from '../../../shared/data/value.ts'
import type { InstalledPackage, PackageReader, Reader } from '../../system/reader.ts'
import type { PredictedChange, StateRun } from '../contract.ts'
import { packagesWith, readerWith } from '../reader-with.ts'

export function afterEarlierStates(look: Reader, run: StateRun): Reader {
  const earlier = run.test ? run.predicted.filter(({ state }) => state === 'pkg') : []
  return earlier.length === 0 ? look : readerWith(look, { packages: packagesAfter(look.packages, earlier) })
}

function packagesAfter(now: PackageReader, earlier: readonly PredictedChange[]): PackageReader {
  return packagesWith(now, {
    installed: async () => installedAfter(await now.installed(), earlier),
    configurationLeft: async () => {
      const left = new Set(await now.configurationLeft())
      for (const { fun, changes } of earlier)
        if (fun === 'purged') for (const name of namesIn(changes)) left.delete(name)
      return left
    },
  })
}

function installedAfter(
  now: ReadonlyMap<string, InstalledPackage>,
  earlier: readonly PredictedChange[],
): ReadonlyMap<string, InstalledPackage> {
  const after = new Map(now)
  for (const { changes } of earlier) {
    for (const name of namesIn(changes)) {
      const to = newValue(changes, name)
      if (to === undefined) continue
      const before = after.get(name) ?? { name, version: '', architecture: 'all', held: false }
      if (to === '') after.delete(name)
      else if (to === 'hold' || to === 'install') after.set(name, { ...before, held: to === 'hold' })
      else after.set(name, { ...before, version: to })
    }
  }
  return after
}

type Changes = PredictedChange['changes']

function namesIn(changes: Changes): string[] {
  const all = toValue(changes)
  return isDict(all) ? [...all.keys()].map(String) : []
}

/** `new` of `{vim: {old: '', new: '9'}}` */
function newValue(changes: Changes, name: string): string | undefined {
  const all = toValue(changes)
  const change = isDict(all) ? all.get(name) : undefined
  const to = isDict(change) ? change.get('new') : undefined
  return typeof to === 'string' ? to : undefined
}
