/** What is installed (dpkg's status file, no process) and what can be had (`apt-cache policy`, one for many names). */
import * as fs from 'node:fs'
import { systemClock } from '../../../../shared/clock.ts'
import { nearest } from '../../../../shared/data/nearest.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { PackageReader, PackageStep } from '../../../system/reader.ts'
import { BatchedQuestions } from '../batched-questions.ts'
import { downloadedDebs } from './downloaded.ts'
import { DpkgFacts } from './dpkg-facts.ts'
import { aptFailure } from './failure.ts'
import { checkName, checkRelease, isPackageName } from './names.ts'
import { type Offer, parsePolicy } from './policy.ts'
import { parseSimulation } from './simulation.ts'
import { DpkgStatusFile } from './status-file.ts'
import { compareDebianVersions } from './version.ts'

const nothing: Offer = { candidate: undefined, versions: [] }

export class AptReader implements PackageReader {
  readonly #status: DpkgStatusFile
  readonly #query: RunCommand
  readonly #lists: string
  readonly #archives: string
  readonly #facts: DpkgFacts
  readonly #offers: BatchedQuestions<Offer>
  #offersStamp = ''

  constructor(query: RunCommand, root: string) {
    this.#query = query
    this.#status = new DpkgStatusFile(root)
    this.#lists = `${root}/var/lib/apt/lists`
    this.#archives = `${root}/var/cache/apt/archives`
    this.#facts = new DpkgFacts(query)
    this.#offers = new BatchedQuestions((names) => this.#policy(names))
  }

  forget(): void {
    this.#offers.forget()
  }

  async installed() {
    return this.#status.read().installed
  }

  async configurationLeft() {
    return this.#status.read().configurationLeft
  }

  async sourcesRead() {
    try {
      return fs.readdirSync(this.#lists).some((file) => /_Packages(?:\.\w+)?$/.test(file))
    } catch {
      return false
    }
  }

  async similar(name: string) {
    const start = name.slice(0, 2)
    if (!isPackageName(start)) return undefined
    const { stdout } = await this.#query(['apt-cache', 'pkgnames', '--', start], { maxOutput: 4 * 1_048_576 })
    return nearest(name, [...stdout.split('\n').filter(Boolean), ...this.#status.read().installed.keys()])
  }

  async versionInFile(content: Uint8Array) {
    const { code, stdout } = await this.#query(['dpkg-deb', '-f', '-', 'Version'], { stdin: content })
    return code === 0 && stdout.trim() !== '' ? stdout.trim() : undefined
  }

  async compareVersions(a: string, b: string) {
    return compareDebianVersions(a, b)
  }

  async providedBy(name: string) {
    return this.#status.read().provided.get(name)?.[0]
  }

  unfinished(): ReadonlySet<string> {
    return this.#status.read().unfinished
  }

  async upgrades({ dist = false }: { readonly dist?: boolean } = {}): Promise<readonly PackageStep[]> {
    const verb = dist ? 'dist-upgrade' : 'upgrade'
    const result = await this.#query(['apt-get', '-s', '-q', '-y', '-o', 'Debug::NoLocking=true', verb], {
      maxOutput: 16 * 1_048_576,
    })
    if (result.code !== 0) throw aptFailure(`apt-get -s ${verb}`, result)
    return parseSimulation(result.stdout)
  }

  async downloaded() {
    return downloadedDebs(this.#archives)
  }

  async listsAge() {
    const time = (await this.sourcesRead())
      ? fs.statSync(this.#lists, { throwIfNoEntry: false })?.mtimeMs
      : undefined
    return time === undefined ? undefined : (systemClock.now() - time) / 1_000
  }

  async filesOf(name: string) {
    return this.#facts.filesOf(name)
  }

  async ownerOf(path: string) {
    return this.#facts.ownerOf(path)
  }

  async describe(names: readonly string[]) {
    return this.#facts.describe(names)
  }

  async removedWith(names: readonly string[]) {
    const argv = [
      'apt-get',
      '-s',
      '-q',
      '-o',
      'APT::Get::AutomaticRemove=false',
      'remove',
      '--',
      ...names.map(checkName),
    ]
    const result = await this.#query(argv, { maxOutput: 4 * 1_048_576, env: { LC_ALL: 'C.UTF-8' } })
    if (result.code !== 0) throw aptFailure('apt-get -s remove', result)
    return [...result.stdout.matchAll(/^(?:Remv|Purg) (\S+)/gm)].map(([, name = '']) => name)
  }

  /** Questions of one turn of the event loop are asked in one process. */
  async available(name: string, fromrepo?: string): Promise<Offer> {
    this.#forgetOutdated()
    if (!isPackageName(name)) return nothing
    if (fromrepo !== undefined) return (await this.#policy([name], fromrepo)).get(name) ?? nothing
    return (await this.#offers.ask(name)) ?? nothing
  }

  async #policy(names: readonly string[], release?: string): Promise<Map<string, Offer>> {
    const target = release === undefined ? [] : ['-t', checkRelease(release)]
    const argv = ['apt-cache', ...target, 'policy', '--', ...names]
    const result = await this.#query(argv, { maxOutput: 64 * 1_048_576 })
    if (result.code !== 0) throw policyFailure(result)
    return parsePolicy(result.stdout)
  }

  /** Someone may refresh the lists or install something outside of this run. */
  #forgetOutdated(): void {
    const stamp = [this.#lists, this.#status.path].map(timeOf).join(' ')
    if (stamp !== this.#offersStamp) this.forget()
    this.#offersStamp = stamp
  }
}

function policyFailure(result: Parameters<typeof aptFailure>[1]): TsaltError {
  if (result.code !== 127) return aptFailure('apt-cache policy', result)
  return new TsaltError('provider-command-missing', {
    kind: 'package',
    provider: 'apt',
    command: 'apt-cache',
  })
}

function timeOf(path: string): string {
  return String(fs.statSync(path, { throwIfNoEntry: false, bigint: true })?.mtimeNs ?? '')
}
