/** Changes packages with zypper: without a question, one transaction for many. */
import { isAbsolute } from 'node:path'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { PackageChanger, PackageOptions, PackageRequest } from '../../../system/changer.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult } from '../../../system/reader.ts'
import { rpmFailure } from '../rpm/failure.ts'
import { checkRepository, checkRpmName } from '../rpm/names.ts'
import { checkedRequests, type RpmRequest } from '../rpm/requests.ts'
import type { ZypperReader } from './look.ts'

/** Milliseconds; a transaction that takes longer hangs. */
const transactionTimeout = 3_600_000
/** Seconds that zypper waits for another one to finish. */
const environment = { LC_ALL: 'C.UTF-8', ZYPP_LOCK_TIMEOUT: '120' }
/** Updates are there, a reboot or restart is needed: it worked all the same. */
const informational = new Set([0, 100, 101, 102, 103])

export class ZypperChanger implements PackageChanger {
  readonly #run: RunCommand
  readonly #look: ZypperReader

  constructor(run: RunCommand, look: ZypperReader) {
    this.#run = run
    this.#look = look
  }

  async refresh(): Promise<void> {
    await this.#finish([], ['refresh'])
  }

  async install(packages: readonly PackageRequest[], options: PackageOptions = {}): Promise<void> {
    if (packages.length === 0) return
    const requests = await checkedRequests(packages, options, this.#look)
    const wanted = options.reinstall
      ? requests
      : requests.filter(({ version, from }) => version !== from || from === '')
    if (wanted.length === 0) return
    await this.#finish(globalFlags(options), ['install', ...flagsOf(options), ...operands(wanted)])
  }

  async installFiles(paths: readonly string[], options: PackageOptions = {}): Promise<void> {
    if (paths.length === 0) return
    for (const path of paths) {
      if (isAbsolute(path) && path.endsWith('.rpm')) continue
      const reason = `"${path}" is not an absolute path of an .rpm file`
      throw new TsaltError('package-failed', { manager: 'zypper install', code: '-', reason })
    }
    const flags = ['--allow-unsigned-rpm', ...flagsOf({ ...options, downgrade: true })]
    await this.#finish(globalFlags(options), ['install', ...flags, ...paths])
  }

  async upgrade(options: PackageOptions & { readonly dist?: boolean } = {}): Promise<void> {
    const { dist, recommends, fromrepo } = options
    const flags = [
      '--auto-agree-with-licenses',
      ...recommending(recommends),
      ...(fromrepo === undefined ? [] : ['-r', checkRepository(fromrepo)]),
    ]
    await this.#finish(globalFlags(options), [dist ? 'dist-upgrade' : 'update', ...flags])
  }

  async download(packages: readonly PackageRequest[], options: PackageOptions = {}): Promise<void> {
    if (packages.length === 0) return
    const requests = await checkedRequests(packages, { ...options, downgrade: true }, this.#look)
    const flags = ['--download-only', ...flagsOf({ ...options, downgrade: true, reinstall: true })]
    await this.#finish(globalFlags(options), ['install', ...flags, ...operands(requests)])
  }

  async autoremove(): Promise<void> {
    const { stdout } = await this.#finish([], ['packages', '--unneeded'])
    const names = [...stdout.matchAll(/^i\S*\s*\|[^|]*\|\s*(\S+)\s*\|/gm)].map(([, name = '']) => name)
    await this.remove([...new Set(names)])
  }

  async remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#finish([], ['remove', ...names.map(checkRpmName)])
  }

  /** rpm keeps changed configuration as .rpmsave beside it, and knows nothing of it any more. */
  async purge(names: readonly string[]): Promise<void> {
    const installed = await this.#look.installed()
    // zypper fails where nothing of that name is there.
    await this.remove(names.map(checkRpmName).filter((name) => installed.has(name)))
  }

  async hold(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#finish([], ['addlock', ...names.map(checkRpmName)])
  }

  async unhold(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#finish([], ['removelock', ...names.map(checkRpmName)])
  }

  async #finish(before: readonly string[], words: readonly string[]): Promise<CommandResult> {
    const argv = ['zypper', '--non-interactive', ...before, ...words]
    try {
      const result = await this.#run(argv, { env: environment, timeout: transactionTimeout })
      if (result.code === 127)
        throw new TsaltError('provider-command-missing', {
          kind: 'package',
          provider: 'zypper',
          command: 'zypper',
        })
      if (!informational.has(result.code) || result.timedOut) throw rpmFailure(`zypper ${words[0]}`, result)
      return result
    } finally {
      this.#look.forget()
    }
  }
}

function globalFlags({ skipVerify, enablerepo = [] }: PackageOptions): string[] {
  return [
    ...(skipVerify ? ['--no-gpg-checks'] : []),
    ...enablerepo.flatMap((id) => ['--plus-content', checkRepository(id)]),
  ]
}

const recommending = (recommends: boolean | undefined): string[] =>
  recommends === undefined ? [] : [recommends ? '--recommends' : '--no-recommends']

function flagsOf({ recommends, fromrepo, downgrade, reinstall }: PackageOptions): string[] {
  return [
    '--auto-agree-with-licenses',
    ...recommending(recommends),
    ...(fromrepo === undefined ? [] : ['--from', checkRepository(fromrepo)]),
    ...(downgrade ? ['--oldpackage'] : []),
    ...(reinstall ? ['--force'] : []),
  ]
}

const operands = (requests: readonly RpmRequest[]): string[] =>
  requests.map(({ name, version }) => (version === undefined ? name : `${name}=${version}`))
