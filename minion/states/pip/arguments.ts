/** Arguments of pip.*, and the options of pip that they stand for. */
import { defaulted, optional } from '../../../shared/schema/argument.ts'
import { environment, nameList, textList } from '../../../shared/schema/collections.ts'
import { accountName, flag, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'

const old = "Accepted for trees of Salt; today's pip has no such option."

export const callerEntries = {
  bin_env: optional(
    nonEmptyText,
    'Directory of the virtual environment, or path of a pip or python. Not given: `pip3` of the system.',
  ),
  user: optional(accountName, 'User to run pip as. Default: root.'),
  cwd: optional(nonEmptyText, 'Directory to run pip in.'),
  env_vars: optional(environment, 'Environment variables, which some packages need to be built.'),
  use_vt: optional(flag, 'Accepted for trees of Salt.'),
}

export const installEntries = {
  ...callerEntries,
  pip_bin: optional(nonEmptyText, 'Older name of bin_env.'),
  runas: optional(accountName, 'Older name of user.'),
  upgrade: defaulted(flag, false, 'The newest version that fits; pip is asked for it at every run.'),
  force_reinstall: defaulted(flag, false, 'Install again what is installed, at every run.'),
  ignore_installed: defaulted(flag, false, 'Install over what is installed, at every run.'),
  no_deps: defaulted(flag, false, 'Not what the packages need.'),
  pre_releases: defaulted(flag, false, 'Also versions that are not released yet.'),
  index_url: optional(text, 'Address of the index.'),
  extra_index_url: optional(textList, 'Addresses of further indexes.'),
  no_index: defaulted(flag, false, 'Look at find_links only.'),
  find_links: optional(textList, 'Directories or pages with packages.'),
  trusted_host: optional(textList, 'Hosts whose certificate is not checked.'),
  cert: optional(text, 'File with authorities.'),
  proxy: optional(text, 'Of the network: `[user:password@]host:port`.'),
  timeout: optional(whole, 'Seconds until a connection is given up.'),
  target: optional(text, 'Directory to install into.'),
  source: optional(text, 'Directory for editable checkouts.'),
  exists_action: optional(text, 'What to do where a path exists: `s`witch, `i`gnore, `w`ipe, `b`ackup.'),
  log: optional(text, 'File that pip logs to.'),
  cache_dir: optional(text, 'Directory of the cache.'),
  no_cache_dir: defaulted(flag, false, 'Use no cache.'),
  no_binary: optional(nameList, 'Packages that are built from source; `:all:`.'),
  only_binary: optional(nameList, 'Packages that are not built from source; `:all:`.'),
  global_options: optional(textList, 'Options for setup.py.'),
  install_options: optional(textList, old),
  use_wheel: optional(flag, old),
  no_use_wheel: optional(flag, 'Build everything from source.'),
  extra_args: optional(
    textList,
    'Further options of pip install: `[--break-system-packages]`, `[--config-settings=a=b]`.',
  ),
  process_dependency_links: optional(flag, old),
  no_chown: optional(flag, 'Accepted for trees of Salt.'),
  allow_all_external: optional(flag, old),
  allow_external: optional(textList, old),
  allow_unverified: optional(textList, old),
  mirrors: optional(textList, old),
  build: optional(text, old),
  download_cache: optional(text, old),
  reload_modules: optional(flag, 'Accepted for trees of Salt.'),
}

export type PipOptions = {
  readonly [Name in keyof typeof installEntries]?: unknown
}

/** Argument → option of pip. */
const options: Readonly<Record<string, string>> = {
  pre_releases: '--pre',
  no_deps: '--no-deps',
  force_reinstall: '--force-reinstall',
  ignore_installed: '--ignore-installed',
  upgrade: '--upgrade',
  no_index: '--no-index',
  no_cache_dir: '--no-cache-dir',
  index_url: '--index-url',
  extra_index_url: '--extra-index-url',
  find_links: '--find-links',
  trusted_host: '--trusted-host',
  cert: '--cert',
  proxy: '--proxy',
  timeout: '--timeout',
  target: '--target',
  source: '--src',
  exists_action: '--exists-action',
  log: '--log',
  cache_dir: '--cache-dir',
  no_binary: '--no-binary',
  only_binary: '--only-binary',
  global_options: '--global-option',
}

/** In one word each (`--index-url=…`), so that no value becomes an option. */
export function optionWords(wanted: PipOptions): string[] {
  const words = Object.entries(options).flatMap(([name, option]) => {
    const value = wanted[name as keyof PipOptions]
    if (value === true) return [option]
    if (value === undefined || value === false) return []
    return (Array.isArray(value) ? value : [value]).map((one) => `${option}=${one}`)
  })
  if (wanted.no_use_wheel === true) words.push('--no-binary=:all:')
  return [...words, ...((wanted.extra_args as readonly string[] | undefined) ?? [])]
}
