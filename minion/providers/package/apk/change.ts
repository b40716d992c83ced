/** Changes packages with apk. Not verified on a real host. */
import { isAbsolute } from 'node:path'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { PackageChanger, PackageOptions, PackageRequest } from '../../../system/changer.ts'
import type { RunCommand } from '../../../system/command.ts'
import { checkedResult } from '../simple-failure.ts'
import { checkOffers, checkPlainName } from '../single-requests.ts'
import type { ApkReader } from './look.ts'

/** Milliseconds; a transaction that takes longer hangs. */
const transactionTimeout = 3_600_000
/** Seconds that apk waits for another one to finish. */
const lockTimeout = 120

export class ApkChanger implements PackageChanger {
  readonly #run: RunCommand
  readonly #look: ApkReader

  constructor(run: RunCommand, look: ApkReader) {
    this.#run = run
    this.#look = look
  }

  async refresh(): Promise<void> {
    await this.#apk(['update'])
  }

  async install(packages: readonly PackageRequest[], options: PackageOptions = {}): Promise<void> {
    if (packages.length === 0) return
    await checkOffers(packages, options, this.#look)
    if (options.reinstall) await this.#apk(['fix', '--reinstall', ...packages.map(({ name }) => name)])
    const operands = packages.map(({ name, version }) =>
      version === undefined ? name : `${name}=${version}`,
    )
    await this.#apk(['add', '--upgrade', ...untrusted(options), ...operands])
  }

  async installFiles(paths: readonly string[], options: PackageOptions = {}): Promise<void> {
    const wrong = paths.find((path) => !isAbsolute(path) || !path.endsWith('.apk'))
    if (wrong !== undefined) {
      const reason = `"${wrong}" is not an absolute path of an .apk file`
      throw new TsaltError('package-failed', { manager: 'apk add', code: '-', reason })
    }
    if (paths.length > 0) await this.#apk(['add', ...untrusted(options), ...paths])
  }

  async upgrade({ dist = false }: PackageOptions & { readonly dist?: boolean } = {}): Promise<void> {
    await this.#apk(['upgrade', ...(dist ? ['--available'] : [])])
  }

  async download(packages: readonly PackageRequest[], options: PackageOptions = {}): Promise<void> {
    if (packages.length === 0) return
    await checkOffers(packages, { ...options, downgrade: true }, this.#look)
    await this.#apk(['cache', 'download', ...packages.map(({ name }) => name)])
  }

  /** apk removes what nothing needs by itself. */
  async autoremove(): Promise<void> {}

  async remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#apk(['del', ...names.map(checkPlainName)])
  }

  async purge(names: readonly string[]): Promise<void> {
    const installed = await this.#look.installed()
    const there = names.map(checkPlainName).filter((name) => installed.has(name))
    if (there.length > 0) await this.#apk(['del', '--purge', ...there])
  }

  /** A version in /etc/apk/world is kept. */
  async hold(names: readonly string[]): Promise<void> {
    const installed = await this.#look.installed()
    const pins = names.flatMap((name) => {
      const version = installed.get(checkPlainName(name))?.version
      return version === undefined ? [] : [`${name}=${version}`]
    })
    if (pins.length > 0) await this.#apk(['add', ...pins])
  }

  async unhold(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#apk(['add', ...names.map(checkPlainName)])
  }

  async #apk(words: readonly string[]): Promise<void> {
    try {
      const argv = ['apk', '--no-interactive', '--no-progress', '--wait', String(lockTimeout), ...words]
      checkedResult('apk', `apk ${words[0]}`, await this.#run(argv, { timeout: transactionTimeout }))
    } finally {
      this.#look.forget()
    }
  }
}

const untrusted = ({ skipVerify }: PackageOptions): string[] => (skipVerify ? ['--allow-untrusted'] : [])
