/** Execution module `service`: look at and handle services by hand. */
import * as v from 'valibot'
import { needed } from '../../shared/schema/argument.ts'
import { nonEmptyText } from '../../shared/schema/scalars.ts'
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
    status: question('True where the service runs.', 'status nginx', (state) => state?.running ?? false),
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
