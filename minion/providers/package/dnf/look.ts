/** What is installed (rpm) and what the repositories offer (dnf or yum, from the lists that were fetched). */
import * as fs from 'node:fs'
import { nearest } from '../../../../shared/data/nearest.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult, PackageStep } from '../../../system/reader.ts'
import { rpmEnvironment } from '../rpm/database.ts'
import { rpmFailure } from '../rpm/failure.ts'
import { newestUnder } from '../rpm/files-under.ts'
import { isCapability, isRpmName } from '../rpm/names.ts'
import { type Offer, RpmReader } from '../rpm/reader.ts'
import { compareRpmVersions } from '../rpm/version.ts'
import type { DnfDialect } from './dialect.ts'
import { lockedNames, parseGroup, parseOffers, parseUpdates } from './output.ts'

export class DnfReader extends RpmReader {
  readonly #dialect: DnfDialect

  constructor(query: RunCommand, dialect: DnfDialect, root: string) {
    super(query, root)
    this.#dialect = dialect
  }

  /** Name → the line of the list of held packages. */
  locks(): ReadonlyMap<string, string> {
    const path = `${this.root}${this.#dialect.versionLocks}`
    return fs.existsSync(path) ? lockedNames(fs.readFileSync(path, 'utf8')) : new Map()
  }

  protected heldNames() {
    return this.locks()
  }

  protected get downloads() {
    return this.#dialect.caches
  }

  protected async offersOf(names: readonly string[], fromrepo?: string): Promise<Map<string, Offer>> {
    const { offers, id } = this.#dialect
    const words = fromrepo === undefined ? [] : ['--disablerepo=*', `--enablerepo=${fromrepo}`]
    const result = await this.#quiet([...words, ...offers, ...names])
    // yum ends with 1 where it knows none of the names.
    if (result.code !== 0 && id === 'dnf') throw rpmFailure(`${id} repoquery`, result)
    return parseOffers(result.stdout)
  }

  #quiet(words: readonly string[]): Promise<CommandResult> {
    const { id, cacheOnly } = this.#dialect
    const argv = [id, '-q', ...cacheOnly, ...words]
    return this.query(argv, { env: rpmEnvironment, maxOutput: 64 * 1_048_576 }).then((result) => {
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
    const offered = pattern.length === 0 ? new Map() : await this.offersOf(pattern).catch(() => new Map())
    return nearest(name, [...offered.keys(), ...(await this.database.installed()).keys()])
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

  async group(name: string) {
    if (name.startsWith('-') || !(await this.sourcesRead())) return undefined
    const words = this.#dialect.id === 'dnf' ? ['group', 'info'] : ['groupinfo']
    const { stdout } = await this.#quiet([...words, name])
    return parseGroup(stdout)
  }

  protected listsTime(): number | undefined {
    const { caches, lists } = this.#dialect
    const times = caches.flatMap((folder) => newestUnder(`${this.root}${folder}`, lists) ?? [])
    return times.length === 0 ? undefined : Math.max(...times)
  }
}
