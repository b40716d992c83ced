/** Changes packages with apt-get: without a question, keeping changed configuration files, one transaction for many. */
import { isAbsolute } from 'node:path'
import { nearest } from '../../../../shared/data/nearest.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { PackageChanger, PackageOptions, PackageRequest } from '../../../system/changer.ts'
import type { RunCommand } from '../../../system/command.ts'
import { AptGet, aptEnvironment } from './apt-get.ts'
import type { AptReader } from './look.ts'
import { checkName, checkRelease, operand } from './names.ts'

export class AptChanger implements PackageChanger {
  readonly #run: RunCommand
  readonly #look: AptReader
  readonly #apt: AptGet

  constructor(
    run: RunCommand,
    look: AptReader,
    forget: () => void,
    pause?: (time: number) => Promise<unknown>,
  ) {
    this.#run = run
    this.#look = look
    const unfinished = () => look.unfinished()
    this.#apt = new AptGet({ run, forget, unfinished, ...(pause && { pause }) })
  }

  async refresh(): Promise<void> {
    const result = await this.#apt.get('update')
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

  async install(packages: readonly PackageRequest[], options: PackageOptions = {}): Promise<void> {
    if (packages.length === 0) return
    const operands = packages.map(operand)
    await this.#checkOffered(packages)
    await this.#apt.get('install', operands, flagsOf(options))
  }

  async upgrade(options: PackageOptions & { readonly dist?: boolean } = {}): Promise<void> {
    await this.#apt.get(options.dist ? 'dist-upgrade' : 'upgrade', [], flagsOf(options))
  }

  async download(packages: readonly PackageRequest[], options: PackageOptions = {}): Promise<void> {
    if (packages.length === 0) return
    const operands = packages.map(operand)
    await this.#checkOffered(packages)
    const flags = ['--download-only', '--reinstall', '--allow-downgrades', ...flagsOf(options)]
    await this.#apt.get('install', operands, flags)
  }

  async autoremove({ purge = false }: { readonly purge?: boolean } = {}): Promise<void> {
    await this.#apt.get('autoremove', [], purge ? ['--purge'] : [])
  }

  async installFiles(paths: readonly string[], options: PackageOptions = {}): Promise<void> {
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
    await this.#apt.get('install', paths, [
      '--allow-downgrades',
      ...flagsOf({ ...options, downgrade: false }),
    ])
  }

  async remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#apt.get('remove', names.map(checkName))
  }

  async purge(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#apt.get('purge', names.map(checkName))
  }

  async hold(names: readonly string[]): Promise<void> {
    await this.#mark('hold', names)
  }

  async unhold(names: readonly string[]): Promise<void> {
    await this.#mark('unhold', names)
  }

  async #mark(action: 'hold' | 'unhold', names: readonly string[]): Promise<void> {
    if (names.length > 0)
      await this.#apt.finish(['apt-mark', action, '--', ...names.map(checkName)], `apt-mark ${action}`)
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
      env: aptEnvironment,
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

function flagsOf(options: PackageOptions): string[] {
  const { recommends, fromrepo, downgrade, reinstall, skipVerify, onlyUpgrade } = options
  return [
    ...(recommends === undefined ? [] : [recommends ? '--install-recommends' : '--no-install-recommends']),
    ...(fromrepo === undefined ? [] : ['-t', checkRelease(fromrepo)]),
    ...(downgrade ? ['--allow-downgrades'] : []),
    ...(reinstall ? ['--reinstall'] : []),
    ...(skipVerify ? ['--allow-unauthenticated'] : []),
    ...(onlyUpgrade ? ['--only-upgrade'] : []),
  ]
}
