/** Services of System V init: scripts of /etc/init.d, by `service` and update-rc.d (Debian) or chkconfig (Red Hat). */
import type { ServiceChanger } from '../../../system/changer.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { ServiceProvider } from '../../provider.ts'
import { cannotMask, changeService, scriptName } from '../service-change.ts'
import { SysvReader } from './look.ts'

export const sysv: ServiceProvider = {
  id: 'sysv',
  kind: 'service',
  fits: { init: ['sysvinit'] },
  commands: ['service'],
  open({ query, root }) {
    const look = new SysvReader(query, root)
    const forget = () => look.forget()
    return { look, forget, change: (run) => changer(look, run) }
  },
}

function changer(look: SysvReader, run: RunCommand): ServiceChanger {
  const manager = { id: 'sysv', look, forget: () => look.forget() }
  const change = (verb: string, argv: (script: string) => readonly string[]) => (name: string) => {
    const script = scriptName(name)
    return changeService(manager, run, { verb, name, argv: argv(script) })
  }
  const service = (verb: string) => change(verb, (script) => ['service', script, verb])
  /** Debian's program, or else Red Hat's. */
  const atBoot =
    (verb: string, debian: (script: string) => readonly (readonly string[])[], redHat: string) =>
    async (name: string) => {
      const script = scriptName(name)
      for (const argv of debian(script)) {
        try {
          await change(verb, () => argv)(name)
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'provider-command-missing') throw error
          return change(verb, () => ['chkconfig', script, redHat])(name)
        }
      }
    }
  return {
    start: service('start'),
    stop: service('stop'),
    restart: service('restart'),
    reload: service('reload'),
    // A script without links gets those of its defaults first; one that was disabled keeps its places.
    enable: atBoot(
      'enable',
      (script) => [
        ['update-rc.d', script, 'defaults'],
        ['update-rc.d', script, 'enable'],
      ],
      'on',
    ),
    disable: atBoot('disable', (script) => [['update-rc.d', script, 'disable']], 'off'),
    mask: cannotMask('System V init'),
    unmask: async () => undefined,
    daemonReload: async () => undefined,
  }
}
