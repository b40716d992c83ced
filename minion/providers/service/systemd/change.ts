/** Changes systemd's units with systemctl; a failure brings the unit's status and the last lines of its log. */
import { nearest } from '../../../../shared/data/nearest.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { MaskOptions, ServiceChanger, StartOptions } from '../../../system/changer.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult } from '../../../system/reader.ts'
import type { SystemdReader } from './look.ts'
import { unitOf } from './unit-state.ts'

type Verb =
  | 'start'
  | 'stop'
  | 'restart'
  | 'reload'
  | 'reload-or-restart'
  | 'enable'
  | 'disable'
  | 'mask'
  | 'unmask'

const logLines = 20
/** Milliseconds. systemd's own limit for a start is 90 s unless the unit says more. */
const timeout = 660_000
const environment = { LC_ALL: 'C.UTF-8', SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' }

export class SystemdChanger implements ServiceChanger {
  readonly #run: RunCommand
  readonly #look: SystemdReader

  constructor(run: RunCommand, look: SystemdReader) {
    this.#run = run
    this.#look = look
  }

  start = (name: string, options?: StartOptions) => this.#change('start', name, blocking(options))
  stop = (name: string, options?: StartOptions) => this.#change('stop', name, blocking(options))
  restart = (name: string, options?: StartOptions) => this.#change('restart', name, blocking(options))
  reload = (name: string, options?: StartOptions) => this.#change('reload', name, blocking(options))
  forceReload = (name: string) => this.#change('reload-or-restart', name)
  enable = (name: string) => this.#change('enable', name)
  disable = (name: string) => this.#change('disable', name)
  mask = (name: string, options?: MaskOptions) => this.#change('mask', name, lasting(options))
  unmask = (name: string, options?: MaskOptions) => this.#change('unmask', name, lasting(options))

  async daemonReload(): Promise<void> {
    this.#look.requireRunning()
    const result = await this.#systemctl(['daemon-reload'])
    if (result.code !== 0) throw changeFailure('reload the unit files of', 'systemd', result, '')
  }

  async #change(verb: Verb, name: string, flags: readonly string[] = []): Promise<void> {
    this.#look.requireRunning()
    const unit = unitOf(name)
    if (unit === undefined)
      throw new TsaltError('service-unknown', { name }, { hint: 'No unit can be called so.' })
    const result = await this.#systemctl([verb, ...flags, '--', unit])
    if (result.code === 0) return
    const state = (await this.#look.states([name])).get(name)
    if (state && !state.exists) throw await this.#unknown(name)
    throw changeFailure(verb, name, result, await this.#circumstances(verb, name))
  }

  async #unknown(name: string): Promise<TsaltError> {
    const near = nearest(name, await this.#look.list())
    return new TsaltError(
      'service-unknown',
      { name },
      near === undefined ? {} : { hint: `Did you mean "${near}"?` },
    )
  }

  /** Only for what starts a process: the log of a failed "enable" would mislead. */
  async #circumstances(verb: Verb, name: string): Promise<string> {
    if (!['start', 'stop', 'restart', 'reload', 'reload-or-restart'].includes(verb)) return ''
    const [status, log] = await Promise.all([this.#look.status(name), this.#look.recentLog(name, logLines)])
    return [status, log && `last lines of its log:\n${log}`].filter((part) => part !== '').join('\n')
  }

  async #systemctl(words: readonly string[]): Promise<CommandResult> {
    try {
      return await this.#run(['systemctl', '--no-ask-password', '--no-pager', ...words], {
        env: environment,
        timeout,
      })
    } finally {
      this.#look.forget()
    }
  }
}

const blocking = (options?: StartOptions): string[] => (options?.block === false ? ['--no-block'] : [])
const lasting = (options?: MaskOptions): string[] => (options?.runtime ? ['--runtime'] : [])

function changeFailure(
  action: string,
  name: string,
  result: CommandResult,
  circumstances: string,
): TsaltError {
  if (result.code === 127) {
    return new TsaltError('provider-command-missing', {
      kind: 'service',
      provider: 'systemd',
      command: 'systemctl',
    })
  }
  const said = result.timedOut ? 'it took too long' : (result.stderr || result.stdout).trim()
  const reason = [said || `systemctl ended with ${result.code}`, circumstances]
    .filter((part) => part !== '')
    .join('\n')
  const inTheWay = action === 'mask' && said.includes('already exists')
  return new TsaltError(
    'service-failed',
    { action, name, reason },
    inTheWay
      ? { hint: 'systemd masks no unit whose file is in /etc/systemd/system; remove that file first.' }
      : {},
  )
}
