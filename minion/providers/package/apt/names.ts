/** Names, versions and releases as apt-get takes them: anything else could be read as an option or a pattern. */
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { PackageRequest } from '../../../system/changer.ts'

const packageName = /^[a-z0-9][a-z0-9+.-]+(?::[a-z0-9-]+)?$/
const versionShape = /^[0-9A-Za-z][0-9A-Za-z.+~:-]*$/
const releaseShape = /^[0-9A-Za-z][0-9A-Za-z._/=-]*$/

export function isPackageName(name: string): boolean {
  return packageName.test(name)
}

/** @throws TsaltError `package-unknown` */
export function checkName(name: string): string {
  if (isPackageName(name)) return name
  throw new TsaltError(
    'package-unknown',
    { name },
    { hint: 'A Debian package name has lower-case letters, digits and + - . only.' },
  )
}

/** `name` or `name=version`. @throws TsaltError `package-unknown`, `package-version-unknown` */
export function operand({ name, version }: PackageRequest): string {
  checkName(name)
  if (version === undefined) return name
  if (versionShape.test(version)) return `${name}=${version}`
  throw new TsaltError('package-version-unknown', { name, version, versions: 'see apt-cache policy' })
}

/** A release for `-t`. @throws TsaltError `package-failed` */
export function checkRelease(release: string): string {
  if (releaseShape.test(release)) return release
  throw new TsaltError('package-failed', {
    manager: 'apt-get',
    code: '-',
    reason: `"${release}" is not a release`,
  })
}
