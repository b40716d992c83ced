/** Execution module `service`: look at and handle services by hand. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
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

const no_block = defaulted(flag, false, 'Do not wait for it.')
const unmask = defaulted(flag, false, 'Take a mask away first.')
const unmask_runtime = defaulted(flag, false, 'Take a mask away first that lasts until the next start.')
const runtime = defaulted(flag, false, 'Only until the next start of the machine.')

const starting = v.strictObject({ ...args.entries, no_block, unmask, unmask_runtime })
const masking = v.strictObject({ ...args.entries, runtime })

/** Starts, stops and reloads; Salt's functions take a mask away where they are told so. */
function act(verb: 'start' | 'stop' | 'restart' | 'reload', summary: string) {
  return execFunction({
    summary,
    args: starting,
    examples: [`tsalt web1 service.${verb} nginx`, `tsalt web1 service.${verb} nginx no_block=True`],
    readOnly: false,
    run: async (given, { act: changer }) => {
      const { name } = given
      if (given.unmask) await changer.services.unmask(name)
      else if (given.unmask_runtime) await changer.services.unmask(name, { runtime: true })
      await changer.services[verb](name, { block: !given.no_block })
      return true
    },
  })
}

function enabling(verb: 'enable' | 'disable', summary: string) {
  return execFunction({
    summary,
    args: starting,
    examples: [`tsalt web1 service.${verb} nginx`],
    readOnly: false,
    run: async (given, { act: changer }) => {
      if (given.unmask) await changer.services.unmask(given.name)
      else if (given.unmask_runtime) await changer.services.unmask(given.name, { runtime: true })
      await changer.services[verb](given.name)
      return true
    },
  })
}

function maskingFunction(verb: 'mask' | 'unmask', summary: string) {
  return execFunction({
    summary,
    args: masking,
    examples: [`tsalt web1 service.${verb} nginx`],
    readOnly: false,
    run: async (given, { act: changer }) => {
      await changer.services[verb](given.name, given.runtime ? { runtime: true } : {})
      return true
    },
  })
}

/** `{ path=/usr/sbin/nginx ; argv[]=/usr/sbin/nginx -g daemon on; ; … }` → the words. */
const commandOf = (said: string): string => /argv\[\]=(.*?) ; ignore_errors=/.exec(said)?.[1]?.trim() ?? said

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
    get_static: listing(
      'get_static',
      'Names of the services that others start: they cannot be enabled themselves.',
      (state) => state.enablement === 'static',
    ),
    show: execFunction({
      summary: 'All that the init system says of a service.',
      args,
      examples: ["tsalt '*' service.show nginx"],
      readOnly: true,
      run: async ({ name }, { look }) => {
        const properties = await look.services.properties?.(name)
        if (properties) return { ...properties }
        const state = await stateOf(look, name)
        return state ? { ...state } : {}
      },
    }),
    execs: execFunction({
      summary: 'What each service runs when it is started, by the name of the service.',
      args: v.strictObject({}),
      examples: ["tsalt '*' service.execs"],
      readOnly: true,
      run: async (_, { look }) => {
        const found = new Map<string, string>()
        for (const name of (await look.services.list()).filter((one) => !one.endsWith('@')).sort()) {
          const { ExecStart } = (await look.services.properties?.(name)) ?? {}
          if (ExecStart) found.set(name, commandOf(ExecStart))
        }
        return found
      },
    }),
    start: act('start', 'Starts a service.'),
    stop: act('stop', 'Stops a service.'),
    restart: act('restart', 'Restarts a service.'),
    reload: act('reload', 'Makes a service read its configuration again.'),
    force_reload: execFunction({
      summary: 'Makes a service read its configuration again; restarts it where it cannot.',
      args,
      examples: ['tsalt web1 service.force_reload nginx'],
      readOnly: false,
      run: async ({ name }, { act: { services } }) => {
        await (services.forceReload ?? services.restart).call(services, name)
        return true
      },
    }),
    enable: enabling('enable', 'Makes a service start at boot.'),
    disable: enabling('disable', 'Keeps a service from starting at boot.'),
    mask: maskingFunction('mask', 'Makes a service impossible to start.'),
    unmask: maskingFunction('unmask', 'Makes a masked service possible to start again.'),
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
