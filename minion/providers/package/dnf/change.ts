/** Changes packages with dnf or yum: without a question, one transaction for many. */
import { isAbsolute } from 'node:path'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { PackageChanger, PackageOptions, PackageRequest } from '../../../system/changer.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult } from '../../../system/reader.ts'
import { rpmEnvironment } from '../rpm/database.ts'
import { rpmFailure } from '../rpm/failure.ts'
import { checkRepository, checkRpmName } from '../rpm/names.ts'
import { checkedRequests, type RpmRequest } from '../rpm/requests.ts'
import type { DnfDialect } from './dialect.ts'
import type { DnfReader } from './look.ts'

/** Milliseconds; a transaction that takes longer hangs. */
const transactionTimeout = 3_600_000

export class DnfChanger implements PackageChanger {
  readonly #run: RunCommand
  readonly #look: DnfReader
  readonly #dialect: DnfDialect

  constructor(run: RunCommand, look: DnfReader, dialect: DnfDialect) {
    this.#run = run
    this.#look = look
    this.#dialect = dialect
  }

  async refresh(): Promise<void> {
    for (const words of this.#dialect.refresh) await this.#finish(words)
  }

  async install(packages: readonly PackageRequest[], options: PackageOptions = {}): Promise<void> {
    if (packages.length === 0) return
    const requests = await checkedRequests(packages, options, this.#look)
    const flags = this.#flagsOf(options)
    const there = requests.filter(({ version, from }) => from !== '' && version === from)
    const older = await this.#older(requests)
    const others = requests.filter((one) => !there.includes(one) && !older.includes(one))
    if (options.reinstall && there.length > 0) await this.#finish([...flags, 'reinstall', ...operands(there)])
    if (others.length > 0)
      await this.#finish([...flags, options.onlyUpgrade ? 'upgrade' : 'install', ...operands(others)])
    if (older.length > 0) await this.#finish([...flags, 'downgrade', ...operands(older)])
  }

  /** Those that need a command of their own to go back. */
  async #older(requests: readonly RpmRequest[]): Promise<RpmRequest[]> {
    if (this.#dialect.installDowngrades) return []
    const older: RpmRequest[] = []
    for (const one of requests)
      if (one.from !== '' && one.version && (await this.#look.compareVersions(one.version, one.from)) < 0)
        older.push(one)
    return older
  }

  async installFiles(paths: readonly string[], options: PackageOptions = {}): Promise<void> {
    if (paths.length === 0) return
    for (const path of paths) {
      if (isAbsolute(path) && path.endsWith('.rpm')) continue
      const reason = `"${path}" is not an absolute path of an .rpm file`
      throw new TsaltError('package-failed', { manager: `${this.#dialect.id} install`, code: '-', reason })
    }
    await this.#finish([...this.#flagsOf(options), options.reinstall ? 'reinstall' : 'install', ...paths])
  }

  async upgrade(options: PackageOptions = {}): Promise<void> {
    await this.#finish([...this.#flagsOf(options), 'upgrade'])
  }

  async download(packages: readonly PackageRequest[], options: PackageOptions = {}): Promise<void> {
    if (packages.length === 0) return
    const requests = await checkedRequests(packages, { ...options, downgrade: true }, this.#look)
    await this.#finish([...this.#flagsOf(options), '--downloadonly', 'install', ...operands(requests)])
  }

  async autoremove(): Promise<void> {
    await this.#finish(['autoremove'])
  }

  async remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#finish(['remove', ...names.map(checkRpmName)])
  }

  /** rpm keeps changed configuration as .rpmsave beside it, and knows nothing of it any more. */
  async purge(names: readonly string[]): Promise<void> {
    await this.remove(names)
  }

  async hold(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#finish(['versionlock', 'add', ...names.map(checkRpmName)])
  }

  async unhold(names: readonly string[]): Promise<void> {
    const locks = this.#look.locks()
    const entries = names.map(checkRpmName).flatMap((name) => locks.get(name) ?? [])
    if (entries.length > 0) await this.#finish(['versionlock', 'delete', ...entries])
  }

  #flagsOf({
    recommends,
    fromrepo,
    skipVerify,
    enablerepo = [],
    disablerepo = [],
  }: PackageOptions): string[] {
    return [
      ...(fromrepo === undefined ? [] : ['--disablerepo=*', `--enablerepo=${checkRepository(fromrepo)}`]),
      ...disablerepo.map((id) => `--disablerepo=${checkRepository(id)}`),
      ...enablerepo.map((id) => `--enablerepo=${checkRepository(id)}`),
      ...(skipVerify ? ['--nogpgcheck'] : []),
      ...(recommends === undefined || this.#dialect.id === 'yum'
        ? []
        : [`--setopt=install_weak_deps=${recommends ? 1 : 0}`]),
    ]
  }

  async #finish(words: readonly string[]): Promise<CommandResult> {
    const { id } = this.#dialect
    const argv = [id, '-y', ...words]
    try {
      const result = await this.#run(argv, { env: rpmEnvironment, timeout: transactionTimeout })
      if (result.code === 127)
        throw new TsaltError('provider-command-missing', { kind: 'package', provider: id, command: id })
      const shown = `${id} ${words.find((word) => !word.startsWith('-')) ?? ''}`
      if (result.code !== 0 || result.timedOut || /scriptlet failed/.test(result.stdout + result.stderr))
        throw rpmFailure(shown, result)
      return result
    } finally {
      this.#look.forget()
    }
  }
}

const operands = (requests: readonly RpmRequest[]): string[] =>
  requests.map(({ name, version }) => {
    if (version === undefined) return name
    const [, bare = name, arch] =
      /^(.*)\.(noarch|x86_64|i[3-6]86|aarch64|armv7hl|ppc64le|s390x)$/.exec(name) ?? []
    return `${bare}-${version}${arch === undefined ? '' : `.${arch}`}`
  })
