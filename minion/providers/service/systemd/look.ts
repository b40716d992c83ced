/** Looks at systemd's units: many names in one `systemctl show`, remembered until something changes. */
import * as fs from 'node:fs'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult, ServiceReader, ServiceState } from '../../../system/reader.ts'
import {
  absentService,
  isTemplate,
  parseBlocks,
  properties,
  serviceState,
  type UnitProperties,
  unitOf,
} from './unit-state.ts'
import { verifyUnit } from './verify.ts'

const environment = { LC_ALL: 'C.UTF-8', SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' }
const timeout = 60_000

export class SystemdReader implements ServiceReader {
  readonly #query: RunCommand
  readonly #root: string
  #units = new Map<string, UnitProperties>()

  constructor(query: RunCommand, root: string) {
    this.#query = query
    this.#root = root
  }

  forget(): void {
    this.#units = new Map()
  }

  /** @throws TsaltError `service-manager-absent` where systemd is not this machine's running init */
  requireRunning(): void {
    if (fs.existsSync(`${this.#root}/run/systemd/system`)) return
    throw new TsaltError('service-manager-absent', { manager: 'systemd' })
  }

  async states(
    names: readonly string[],
    { fresh = false }: { readonly fresh?: boolean } = {},
  ): Promise<ReadonlyMap<string, ServiceState>> {
    if (fresh) this.forget()
    const units = await this.#show(names)
    return new Map(
      names.map((name) => {
        const unit = units.get(unitOf(name) ?? '')
        return [name, unit ? serviceState(unit) : absentService]
      }),
    )
  }

  async needsReload(name: string): Promise<boolean> {
    const units = await this.#show([name])
    return units.get(unitOf(name) ?? '')?.NeedDaemonReload === 'yes'
  }

  async recentLog(name: string, lines: number): Promise<string> {
    const unit = unitOf(name)
    if (unit === undefined) return ''
    const argv = [
      'journalctl',
      '--no-pager',
      '-q',
      '-o',
      'short-iso',
      '-n',
      String(Math.trunc(lines)),
      `--unit=${unit}`,
    ]
    const result = await this.#systemctl(argv)
    // Without a journal (or the right to read it) there is no log to show, which is no reason to fail.
    return result.code === 0 ? result.stdout.trimEnd() : ''
  }

  async list(): Promise<string[]> {
    this.requireRunning()
    const argv = ['--no-pager', '--no-legend', '--plain', '--all', '--type=service']
    const [files, loaded] = await Promise.all([
      this.#systemctl(['systemctl', 'list-unit-files', ...argv]),
      this.#systemctl(['systemctl', 'list-units', ...argv]),
    ])
    const names = `${files.stdout}\n${loaded.stdout}`
      .split('\n')
      .map((line) => line.trim().split(/\s+/, 1)[0] ?? '')
      .filter((name) => name.endsWith('.service'))
      .map((name) => name.slice(0, -'.service'.length))
    return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1))
  }

  async properties(name: string): Promise<Readonly<Record<string, string>>> {
    this.requireRunning()
    const unit = unitOf(name)
    if (unit === undefined) return {}
    const result = await this.#systemctl(['systemctl', 'show', '--no-pager', '--all', '--', unit])
    if (result.code !== 0) throw queryFailure([unit], result)
    return (parseBlocks(result.stdout)[0] ?? {}) as Readonly<Record<string, string>>
  }

  verify(unit: string, files: ReadonlyMap<string, string>): Promise<string | undefined> {
    return verifyUnit(unit, files, (argv) => this.#systemctl(argv))
  }

  /** `systemctl status`, for an error: what the unit is and how its main process ended. */
  async status(name: string): Promise<string> {
    const unit = unitOf(name)
    if (unit === undefined) return ''
    const result = await this.#systemctl([
      'systemctl',
      'status',
      '--no-pager',
      '--full',
      '--lines=0',
      '--',
      unit,
    ])
    return result.stdout.trimEnd()
  }

  async #show(names: readonly string[]): Promise<ReadonlyMap<string, UnitProperties>> {
    this.requireRunning()
    // What is asked for now is not to be taken for the answer after a change that happens meanwhile.
    const units = this.#units
    const wanted = new Set(names.map(unitOf).filter((unit) => unit !== undefined))
    const asked = [...wanted].filter((unit) => !units.has(unit))
    const plain = asked.filter((unit) => !isTemplate(unit))
    if (plain.length > 0) await this.#ask(plain, units)
    for (const unit of asked.filter(isTemplate)) units.set(unit, await this.#template(unit))
    return units
  }

  async #ask(units: readonly string[], known: Map<string, UnitProperties>): Promise<void> {
    const argv = ['systemctl', 'show', '--no-pager', `--property=${properties.join(',')}`, '--', ...units]
    const result = await this.#systemctl(argv)
    const blocks = parseBlocks(result.stdout)
    if (result.code !== 0 && blocks.length === 0) throw queryFailure(units, result)
    // One unit that systemd refuses to name would shift all others: then each is asked for itself.
    if (blocks.length !== units.length && units.length > 1) {
      for (const unit of units) await this.#ask([unit], known)
      return
    }
    for (const [index, unit] of units.entries()) known.set(unit, blocks[index] ?? {})
  }

  /** A template has no state of its own, but a unit file that is there, and enabled or not. */
  async #template(unit: string): Promise<UnitProperties> {
    const result = await this.#systemctl(['systemctl', 'is-enabled', '--', unit])
    const enablement = result.stdout.trim()
    const LoadState = enablement === '' || enablement === 'not-found' ? 'not-found' : 'loaded'
    return {
      Id: unit,
      LoadState,
      ActiveState: 'inactive',
      UnitFileState: LoadState === 'loaded' ? enablement : '',
    }
  }

  #systemctl(argv: readonly string[]): Promise<CommandResult> {
    return this.#query(argv, { env: environment, timeout })
  }
}

function queryFailure(units: readonly string[], result: CommandResult): TsaltError {
  if (result.code === 127) {
    return new TsaltError('provider-command-missing', {
      kind: 'service',
      provider: 'systemd',
      command: 'systemctl',
    })
  }
  const reason = (result.stderr || result.stdout).trim() || `systemctl ended with ${result.code}`
  return new TsaltError('service-failed', { action: 'look at', name: units.join(', '), reason })
}
