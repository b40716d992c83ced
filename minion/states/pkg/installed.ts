/** pkg.installed: packages that are there, on request in a given version and held. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, optional } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type Applied,
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  unknown,
} from '../contract.ts'
import { answerQuestions } from '../debconf/answers.ts'
import { applyHolds, type HoldChange, type HoldWish, holdChanges } from './holds.ts'
import { installEntries, managerOptions } from './install-arguments.ts'
import { checkPackageFiles, packageFileEntry } from './package-files.ts'
import { afterEarlierStates } from './predicted.ts'
import { mayBeOffered } from './refresh.ts'
import {
  findSteps,
  type InstallOptions,
  install,
  notAvailable,
  type Step,
  versionChanges,
} from './transaction.ts'
import { wantedPackages } from './wanted.ts'

const args = v.strictObject({
  ...installEntries,
  version: optional(
    text,
    'Version of the one package: `1.2`, `1.2*`, `>=1.2`, `>=1.2,<2`, `latest`. Not given: any.',
  ),
  sources: optional(
    packageFileEntry,
    'Package files instead of a source: `{name: salt://PATH, path or https://…}`. A file of another version than the installed one is installed.',
  ),
  hold: optional(flag, 'True: keep the version at upgrades; False: do not; not given: leave as it is.'),
  update_holds: defaulted(flag, false, 'Change a package that is held.'),
  allow_updates: defaulted(flag, false, 'A newer version than the one named will do.'),
  ignore_epoch: defaulted(flag, false, 'Compare versions without their epoch: `2.3` fits `1:2.3`.'),
  only_upgrade: defaulted(flag, false, 'Only upgrade what is installed; install nothing new.'),
  reinstall: defaulted(flag, false, 'Install again what is installed as wanted, at every run.'),
  debconf: optional(
    nonEmptyText,
    'Answers to questions of the packages, set before they are installed: `salt://PATH` of a file as debconf.set_file takes it.',
  ),
  upgrade: optional(
    flag,
    'Accepted for trees of Salt, which ignores it on Debian; "version: latest" upgrades.',
  ),
  update: optional(flag, 'The same.'),
  refresh_modules: optional(flag, 'Accepted for trees of Salt.'),
  pkg_verify: defaulted(flag, false, 'Accepted for trees of Salt; files of packages are not verified.'),
  report_reboot_exit_codes: defaulted(flag, true, 'Accepted for trees of Salt.'),
})
export type InstalledArguments = v.InferOutput<typeof args>

export const installed = stateFunction({
  summary: 'Makes sure that packages are installed.',
  args,
  examples: [
    'nginx:\n  pkg.installed: []\n',
    'tools:\n  pkg.installed:\n    - pkgs:\n        - vim\n        - curl\n        - redis-server: ">=5:6"\n    - install_recommends: False\n',
    'postgresql:\n  pkg.installed:\n    - version: 15*\n    - hold: True\n    - refresh: True\n',
  ],
  refuse,
  check,
})

function refuse({ pkgs, sources, version, skip_verify }: InstalledArguments): ArgumentRefusal | undefined {
  if (pkgs && sources) return { argument: 'sources', reason: 'only one of pkgs and sources is permitted' }
  const open = sources?.find(({ source }) => /^(?:http|ftp):/.test(source))
  if (open && !skip_verify)
    return {
      argument: 'sources',
      reason: `${open.source} comes without TLS, so nothing tells whose it is; use https or salt, or "skip_verify: True"`,
    }
  if (pkgs && version !== undefined)
    return { argument: 'version', reason: 'with pkgs each package has its own version: {name: version}' }
  return undefined
}

async function check(wanted: InstalledArguments, now: Reader, run: StateRun): Promise<Decision> {
  const look = afterEarlierStates(now, run)
  if (wanted.sources) return checkPackageFiles(wanted.sources, wanted, look, run)
  const packages = wantedPackages(wanted)
  const options = optionsOf(wanted)
  const steps = (await findSteps(packages, options, look)).filter(
    ({ from }) => from !== '' || !wanted.only_upgrade,
  )
  const held = await heldObstacle(wanted, steps, look)
  if (held !== undefined) return failed(held)
  const names = packages.map(({ name }) => name)
  const holds = await holdChanges(names, wanted.hold, look)
  if (steps.length === 0 && holds.length === 0) return inSync(alreadyInstalled(names))
  const obstacle = await obstacleOf(wanted, steps, look, run)
  if (obstacle) return obstacle
  return drift(predicted(steps, holds), comments(steps, holds), async (act) => {
    const complaint = steps.length > 0 ? await answerQuestions(wanted.debconf, run, act) : undefined
    if (complaint !== undefined) return { ok: false, changes: {}, comment: complaint }
    return apply(wanted, steps, holds, act)
  })
}

function optionsOf(wanted: InstalledArguments): InstallOptions {
  return {
    refresh: wanted.refresh,
    cacheValidTime: wanted.cache_valid_time,
    fromrepo: wanted.fromrepo,
    allowUpdates: wanted.allow_updates,
    ignoreEpoch: wanted.ignore_epoch,
    reinstall: wanted.reinstall,
    manager: managerOptions(wanted),
  }
}

const alreadyInstalled = (names: readonly string[]): string =>
  names.length === 1
    ? 'All specified packages are already installed'
    : `All specified packages are already installed (${names.length})`

async function heldObstacle(
  { update_holds }: InstalledArguments,
  steps: readonly Step[],
  look: Reader,
): Promise<string | undefined> {
  if (update_holds) return undefined
  const installedNow = await look.packages.installed()
  const held = steps.filter(({ name }) => installedNow.get(name)?.held).map(({ name }) => name)
  if (held.length === 0) return undefined
  return `The following packages are held: ${held.join(', ')}. Give "update_holds: True" to change them all the same`
}

/** What no source offers: a failure, unless the real run may find it after fetching the lists. */
async function obstacleOf(
  { refresh }: InstalledArguments,
  steps: readonly Step[],
  look: Reader,
  run: StateRun,
): Promise<Decision | undefined> {
  const missing = steps.filter(({ to }) => to === undefined)
  if (missing.length === 0) return undefined
  if (!run.test) return refresh === false ? failed(await notAvailable(missing, look)) : undefined
  const names = missing.map(({ name }) => name).join(', ')
  const hope = await mayBeOffered(names, refresh, look, run)
  return hope === undefined ? failed(await notAvailable(missing, look)) : unknown(hope)
}

