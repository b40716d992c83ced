/** Arguments that pkg.installed and pkg.latest share. */
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { nameList, textList } from '../../../shared/schema/collections.ts'
import { packageList, packageName } from '../../../shared/schema/packages.ts'
import { flag, text, whole } from '../../../shared/schema/scalars.ts'
import type { PackageOptions } from '../../system/changer.ts'
import { given } from '../given.ts'

export const installEntries = {
  name: needed(packageName, 'The package; with `pkgs` only a name for the state.'),
  pkgs: optional(packageList, 'Several packages in one transaction: names, or `{name: version}`.'),
  refresh: optional(
    flag,
    'Fetch the lists of packages first. Not given: once in a run, where something is to be installed.',
  ),
  fromrepo: optional(
    text,
    'Take the packages from this release of the sources, such as `bookworm-backports`.',
  ),
  install_recommends: optional(
    flag,
    'Install what the packages recommend; not given: as the package manager is configured.',
  ),
  skip_verify: defaulted(flag, false, 'Install also packages that no known key signed.'),
  skip_suggestions: defaulted(flag, true, 'Accepted for trees of Salt.'),
  cache_valid_time: optional(whole, 'Lists that are younger than so many seconds are not fetched again.'),
  resolve_capabilities: defaulted(
    flag,
    false,
    'Accepted for trees of Salt; what a package provides is always known.',
  ),
  normalize: defaulted(flag, true, 'Accepted for trees of Salt.'),
  ignore_types: optional(textList, 'Accepted for trees of Salt.'),
  enablerepo: optional(nameList, 'Repositories that are used although they are disabled (yum, dnf).'),
  disablerepo: optional(nameList, 'Repositories that are not used although they are enabled (yum, dnf).'),
}

interface InstallArguments {
  readonly fromrepo?: string
  readonly install_recommends?: boolean
  readonly skip_verify?: boolean
  readonly enablerepo?: readonly string[]
  readonly disablerepo?: readonly string[]
}

/** What the package manager is told. */
export const managerOptions = (wanted: InstallArguments): PackageOptions =>
  given({
    fromrepo: wanted.fromrepo,
    recommends: wanted.install_recommends,
    skipVerify: wanted.skip_verify || undefined,
    enablerepo: wanted.enablerepo,
    disablerepo: wanted.disablerepo,
  })
