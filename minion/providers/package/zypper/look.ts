/** What is installed (rpm) and what the repositories offer (zypper, from the lists that were fetched). */
import * as fs from 'node:fs'
import { systemClock } from '../../../../shared/clock.ts'
import { nearest } from '../../../../shared/data/nearest.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult, InstalledPackage, PackageReader, PackageStep } from '../../../system/reader.ts'
import { BatchedQuestions } from '../batched-questions.ts'
import { RpmDatabase } from '../rpm/database.ts'
import { rpmFailure } from '../rpm/failure.ts'
import { newestUnder, rpmFilesUnder } from '../rpm/files-under.ts'
import { checkRepository, isCapability, isRpmName } from '../rpm/names.ts'
import { compareRpmVersions } from '../rpm/version.ts'
import { lockedPackages, type Offer, parseSearch, parseSummary } from './output.ts'

const nothing: Offer = { candidate: undefined, versions: [] }
/** Nothing was found: no failure. */
const notFound = 104
/** Looking takes no lock, and waits a little for who has it. */
const environment = { LC_ALL: 'C.UTF-8', ZYPP_READONLY_HACK: '1', ZYPP_LOCK_TIMEOUT: '30' }
const caches = { lists: '/var/cache/zypp/solv', files: '/var/cache/zypp/packages', locks: '/etc/zypp/locks' }

export class ZypperReader implements PackageReader {
  readonly #query: RunCommand
  readonly #root: string
  readonly #database: RpmDatabase
  readonly #offers: BatchedQuestions<Offer>
  #stamp = ''

  constructor(query: RunCommand, root: string) {
    this.#query = query
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
    const path = `${this.#root}${caches.locks}`
    const locks = fs.existsSync(path) ? lockedPackages(fs.readFileSync(path, 'utf8')) : new Set<string>()
    if (locks.size === 0) return all
    return new Map([...all].map(([key, one]) => [key, { ...one, held: locks.has(one.name) }]))
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
    return (await this.#ask([name], ['-r', checkRepository(fromrepo)])).get(name) ?? nothing
  }

  async #ask(names: readonly string[], words: readonly string[] = []): Promise<Map<string, Offer>> {
    const result = await this.#zypper(['search', '-s', '-t', 'package', '--match-exact', ...words, ...names])
    return parseSearch(result.stdout)
  }

  async #zypper(words: readonly string[]): Promise<CommandResult> {
    const argv = ['zypper', '--non-interactive', '--xmlout', '--no-refresh', ...words]
    const result = await this.#query(argv, { env: environment, maxOutput: 64 * 1_048_576, timeout: 300_000 })
    if (result.code === 127)
      throw new TsaltError('provider-command-missing', {
        kind: 'package',
        provider: 'zypper',
        command: 'zypper',
      })
    if (result.code !== 0 && result.code !== notFound) throw rpmFailure(`zypper ${words[0]}`, result)
    return result
  }

  async isProvided(name: string): Promise<boolean> {
    if (!(isRpmName(name) || isCapability(name)) || !(await this.sourcesRead())) return false
    const { code, stdout } = await this.#zypper(['search', '--provides', '--match-exact', name])
    return code === 0 && stdout.includes('<solvable ')
  }

  async similar(name: string) {
    const start = name.slice(0, 2)
    const { stdout } =
      isRpmName(start) && (await this.sourcesRead())
        ? await this.#zypper(['search', '-s', '-t', 'package', `${start}*`])
        : { stdout: '' }
    return nearest(name, [...parseSearch(stdout).keys(), ...(await this.#database.installed()).keys()])
  }

  async compareVersions(a: string, b: string) {
    return compareRpmVersions(a, b)
  }

  async providedBy(name: string) {
    return this.#database.providedBy(name)
  }

  async upgrades({ dist = false }: { readonly dist?: boolean } = {}): Promise<readonly PackageStep[]> {
    if (!(await this.sourcesRead())) return []
    const verb = dist ? 'dist-upgrade' : 'update'
    return parseSummary((await this.#zypper([verb, '--dry-run', '--auto-agree-with-licenses'])).stdout)
  }

  async downloaded() {
    const files = rpmFilesUnder(`${this.#root}${caches.files}`)
    return this.#database.inFiles(files.map((path) => path.slice(this.#root.length)))
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

  /** What is installed has a list there too. */
  #listsTime(): number | undefined {
    return newestUnder(`${this.#root}${caches.lists}`, /^(?!@System\/).*solv$/)
  }
}
