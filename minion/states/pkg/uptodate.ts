/** pkg.uptodate: the whole machine has the newest versions that its sources offer. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { nameList } from '../../../shared/schema/collections.ts'
import { packageList } from '../../../shared/schema/packages.ts'
import { flag, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { PackageStep, Reader } from '../../system/reader.ts'
import { type Applied, type Decision, drift, inSync, type StateRun, stateFunction } from '../contract.ts'
import { managerOptions } from './install-arguments.ts'
import { refreshLists } from './refresh.ts'
import { failureOf, versionChanges } from './transaction.ts'

const args = v.strictObject({
  name: needed(nonEmptyText, 'Only a name for the state.'),
  refresh: defaulted(
    flag,
    false,
    'Fetch the lists of packages first. A dry run tells by the lists that are there.',
  ),
  pkgs: optional(packageList, 'Only these, of those that are installed.'),
  dist_upgrade: defaulted(
    flag,
    false,
    'Also what needs other packages to come or go (apt-get dist-upgrade).',
  ),
  cache_valid_time: optional(whole, 'With refresh: lists that are younger than so many seconds will do.'),
  fromrepo: optional(text, 'Only from this release (apt) or repository.'),
  enablerepo: optional(nameList, 'Repositories that are used although they are disabled (yum, dnf).'),
  disablerepo: optional(nameList, 'Repositories that are not used although they are enabled (yum, dnf).'),
  skip_verify: defaulted(flag, false, 'Install also packages that no known key signed.'),
})
type Arguments = v.InferOutput<typeof args>

export const uptodate = stateFunction({
  summary: 'Makes sure that all packages are in the newest version that the sources offer.',
  args,
  examples: ['everything:\n  pkg.uptodate:\n    - refresh: True\n    - dist_upgrade: True\n'],
  check,
})

async function check(wanted: Arguments, look: Reader, run: StateRun): Promise<Decision> {
  const steps = await pending(wanted, look)
  // New lists may tell of more; whether they do, only the real run finds out.
  const asks = wanted.refresh && !run.test
  if (steps.length === 0 && !asks) return inSync('System is already up-to-date')
  return drift(
    versionChanges(steps),
    { would: 'System update will be performed', done: 'Upgrade ran successfully' },
    (act) => upgrade(wanted, act),
  )
}

async function pending({ pkgs, dist_upgrade }: Arguments, look: Reader): Promise<readonly PackageStep[]> {
  const steps = await look.packages.upgrades({ dist: dist_upgrade })
  const names = pkgs && new Set(pkgs.map(({ name }) => name))
  return names ? steps.filter(({ name }) => names.has(name)) : steps
}

async function upgrade(wanted: Arguments, act: Changer): Promise<Applied> {
  if (wanted.refresh) await refreshLists(true, act, wanted.cache_valid_time)
  const steps = await pending(wanted, act.look)
  if (steps.length === 0) return { changes: {}, comment: 'System is already up-to-date' }
  const before = await act.look.packages.installed()
  const options = managerOptions(wanted)
  const named = steps.filter(({ to }) => to !== '').map(({ name }) => ({ name }))
  const failure = await failureOf(() =>
    wanted.pkgs
      ? act.packages.install(named, { ...options, onlyUpgrade: true })
      : act.packages.upgrade({ ...options, dist: wanted.dist_upgrade }),
  )
  const after = await act.look.packages.installed()
  const versionIn = (all: typeof after, name: string): string => all.get(name)?.version ?? ''
  const changed = [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => versionIn(before, name) !== versionIn(after, name))
    .sort()
    .map((name) => ({ name, from: versionIn(before, name), to: versionIn(after, name) }))
  const changes = versionChanges(changed)
  if (failure !== undefined) return { ok: false, changes, comment: failure }
  const left = steps.filter(({ name, to }) => versionIn(after, name) !== to).map(({ name }) => name)
  if (left.length === 0) return { changes }
  return { ok: false, changes, comment: `The following package(s) failed to update: ${left.join(', ')}` }
}
