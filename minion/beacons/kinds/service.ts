/** Beacon `service`: whether services run, at every look or when it changes. */
import { existsSync } from 'node:fs'
import type { Dict, Value } from '../../../shared/data/value.ts'
import type { BeaconKind, Sight, Surroundings, Watch } from '../contract.ts'
import type { Fields } from '../fields.ts'

interface Wanted {
  readonly name: string
  readonly onChangeOnly: boolean
  /** Milliseconds that a change has to last before it is told. */
  readonly delay: number
  readonly emitAtStartup: boolean
  /** Its pid file: it is left behind where the service did not end in order. */
  readonly pidFile: string | undefined
}

function wantedOf(services: Fields, name: string): Wanted {
  const given = services.inner(name)
  given.only(['onchangeonly', 'delay', 'emitatstartup', 'uncleanshutdown', 'oncleanshutdown'])
  const pidFile = given.has('uncleanshutdown') ? given.text('uncleanshutdown') : undefined
  return {
    name,
    onChangeOnly: given.flag('onchangeonly', false),
    delay: (given.number('delay') ?? 0) * 1000,
    emitAtStartup: given.flag('emitatstartup', true),
    pidFile,
  }
}

interface Known {
  running: boolean
  /** Monotonic: when it changed to what it is, and that is to be told. */
  since: number | undefined
}

function sightOf({ name, pidFile }: Wanted, running: boolean): Sight {
  const state: Dict = new Map<string, Value>([['running', running]])
  if (!running && pidFile !== undefined) state.set('uncleanshutdown', existsSync(pidFile))
  return {
    tag: name,
    data: new Map<string, Value>([
      ['service_name', name],
      [name, state],
    ]),
  }
}

export function serviceWatch(wanted: readonly Wanted[], { services, clock }: ServiceParts): Watch {
  const known = new Map<string, Known>()
  const names = wanted.map(({ name }) => name)

  /** Whether there is something to tell of one. */
  function tells({ name, onChangeOnly, delay, emitAtStartup }: Wanted, running: boolean): boolean {
    if (!onChangeOnly) return true
    const now = clock.monotonic()
    let one = known.get(name)
    if (one === undefined) {
      one = { running, since: emitAtStartup ? now : undefined }
      known.set(name, one)
    } else if (one.running !== running) {
      one.running = running
      one.since = now
    }
    if (one.since === undefined || now - one.since < delay) return false
    one.since = undefined
    return true
  }

  return {
    async look() {
      const states = await services.states(names, { fresh: true })
      return wanted.flatMap((one) => {
        const running = states.get(one.name)?.running === true
        return tells(one, running) ? [sightOf(one, running)] : []
      })
    },
  }
}
type ServiceParts = Pick<Surroundings, 'services' | 'clock'>

export const service: BeaconKind = {
  summary: 'Services that run, or do not.',
  interval: 5,
  read(fields) {
    fields.only(['services'])
    const services = fields.inner('services')
    if (services.names().length === 0)
      throw fields.mistake(
        '"services" is missing',
        undefined,
        'As in: services: {nginx: {onchangeonly: True}}',
      )
    const wanted = services.names().map((name) => wantedOf(services, name))
    return (around) => serviceWatch(wanted, around)
  },
}
