/** pkg.latest: packages in the newest version that the sources offer. */
import * as v from 'valibot'
import { defaulted, optional } from '../../../shared/schema/argument.ts'
import { flag } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction, unknown } from '../contract.ts'
import { installEntries, managerOptions } from './install-arguments.ts'
import { afterEarlierStates } from './predicted.ts'
import { mayBeOffered } from './refresh.ts'
import { findSteps, type InstallOptions, install, notAvailable, versionChanges } from './transaction.ts'
import { wantedPackages } from './wanted.ts'

const args = v.strictObject({
  ...installEntries,
  only_upgrade: defaulted(flag, false, 'Only upgrade what is installed; install nothing new.'),
  'dist-upgrade': optional(
    flag,
    'Accepted for trees of Salt; pkg.uptodate with dist_upgrade upgrades the whole machine.',
  ),
  refresh_modules: optional(flag, 'Accepted for trees of Salt.'),
})
type LatestArguments = v.InferOutput<typeof args>

export const latest = stateFunction({
  summary: 'Makes sure that packages are installed in the newest version that the sources offer.',
  args,
  examples: [
    'openssl:\n  pkg.latest:\n    - refresh: True\n',
    'security:\n  pkg.latest:\n    - pkgs: [openssl, ca-certificates]\n',
  ],
  check,
})

async function check(wanted: LatestArguments, now: Reader, run: StateRun): Promise<Decision> {
  const look = afterEarlierStates(now, run)
  const names = wantedPackages(wanted).map(({ name }) => name)
  const packages = names.map((name) => ({ name, version: 'latest' }))
  const options: InstallOptions = {
    refresh: wanted.refresh,
    cacheValidTime: wanted.cache_valid_time,
    fromrepo: wanted.fromrepo,
    allowUpdates: false,
    ignoreEpoch: false,
    manager: managerOptions(wanted),
  }
  const steps = (await findSteps(packages, options, look)).filter(
    ({ from }) => from !== '' || !wanted.only_upgrade,
  )
  if (steps.length === 0) return inSync(upToDate(names))
  const missing = steps.filter(({ to }) => to === undefined)
  if (missing.length > 0 && (run.test || wanted.refresh === false)) {
    const lacking = missing.map(({ name }) => name).join(', ')
    const hope = await mayBeOffered(lacking, wanted.refresh, look, run)
    return hope === undefined ? failed(await notAvailable(missing, look)) : unknown(hope)
  }
  const pending = steps.map(({ name }) => name)
  const comments = {
    would: `The following packages are set to be installed/upgraded: ${pending.join(', ')}`,
    done: doneComment(pending),
  }
  return drift(versionChanges(steps), comments, (act) =>
    install(
      packages.filter(({ name }) => pending.includes(name)),
      options,
      doneComment,
      act,
    ),
  )
}

const doneComment = (names: readonly string[]): string =>
  `The following packages were successfully installed/upgraded: ${names.join(', ')}`

function upToDate(names: readonly string[]): string {
  if (names.length === 1) return `Package ${names[0]} is already up-to-date`
  return `All packages are up-to-date (${[...names].sort().join(', ')}).`
}
