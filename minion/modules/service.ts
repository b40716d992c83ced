/** Execution module `service`: look at and handle services by hand. */
import * as v from 'valibot'
import { needed, optional } from '../../shared/schema/argument.ts'
import { nonEmptyText, text } from '../../shared/schema/scalars.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
import type { ServiceChanger } from '../system/changer.ts'
import type { Reader, ServiceState } from '../system/reader.ts'
import { execFunction, execModule } from './contract.ts'

const args = v.strictObject({
  name: needed(nonEmptyText, 'Name of the service: `nginx`, `getty@tty1`, `a.timer`.'),
})

async function stateOf(look: Reader, name: string): Promise<ServiceState | undefined> {
  return (await look.services.states([name])).get(name)
}

function question(summary: string, example: string, answer: (state: ServiceState | undefined) => boolean) {
  return execFunction({
    summary,
    args,
    examples: [`tsalt '*' service.${example}`],
    readOnly: true,
    run: async ({ name }, { look }) => answer(await stateOf(look, name)),
  })
}

function listing(name: string, summary: string, holds: (state: ServiceState) => boolean) {
  return execFunction({
    summary,
    args: v.strictObject({}),
    examples: [`tsalt '*' service.${name}`],
    readOnly: true,
    run: async (_, { look }) => {
      const names = [...(await look.services.list())].sort()
      const states = await look.services.states(names)
      return names.filter((one) => {
        const state = states.get(one)
        return state !== undefined && holds(state)
      })
    },
  })
}

type Verb = Exclude<keyof ServiceChanger, 'daemonReload'>

function act(verb: Verb, summary: string) {
  return execFunction({
    summary,
    args,
    examples: [`tsalt web1 service.${verb} nginx`],
    readOnly: false,
    run: async ({ name }, { act: changer }) => {
      await changer.services[verb](name)
      return true
    },
  })
}

export const serviceModule = execModule({
  summary: 'Services of the init system.',
  functions: {
    status: execFunction({
      summary: 'True where the service runs; of a glob, each that it means.',
      args: v.strictObject({
        ...args.entries,
        sig: optional(text, 'Accepted and not used: the init system is asked, not the list of processes.'),
      }),
      examples: ["tsalt '*' service.status nginx", "tsalt '*' service.status 'ssh*'"],
      readOnly: true,
      run: async ({ name }, { look }) => {
        if (!/[*?[]/.test(name)) return (await stateOf(look, name))?.running ?? false
        const names = (await look.services.list()).filter(compileGlob(name)).sort()
        const states = await look.services.states(names)
        return new Map(names.map((one) => [one, states.get(one)?.running ?? false]))
      },
    }),
    available: question(
      'True where the service exists.',
      'available nginx',
      (state) => state?.exists ?? false,
    ),
    missing: question('True where the service does not exist.', 'missing nginx', (state) => !state?.exists),
    enabled: question(
      'True where the service starts at boot.',
      'enabled nginx',
      (state) => state?.enabled ?? false,
    ),
    disabled: question(
      'True where the service does not start at boot.',
      'disabled nginx',
      (state) => !state?.enabled,
    ),
    masked: question('True where the service is masked.', 'masked nginx', (state) => state?.masked ?? false),
    get_all: execFunction({
      summary: 'Names of all services.',
      args: v.strictObject({}),
      examples: ["tsalt '*' service.get_all"],
      readOnly: true,
      run: async (_, { look }) => [...(await look.services.list())].sort(),
    }),
    get_running: listing('get_running', 'Names of the services that run.', (state) => state.running),
    get_enabled: listing(
      'get_enabled',
      'Names of the services that start at boot.',
      (state) => state.enabled,
    ),
    get_disabled: listing(
      'get_disabled',
      'Names of the services that do not start at boot.',
      (state) => state.enablement === 'disabled',
    ),
    show: execFunction({
      summary: 'What the init system says of a service.',
      args,
      examples: ["tsalt '*' service.show nginx"],
      readOnly: true,
      run: async ({ name }, { look }) => {
        const state = await stateOf(look, name)
        return state ? { ...state } : {}
      },
    }),
    start: act('start', 'Starts a service.'),
    stop: act('stop', 'Stops a service.'),
    restart: act('restart', 'Restarts a service.'),
    reload: act('reload', 'Makes a service read its configuration again.'),
    enable: act('enable', 'Makes a service start at boot.'),
    disable: act('disable', 'Keeps a service from starting at boot.'),
    mask: act('mask', 'Makes a service impossible to start.'),
    unmask: act('unmask', 'Makes a masked service possible to start again.'),
    systemctl_reload: execFunction({
      summary: 'Makes the init system read its unit files again.',
      args: v.strictObject({}),
      examples: ["tsalt '*' service.systemctl_reload"],
      readOnly: false,
      run: async (_, { act: changer }) => {
        await changer.services.daemonReload()
        return true
      },
    }),
  },
})
