/** Functions of pkg that change the whole machine, or fetch without installing. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { mapping, textList } from '../../../shared/schema/collections.ts'
import { flag } from '../../../shared/schema/scalars.ts'
import { type ExecFunction, execFunction } from '../contract.ts'
import { changed } from './changed.ts'

export const upgradeFunctions: Readonly<Record<string, ExecFunction>> = {
  upgrade: execFunction({
    summary: 'Brings all packages up to date; tells what changed.',
    args: v.strictObject({
      refresh: defaulted(flag, true, 'Fetch the lists of packages first.'),
      dist_upgrade: defaulted(flag, false, 'Also what needs other packages to come or go.'),
      pkgs: optional(textList, 'Only these, of those that are installed.'),
      skip_verify: defaulted(flag, false, 'Also packages that no known key signed.'),
    }),
    examples: ['tsalt web1 pkg.upgrade', 'tsalt web1 pkg.upgrade dist_upgrade=True'],
    readOnly: false,
    run: async ({ refresh, dist_upgrade, pkgs, skip_verify }, context) => {
      if (refresh) await context.act.packages.refresh()
      return changed(context, () =>
        pkgs
          ? context.act.packages.install(
              pkgs.map((name) => ({ name })),
              { onlyUpgrade: true, skipVerify: skip_verify },
            )
          : context.act.packages.upgrade({ dist: dist_upgrade, skipVerify: skip_verify }),
      )
    },
  }),
  autoremove: execFunction({
    summary: 'Removes what came as a dependency and is needed no more.',
    args: v.strictObject({ purge: defaulted(flag, false, 'With its configuration.') }),
    examples: ['tsalt web1 pkg.autoremove'],
    readOnly: false,
    run: async ({ purge }, context) => changed(context, () => context.act.packages.autoremove({ purge })),
  }),
  download: execFunction({
    summary: 'Fetches package files without installing them; tells the versions that are kept then.',
    args: v.strictObject({
      names: needed(textList, 'Names of packages.'),
      refresh: defaulted(flag, false, 'Fetch the lists of packages first.'),
      options: optional(mapping, 'Accepted for calls of Salt.'),
    }),
    rest: 'names',
    restKeywords: 'options',
    examples: ['tsalt web1 pkg.download nginx'],
    readOnly: false,
    async run({ names, refresh }, { act }) {
      if (refresh) await act.packages.refresh()
      await act.packages.download(names.map((name) => ({ name })))
      const kept = await act.look.packages.downloaded()
      return Object.fromEntries(names.map((name) => [name, [...(kept.get(name) ?? [])]]))
    },
  }),
}
