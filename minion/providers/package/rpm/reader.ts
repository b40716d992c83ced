/** What every manager of rpm packages looks at in the same way: rpm's own database, and lists that were fetched. */
import { systemClock } from '../../../../shared/clock.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { InstalledPackage, PackageReader, PackageStep } from '../../../system/reader.ts'
import { BatchedQuestions } from '../batched-questions.ts'
import { RpmDatabase } from './database.ts'
import { rpmFilesUnder } from './files-under.ts'
import { checkRepository, isRpmName } from './names.ts'
import { compareRpmVersions } from './version.ts'

export type Offer = Awaited<ReturnType<PackageReader['available']>>

const nothing: Offer = { candidate: undefined, versions: [] }

export abstract class RpmReader implements PackageReader {
  protected readonly query: RunCommand
  protected readonly root: string
  protected readonly database: RpmDatabase
  readonly #offers: BatchedQuestions<Offer>
  #stamp = ''

  constructor(query: RunCommand, root: string) {
    this.query = query
    this.root = root
    this.database = new RpmDatabase(query, root)
    this.#offers = new BatchedQuestions((names) => this.offersOf(names))
  }

  /** Names of packages that the manager keeps as they are. */
  protected abstract heldNames(): { readonly size: number; has(name: string): boolean }
  /** When the lists were fetched, milliseconds since the epoch; undefined: never. */
  protected abstract listsTime(): number | undefined
  /** What the lists have of these, in one question; of one repository where its name is given. */
  protected abstract offersOf(names: readonly string[], fromrepo?: string): Promise<Map<string, Offer>>
  abstract upgrades(): Promise<readonly PackageStep[]>
  /** Folders of downloaded packages. */
  protected abstract get downloads(): readonly string[]

  forget(): void {
    this.#offers.forget()
    this.database.forget()
  }

  async removedWith(names: readonly string[]) {
    return this.database.removedWith(names)
  }

  async installed(): Promise<ReadonlyMap<string, InstalledPackage>> {
    const all = await this.database.installed()
    const held = this.heldNames()
    if (held.size === 0) return all
    return new Map([...all].map(([key, one]) => [key, { ...one, held: held.has(one.name) }]))
  }

  async configurationLeft() {
    return new Set<string>()
  }

  async sourcesRead() {
    return this.listsTime() !== undefined
  }

  async listsAge() {
    const time = this.listsTime()
    return time === undefined ? undefined : (systemClock.now() - time) / 1_000
  }

  async available(name: string, fromrepo?: string): Promise<Offer> {
    if (!isRpmName(name) || !(await this.sourcesRead())) return nothing
    const stamp = String(this.listsTime())
    if (stamp !== this.#stamp) this.#offers.forget()
    this.#stamp = stamp
    if (fromrepo === undefined) return (await this.#offers.ask(name)) ?? nothing
    return (await this.offersOf([name], checkRepository(fromrepo))).get(name) ?? nothing
  }

  async compareVersions(a: string, b: string) {
    return compareRpmVersions(a, b)
  }

  async providedBy(name: string) {
    return this.database.providedBy(name)
  }

  async downloaded() {
    const files = this.downloads.flatMap((folder) => rpmFilesUnder(`${this.root}${folder}`))
    return this.database.inFiles(files.map((path) => path.slice(this.root.length)))
  }

  async filesOf(name: string) {
    return this.database.filesOf(name)
  }

  async ownerOf(path: string) {
    return this.database.ownerOf(path)
  }

  async describe(names: readonly string[]) {
    return this.database.describe(names)
  }
}
