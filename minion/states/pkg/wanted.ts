/** The packages that a pkg state names, and what is installed of them. */
import type { WantedPackage } from '../../../shared/schema/packages.ts'
import type { InstalledPackage, Reader } from '../../system/reader.ts'

export interface NamedPackages {
  readonly name: string
  readonly pkgs?: readonly WantedPackage[]
  readonly version?: string
}

/** `pkgs` where given, each name once (the last that gives a version counts), else the name with `version`. */
export function wantedPackages({ name, pkgs, version }: NamedPackages): readonly WantedPackage[] {
  if (!pkgs) return [version === undefined ? { name } : { name, version }]
  const byName = new Map<string, WantedPackage>()
  for (const wanted of pkgs)
    if (wanted.version !== undefined || !byName.has(wanted.name)) byName.set(wanted.name, wanted)
  return [...byName.values()]
}

/** `name:amd64` is `name` of the main architecture. */
export async function findInstalled(name: string, look: Reader): Promise<InstalledPackage | undefined> {
  const installed = await look.packages.installed()
  const exact = installed.get(name)
  if (exact) return exact
  const [bare = name, architecture] = name.split(':')
  const found = architecture === undefined ? undefined : installed.get(bare)
  return found && (found.architecture === architecture || found.architecture === 'all') ? found : undefined
}
