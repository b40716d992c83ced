/** Functions of pkg that change packages. */
import * as v from 'valibot'
import { defaulted, optional } from '../../../shared/schema/argument.ts'
import { flag, text } from '../../../shared/schema/scalars.ts'
import { type ExecFunction, execFunction } from '../contract.ts'
import { changed, namesOf, several } from './changed.ts'

export const changeFunctions: Readonly<Record<string, ExecFunction>> = {
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
}
