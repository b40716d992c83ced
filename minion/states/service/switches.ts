/** service.enabled, disabled, masked, unmasked: whether a service may start, without starting or stopping it. */
import * as v from 'valibot'
import { defaulted, needed } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { ServiceState } from '../../system/reader.ts'
import { drift, failed, inSync, type StateFunction, stateFunction } from '../contract.ts'
import { missingUnit, stateOf } from './lookup.ts'

const name = needed(nonEmptyText, 'The service; `nginx` means `nginx.service`.')
const named = v.strictObject({ name })
const runtime = defaulted(flag, false, 'Only until the next start of the machine.')
const maskable = v.strictObject({ name, runtime })

interface Switch {
  readonly summary: string
  readonly example: string
  readonly args: typeof named | typeof maskable
  isSet(state: ServiceState): boolean
  /** Why it can't be done, if it can't. */
  obstacle(name: string, state: ServiceState): string | undefined
  /** `already`, and what a dry and a real run say. */
  comments(name: string): { readonly already: string; readonly would: string; readonly done: string }
  changes(name: string): Readonly<Record<string, boolean>>
  apply(name: string, act: Changer, args: { readonly runtime?: boolean }): Promise<void>
}

function switchFunction(definition: Switch): StateFunction {
  return stateFunction({
    summary: definition.summary,
    args: definition.args as typeof named,
    examples: [definition.example],
    async check(given, look, run) {
      const { name: service } = given
      const state = await stateOf(service, look)
      if (!state.exists && !state.masked) return missingUnit(service, look, run)
      const { already, would, done } = definition.comments(service)
      if (definition.isSet(state)) return inSync(already)
      const obstacle = definition.obstacle(service, state)
      if (obstacle !== undefined) return failed(obstacle)
      return drift(definition.changes(service), { would, done }, async (act) => {
        if (await act.look.services.needsReload(service)) await act.services.daemonReload()
        await definition.apply(service, act, given as { readonly runtime?: boolean })
      })
    },
  })
}

const maskedObstacle = (service: string, state: ServiceState): string | undefined =>
  state.masked ? `The service ${service} is masked; unmask it first` : undefined

export const enabled = switchFunction({
  summary: 'Makes sure that a service starts with the machine; it is not started now.',
  example: 'cron:\n  service.enabled: []\n',
  args: named,
  isSet: (state) => state.enabled || state.enablement === 'static',
  obstacle: maskedObstacle,
  comments: (service) => ({
    already: `Service ${service} is already enabled, and is in the desired state`,
    would: `Service ${service} is set to be enabled`,
    done: `Service ${service} has been enabled, and is in the desired state`,
  }),
  changes: (service) => ({ [service]: true }),
  apply: (service, act) => act.services.enable(service),
})

export const disabled = switchFunction({
  summary: 'Makes sure that a service does not start with the machine; it is not stopped now.',
  example: 'bluetooth:\n  service.disabled: []\n',
  args: named,
  isSet: (state) => !state.enabled,
  obstacle: () => undefined,
  comments: (service) => ({
    already: `Service ${service} is already disabled, and is in the desired state`,
    would: `Service ${service} is set to be disabled`,
    done: `Service ${service} has been disabled, and is in the desired state`,
  }),
  changes: (service) => ({ [service]: true }),
  apply: (service, act) => act.services.disable(service),
})

export const masked = switchFunction({
  summary: 'Makes sure that nothing can start a service, not even by hand.',
  example: 'apt-daily:\n  service.masked: []\n',
  args: maskable,
  isSet: (state) => state.masked,
  obstacle: () => undefined,
  comments: (service) => ({
    already: `Service ${service} is already masked`,
    would: `Service ${service} would be masked`,
    done: `Service ${service} was masked`,
  }),
  changes: () => ({ masked: true }),
  apply: (service, act, { runtime }) => act.services.mask(service, runtime ? { runtime } : {}),
})

export const unmasked = switchFunction({
  summary: 'Makes sure that a service is not masked.',
  example: 'apt-daily:\n  service.unmasked: []\n',
  args: maskable,
  isSet: (state) => !state.masked,
  obstacle: () => undefined,
  comments: (service) => ({
    already: `Service ${service} is already unmasked`,
    would: `Service ${service} would be unmasked`,
    done: `Service ${service} was unmasked`,
  }),
  changes: () => ({ unmasked: true }),
  apply: (service, act, { runtime }) => act.services.unmask(service, runtime ? { runtime } : {}),
})
