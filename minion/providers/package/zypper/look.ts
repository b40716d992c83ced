/** What is installed (rpm) and what the repositories offer (zypper, from the lists that were fetched). */
import * as fs from 'node:fs'
import { nearest } from '../../../../shared/data/nearest.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { CommandResult, PackageStep } from '../../../system/reader.ts'
import { rpmFailure } from '../rpm/failure.ts'
import { newestUnder } from '../rpm/files-under.ts'
import { isCapability, isRpmName } from '../rpm/names.ts'
import { type Offer, RpmReader } from '../rpm/reader.ts'
import { lockedPackages, parseSearch, parseSummary } from './output.ts'

/** Nothing was found: no failure. */
const notFound = 104
/** Looking takes no lock, and waits a little for who has it. */
const environment = { LC_ALL: 'C.UTF-8', ZYPP_READONLY_HACK: '1', ZYPP_LOCK_TIMEOUT: '30' }
const caches = { lists: '/var/cache/zypp/solv', files: '/var/cache/zypp/packages', locks: '/etc/zypp/locks' }

export class ZypperReader extends RpmReader {
  protected heldNames() {
    const path = `${this.root}${caches.locks}`
    return fs.existsSync(path) ? lockedPackages(fs.readFileSync(path, 'utf8')) : new Set<string>()
  }

  protected get downloads() {
    return [caches.files]
  }

  protected async offersOf(names: readonly string[], fromrepo?: string): Promise<Map<string, Offer>> {
    const words = fromrepo === undefined ? [] : ['-r', fromrepo]
    const result = await this.#zypper(['search', '-s', '-t', 'package', '--match-exact', ...words, ...names])
    return parseSearch(result.stdout)
  }

  async #zypper(words: readonly string[]): Promise<CommandResult> {
    const argv = ['zypper', '--non-interactive', '--xmlout', '--no-refresh', ...words]
    const result = await this.query(argv, { env: environment, maxOutput: 64 * 1_048_576, timeout: 300_000 })
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
    return nearest(name, [...parseSearch(stdout).keys(), ...(await this.database.installed()).keys()])
  }

  async upgrades({ dist = false }: { readonly dist?: boolean } = {}): Promise<readonly PackageStep[]> {
    if (!(await this.sourcesRead())) return []
    const verb = dist ? 'dist-upgrade' : 'update'
    return parseSummary((await this.#zypper([verb, '--dry-run', '--auto-agree-with-licenses'])).stdout)
  }

  /** What is installed has a list there too. */
  protected listsTime(): number | undefined {
    return newestUnder(`${this.root}${caches.lists}`, /^(?!@System\/).*solv$/)
  }
}
