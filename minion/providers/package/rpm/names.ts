/** Names, versions and repositories as dnf, yum and zypper take them: anything else could be an option or a pattern. */
import { TsaltError } from '../../../../shared/errors/error.ts'

const packageName = /^[A-Za-z0-9_][A-Za-z0-9+._-]*$/
/** `perl(Foo::Bar)`, `/usr/bin/vim`, `config(x) = 1` are what packages provide. */
const capability = /^(?:\/[^\s*?[\]]+|[A-Za-z0-9_][A-Za-z0-9+._:-]*\([^\s*?[\]]*\)(?:\([^\s*?[\]]*\))?)$/
const versionShape = /^[0-9A-Za-z][0-9A-Za-z.+~^:_-]*$/
const repositoryId = /^[A-Za-z0-9*][A-Za-z0-9._:*-]*$/

export const isRpmName = (name: string): boolean => packageName.test(name)
export const isCapability = (name: string): boolean => capability.test(name)

/** @throws TsaltError `package-unknown` */
export function checkRpmName(name: string): string {
  if (isRpmName(name) || isCapability(name)) return name
  const hint = 'The name of a package has letters, digits and + - . _ only.'
  throw new TsaltError('package-unknown', { name }, { hint })
}

/** @throws TsaltError `package-version-unknown` */
export function checkRpmVersion(name: string, version: string): string {
  if (versionShape.test(version)) return version
  throw new TsaltError('package-version-unknown', {
    name,
    version,
    versions: 'see what the repositories offer',
  })
}

/** @throws TsaltError `package-failed` */
export function checkRepository(id: string): string {
  if (repositoryId.test(id)) return id
  const reason = `"${id}" is not the id of a repository`
  throw new TsaltError('package-failed', { manager: 'The package manager', code: '-', reason })
}
