/** Packages of plain data: what is installed, what the sources offer, what fails. */
import { compareDebianVersions } from '../../minion/providers/package/apt/version.ts'
import type { PackageChanger, PackageRequest } from '../../minion/system/changer.ts'
import type { InstalledPackage, PackageReader } from '../../minion/system/reader.ts'
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { InstalledData, PackagesData } from './machine-data.ts'

export class FakePackages implements PackageReader {
  readonly table = new Map<string, InstalledPackage>()
  readonly left: Set<string>
  readonly provides = new Map<string, readonly string[]>()
  readonly neededBy = new Map<string, readonly string[]>()
  readonly sources = new Map<string, readonly string[]>()
  readonly cache = new Map<string, readonly string[]>()
  readonly data: PackagesData

  constructor(data: PackagesData) {
    this.data = data
    this.left = new Set(data.configurationLeft ?? [])
    for (const [name, entry] of Object.entries(data.installed ?? {})) {
      const { version, held, architecture, provides, neededBy }: InstalledData =
        typeof entry === 'string' ? { version: entry } : entry
      this.table.set(name, { name, version, architecture: architecture ?? 'amd64', held: held ?? false })
      this.provides.set(name, provides ?? [])
      this.neededBy.set(name, neededBy ?? [])
    }
    this.offer(data.available ?? {})
    for (const [name, versions] of Object.entries(data.downloaded ?? {})) this.cache.set(name, versions)
  }

  offer(offers: Readonly<Record<string, string | readonly string[]>>): void {
    for (const [name, versions] of Object.entries(offers)) {
      this.sources.set(name, typeof versions === 'string' ? [versions] : versions)
    }
  }

  /** The versions that were installed at first are to be had beside the others. */
  offerFirst(): void {
    for (const [name, entry] of Object.entries(this.data.installed ?? {})) {
      const version = typeof entry === 'string' ? entry : entry.version
      const offered = this.sources.get(name) ?? []
      if (!offered.includes(version)) this.sources.set(name, [...offered, version])
    }
  }

  async installed() {
    return new Map(this.table)
  }

  async configurationLeft() {
    return new Set(this.left)
  }

  async available(name: string) {
    const versions = this.sources.get(name) ?? []
    return { candidate: versions[0] ?? this.table.get(name)?.version, versions }
  }

  async sourcesRead() {
    return this.data.neverRefreshed !== true
  }

  async similar(name: string) {
    return nearest(name, [...this.sources.keys(), ...this.table.keys()])
  }

  /** The fake content of a package file is `NAME VERSION`. */
  async versionInFile(content: Uint8Array) {
    return /^\S+ (\S+)$/.exec(Buffer.from(content).toString('utf8'))?.[1]
  }

  async compareVersions(a: string, b: string) {
    return compareDebianVersions(a, b)
  }

  async providedBy(name: string) {
    return [...this.provides].find(([, provided]) => provided.includes(name))?.[0]
  }

  async removedWith(names: readonly string[]) {
    const going = new Set<string>()
    const take = (name: string): void => {
      if (going.has(name) || !this.table.has(name)) return
      going.add(name)
      for (const other of this.neededBy.get(name) ?? []) take(other)
    }
    for (const name of names) take(name)
    return [...going]
  }

  async upgrades() {
    return [...this.table.values()].flatMap(({ name, version, held }) => {
      const to = this.sources.get(name)?.[0]
      return !held && to !== undefined && compareDebianVersions(to, version) > 0
        ? [{ name, from: version, to }]
        : []
    })
  }

  async downloaded() {
    return new Map(this.cache)
  }

  async listsAge() {
    return this.data.listsAge
  }

  async group(name: string) {
    const members = this.data.groups?.[name]
    return members && { mandatory: [], standard: [], optional: [], ...members }
  }
}

export class FakePackageChanger implements PackageChanger {
  readonly #packages: FakePackages
  readonly #note: (action: string) => void
  /** A package was installed that brings these services. */
  readonly #bring: (services: readonly string[]) => void

