/** What functions and states keep of beacons on this machine: one file of JSON, laid over configuration and pillar. */
import { readFileSync } from 'node:fs'
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { readFlag } from '../../shared/schema/scalars.ts'

export interface KeptBeacons {
  /** The switch of all. */
  readonly enabled: boolean | undefined
  /** Name → configuration. */
  readonly entries: Dict
  /** Name → whether it is on: of those of pillar and configuration too. */
  readonly switches: ReadonlyMap<string, boolean>
}

export const nothingKept: KeptBeacons = { enabled: undefined, entries: new Map(), switches: new Map() }

/** @throws TsaltError `beacons-unreadable` */
export function parseBeacons(text: string, file: string): KeptBeacons {
  try {
    const value = decodeValue(JSON.parse(text === '' ? '{}' : text) as Json)
    const part = (name: string): Value => (isDict(value) ? (value.get(name) ?? new Map()) : null)
    const [entries, switches] = [part('entries'), part('switches')]
    if (isDict(value) && isDict(entries) && isDict(switches)) {
      const flags = [...switches].map(([name, on]) => [String(name), on !== false] as const)
      const enabled = value.get('enabled')
      return {
        enabled: typeof enabled === 'boolean' ? enabled : undefined,
        entries,
        switches: new Map(flags),
      }
    }
  } catch {
    // Said below.
  }
  throw new TsaltError('beacons-unreadable', { file })
}

export function formatBeacons({ enabled, entries, switches }: KeptBeacons): string {
  const whole: Dict = new Map<string, Value>([
    ...(enabled === undefined ? [] : ([['enabled', enabled]] as const)),
    ['entries', entries],
    ['switches', new Map(switches)],
  ])
  return `${JSON.stringify(encodeValue(whole), null, 2)}\n`
}

/** @throws TsaltError `beacons-unreadable` */
export function readBeaconsFile(file: string): KeptBeacons {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothingKept
    throw new TsaltError('beacons-unreadable', { file })
  }
  return parseBeacons(text, file)
}

export type BeaconSource = 'pillar' | 'configuration' | 'here'

export interface BeaconInForce {
  readonly value: Value
  readonly source: BeaconSource
  /** Off by a switch that is kept; a beacon may also be off by its own `enabled`. */
  readonly isOff: boolean
}

export interface AllBeacons {
  readonly enabled: boolean
  readonly beacons: ReadonlyMap<string, BeaconInForce>
}

/** Later ones over earlier ones; `enabled` beside the beacons is a switch for all. */
export function beaconsInForce(pillar: Dict, configuration: Dict, kept: KeptBeacons): AllBeacons {
  const beacons = new Map<string, BeaconInForce>()
  let enabled = true
  const layers = [
    ['pillar', pillar],
    ['configuration', configuration],
    ['here', kept.entries],
  ] as const
  for (const [source, layer] of layers)
    for (const [key, value] of layer) {
      const name = String(key)
      if (name === 'enabled' && !isDict(value)) enabled = readFlag(value) ?? enabled
      else beacons.set(name, { value, source, isOff: kept.switches.get(name) === false })
    }
  return { enabled: kept.enabled ?? enabled, beacons }
}
