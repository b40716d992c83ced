/** pkg.downloaded: package files are in the package manager's cache, to be installed later without a network. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { nameList } from '../../../shared/schema/collections.ts'
import { packageList, packageName, type WantedPackage } from '../../../shared/schema/packages.ts'
import { flag, text } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  unknown,
} from '../contract.ts'
import { managerOptions } from './install-arguments.ts'
import { mayBeOffered, refreshLists } from './refresh.ts'
import { failureOf, notAvailable, type Step } from './transaction.ts'
import { chooseVersion, parseVersionWish } from './version-wish.ts'
import { wantedPackages } from './wanted.ts'

const args = v.strictObject({
  name: needed(packageName, 'The package; with `pkgs` only a name for the state.'),
  pkgs: optional(packageList, 'Several packages: names, or `{name: version}`.'),
  version: optional(text, 'Version of the one package, as pkg.installed takes it. Not given: the newest.'),
  refresh: optional(flag, 'Fetch the lists of packages first. Not given: once in a run.'),
  fromrepo: optional(text, 'Take the packages from this release (apt) or repository.'),
  ignore_epoch: defaulted(flag, false, 'Compare versions without their epoch.'),
  skip_verify: defaulted(flag, false, 'Take also packages that no known key signed.'),
  enablerepo: optional(nameList, 'Repositories that are used although they are disabled (yum, dnf).'),
  disablerepo: optional(nameList, 'Repositories that are not used although they are enabled (yum, dnf).'),
})
type Arguments = v.InferOutput<typeof args>

export const downloaded = stateFunction({
  summary: 'Makes sure that the files of packages are in the cache of the package manager.',
  args,
  examples: ['ahead of the window:\n  pkg.downloaded:\n    - pkgs: [postgresql, nginx]\n'],
  refuse: ({ pkgs, version }) =>
    pkgs && version !== undefined
      ? { argument: 'version', reason: 'with pkgs each package has its own version: {name: version}' }
      : undefined,
  check,
})

/** Packages of which no wanted version is in the cache, with the version that would be fetched. */
async function absent(wanted: Arguments, look: Reader): Promise<Step[]> {
  const cache = await look.packages.downloaded()
  const stepOf = async ({ name, version }: WantedPackage): Promise<Step | undefined> => {
    const wish = parseVersionWish(version ?? 'latest', wanted.ignore_epoch)
    const available = await look.packages.available(name, wanted.fromrepo)
    const to = await chooseVersion(wish, available, look.packages)
    const [newest = ''] = cache.get(name) ?? []
    if (to !== undefined) return cache.get(name)?.includes(to) ? undefined : { name, from: '', to, wish }
    return newest !== '' && version === undefined ? undefined : { name, from: '', to, wish }
  }
  const steps = await Promise.all(wantedPackages(wanted).map(stepOf))
  return steps.filter((step) => step !== undefined)
}

const changesOf = (steps: readonly Step[]): Record<string, { old: string; new: string }> =>
  Object.fromEntries(steps.map(({ name, to }) => [name, { old: '', new: to ?? '' }]))

async function check(wanted: Arguments, look: Reader, run: StateRun): Promise<Decision> {
  const steps = await absent(wanted, look)
  if (steps.length === 0) return inSync('All specified packages are already downloaded')
  const missing = steps.filter(({ to }) => to === undefined)
  if (missing.length > 0 && (run.test || wanted.refresh === false)) {
    const names = missing.map(({ name }) => name).join(', ')
    const hope = await mayBeOffered(names, wanted.refresh, look, run)
    return hope === undefined ? failed(await notAvailable(missing, look)) : unknown(hope)
  }
  const names = steps.map(({ name }) => name).join(', ')
  const comments = {
    would: `The following packages would be downloaded: ${names}`,
    done: `Packages downloaded: ${names}`,
  }
  return drift(changesOf(steps), comments, (act) => download(wanted, act))
}

async function download(wanted: Arguments, act: Changer): Promise<Applied> {
  await refreshLists(wanted.refresh, act)
  const steps = await absent(wanted, act.look)
  const missing = steps.filter(({ to }) => to === undefined)
  if (missing.length > 0) return { ok: false, changes: {}, comment: await notAvailable(missing, act.look) }
  const requests = steps.map(({ name, to, wish }) =>
    to === undefined || wish.kind === 'latest' ? { name } : { name, version: to },
  )
  const failure = await failureOf(() => act.packages.download(requests, managerOptions(wanted)))
  const still = new Set((await absent(wanted, act.look)).map(({ name }) => name))
  const changes = changesOf(steps.filter(({ name }) => !still.has(name)))
  if (failure !== undefined) return { ok: false, changes, comment: failure }
  if (still.size === 0) return { changes }
  return {
    ok: false,
    changes,
    comment: `The following packages failed to download: ${[...still].join(', ')}\n  hint: A source on this machine (file:) is read in place, and no copy of it is kept.`,
  }
}
