/** What is installed (apk's database, no process) and what can be had (`apk policy`). Not verified on a real host. */
import * as fs from 'node:fs'
import { nearest } from '../../../../shared/data/nearest.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult, PackageReader, PackageStep } from '../../../system/reader.ts'
import { BatchedQuestions } from '../batched-questions.ts'
import { checkedResult } from '../simple-failure.ts'
import { isPlainName } from '../single-requests.ts'
import { type ApkDatabase, parseDatabase, parsePolicy, parseSimulation, pinnedNames } from './output.ts'

export class ApkReader implements PackageReader {
  readonly #query: RunCommand
  readonly #root: string
  readonly #offers: BatchedQuestions<readonly string[]>
  #database: ApkDatabase | undefined
  #stamp = ''

  constructor(query: RunCommand, root: string) {
    this.#query = query
    this.#root = root
    this.#offers = new BatchedQuestions<readonly string[]>(async (names) =>
      parsePolicy((await this.#apk(['policy', ...names])).stdout),
    )
  }

  forget(): void {
    this.#offers.forget()
  }

  async #apk(words: readonly string[]): Promise<CommandResult> {
    const result = await this.#query(['apk', '--no-interactive', ...words], { maxOutput: 64 * 1_048_576 })
    return checkedResult('apk', `apk ${words[0]}`, result)
  }

  #read(): ApkDatabase {
    const path = `${this.#root}/lib/apk/db/installed`
    const world = `${this.#root}/etc/apk/world`
    const stamp = [path, world]
      .map((one) => fs.statSync(one, { throwIfNoEntry: false, bigint: true })?.mtimeNs)
      .join(' ')
    if (!this.#database || stamp !== this.#stamp) {
      const pinned = fs.existsSync(world) ? pinnedNames(fs.readFileSync(world, 'utf8')) : new Set<string>()
      this.#database = parseDatabase(fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '', pinned)
      this.#stamp = stamp
    }
    return this.#database
  }

  async installed() {
    return this.#read().installed
  }

  async configurationLeft() {
    return new Set<string>()
  }

  async sourcesRead() {
    const folder = `${this.#root}/var/cache/apk`
    return fs.existsSync(folder) && fs.readdirSync(folder).some((file) => /^APKINDEX\./.test(file))
  }

  async available(name: string) {
    const versions = isPlainName(name) ? ((await this.#offers.ask(name)) ?? []) : []
    return { candidate: versions[0], versions }
  }

  async similar(name: string) {
    const { stdout } = await this.#apk(['search', '-q'])
    return nearest(
      name,
      stdout.split('\n').filter((line) => line !== ''),
    )
  }

  async compareVersions(a: string, b: string) {
    if (a === b) return 0
    const { stdout } = await this.#apk(['version', '-t', a, b])
    return stdout.trim() === '<' ? -1 : stdout.trim() === '>' ? 1 : 0
  }

  async providedBy(name: string) {
    return this.#read().provided.get(name)
  }

  async upgrades({ dist = false }: { readonly dist?: boolean } = {}): Promise<readonly PackageStep[]> {
    return parseSimulation(
      (await this.#apk(['upgrade', '--simulate', ...(dist ? ['--available'] : [])])).stdout,
    )
  }

  /** apk keeps files only where a cache is set up: /etc/apk/cache. */
  async downloaded() {
    const folder = `${this.#root}/etc/apk/cache`
    const found = new Map<string, string[]>()
    for (const file of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
      const [, name = '', version = ''] = /^(.+)-(\d[^-]*-r\d+)\.[0-9a-f]+\.apk$/.exec(file) ?? []
      if (name !== '') found.set(name, [...(found.get(name) ?? []), version])
    }
    return found
  }

  async filesOf(name: string) {
    return this.#read().files.get(name)
  }

  async ownerOf(path: string) {
    return [...this.#read().files].find(([, paths]) => paths.includes(path))?.[0]
  }
}
