/** What is asked of dnf, yum and zypper, looked over before anything is changed. */
import { nearest } from '../../../../shared/data/nearest.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { PackageOptions, PackageRequest } from '../../../system/changer.ts'
import type { PackageReader } from '../../../system/reader.ts'
import { checkRpmName, checkRpmVersion } from './names.ts'

export interface RpmRequest {
  readonly name: string
  /** Absent: whatever provides the name. */
  readonly version?: string
  /** Installed now; '' for not. */
  readonly from: string
}

type Look = Pick<PackageReader, 'installed' | 'available' | 'compareVersions'> & {
  /** Whether a repository has something that provides this. */
  isProvided(name: string): Promise<boolean>
}

/** @throws TsaltError `package-unknown`, `package-version-unknown`, `package-failed` for a downgrade nobody asked for */
export async function checkedRequests(
  packages: readonly PackageRequest[],
  options: PackageOptions,
  look: Look,
): Promise<RpmRequest[]> {
  for (const { name, version } of packages) {
    checkRpmName(name)
    if (version !== undefined) checkRpmVersion(name, version)
  }
  const installed = await look.installed()
  const offers = await Promise.all(packages.map(({ name }) => look.available(name, options.fromrepo)))
  const requests: RpmRequest[] = []
  for (const [index, { name, version }] of packages.entries()) {
    const { candidate, versions } = offers[index] ?? { candidate: undefined, versions: [] }
    const from = installed.get(name)?.version ?? ''
    if (candidate === undefined && from === '' && !(await look.isProvided(name)))
      throw unknownName(name, installed.keys())
    const wanted = version ?? (from === '' ? undefined : candidate)
    if (version !== undefined && version !== from && !versions.includes(version))
      throw new TsaltError('package-version-unknown', {
        name,
        version,
        versions: versions.slice(0, 8).join(', '),
      })
    if (
      version !== undefined &&
      from !== '' &&
      !options.downgrade &&
      (await look.compareVersions(version, from)) < 0
    )
      throw new TsaltError('package-failed', {
        manager: 'The package manager',
        code: '-',
        reason: `${name} ${from} is installed, and ${version} is older`,
      })
    requests.push(wanted === undefined ? { name, from } : { name, version: wanted, from })
  }
  return requests
}

function unknownName(name: string, near: Iterable<string>): TsaltError {
  const similar = nearest(name, near)
  const hint =
    similar === undefined
      ? {}
      : {
          hint: `Did you mean "${similar}"? If the repositories changed, refresh them first (refresh: True).`,
        }
  return new TsaltError('package-unknown', { name }, hint)
}
