/** What is asked of a package manager whose repositories offer one version of each package, looked over first. */
import { nearest } from '../../../shared/data/nearest.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import type { PackageOptions, PackageRequest } from '../../system/changer.ts'
import type { PackageReader } from '../../system/reader.ts'

const nameShape = /^[A-Za-z0-9@_+][A-Za-z0-9@._+:-]*$/
const versionShape = /^[0-9A-Za-z][0-9A-Za-z._+~:-]*$/

export const isPlainName = (name: string): boolean => nameShape.test(name)

/** @throws TsaltError `package-unknown` */
export function checkPlainName(name: string): string {
  if (isPlainName(name)) return name
  throw new TsaltError('package-unknown', { name }, { hint: 'That is no name of a package.' })
}

/** @throws TsaltError `package-unknown`, `package-version-unknown`, `package-failed` for a downgrade nobody asked for */
export async function checkOffers(
  packages: readonly PackageRequest[],
  { downgrade }: PackageOptions,
  look: PackageReader,
): Promise<void> {
  const installed = await look.installed()
  for (const { name, version } of packages) {
    const { versions } = await look.available(checkPlainName(name))
    const now = installed.get(name)?.version
    if (versions.length === 0 && now === undefined) throw unknownPackage(name, installed.keys())
    if (version === undefined || version === now) continue
    if (!versionShape.test(version) || !versions.includes(version))
      throw new TsaltError('package-version-unknown', { name, version, versions: versions.join(', ') })
    if (!downgrade && now !== undefined && (await look.compareVersions(version, now)) < 0)
      throw new TsaltError('package-failed', {
        manager: 'The package manager',
        code: '-',
        reason: `${name} ${now} is installed, and ${version} is older`,
      })
  }
}

function unknownPackage(name: string, near: Iterable<string>): TsaltError {
  const similar = nearest(name, near)
  const hint =
    similar === undefined
      ? {}
      : {
          hint: `Did you mean "${similar}"? If the repositories changed, refresh them first (refresh: True).`,
        }
  return new TsaltError('package-unknown', { name }, hint)
}
