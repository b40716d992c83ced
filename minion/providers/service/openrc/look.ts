/** Looks at OpenRC's services: one `rc-status` and one `rc-update` tell of all, remembered until something changes. */
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult, ServiceReader, ServiceState } from '../../../system/reader.ts'
import { absentScript, scriptState } from '../script-state.ts'
import { scriptName } from '../service-change.ts'

const timeout = 60_000
/** OpenRC's word for how a service is → systemd's, which states know. */
const words: Readonly<Record<string, string>> = {
  started: 'active',
  starting: 'activating',
  inactive: 'active',
  stopping: 'deactivating',
  stopped: 'inactive',
  crashed: 'failed',
}

export class OpenrcReader implements ServiceReader {
  readonly #query: RunCommand
  #known: Promise<ReadonlyMap<string, ServiceState>> | undefined

  constructor(query: RunCommand) {
    this.#query = query
  }

  forget(): void {
    this.#known = undefined
  }

  async states(
    names: readonly string[],
    { fresh = false }: { readonly fresh?: boolean } = {},
  ): Promise<ReadonlyMap<string, ServiceState>> {
    if (fresh) this.forget()
    const all = await this.#all()
    return new Map(names.map((name) => [name, all.get(scriptName(name)) ?? absentScript]))
  }

  /** Scripts are read whenever they are called. */
  async needsReload(): Promise<boolean> {
    return false
  }

  /** OpenRC keeps no log of services. */
  async recentLog(): Promise<string> {
    return ''
  }

  async list(): Promise<string[]> {
    return [...(await this.#all()).keys()].sort()
  }

  #all(): Promise<ReadonlyMap<string, ServiceState>> {
    this.#known ??= this.#read()
    return this.#known
  }

  async #read(): Promise<ReadonlyMap<string, ServiceState>> {
    const [status, levels] = await Promise.all([
      this.#ask(['rc-status', '--nocolor', '--servicelist']),
      this.#ask(['rc-update', 'show', '--verbose']),
    ])
    const enabled = parseRunlevels(levels)
    const states = new Map<string, ServiceState>()
    for (const [name, word] of parseStatus(status)) {
      const active = words[word] ?? word
      states.set(name, scriptState(active === 'active', enabled.get(name) === true, active))
    }
    for (const [name, isEnabled] of enabled)
      if (!states.has(name)) states.set(name, scriptState(false, isEnabled))
    return states
  }

  async #ask(argv: readonly string[]): Promise<string> {
    const result: CommandResult = await this.#query(argv, { timeout })
    const [command = ''] = argv
    if (result.code === 127)
      throw new TsaltError('provider-command-missing', { kind: 'service', provider: 'openrc', command })
    if (result.code === 0) return result.stdout
    const reason = (result.stderr || result.stdout).trim() || `${command} ended with ${result.code}`
    throw new TsaltError('service-failed', { action: 'look at', name: 'all', reason })
  }
}

/** ` nginx                 [  started 00:01:12 (0) ]` */
export function parseStatus(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, name, word] = /^\s*(\S+)\s.*\[\s*([a-z]+)\b[^\]]*\]\s*$/.exec(line) ?? []
    if (name !== undefined && word !== undefined) found.set(name, word)
  }
  return found
}

/** `   nginx | default`, or nothing after the bar; of names: whether any runlevel starts it. */
export function parseRunlevels(text: string): Map<string, boolean> {
  const found = new Map<string, boolean>()
  for (const line of text.split('\n')) {
    const [, name, levels = ''] = /^\s*(\S+)\s*\|(.*)$/.exec(line) ?? []
    if (name !== undefined) found.set(name, levels.trim() !== '')
  }
  return found
}