function predicted(steps: readonly Step[], holds: readonly HoldChange[]): Record<string, Plain> {
  const changes = versionChanges(steps)
  for (const { name, from, to } of holds) changes[name] ??= { old: from, new: to }
  return changes
}

function comments(steps: readonly Step[], holds: readonly HoldChange[]): HoldComments {
  const names = steps.map(({ name }) => name).join(', ')
  const would = steps.length > 0 ? [`The following packages would be installed/updated: ${names}`] : []
  const done = steps.length > 0 ? [doneComment(steps.map(({ name }) => name))] : []
  for (const { name, to } of holds) {
    would.push(`Package ${name} is set to be ${to === 'hold' ? 'held' : 'unheld'}`)
    done.push(`Package ${name} is now ${to === 'hold' ? 'being held' : 'not being held'}`)
  }
  return { would: would.join('\n'), done: done.join('\n') }
}
interface HoldComments {
  readonly would: string
  readonly done: string
}

const doneComment = (names: readonly string[]): string =>
  `The following packages were installed/updated: ${names.join(', ')}`

async function apply(
  wanted: InstalledArguments,
  steps: readonly Step[],
  holds: readonly HoldChange[],
  act: Changer,
): Promise<Applied> {
  const wish: HoldWish = { hold: wanted.hold, updateHolds: wanted.update_holds }
  if (steps.length === 0) {
    await applyHolds(holds, act)
    return {}
  }
  const open = wish.updateHolds ? await unholdFor(steps, act) : []
  const names = new Set(steps.map(({ name }) => name))
  const packages = wantedPackages(wanted).filter(({ name }) => names.has(name))
  const applied = await install(packages, optionsOf(wanted), doneComment, act)
  if (open.length > 0 && wish.hold !== false) await act.packages.hold(open)
  if (applied.ok === false) return applied
  const after = await holdChanges(
    wantedPackages(wanted).map(({ name }) => name),
    wish.hold,
    act.look,
  )
  await applyHolds(after, act)
  const changes = { ...(applied.changes as Record<string, Plain>) }
  for (const { name, from, to } of after) changes[name] ??= { old: from, new: to }
  const about = after.map(
    ({ name, to }) => `\nPackage ${name} is now ${to === 'hold' ? 'being held' : 'not being held'}`,
  )
  return { ...applied, changes, comment: `${applied.comment ?? ''}${about.join('')}` }
}

async function unholdFor(steps: readonly Step[], act: Changer): Promise<string[]> {
  const now = await act.look.packages.installed()
  const held = steps.filter(({ name }) => now.get(name)?.held).map(({ name }) => name)
  if (held.length > 0) await act.packages.unhold(held)
  return held
}
