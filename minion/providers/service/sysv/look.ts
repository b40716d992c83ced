/**
 * Looks at System V init scripts: what is in /etc/init.d, what the runlevels start, and what `status` of a script ends
 * with, remembered until something changes.
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RunCommand } from '../../../system/command.ts'
import type { ServiceReader, ServiceState } from '../../../system/reader.ts'
import { absentScript, scriptState } from '../script-state.ts'
import { isScriptName, scriptName } from '../service-change.ts'

const timeout = 60_000
/** In /etc/init.d, and no services. */
const others: ReadonlySet<string> = new Set([
  'README',
  'skeleton',
  'functions',
  'rc',
  'rcS',
  'single',
  'killall',
])
/** Of the standard for init scripts: dead, with a file of its process or of its lock left behind. */
const failedCodes: ReadonlySet<number> = new Set([1, 2])

export class SysvReader implements ServiceReader {
  readonly #query: RunCommand
  readonly #root: string
  #known = new Map<string, ServiceState>()

  constructor(query: RunCommand, root: string) {
    this.#query = query
    this.#root = root
  }

  forget(): void {
    this.#known = new Map()
  }

  async states(
    names: readonly string[],
    { fresh = false }: { readonly fresh?: boolean } = {},
  ): Promise<ReadonlyMap<string, ServiceState>> {
    if (fresh) this.forget()
    const known = this.#known
    const enabled = this.#enabled()
    const missing = [...new Set(names.map(scriptName))].filter((name) => !known.has(name))
    for (const name of missing) known.set(name, await this.#state(name, enabled))
    return new Map(names.map((name) => [name, known.get(scriptName(name)) ?? absentScript]))
  }

  async needsReload(): Promise<boolean> {
    return false
  }

  /** Scripts keep no log. */
  async recentLog(): Promise<string> {
    return ''
  }

  async list(): Promise<string[]> {
    return this.#names('/etc/init.d')
      .filter((name) => this.#isScript(name))
      .sort()
  }

  async #state(name: string, enabled: ReadonlySet<string>): Promise<ServiceState> {
    if (!this.#isScript(name)) return absentScript
    const { code } = await this.#query(['service', name, 'status'], { timeout })
    const active = failedCodes.has(code) ? 'failed' : undefined
    return scriptState(code === 0, enabled.has(name), active)
  }

  #isScript(name: string): boolean {
    if (!isScriptName(name) || others.has(name) || name.includes('.dpkg-')) return false
    try {
      const stats = statSync(join(this.#root, '/etc/init.d', name))
      return stats.isFile() && (stats.mode & 0o111) !== 0
    } catch {
      return false
    }
  }

  /** Scripts that one of the runlevels 2 to 5 starts; of Debian, S as well. */
  #enabled(): ReadonlySet<string> {
    const found = new Set<string>()
    for (const level of ['S', '2', '3', '4', '5'])
      for (const folder of [`/etc/rc${level}.d`, `/etc/rc.d/rc${level}.d`])
        for (const link of this.#names(folder)) {
          const name = /^S\d\d(.+)$/.exec(link)?.[1]
          if (name !== undefined) found.add(name)
        }
    return found
  }

  #names(folder: string): string[] {
    try {
      return readdirSync(join(this.#root, folder))
    } catch {
      // No such runlevel.
      return []
    }
  }
}
