/** Execution module `pkg`: look at and handle packages by hand. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { mapping, nameList, textList } from '../../shared/schema/collections.ts'
import { flag, text } from '../../shared/schema/scalars.ts'
import type { InstalledPackage } from '../system/reader.ts'
import { execFunction, execModule, type ModuleContext } from './contract.ts'

const names = v.strictObject({
  names: needed(textList, 'Names of packages.'),
  options: optional(mapping, 'Accepted and not used: the package sources are read by refresh_db.'),
})
const several = v.strictObject({
  name: optional(nameList, 'A package, or several by comma.'),
  pkgs: optional(textList, 'Several packages.'),
})

/** What installing or removing changed: `{name: {old, new}}`. */
async function changed(context: ModuleContext, run: () => Promise<void>): Promise<Plain> {
  const before = await context.look.packages.installed()
  await run()
  const after = await context.act.look.packages.installed()
  const changes: Record<string, { old: string; new: string }> = {}
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [versionOf(before.get(name)), versionOf(after.get(name))]
    if (old !== now) changes[name] = { old, new: now }
  }
  return changes
}

const versionOf = (found: InstalledPackage | undefined): string => found?.version ?? ''
const namesOf = (given: { name?: readonly string[]; pkgs?: readonly string[] }): string[] => [
  ...(given.name ?? []),
  ...(given.pkgs ?? []),
]

async function versions(wanted: readonly string[], of: (name: string) => Promise<string>): Promise<Plain> {
  if (wanted.length === 1) return of(wanted[0] ?? '')
  const found: Record<string, string> = {}
  for (const name of wanted) found[name] = await of(name)
  return found
}

