/** Which packages have to be installed or upgraded, and the one transaction that does it. */
import type { Plain } from '../../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../../shared/errors/error.ts'
import type { WantedPackage } from '../../../shared/schema/packages.ts'
import type { Changer, PackageOptions, PackageRequest } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import type { Applied } from '../contract.ts'
import { given } from '../given.ts'
import { refreshLists } from './refresh.ts'
import { chooseVersion, isSatisfied, parseVersionWish, type VersionWish } from './version-wish.ts'
import { findInstalled } from './wanted.ts'

export interface Selection {
  /** Install also what is installed as wanted. */
  readonly reinstall?: boolean
  /** Release or repository that versions are chosen from. */
  readonly fromrepo?: string | undefined
  /** A newer version than the one named will do. */
  readonly allowUpdates: boolean
  readonly ignoreEpoch: boolean
}

/** A package that is not as wanted. `to` is undefined where no source offers it (now). */
export interface Step {
  readonly name: string
  /** Installed version; '' for none. */
  readonly from: string
  readonly to: string | undefined
  readonly wish: VersionWish
}

export async function findSteps(
  wanted: readonly WantedPackage[],
  selection: Selection,
  look: Reader,
): Promise<Step[]> {
  // Asked all at once: providers answer what is asked together with one query.
  const steps = await Promise.all(
    wanted.map(({ name, version }) =>
      findStep(name, parseVersionWish(version, selection.ignoreEpoch), selection, look),
    ),
  )
  return steps.filter((step) => step !== undefined)
}

async function findStep(
  name: string,
  wish: VersionWish,
  { allowUpdates, reinstall, fromrepo }: Selection,
  look: Reader,
): Promise<Step | undefined> {
  const { packages } = look
  const installed = await findInstalled(name, look)
  if (installed && reinstall && (await isEnough(installed.version, wish, allowUpdates, look)))
    return { name, from: installed.version, to: installed.version, wish }
  if (installed && wish.kind === 'any') return undefined
  if (!installed && wish.kind === 'any' && (await packages.providedBy(name)) !== undefined) return undefined
  if (installed && (await isEnough(installed.version, wish, allowUpdates, look))) return undefined
  const available = await packages.available(name, fromrepo)
  if (installed && (await isSatisfied(installed.version, wish, available.candidate, packages)))
    return undefined
  return { name, from: installed?.version ?? '', to: await chooseVersion(wish, available, packages), wish }
}

async function isEnough(
  installed: string,
  wish: VersionWish,
  allowUpdates: boolean,
  { packages }: Reader,
): Promise<boolean> {
  if (wish.kind === 'latest') return false
  if (await isSatisfied(installed, wish, undefined, packages)) return true
  return (
    allowUpdates && wish.kind === 'exact' && (await packages.compareVersions(installed, wish.version)) > 0
  )
}

/** `{vim: {old: '', new: '2:9.0'}}`, as Salt reports packages. */
export function versionChanges(steps: readonly Pick<Step, 'name' | 'from' | 'to'>[]): Record<string, Plain> {
  return Object.fromEntries(steps.map(({ name, from, to }) => [name, { old: from, new: to ?? '' }]))
}

export interface InstallOptions extends Selection {
  readonly refresh: boolean | undefined
  readonly cacheValidTime?: number | undefined
  readonly manager: PackageOptions
}

/**
 * Fetches the lists, chooses the versions anew, installs in one transaction and looks at what came of it.
 * @param done the comment of a success
 */
