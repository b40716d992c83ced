/** One configured beacon: what every beacon has, its kind, and how it begins to watch. */

import * as v from 'valibot'
import { nearest } from '../../shared/data/nearest.ts'
import type { Place } from '../../shared/data/place.ts'
import type { Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { beaconName } from '../../shared/protocol/messages/beacon-send.ts'
import type { Surroundings, Watch } from './contract.ts'
import { BeaconMistake, Fields } from './fields.ts'
import { beaconKinds } from './registry.ts'

export interface BeaconEntry {
  readonly name: string
  /** Of the registry, or a program of the tree. */
  readonly kind: string
  readonly enabled: boolean
  /** Milliseconds between two looks. */
  readonly interval: number
  readonly quietInStateRuns: boolean
  readonly runOnce: boolean
  readonly open: (around: Surroundings) => Watch
}

const common = new Set(['beacon_module', 'enabled', 'interval', 'disable_during_state_run', 'run_once'])
/** Seconds. */
const longest = 7 * 86_400

/** Where programs of the tree lie, by name; undefined: there is none. */
export type FindProgram = (name: string) => string | undefined

/**
 * @param place of the whole entry, for mistakes that are nowhere else
 * @throws TsaltError `beacon-invalid`, with the place where it is known
 */
export async function readBeacon(
  name: string,
  value: Value,
  findProgram: FindProgram,
  place?: Place | undefined,
): Promise<BeaconEntry> {
  try {
    return await read(name, value, findProgram, place)
  } catch (error) {
    if (!(error instanceof BeaconMistake)) throw error
    const { message, hint } = error
    throw new TsaltError('beacon-invalid', { name, reason: message }, { place: error.place ?? place, hint })
  }
}

async function read(
  name: string,
  value: Value,
  findProgram: FindProgram,
  place: Place | undefined,
): Promise<BeaconEntry> {
  if (!v.safeParse(beaconName, name).success)
    throw new BeaconMistake('the name of a beacon has no blanks and no "/", and at most 128 characters')
  const fields = Fields.of(value, place)
  const kind = fields.text('beacon_module') ?? name
  const seconds = fields.number('interval', { least: 0.1, most: longest })
  const own = fields.without(common)
  const entry = {
    name,
    kind,
    enabled: fields.flag('enabled', true),
    quietInStateRuns: fields.flag('disable_during_state_run', false),
    runOnce: fields.flag('run_once', false),
  }
  const load = Object.hasOwn(beaconKinds, kind) ? beaconKinds[kind] : undefined
  if (load) {
    const definition = await load()
    return { ...entry, interval: (seconds ?? definition.interval) * 1000, open: definition.read(own) }
  }
  const path = findProgram(kind)
  if (path === undefined) throw unknownKind(kind, fields)
  const { programInterval, programWatch } = await import('./kinds/program.ts')
  const open = programWatch({ name, path, file: `salt://_beacons/${kind}` }, value)
  return { ...entry, interval: (seconds ?? programInterval) * 1000, open }
}

function unknownKind(kind: string, fields: Fields): BeaconMistake {
  const known = Object.keys(beaconKinds)
  const near = nearest(kind, known)
  const hint =
    near === undefined
      ? `There are ${known.join(', ')}, and programs "_beacons/NAME" of the tree; beacon_module: names the kind of a further one.`
      : `Did you mean "${near}"?`
  return fields.mistake(
    `there is no kind of beacon "${kind}"`,
    fields.has('beacon_module') ? 'beacon_module' : undefined,
    hint,
  )
}
