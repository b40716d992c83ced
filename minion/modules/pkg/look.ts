/** Functions of pkg that only look, and list_upgrades, which may fetch the lists first. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed } from '../../../shared/schema/argument.ts'
import { flag, text } from '../../../shared/schema/scalars.ts'
import { type ExecFunction, execFunction } from '../contract.ts'
import { names, versionOf, versions } from './changed.ts'

export const lookFunctions: Readonly<Record<string, ExecFunction>> = {
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
}
