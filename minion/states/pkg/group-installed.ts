/** pkg.group_installed: the members of a group of packages (dnf, yum, pacman). */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import type { PackageGroup, Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, stateFunction, unknown } from '../contract.ts'
import { installEntries, managerOptions } from './install-arguments.ts'
import { afterEarlierStates } from './predicted.ts'
import { mayBeOffered } from './refresh.ts'
import { findSteps, type InstallOptions, install, notAvailable, versionChanges } from './transaction.ts'

const { pkgs: _pkgs, name: _name, ...shared } = installEntries
const args = v.strictObject({
  name: needed(nonEmptyText, 'The group: `Development Tools`, or its id.'),
  include: optional(textList, 'Members that are optional, but wanted.'),
  skip: optional(textList, 'Members that are not wanted.'),
  only_upgrade: defaulted(flag, false, 'Only upgrade what is installed; install nothing new.'),
  ...shared,
})
type Arguments = v.InferOutput<typeof args>

export const groupInstalled = stateFunction({
  summary: 'Makes sure that the members of a group of packages are installed (dnf, yum, pacman).',
  args,
  examples: [
    'Development Tools:\n  pkg.group_installed:\n    - include: [cmake]\n    - skip: [subversion]\n',
  ],
  async check(wanted, now, run): Promise<Decision> {
    const look = afterEarlierStates(now, run)
    const { group } = look.packages
    if (!group)
      return failed(
        'The package manager of this system has no groups of packages',
        'Name the packages themselves (pkg.installed with pkgs), or a package that depends on them.',
      )
    const found = await group.call(look.packages, wanted.name)
    if (!found) {
      const hope = await mayBeOffered(`the group ${wanted.name}`, wanted.refresh, look, run)
      return hope === undefined ? failed(`Group '${wanted.name}' not found`) : unknown(hope)
    }
    const unwanted = notSkippable(wanted, found)
    if (unwanted.length > 0)
      return failed(`The following mandatory packages cannot be skipped: ${unwanted.join(', ')}`)
    return decide(membersOf(wanted, found), wanted, look)
  },
})

const notSkippable = ({ skip = [] }: Arguments, { mandatory }: PackageGroup): string[] =>
  skip.filter((name) => mandatory.includes(name))

const membersOf = ({ include = [], skip = [] }: Arguments, { mandatory, standard }: PackageGroup): string[] =>
  [...new Set([...mandatory, ...standard, ...include])].filter((name) => !skip.includes(name))

async function decide(names: readonly string[], wanted: Arguments, look: Reader): Promise<Decision> {
  const options: InstallOptions = {
    refresh: wanted.refresh,
    cacheValidTime: wanted.cache_valid_time,
    fromrepo: wanted.fromrepo,
    allowUpdates: false,
    ignoreEpoch: false,
    manager: managerOptions(wanted),
  }
  const packages = names.map((name) => ({ name }))
  const steps = (await findSteps(packages, options, look)).filter(
    ({ from }) => from !== '' || !wanted.only_upgrade,
  )
  if (steps.length === 0) return inSync(`Group '${wanted.name}' is already installed`)
  const missing = steps.filter(({ to }) => to === undefined)
  if (missing.length > 0) return failed(await notAvailable(missing, look))
  const done = (): string => `Group '${wanted.name}' was installed`
  return drift(
    versionChanges(steps),
    { would: `Group '${wanted.name}' will be installed`, done: done() },
    (act) =>
      install(
        steps.map(({ name }) => ({ name })),
        options,
        done,
        act,
      ),
  )
}
