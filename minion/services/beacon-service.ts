/** The beacons as functions and states see them, and the daemon's own, put together. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { optionWithPlaces } from '../../shared/config/option-with-places.ts'
import { type Dict, isDict, type Plain, toValue } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import { functionsOf } from '../../shared/several-functions.ts'
import { Beacons } from '../beacons/beacons.ts'
import type { Surroundings } from '../beacons/contract.ts'
import type { FindProgram } from '../beacons/entry.ts'
import { beaconKinds } from '../beacons/registry.ts'
import type { Tell } from '../beacons/running-beacon.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { BeaconService } from '../modules/contract.ts'
import type { MinionWorld } from './minion-world.ts'
import { programsFolder } from './tree-programs.ts'

type Folders = Pick<MinionOptions, 'state_dir'>

const beaconsFile = ({ state_dir }: Folders): string => join(state_dir, 'beacons.json')
const configuredOf = ({ beacons }: Pick<MinionOptions, 'beacons'>): Dict => toValue(beacons as Plain) as Dict

/** Names of programs `_beacons/NAME` that the tree brought. */
function programs({ state_dir }: Folders): string[] {
  try {
    return readdirSync(join(programsFolder(state_dir), 'beacons'))
  } catch {
    // The tree has none.
    return []
  }
}

const finder =
  (options: Folders): FindProgram =>
  (name) =>
    programs(options).includes(name) ? join(programsFolder(options.state_dir), 'beacons', name) : undefined

/** @param daemon absent: nothing watches, as in a single call */
export function beaconService(
  { options, beacons: daemon }: { readonly options: MinionOptions; readonly beacons?: Beacons },
  pillar: () => Dict,
): BeaconService {
  return {
    file: beaconsFile(options),
    given() {
      const found = pillar().get('beacons') ?? null
      return { pillar: isDict(found) ? found : new Map(), configuration: configuredOf(options) }
    },
    refresh: async (changedPrograms) => daemon?.refresh(changedPrograms),
    available: () => [...Object.keys(beaconKinds), ...programs(options)].sort(),
    async check(name, value) {
      const { readBeacon } = await import('../beacons/entry.ts')
      try {
        await readBeacon(name, value, finder(options))
        return undefined
      } catch (error) {
        return describeError(error)
      }
    },
    report: (name) => daemon?.report(name),
  }
}

export interface DaemonBeaconsParts {
  readonly options: MinionOptions
  readonly id: string
  /** The file of the configuration. */
  readonly file: string
  readonly clock: Clock
  readonly log: Logger
  world(): Pick<MinionWorld, 'pillar' | 'machine' | 'grains' | 'sync'>
  jobs(): Pick<JobRunner, 'running'>
  readonly tell: Tell
  isConnected(): boolean
}

export function daemonBeacons({
  options,
  id,
  file,
  clock,
  log,
  world,
  jobs,
  tell,
  isConnected,
}: DaemonBeaconsParts): Beacons {
  const surroundings = (): Omit<Surroundings, 'isHeld'> => {
    const { machine } = world()
    return {
      id,
      clock,
      log,
      services: machine.services.look,
      run: machine.query,
      grains: () => world().grains.current,
      pillar: () => world().pillar,
    }
  }
  return new Beacons({
    clock,
    log,
    configured: configuredOf(options),
    configuredWithPlaces() {
      const found = optionWithPlaces(file, 'beacons')
      return isDict(found) ? found : undefined
    },
    file: beaconsFile(options),
    pillar: () => world().pillar,
    findProgram: finder(options),
    fetchPrograms: async () => (isConnected() ? world().sync() : undefined),
    surroundings,
    inStateRun: () =>
      jobs()
        .running()
        .some(({ fun }) => functionsOf(fun).some((name) => name.startsWith('state.'))),
    tell,
  })
}
