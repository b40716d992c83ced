/** What is installed (rpm) and what the repositories offer (dnf or yum, from the lists that were fetched). */
import * as fs from 'node:fs'
import { systemClock } from '../../../../shared/clock.ts'
import { nearest } from '../../../../shared/data/nearest.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult, InstalledPackage, PackageReader, PackageStep } from '../../../system/reader.ts'
import { BatchedQuestions } from '../batched-questions.ts'
import { RpmDatabase, rpmEnvironment } from '../rpm/database.ts'
import { rpmFailure } from '../rpm/failure.ts'
import { newestUnder, rpmFilesUnder } from '../rpm/files-under.ts'
import { checkRepository, isCapability, isRpmName } from '../rpm/names.ts'
import { compareRpmVersions } from '../rpm/version.ts'
import type { DnfDialect } from './dialect.ts'
import { lockedNames, type Offer, parseGroup, parseOffers, parseUpdates } from './output.ts'

const nothing: Offer = { candidate: undefined, versions: [] }

export class DnfReader implements PackageReader {
  readonly #query: RunCommand
  readonly #dialect: DnfDialect
  readonly #root: string
  readonly #database: RpmDatabase
  readonly #offers: BatchedQuestions<Offer>
  #stamp = ''

  constructor(query: RunCommand, dialect: DnfDialect, root: string) {
    this.#query = query
    this.#dialect = dialect
    this.#root = root
    this.#database = new RpmDatabase(query, root)
    this.#offers = new BatchedQuestions((names) => this.#ask(names))
  }

  forget(): void {
    this.#offers.forget()
    this.#database.forget()
  }

  async removedWith(names: readonly string[]) {
    return this.#database.removedWith(names)
  }

  async installed(): Promise<ReadonlyMap<string, InstalledPackage>> {
    const all = await this.#database.installed()
    const locks = this.locks()
    if (locks.size === 0) return all
    return new Map([...all].map(([key, one]) => [key, { ...one, held: locks.has(one.name) }]))
  }

  /** Name → the line of the list of held packages. */
  locks(): ReadonlyMap<string, string> {
    const path = `${this.#root}${this.#dialect.versionLocks}`
    return fs.existsSync(path) ? lockedNames(fs.readFileSync(path, 'utf8')) : new Map()
  }

  async configurationLeft() {
    return new Set<string>()
  }

  async sourcesRead() {
    return this.#listsTime() !== undefined
  }

  async listsAge() {
    const time = this.#listsTime()
    return time === undefined ? undefined : (systemClock.now() - time) / 1_000
  }

  async available(name: string, fromrepo?: string): Promise<Offer> {
    if (!isRpmName(name) || !(await this.sourcesRead())) return nothing
    const stamp = String(this.#listsTime())
    if (stamp !== this.#stamp) this.#offers.forget()
    this.#stamp = stamp
    if (fromrepo === undefined) return (await this.#offers.ask(name)) ?? nothing
    const only = ['--disablerepo=*', `--enablerepo=${checkRepository(fromrepo)}`]
    return (await this.#ask([name], only)).get(name) ?? nothing
  }

  async #ask(names: readonly string[], words: readonly string[] = []): Promise<Map<string, Offer>> {
    const { offers, id } = this.#dialect
    const result = await this.#quiet([...words, ...offers, ...names])
    // yum ends with 1 where it knows none of the names.
    if (result.code !== 0 && id === 'dnf') throw rpmFailure(`${id} repoquery`, result)
    return parseOffers(result.stdout)
  }

  #quiet(words: readonly string[]): Promise<CommandResult> {
    const { id, cacheOnly } = this.#dialect
    const argv = [id, '-q', ...cacheOnly, ...words]
    return this.#query(argv, { env: rpmEnvironment, maxOutput: 64 * 1_048_576 }).then((result) => {
      if (result.code !== 127) return result
      throw new TsaltError('provider-command-missing', { kind: 'package', provider: id, command: id })
    })
  }

  async isProvided(name: string): Promise<boolean> {
    if (!(isRpmName(name) || isCapability(name)) || !(await this.sourcesRead())) return false
    const words = this.#dialect.id === 'dnf' ? ['repoquery', '--whatprovides'] : ['provides']
    const { code, stdout } = await this.#quiet([...words, name])
    return code === 0 && stdout.trim() !== ''
  }

  async similar(name: string) {
    const start = name.slice(0, 2)
    const pattern = isRpmName(start) && (await this.sourcesRead()) ? [`${start}*`] : []
    const offered = pattern.length === 0 ? new Map() : await this.#ask(pattern).catch(() => new Map())
    return nearest(name, [...offered.keys(), ...(await this.#database.installed()).keys()])
  }

  async compareVersions(a: string, b: string) {
    return compareRpmVersions(a, b)
  }

  async providedBy(name: string) {
    return this.#database.providedBy(name)
  }

  async upgrades(): Promise<readonly PackageStep[]> {
    if (!(await this.sourcesRead())) return []
    const result = await this.#quiet(['check-update'])
    if (result.code !== 0 && result.code !== 100) throw rpmFailure(`${this.#dialect.id} check-update`, result)
    const installed = await this.installed()
    return [...parseUpdates(result.stdout)]
      .flatMap(([name, { arch, version }]): PackageStep[] => {
        const key = installed.has(`${name}.${arch}`) ? `${name}.${arch}` : name
        const now = installed.get(key)
        return now && compareRpmVersions(version, now.version) > 0
          ? [{ name: key, from: now.version, to: version }]
          : []
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async downloaded() {
    const files = this.#dialect.caches.flatMap((folder) => rpmFilesUnder(`${this.#root}${folder}`))
    return this.#database.inFiles(files.map((path) => path.slice(this.#root.length)))
  }

  async group(name: string) {
    if (name.startsWith('-') || !(await this.sourcesRead())) return undefined
    const words = this.#dialect.id === 'dnf' ? ['group', 'info'] : ['groupinfo']
    const { stdout } = await this.#quiet([...words, name])
    return parseGroup(stdout)
  }

  async filesOf(name: string) {
    return this.#database.filesOf(name)
  }

  async ownerOf(path: string) {
    return this.#database.ownerOf(path)
  }

  async describe(names: readonly string[]) {
    return this.#database.describe(names)
  }

  #listsTime(): number | undefined {
    const { caches, lists } = this.#dialect
    const times = caches.flatMap((folder) => newestUnder(`${this.#root}${folder}`, lists) ?? [])
    return times.length === 0 ? undefined : Math.max(...times)
  }
}
