/** Changes packages with apt-get: without a question, keeping changed configuration files, one transaction for many. */
import { isAbsolute } from 'node:path'
import { nearest } from '../../../../shared/data/nearest.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { PackageChanger, PackageRequest } from '../../../system/changer.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult, PackageReader } from '../../../system/reader.ts'
import { aptFailure } from './failure.ts'
import { checkName, checkRelease, operand } from './names.ts'

/** Seconds that apt-get waits for another package manager to finish. */
const lockTimeout = 120
/** Milliseconds; a transaction that takes longer hangs. */
const transactionTimeout = 3_600_000

const environment = {
  DEBIAN_FRONTEND: 'noninteractive',
  DEBCONF_NONINTERACTIVE_SEEN: 'true',
  DEBIAN_PRIORITY: 'critical',
  APT_LISTCHANGES_FRONTEND: 'none',
  APT_LISTBUGS_FRONTEND: 'none',
  UCF_FORCE_CONFFOLD: '1',
  NEEDRESTART_SUSPEND: '1',
  LC_ALL: 'C.UTF-8',
}

const aptGet = [
  'apt-get',
  '-q',
  '-y',
  '-o',
  'Dpkg::Options::=--force-confold',
  '-o',
  'Dpkg::Options::=--force-confdef',
  '-o',
  `DPkg::Lock::Timeout=${lockTimeout}`,
  '-o',
  'APT::Get::Assume-Yes=true',
  '-o',
  'Dpkg::Use-Pty=0',
]

export class AptChanger implements PackageChanger {
  readonly #run: RunCommand
  readonly #look: PackageReader
  readonly #forget: () => void

  constructor(run: RunCommand, look: PackageReader, forget: () => void) {
    this.#run = run
    this.#look = look
    this.#forget = forget
  }

  async refresh(): Promise<void> {
    const result = await this.#apt('update')
    // apt-get answers 0 where only some sources failed, and goes on with old lists: that is said, not hidden.
    const failed = result.stderr
      .split('\n')
      .filter((line) => /^(?:E|W|Err): ?.*(?:Failed to fetch|not signed|does not have a Release)/i.test(line))
    if (failed.length === 0) return
    throw new TsaltError('package-failed', {
      manager: 'apt-get update',
      code: result.code,
      reason: failed.join('\n'),
    })
  }

  async install(
    packages: readonly PackageRequest[],
    options: { readonly recommends?: boolean; readonly fromrepo?: string; readonly downgrade?: boolean } = {},
  ): Promise<void> {
    if (packages.length === 0) return
    const operands = packages.map(operand)
    await this.#checkOffered(packages)
    const flags = [
      ...(options.recommends === undefined
        ? []
        : [options.recommends ? '--install-recommends' : '--no-install-recommends']),
      ...(options.fromrepo === undefined ? [] : ['-t', checkRelease(options.fromrepo)]),
      ...(options.downgrade ? ['--allow-downgrades'] : []),
    ]
    await this.#apt('install', operands, flags)
  }

  async installFiles(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return
    for (const path of paths) {
      if (isAbsolute(path) && path.endsWith('.deb')) continue
      throw new TsaltError('package-failed', {
        manager: 'apt-get install',
        code: '-',
        reason: `"${path}" is not an absolute path of a .deb file`,
      })
    }
    // Whoever names a file means its version, also where it is older than the installed one.
    await this.#apt('install', paths, ['--allow-downgrades'])
  }

  async remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#apt('remove', names.map(checkName))
  }

  async purge(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#apt('purge', names.map(checkName))
  }

  async hold(names: readonly string[]): Promise<void> {
    await this.#mark('hold', names)
  }

  async unhold(names: readonly string[]): Promise<void> {
    await this.#mark('unhold', names)
  }

  async #mark(action: 'hold' | 'unhold', names: readonly string[]): Promise<void> {
    if (names.length > 0)
      await this.#finish(['apt-mark', action, '--', ...names.map(checkName)], `apt-mark ${action}`)
  }

  #apt(
    verb: string,
    operands: readonly string[] = [],
    flags: readonly string[] = [],
  ): Promise<CommandResult> {
    const rest = operands.length === 0 ? [] : ['--', ...operands]
    return this.#finish([...aptGet, ...flags, verb, ...rest], `apt-get ${verb}`)
  }

  async #finish(argv: readonly string[], shown: string): Promise<CommandResult> {
    try {
      const result = await this.#run(argv, { env: environment, timeout: transactionTimeout })
      if (result.code === 127) {
        throw new TsaltError('provider-command-missing', {
          kind: 'package',
          provider: 'apt',
          command: argv[0] ?? '',
        })
      }
      if (result.code !== 0 || result.timedOut) throw aptFailure(shown, result)
      return result
    } finally {
      this.#forget()
    }
  }

  /**
   * Before anything is changed. It also keeps apt-get from reading `name-` as "remove name" and an unknown name
   * as a pattern: only names that apt has as they stand get through.
   */
  async #checkOffered(packages: readonly PackageRequest[]): Promise<void> {
    const installed = await this.#look.installed()
    const offers = await Promise.all(packages.map(({ name }) => this.#look.available(name)))
    for (const [index, { name, version }] of packages.entries()) {
      const offer = offers[index]
      const versions = offer?.versions ?? []
      if (version !== undefined && versions.length > 0 && !versions.includes(version)) {
        if (installed.get(name)?.version === version) continue
        throw new TsaltError('package-version-unknown', {
          name,
          version,
          versions: versions.slice(0, 8).join(', '),
        })
      }
      if (offer?.candidate === undefined && versions.length === 0 && !installed.has(name))
        await this.#checkVirtual(name, installed.keys())
    }
  }

  /** A name without a candidate may still be a virtual one, which apt-get resolves if one package provides it. */
  async #checkVirtual(name: string, near: Iterable<string>): Promise<void> {
    const result = await this.#run(['apt-cache', 'showpkg', '--', name], {
      env: environment,
      timeout: 60_000,
    })
    const providers = result.stdout.split('Reverse Provides:')[1]?.trim() ?? ''
    if (providers !== '') return
    const similar = nearest(name, near)
    throw new TsaltError(
      'package-unknown',
      { name },
      similar === undefined
        ? {}
        : {
            hint: `Did you mean "${similar}"? If the package sources changed, refresh them first (refresh: True).`,
          },
    )
  }
}
