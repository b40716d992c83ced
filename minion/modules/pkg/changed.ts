/** What functions of pkg share: names of packages, and what a change of them changed. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { mapping, nameList, textList } from '../../../shared/schema/collections.ts'
import type { InstalledPackage } from '../../system/reader.ts'
import type { ModuleContext } from '../contract.ts'

export const names = v.strictObject({
  names: needed(textList, 'Names of packages.'),
  options: optional(mapping, 'Accepted and not used: the package sources are read by refresh_db.'),
})
export const several = v.strictObject({
  name: optional(nameList, 'A package, or several by comma.'),
  pkgs: optional(textList, 'Several packages.'),
})

/** What installing or removing changed: `{name: {old, new}}`. */
export async function changed(context: ModuleContext, run: () => Promise<void>): Promise<Plain> {
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

export const versionOf = (found: InstalledPackage | undefined): string => found?.version ?? ''
export const namesOf = (given: { name?: readonly string[]; pkgs?: readonly string[] }): string[] => [
  ...(given.name ?? []),
  ...(given.pkgs ?? []),
]

export async function versions(
  wanted: readonly string[],
  of: (name: string) => Promise<string>,
): Promise<Plain> {
  if (wanted.length === 1) return of(wanted[0] ?? '')
  const found: Record<string, string> = {}
  for (const name of wanted) found[name] = await of(name)
  return found
}
