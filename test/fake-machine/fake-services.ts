/** Services of plain data, with systemd's words. */
import { absentService } from '../../minion/providers/service/systemd/unit-state.ts'
import type { MaskOptions, ServiceChanger, StartOptions } from '../../minion/system/changer.ts'
import type { ServiceReader, ServiceState } from '../../minion/system/reader.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { ServiceData } from './machine-data.ts'

type Stored = { -readonly [Key in keyof ServiceData]: ServiceData[Key] }

export class FakeServices implements ServiceReader {
  readonly table = new Map<string, Stored>()

  readonly #isFile: (path: string) => boolean

  /** @param isFile so that a unit file which a state writes is a service from then on */
  constructor(
    services: Readonly<Record<string, ServiceData>>,
    isFile: (path: string) => boolean = () => false,
  ) {
    this.#isFile = isFile
    for (const [name, data] of Object.entries(services)) this.table.set(bare(name), { ...data })
  }

  async states(names: readonly string[]) {
    return new Map(names.map((name) => [name, this.#state(name)]))
  }

  async needsReload(name: string) {
    return this.table.get(bare(name))?.needsReload ?? false
  }

  async recentLog(name: string, lines: number) {
    return (this.table.get(bare(name))?.log ?? '').split('\n').slice(-lines).join('\n')
  }

  async list() {
    return [...this.table.keys()].sort()
  }

  async verify(unit: string, files: ReadonlyMap<string, string>) {
    const wrong = [...files].find(([, text]) => text.includes('NoSuchSetting='))
    return wrong && `${wrong[0]}:1: Unknown key name 'NoSuchSetting' in ${unit}, ignoring.`
  }

  /** @throws TsaltError `service-unknown` */
  find(name: string): Stored {
    const found = this.table.get(bare(name))
    if (found) return found
    if (this.#hasFile(name)) {
      const fresh: Stored = {}
      this.table.set(bare(name), fresh)
      return fresh
    }
    throw new TsaltError('service-unknown', { name })
  }

  #hasFile(name: string): boolean {
    const unit = /\.[a-z]+$/.test(name) ? name : `${name}.service`
    const names = [unit, unit.replace(/@[^.]*(?=\.)/, '@')]
    return names.some((one) => this.#isFile(`/etc/systemd/system/${one}`))
  }

  #state(name: string): ServiceState {
    const data = this.table.get(bare(name)) ?? (this.#hasFile(name) ? {} : undefined)
    if (!data) return absentService
    const running = data.running ?? false
    const masked = data.masked ?? false
    const enabled = !masked && (data.enabled ?? false)
    return {
      exists: true,
      running,
      active: data.active ?? (running ? 'active' : 'inactive'),
      enabled,
      enablement: masked ? 'masked' : (data.enablement ?? (enabled ? 'enabled' : 'disabled')),
      masked,
    }
  }
}

export class FakeServiceChanger implements ServiceChanger {
  readonly #services: FakeServices
  readonly #note: (action: string) => void

  constructor(services: FakeServices, note: (action: string) => void) {
    this.#services = services
    this.#note = note
  }

  start = async (name: string, { block = true }: StartOptions = {}) => this.#launch('start', name, block)
  restart = async (name: string, { block = true }: StartOptions = {}) => this.#launch('restart', name, block)
  forceReload = async (name: string) => this.#launch('force-reload', name, true)

  stop = async (name: string) => {
    const service = this.#services.find(name)
    service.running = false
    delete service.active
    this.#note(`service.stop ${bare(name)}`)
  }

  reload = async (name: string) => {
    const service = this.#services.find(name)
    if (!service.running) throw failed('reload', name, `${bare(name)}.service is not active, cannot reload.`)
    this.#note(`service.reload ${bare(name)}`)
  }

  enable = async (name: string) => this.#set('enable', name, { enabled: true })
  disable = async (name: string) => this.#set('disable', name, { enabled: false })
  mask = async (name: string, { runtime }: MaskOptions = {}) =>
    this.#set(runtime ? 'mask --runtime' : 'mask', name, { masked: true })
  unmask = async (name: string, { runtime }: MaskOptions = {}) =>
    this.#set(runtime ? 'unmask --runtime' : 'unmask', name, { masked: false })

  daemonReload = async () => {
    for (const service of this.#services.table.values()) service.needsReload = false
    this.#note('service.daemon-reload')
  }

  #launch(verb: 'start' | 'restart' | 'force-reload', name: string, block: boolean): void {
    const service = this.#services.find(name)
    if (service.masked) throw failed(verb, name, `Unit ${bare(name)}.service is masked.`)
    if (service.broken !== undefined) {
      service.running = false
      service.active = 'failed'
      throw failed(verb, name, service.broken)
    }
    service.running = true
    delete service.active
    this.#note(`service.${verb} ${bare(name)}${block ? '' : ' --no-block'}`)
  }

  #set(verb: string, name: string, change: Stored): void {
    Object.assign(this.#services.find(name), change)
    this.#note(`service.${verb} ${bare(name)}`)
  }
}

function bare(name: string): string {
  return name.endsWith('.service') ? name.slice(0, -'.service'.length) : name
}

function failed(action: string, name: string, reason: string): TsaltError {
  return new TsaltError('service-failed', { action, name, reason })
}
