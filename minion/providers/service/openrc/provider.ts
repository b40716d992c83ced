/** Services of OpenRC (Alpine, Gentoo), by rc-service and rc-update. Not verified on a real host. */
import type { ServiceChanger } from '../../../system/changer.ts'
import type { ServiceProvider } from '../../provider.ts'
import { cannotMask, changeService, scriptName } from '../service-change.ts'
import { OpenrcReader } from './look.ts'

/** Of what is enabled. */
const runlevel = 'default'

export const openrc: ServiceProvider = {
  id: 'openrc',
  kind: 'service',
  fits: { init: ['openrc'] },
  commands: ['rc-service', 'rc-update', 'rc-status'],
  open({ query }) {
    const look = new OpenrcReader(query)
    const forget = () => look.forget()
    return { look, forget, change: (run) => changer(look, run) }
  },
}

function changer(look: OpenrcReader, run: Parameters<typeof changeService>[1]): ServiceChanger {
  const manager = { id: 'openrc', look, forget: () => look.forget() }
  const change = (verb: string, argv: (script: string) => readonly string[]) => (name: string) => {
    const script = scriptName(name)
    return changeService(manager, run, { verb, name, argv: argv(script) })
  }
  const service = (verb: string) => change(verb, (script) => ['rc-service', '--nocolor', script, verb])
  return {
    start: service('start'),
    stop: service('stop'),
    restart: service('restart'),
    reload: service('reload'),
    enable: change('enable', (script) => ['rc-update', 'add', script, runlevel]),
    disable: change('disable', (script) => ['rc-update', '--all', 'delete', script]),
    mask: cannotMask('OpenRC'),
    unmask: async () => undefined,
    daemonReload: async () => undefined,
  }
}
