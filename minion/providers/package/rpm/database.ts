/** What is installed according to rpm: asked once, and again when its database changed. */
import * as fs from 'node:fs'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult, InstalledPackage } from '../../../system/reader.ts'
import { checkRpmName, isCapability, isRpmName } from './names.ts'
import { compareRpmVersions } from './version.ts'

/** Where distributions keep it (the last one is Debian's), and the files that change with it. */
const folders = ['/var/lib/rpm', '/usr/lib/sysimage/rpm', '/root/.rpmdb']
const files = ['rpmdb.sqlite', 'rpmdb.sqlite-wal', 'Packages', 'Packages.db']

export const rpmEnvironment = { LC_ALL: 'C.UTF-8' }
/** `1:2.0-3`; an epoch of 0 is left out. */
const evr = '%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}'

/** Salt's words for rpm's tags. */
const fields: Readonly<Record<string, string>> = {
  version: '%{VERSION}',
  release: '%{RELEASE}',
  epoch: '%|EPOCH?{%{EPOCH}}|',
  arch: '%{ARCH}',
  summary: '%{SUMMARY}',
  license: '%{LICENSE}',
  group: '%{GROUP}',
  vendor: '%|VENDOR?{%{VENDOR}}|',
  packager: '%|PACKAGER?{%{PACKAGER}}|',
  source: '%|SOURCERPM?{%{SOURCERPM}}|',
  url: '%|URL?{%{URL}}|',
  size: '%{SIZE}',
  build_date_time_t: '%{BUILDTIME}',
  install_date_time_t: '%{INSTALLTIME}',
}
const separator = '\u0001'

export class RpmDatabase {
  readonly #query: RunCommand
  readonly #root: string
  #stamp: string | undefined
  #installed: ReadonlyMap<string, InstalledPackage> = new Map()

  constructor(query: RunCommand, root: string) {
    this.#query = query
    this.#root = root
  }

  forget(): void {
    this.#stamp = undefined
  }

  /** By name; one of a foreign architecture as `name.architecture`. Nothing is held here. */
  async installed(): Promise<ReadonlyMap<string, InstalledPackage>> {
    const stamp = this.#time()
    if (stamp !== '' && stamp === this.#stamp) return this.#installed
    const format = `%{NAME}|${evr}|%{ARCH}\n`
    this.#installed = parseInstalled((await this.#rpm(['-qa', '--qf', format])).stdout)
    // Looking may write to the database's own log.
    this.#stamp = this.#time()
    return this.#installed
  }

  async providedBy(name: string): Promise<string | undefined> {
    if (!isRpmName(name) && !isCapability(name)) return undefined
    const { code, stdout } = await this.#rpm(['-q', '--whatprovides', '--qf', '%{NAME}\n', '--', name], true)
    return code === 0 ? stdout.split('\n')[0] || undefined : undefined
  }

  async filesOf(name: string): Promise<string[] | undefined> {
    if (!isRpmName(name)) return undefined
    const { code, stdout } = await this.#rpm(['-ql', '--', name], true)
    return code === 0 ? stdout.split('\n').filter((line) => line.startsWith('/')) : undefined
  }

  async ownerOf(path: string): Promise<string | undefined> {
    const { code, stdout } = await this.#rpm(['-qf', '--qf', '%{NAME}\n', '--', path], true)
    return code === 0 ? stdout.split('\n')[0] || undefined : undefined
  }

  /** These and what needs them, as rpm says it when it is asked what would happen. @throws TsaltError */
  async removedWith(names: readonly string[]): Promise<string[]> {
    const all = new Set(names.map(checkRpmName))
    // Each round finds those that need one of the last.
    for (let before = 0; before < all.size; ) {
      before = all.size
      const { code, stdout, stderr } = await this.#rpm(['-e', '--test', '--', ...all], true)
      if (code === 0) break
      const needing = parseNeeding(`${stderr}\n${stdout}`)
      if (needing.length === 0)
        throw new TsaltError('package-failed', { manager: 'rpm -e --test', code, reason: stderr.trim() })
      for (const name of needing) all.add(name)
    }
    return [...all]
  }

  async describe(names: readonly string[]): Promise<Map<string, Readonly<Record<string, string>>>> {
    const found = new Map<string, Readonly<Record<string, string>>>()
    const known = names.filter(isRpmName)
    if (names.length > 0 && known.length === 0) return found
    const format = `${['%{NAME}', ...Object.values(fields)].join(separator)}\n`
    const which = names.length === 0 ? ['-qa'] : ['-q']
    const { stdout } = await this.#rpm(
      [...which, '--qf', format, ...(names.length === 0 ? [] : ['--', ...known])],
      true,
    )
    for (const line of stdout.split('\n')) {
      const [name = '', ...values] = line.split(separator)
      if (values.length === 0) continue
      const entries = Object.keys(fields).map((key, index) => [key, values[index] ?? ''] as const)
      found.set(name, Object.fromEntries(entries.filter(([, value]) => value !== '' && value !== '(none)')))
    }
    return found
  }

  /** Versions in package files, by name. */
  async inFiles(paths: readonly string[]): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>()
    if (paths.length === 0) return found
    const { stdout } = await this.#rpm(
      ['-qp', '--nosignature', '--qf', `%{NAME}|${evr}\n`, '--', ...paths],
      true,
    )
    for (const line of stdout.split('\n')) {
      const [name = '', version] = line.split('|')
      if (version !== undefined) found.set(name, [...(found.get(name) ?? []), version])
    }
    return found
  }

  async #rpm(words: readonly string[], mayFail = false): Promise<CommandResult> {
    const result = await this.#query(['rpm', ...words], { env: rpmEnvironment, maxOutput: 64 * 1_048_576 })
    if (result.code === 127)
      throw new TsaltError('provider-command-missing', { kind: 'package', provider: 'rpm', command: 'rpm' })
    if (result.code !== 0 && !mayFail)
      throw new TsaltError('package-database-unreadable', { path: 'of rpm', reason: result.stderr.trim() })
    return result
  }

  #time(): string {
    return folders
      .flatMap((folder) => files.map((file) => `${this.#root}${folder}/${file}`))
      .flatMap((path) => {
        const stat = fs.statSync(path, { throwIfNoEntry: false, bigint: true })
        return stat ? [`${stat.mtimeNs} ${stat.size}`] : []
      })
      .join(' ')
  }
}

/** Names in `probe = 1.0 is needed by (installed) other-2:3.0-1.noarch`. */
export function parseNeeding(text: string): string[] {
  const found = [...text.matchAll(/ is needed by \(installed\) (\S+)$/gm)]
  return [...new Set(found.map(([, package_ = '']) => package_.replace(/-[^-]+-[^-]+$/, '')))]
}

export function parseInstalled(text: string): Map<string, InstalledPackage> {
  const all = text.split('\n').flatMap((line): InstalledPackage[] => {
    const [name = '', version = '', architecture = ''] = line.split('|')
    return version === '' || name === 'gpg-pubkey' ? [] : [{ name, version, architecture, held: false }]
  })
  const native = mostCommon(all.map(({ architecture }) => architecture).filter((one) => one !== 'noarch'))
  const found = new Map<string, InstalledPackage>()
  for (const one of all) {
    const key = [native, 'noarch'].includes(one.architecture) ? one.name : `${one.name}.${one.architecture}`
    const other = found.get(key)
    // Several kernels: the newest counts.
    if (!other || compareRpmVersions(one.version, other.version) > 0) found.set(key, one)
  }
  return found
}

function mostCommon(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? ''
}
