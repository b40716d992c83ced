/** Versions as pkg.installed takes them: `1.2`, `1.2*`, `>=1.2`, `>=1.2,<2`, `latest`. */
import { compileGlob, isGlob } from '../../../shared/targeting/glob.ts'
import type { PackageReader } from '../../system/reader.ts'

export type VersionWish =
  | { readonly kind: 'any' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'exact'; readonly version: string }
  | {
      readonly kind: 'match'
      readonly text: string
      fits(version: string, packages: PackageReader): Promise<boolean>
    }

const operator = /^(<=|>=|==|!=|<|>|=)\s*(.+)$/

/** @param ignoreEpoch `1:2.3` counts as `2.3` */
export function parseVersionWish(text: string | undefined, ignoreEpoch = false): VersionWish {
  const wish = text?.trim()
  if (wish === undefined || wish === '') return { kind: 'any' }
  if (wish === 'latest') return { kind: 'latest' }
  const parts = wish.split(',').map((part) => part.trim())
  const isPlain = parts.length === 1 && !operator.test(wish) && !isGlob(wish)
  if (isPlain && !ignoreEpoch) return { kind: 'exact', version: wish }
  const strip = (version: string): string => (ignoreEpoch ? version.replace(/^\d+:/, '') : version)
  return {
    kind: 'match',
    text: wish,
    async fits(version, packages) {
      for (const part of parts) if (!(await fitsPart(part, strip(version), strip, packages))) return false
      return true
    },
  }
}

async function fitsPart(
  part: string,
  version: string,
  strip: (version: string) => string,
  packages: PackageReader,
): Promise<boolean> {
  const [, sign = '==', bound = part] = operator.exec(part) ?? []
  if (isGlob(bound)) return compileGlob(bound)(version) === (sign !== '!=')
  const order = await packages.compareVersions(version, strip(bound))
  if (sign === '==' || sign === '=') return order === 0
  if (sign === '!=') return order !== 0
  if (sign === '<=') return order <= 0
  if (sign === '>=') return order >= 0
  return sign === '<' ? order < 0 : order > 0
}

/** Whether an installed version will do. */
export async function isSatisfied(
  installed: string,
  wish: VersionWish,
  candidate: string | undefined,
  packages: PackageReader,
): Promise<boolean> {
  if (wish.kind === 'any') return true
  if (wish.kind === 'exact') return (await packages.compareVersions(installed, wish.version)) === 0
  if (wish.kind === 'match') return wish.fits(installed, packages)
  return candidate === undefined || (await packages.compareVersions(installed, candidate)) >= 0
}

/** The version to install: undefined where the sources offer none that fits. */
export async function chooseVersion(
  wish: VersionWish,
  available: { readonly candidate: string | undefined; readonly versions: readonly string[] },
  packages: PackageReader,
): Promise<string | undefined> {
  if (wish.kind === 'any' || wish.kind === 'latest') return available.candidate
  const offered =
    available.versions.length > 0
      ? available.versions
      : available.candidate === undefined
        ? []
        : [available.candidate]
  for (const version of offered) {
    const fits =
      wish.kind === 'exact'
        ? (await packages.compareVersions(version, wish.version)) === 0
        : await wish.fits(version, packages)
    if (fits) return version
  }
  return undefined
}