  constructor(
    packages: FakePackages,
    note: (action: string) => void,
    bring: (services: readonly string[]) => void,
  ) {
    this.#packages = packages
    this.#note = note
    this.#bring = bring
  }

  async refresh(): Promise<void> {
    this.#packages.offer(this.#packages.data.afterRefresh ?? {})
    this.#note('packages.refresh')
  }

  async install(
    requests: readonly PackageRequest[],
    options: { readonly downgrade?: boolean } = {},
  ): Promise<void> {
    const chosen = requests.map((request) => ({
      name: request.name,
      version: this.#choose(request, options),
    }))
    for (const { name } of chosen) {
      const reason = this.#packages.data.broken?.[name]
      if (reason !== undefined)
        throw new TsaltError('package-failed', { manager: 'apt-get install', code: 100, reason })
    }
    for (const { name, version } of chosen) this.#put(name, version)
    this.#note(
      `packages.install ${requests.map(({ name, version }) => (version ? `${name}=${version}` : name)).join(' ')}`,
    )
  }

  async upgrade(options: { readonly dist?: boolean } = {}): Promise<void> {
    for (const { name, to } of await this.#packages.upgrades()) this.#put(name, to)
    this.#note(`packages.upgrade${options.dist ? ' dist' : ''}`)
  }

  async download(requests: readonly PackageRequest[]): Promise<void> {
    for (const request of requests) {
      const versions = this.#packages.cache.get(request.name) ?? []
      this.#packages.cache.set(request.name, [...versions, this.#choose(request, { downgrade: true })])
    }
    this.#note(`packages.download ${requests.map(({ name }) => name).join(' ')}`)
  }

  async autoremove(): Promise<void> {
    this.#note('packages.autoremove')
  }

  async installFiles(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const [, name, version] = /([^/_]+)_([^_]+)_[^_]+\.deb$/.exec(path) ?? []
      if (!name || !version) {
        throw new TsaltError('package-failed', {
          manager: 'apt-get install',
          code: 100,
          reason: `${path} is no package`,
        })
      }
      this.#put(name, version)
    }
    this.#note(`packages.installFiles ${paths.join(' ')}`)
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) if (this.#packages.table.delete(name)) this.#packages.left.add(name)
    this.#note(`packages.remove ${names.join(' ')}`)
  }

  async purge(names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.#packages.table.delete(name)
      this.#packages.left.delete(name)
    }
    this.#note(`packages.purge ${names.join(' ')}`)
  }

  async hold(names: readonly string[]): Promise<void> {
    this.#mark(names, true)
  }

  async unhold(names: readonly string[]): Promise<void> {
    this.#mark(names, false)
  }

  #mark(names: readonly string[], held: boolean): void {
    for (const name of names) {
      const installed = this.#packages.table.get(name)
      if (installed) this.#packages.table.set(name, { ...installed, held })
    }
    this.#note(`packages.${held ? 'hold' : 'unhold'} ${names.join(' ')}`)
  }

  #choose({ name, version }: PackageRequest, { downgrade }: { readonly downgrade?: boolean }): string {
    const versions = this.#packages.sources.get(name) ?? []
    const installed = this.#packages.table.get(name)?.version
    if (versions.length === 0 && installed === undefined) throw new TsaltError('package-unknown', { name })
    if (version === undefined) return versions[0] ?? installed ?? ''
    if (!versions.includes(version) && version !== installed) {
      throw new TsaltError('package-version-unknown', { name, version, versions: versions.join(', ') })
    }
    if (!downgrade && installed !== undefined && compareDebianVersions(version, installed) < 0) {
      const reason = 'E: Packages were downgraded and -y was used without --allow-downgrades.'
      throw new TsaltError('package-failed', { manager: 'apt-get install', code: 100, reason })
    }
    return version
  }

  #put(name: string, version: string): void {
    const before = this.#packages.table.get(name)
    const architecture = before?.architecture ?? 'amd64'
    this.#packages.table.set(name, { name, version, architecture, held: before?.held ?? false })
    this.#packages.left.delete(name)
    if (!before) this.#bring(this.#packages.data.services?.[name] ?? [])
  }
}
