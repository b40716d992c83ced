/** What is installed and what can be had on Arch, as pacman tells. Not verified on a real host. */
import * as fs from 'node:fs'
import { nearest } from '../../../../shared/data/nearest.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult, InstalledPackage, PackageReader, PackageStep } from '../../../system/reader.ts'
import { BatchedQuestions } from '../batched-questions.ts'
import { checkedResult } from '../simple-failure.ts'
import { isPlainName } from '../single-requests.ts'
import { ignoredPackages, parseQuery, parseSyncInfo, parseUpgrades } from './output.ts'

const environment = { LC_ALL: 'C' }

export class PacmanReader implements PackageReader {
  readonly #query: RunCommand
  readonly #root: string
  readonly #offers: BatchedQuestions<readonly string[]>
  #installed: ReadonlyMap<string, InstalledPackage> | undefined
  #stamp = ''

  constructor(query: RunCommand, root: string) {
    this.#query = query
    this.#root = root
    this.#offers = new BatchedQuestions<readonly string[]>(async (names) =>
      parseSyncInfo((await this.#pacman(['-Si', '--', ...names])).stdout),
    )
  }

  forget(): void {
    this.#installed = undefined
    this.#offers.forget()
  }

  async #pacman(words: readonly string[]): Promise<CommandResult> {
    const result = await this.#query(['pacman', ...words], { env: environment, maxOutput: 64 * 1_048_576 })
    // It ends with 1 where one of several names is unknown.
    return result.code === 1 ? result : checkedResult('pacman', `pacman ${words[0]}`, result)
  }

  async installed() {
    const stamp = timeOf(`${this.#root}/var/lib/pacman/local`)
    if (!this.#installed || stamp === '' || stamp !== this.#stamp) {
      const config = `${this.#root}/etc/pacman.conf`
      const held = fs.existsSync(config)
        ? ignoredPackages(fs.readFileSync(config, 'utf8'))
        : new Set<string>()
      const all = parseQuery((await this.#pacman(['-Q'])).stdout)
      this.#installed = new Map(
        [...all].map(([name, version]) => [name, { name, version, architecture: '', held: held.has(name) }]),
      )
      this.#stamp = stamp
    }
    return this.#installed
  }

  async configurationLeft() {
    return new Set<string>()
  }

  async sourcesRead() {
    const folder = `${this.#root}/var/lib/pacman/sync`
    return fs.existsSync(folder) && fs.readdirSync(folder).some((file) => file.endsWith('.db'))
  }

  async available(name: string) {
    const versions = isPlainName(name) ? ((await this.#offers.ask(name)) ?? []) : []
    return { candidate: versions[0], versions }
  }

  async similar(name: string) {
    const { stdout } = await this.#pacman(['-Slq'])
    return nearest(
      name,
      stdout.split('\n').filter((line) => line !== ''),
    )
  }

  async compareVersions(a: string, b: string) {
    if (a === b) return 0
    const { stdout } = await this.#query(['vercmp', a, b], { env: environment })
    return Number(stdout.trim())
  }

  /** pacman tells whether something satisfies a name, and `-Qi` of the name which. */
  async providedBy(name: string) {
    if (!isPlainName(name)) return undefined
    const { code } = await this.#pacman(['-T', '--', name])
    if (code !== 0) return undefined
    const { stdout } = await this.#pacman(['-Qqi', '--', name])
    return /^Name\s*:\s*(\S+)/m.exec(stdout)?.[1] ?? name
  }

  async upgrades(): Promise<readonly PackageStep[]> {
    return parseUpgrades((await this.#pacman(['-Qu'])).stdout)
  }

  /** `/var/cache/pacman/pkg/NAME-VERSION-RELEASE-ARCH.pkg.tar.zst` */
  async downloaded() {
    const folder = `${this.#root}/var/cache/pacman/pkg`
    const found = new Map<string, string[]>()
    for (const file of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
      const [, name = '', version = ''] = /^(.+)-([^-]+-[^-]+)-[^-]+\.pkg\.tar(?:\.\w+)?$/.exec(file) ?? []
      if (name !== '') found.set(name, [...(found.get(name) ?? []), version])
    }
    return found
  }

  async group(name: string) {
    if (!isPlainName(name)) return undefined
    const { code, stdout } = await this.#pacman(['-Sgq', '--', name])
    const standard = stdout.split('\n').filter((line) => line !== '')
    return code === 0 && standard.length > 0 ? { mandatory: [], standard, optional: [] } : undefined
  }

  async filesOf(name: string) {
    if (!isPlainName(name)) return undefined
    const { code, stdout } = await this.#pacman(['-Qlq', '--', name])
    return code === 0 ? stdout.split('\n').filter((line) => line.startsWith('/')) : undefined
  }

  async ownerOf(path: string) {
    const { code, stdout } = await this.#pacman(['-Qqo', '--', path])
    return code === 0 ? stdout.trim() || undefined : undefined
  }
}

const timeOf = (path: string): string =>
  String(fs.statSync(path, { throwIfNoEntry: false, bigint: true })?.mtimeNs ?? '')