export const pkgModule = execModule({
  summary: 'Packages of the operating system.',
  functions: {
    list_pkgs: execFunction({
      summary: 'All installed packages with their versions.',
      args: v.strictObject({
        versions_as_list: defaulted(flag, false, 'Each has a list of its versions.'),
        removed: defaulted(flag, false, 'Accepted and not used: what is removed is not listed.'),
        purge_desired: defaulted(flag, false, 'Accepted and not used.'),
      }),
      examples: ["tsalt '*' pkg.list_pkgs"],
      readOnly: true,
      run: async ({ versions_as_list }, { look }) =>
        new Map<string, Plain>(
          [...(await look.packages.installed())]
            .sort()
            .map(([name, found]) => [name, versions_as_list ? [found.version] : found.version]),
        ),
    }),
    version: execFunction({
      summary: 'Installed version; empty where the package is not installed.',
      args: names,
      rest: 'names',
      restKeywords: 'options',
      examples: ["tsalt '*' pkg.version nginx"],
      readOnly: true,
      run: async ({ names: wanted }, { look }) => {
        const installed = await look.packages.installed()
        return versions(wanted, async (name) => versionOf(installed.get(name)))
      },
    }),
    latest_version: execFunction({
      summary: 'Version that the sources offer and that is newer than the installed one; empty: up to date.',
      args: names,
      rest: 'names',
      restKeywords: 'options',
      examples: ["tsalt '*' pkg.latest_version nginx"],
      readOnly: true,
      run: async ({ names: wanted }, { look }) => {
        const installed = await look.packages.installed()
        return versions(wanted, async (name) => {
          const { candidate } = await look.packages.available(name)
          return candidate === undefined || candidate === installed.get(name)?.version ? '' : candidate
        })
      },
    }),
    upgrade_available: execFunction({
      summary: 'True where the sources offer a newer version than the installed one.',
      args: v.strictObject({ name: needed(text, 'A package.') }),
      examples: ["tsalt '*' pkg.upgrade_available nginx"],
      readOnly: true,
      run: async ({ name }, { look }) => {
        const installed = (await look.packages.installed()).get(name)
        const { candidate } = await look.packages.available(name)
        if (installed === undefined || candidate === undefined) return false
        return (await look.packages.compareVersions(candidate, installed.version)) > 0
      },
    }),
    list_upgrades: execFunction({
      summary: 'Installed packages of which the sources offer a newer version, with that version.',
      args: v.strictObject({ refresh: defaulted(flag, true, 'Read the package sources first.') }),
      examples: ["tsalt '*' pkg.list_upgrades"],
      readOnly: false,
      run: async ({ refresh }, { look, act }) => {
        if (refresh) await act.packages.refresh()
        const upgrades = new Map<string, string>()
        const installed = [...(await look.packages.installed())].sort()
        // Asked all at once: providers answer what is asked together with one query.
        const offers = await Promise.all(installed.map(([name]) => look.packages.available(name)))
        for (const [index, [name, found]] of installed.entries()) {
          const candidate = offers[index]?.candidate
          if (candidate !== undefined && (await look.packages.compareVersions(candidate, found.version)) > 0)
            upgrades.set(name, candidate)
        }
        return upgrades
      },
    }),
    version_cmp: execFunction({
      summary: '-1, 0 or 1 as the first version is older, equal or newer.',
      args: v.strictObject({
        pkg1: needed(text, 'A version.'),
        pkg2: needed(text, 'A version.'),
        ignore_epoch: defaulted(flag, false, 'Leaves out what stands before the colon.'),
      }),
      examples: ["tsalt '*' pkg.version_cmp 1.2-1 1.10-1"],
      readOnly: true,
      run: async ({ pkg1, pkg2, ignore_epoch }, { look }) => {
        const [a = '', b = ''] = [pkg1, pkg2].map((one) => (ignore_epoch ? one.replace(/^[^:]*:/, '') : one))
        return Math.sign(await look.packages.compareVersions(a, b))
      },
    }),
    install: execFunction({
      summary: 'Installs packages, in one transaction.',
      args: v.strictObject({
        ...several.entries,
        version: optional(text, 'Exact version, for one package.'),
        refresh: defaulted(flag, false, 'Read the package sources first.'),
      }),
      examples: [
        'tsalt web1 pkg.install nginx',
        "tsalt web1 pkg.install pkgs='[nginx, redis-server]' refresh=True",
      ],
      readOnly: false,
      run: async ({ version, refresh, ...given }, context) =>
        changed(context, async () => {
          if (refresh) await context.act.packages.refresh()
          const wanted = namesOf(given).map((name) => (version === undefined ? { name } : { name, version }))
          // Whoever names a version means it, also where it is older than the installed one.
          await context.act.packages.install(wanted, version === undefined ? {} : { downgrade: true })
        }),
    }),
    remove: execFunction({
      summary: 'Removes packages, leaving their configuration.',
      args: several,
      examples: ['tsalt web1 pkg.remove nginx'],
      readOnly: false,
      run: async (given, context) => changed(context, () => context.act.packages.remove(namesOf(given))),
    }),
    purge: execFunction({
      summary: 'Removes packages with their configuration.',
      args: several,
      examples: ['tsalt web1 pkg.purge nginx'],
      readOnly: false,
      run: async (given, context) => changed(context, () => context.act.packages.purge(namesOf(given))),
    }),
    refresh_db: execFunction({
      summary: 'Reads the package sources again.',
      args: v.strictObject({}),
      examples: ["tsalt '*' pkg.refresh_db"],
      readOnly: false,
      run: async (_, { act }) => {
        await act.packages.refresh()
        return true
      },
    }),
    hold: execFunction({
      summary: 'Keeps packages at their version.',
      args: several,
      examples: ['tsalt web1 pkg.hold nginx'],
      readOnly: false,
      run: async (given, { act }) => {
        await act.packages.hold(namesOf(given))
        return true
      },
    }),
    unhold: execFunction({
      summary: 'Lets packages be upgraded again.',
      args: several,
      examples: ['tsalt web1 pkg.unhold nginx'],
      readOnly: false,
      run: async (given, { act }) => {
        await act.packages.unhold(namesOf(given))
        return true
      },
    }),
  },
})
