/** Arguments that pkg.installed and pkg.latest share. */
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { packageList, packageName } from '../../../shared/schema/packages.ts'
import { flag, text, whole } from '../../../shared/schema/scalars.ts'

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
  skip_verify: defaulted(
    flag,
    false,
    'Accepted for trees of Salt; signatures are checked as the package manager is configured.',
  ),
  skip_suggestions: defaulted(flag, true, 'Accepted for trees of Salt.'),
  cache_valid_time: optional(whole, 'Accepted for trees of Salt; lists are fetched once in a run at most.'),
  resolve_capabilities: defaulted(
    flag,
    false,
    'Accepted for trees of Salt; virtual packages are always known.',
  ),
  normalize: defaulted(flag, true, 'Accepted for trees of Salt.'),
  ignore_types: optional(textList, 'Accepted for trees of Salt.'),
  enablerepo: optional(textList, 'Accepted for trees of Salt; means something to yum and dnf only.'),
  disablerepo: optional(textList, 'Accepted for trees of Salt; means something to yum and dnf only.'),
}