export async function install(
  wanted: readonly WantedPackage[],
  options: InstallOptions,
  done: (changed: readonly string[]) => string,
  act: Changer,
): Promise<Applied> {
  const stale = await refreshLists(options.refresh, act, options.cacheValidTime)
  const steps = await findSteps(wanted, options, act.look)
  const missing = steps.filter(({ to }) => to === undefined)
  if (missing.length > 0) {
    const comment = await notAvailable(missing, act.look)
    const why = stale === undefined ? '' : `\nThe lists of packages could not be fetched: ${stale}`
    return { ok: false, changes: {}, comment: comment + why }
  }
  const before = await act.look.packages.installed()
  const downgrade = await hasDowngrade(steps, act.look)
  const failure = await failureOf(() =>
    act.packages.install(steps.map(requestOf), {
      ...options.manager,
      ...given({ downgrade: downgrade || undefined, reinstall: options.reinstall || undefined }),
    }),
  )
  const report = await reportInstalled(steps, before, done, act.look)
  // A package that fails may leave others of the transaction installed: both are told.
  return failure === undefined ? report : { ok: false, changes: report.changes ?? {}, comment: failure }
}

/** What the package manager complained of; a job that was ended is no such thing. */
export async function failureOf(action: () => Promise<void>): Promise<string | undefined> {
  try {
    await action()
    return undefined
  } catch (error) {
    if (!isTsaltError(error) || error.code === 'job-killed') throw error
    return describeError(error)
  }
}

const requestOf = ({ name, to, wish }: Step): PackageRequest =>
  to !== undefined && (wish.kind === 'exact' || wish.kind === 'match') ? { name, version: to } : { name }

async function hasDowngrade(steps: readonly Step[], { packages }: Reader): Promise<boolean> {
  for (const { from, to } of steps)
    if (from !== '' && to !== undefined && (await packages.compareVersions(to, from)) < 0) return true
  return false
}

async function reportInstalled(
  steps: readonly Step[],
  before: ReadonlyMap<string, { readonly version: string }>,
  done: (changed: readonly string[]) => string,
  look: Reader,
): Promise<Applied> {
  const changed: { name: string; from: string; to: string }[] = []
  const failedOnes: string[] = []
  for (const step of steps) {
    const after = await findInstalled(step.name, look)
    if (after && (after.version !== step.from || step.to === step.from))
      changed.push({ name: step.name, from: step.from, to: after.version })
    else if (!after && (await look.packages.providedBy(step.name)) === undefined) failedOnes.push(step.name)
  }
  const changes = versionChanges(changed)
  if (failedOnes.length > 0)
    return {
      ok: false,
      changes,
      comment: `The following packages failed to install/update: ${failedOnes.join(', ')}`,
    }
  const others = await othersInstalled(before, new Set(steps.map(({ name }) => name)), look)
  return { changes, comment: done(changed.map(({ name }) => name)) + others }
}

/** What came along is told in the comment: `changes` are about what was asked for, so a dry run can predict them. */
async function othersInstalled(
  before: ReadonlyMap<string, { readonly version: string }>,
  asked: ReadonlySet<string>,
  look: Reader,
): Promise<string> {
  const others: string[] = []
  for (const [name, { version }] of await look.packages.installed())
    if (!asked.has(name) && before.get(name)?.version !== version) others.push(`${name} ${version}`)
  for (const name of before.keys())
    if (!(await look.packages.installed()).has(name)) others.push(`${name} removed`)
  return others.length > 0 ? `\nWith them came: ${others.sort().join(', ')}` : ''
}

async function unknownHint(name: string, look: Reader): Promise<string> {
  const near = await look.packages.similar?.(name)
  return near === undefined
    ? '  hint: Check the name, and the package sources of this machine.'
    : `  hint: Did you mean "${near}"?`
}

/** Which packages no source offers, or not in the version that was asked for. */
export async function notAvailable(steps: readonly Step[], look: Reader): Promise<string> {
  const lines: string[] = []
  for (const { name, wish } of steps) {
    const { candidate, versions } = await look.packages.available(name)
    if (candidate === undefined && versions.length === 0)
      lines.push(`Package ${name} does not exist in any configured source`, await unknownHint(name, look))
    else {
      const wanted = wish.kind === 'exact' ? wish.version : wish.kind === 'match' ? wish.text : 'latest'
      lines.push(
        `Package ${name} is not to be had in version ${wanted}; the sources offer ${versions.slice(0, 5).join(', ') || candidate}`,
      )
    }
  }
  return lines.join('\n')
}
