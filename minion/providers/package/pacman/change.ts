/** Changes packages with pacman. Not verified on a real host. */
import { isAbsolute } from 'node:path'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { PackageChanger, PackageOptions, PackageRequest } from '../../../system/changer.ts'
import type { RunCommand } from '../../../system/command.ts'
import { checkedResult } from '../simple-failure.ts'
import { checkOffers, checkPlainName } from '../single-requests.ts'
import type { PacmanReader } from './look.ts'

/** Milliseconds; a transaction that takes longer hangs. */
const transactionTimeout = 3_600_000

export class PacmanChanger implements PackageChanger {
  readonly #run: RunCommand
  readonly #look: PacmanReader

  constructor(run: RunCommand, look: PacmanReader) {
    this.#run = run
    this.#look = look
  }

  async refresh(): Promise<void> {
    await this.#pacman(['-Sy'])
  }

  async install(packages: readonly PackageRequest[], options: PackageOptions = {}): Promise<void> {
    if (packages.length === 0) return
    await checkOffers(packages, options, this.#look)
    const repository = options.fromrepo === undefined ? '' : `${checkPlainName(options.fromrepo)}/`
    const needed = options.reinstall ? [] : ['--needed']
    await this.#pacman(['-S', ...needed, '--', ...packages.map(({ name }) => `${repository}${name}`)])
  }

  async installFiles(paths: readonly string[]): Promise<void> {
    const wrong = paths.find((path) => !isAbsolute(path) || !/\.pkg\.tar(?:\.\w+)?$/.test(path))
    if (wrong !== undefined) {
      const reason = `"${wrong}" is not an absolute path of a package file`
      throw new TsaltError('package-failed', { manager: 'pacman -U', code: '-', reason })
    }
    if (paths.length > 0) await this.#pacman(['-U', '--', ...paths])
  }

  async upgrade(): Promise<void> {
    await this.#pacman(['-Su'])
  }

  async download(packages: readonly PackageRequest[], options: PackageOptions = {}): Promise<void> {
    if (packages.length === 0) return
    await checkOffers(packages, { ...options, downgrade: true }, this.#look)
    await this.#pacman(['-Sw', '--', ...packages.map(({ name }) => name)])
  }

  async autoremove({ purge = false }: { readonly purge?: boolean } = {}): Promise<void> {
    const { stdout } = await this.#run(['pacman', '-Qdtq'], { env: { LC_ALL: 'C' } })
    const names = stdout.split('\n').filter((line) => line !== '')
    if (names.length > 0) await this.#pacman([purge ? '-Rsn' : '-Rs', '--', ...names])
  }

  async remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#pacman(['-R', '--', ...names.map(checkPlainName)])
  }

  /** Changed configuration is not kept as .pacsave. */
  async purge(names: readonly string[]): Promise<void> {
    const installed = await this.#look.installed()
    const there = names.map(checkPlainName).filter((name) => installed.has(name))
    if (there.length > 0) await this.#pacman(['-Rn', '--', ...there])
  }

  async hold(names: readonly string[]): Promise<void> {
    throw notHeld(names)
  }

  async unhold(names: readonly string[]): Promise<void> {
    throw notHeld(names)
  }

  async #pacman(words: readonly string[]): Promise<void> {
    const [verb = '', ...rest] = words
    try {
      const argv = ['pacman', verb, '--noconfirm', '--noprogressbar', ...rest]
      checkedResult(
        'pacman',
        `pacman ${verb}`,
        await this.#run(argv, { env: { LC_ALL: 'C' }, timeout: transactionTimeout }),
      )
    } finally {
      this.#look.forget()
    }
  }
}

const notHeld = (names: readonly string[]): TsaltError =>
  new TsaltError(
    'package-failed',
    { manager: 'pacman', code: '-', reason: `pacman has no command that holds ${names.join(', ')}` },
    { hint: 'Manage the line IgnorePkg of /etc/pacman.conf (file.keyvalue or file.replace).' },
  )
