/** Where this minion's pillar comes from: compiled by the master for it, or from folders of this machine. */

import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { decodeValue } from '../../shared/data/codec.ts'
import type { Place } from '../../shared/data/place.ts'
import { setMarks } from '../../shared/data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import type { PillarMachine } from '../../shared/pillar/machine.ts'
import { withEngine } from '../../shared/render/host.ts'
import { FolderFiles } from '../files/folder-files.ts'
import type { MasterPort } from './master-port.ts'
import { pillarSettings } from './run-settings.ts'

export interface FetchedPillar {
  readonly pillar: Dict
  readonly errors: readonly string[]
  /** `:`-separated paths of values that are secret. */
  readonly secrets: readonly string[]
  /** Nodegroups of the master, each with this minion in it or empty. */
  readonly groups?: Dict
}

export interface PillarSource {
  /** @throws TsaltError where the master can't be reached */
  fetch(environment: string | undefined, grains: Dict): Promise<FetchedPillar>
}

/** @param id of this minion */
export function remotePillar(master: MasterPort, id: string): PillarSource {
  return {
    async fetch(environment) {
      const { body } = await master.request('pillar.get', environment === undefined ? {} : { environment })
      const pillar = decodeValue(body.pillar)
      if (!isDict(pillar)) return { pillar: new Map(), errors: ['The pillar is not a mapping.'], secrets: [] }
      mark(pillar, '', body.places)
      const groups: Dict = new Map(
        Object.entries(body.groups ?? {}).map(([name, isIn]) => [name, isIn ? [id] : []]),
      )
      return { pillar, errors: body.errors, secrets: body.secrets, groups }
    },
  }
}

type Places = Readonly<Record<string, readonly [file: string, line: number, column: number]>>

/** Lets errors name the pillar file and line of a value, without a copy of the places for each container. */
function mark(container: Dict | Value[], prefix: string, places: Places): void {
  const placeAt = (key: unknown): Place | undefined => {
    const found = places[`${prefix}${String(key)}`]
    return found && { file: found[0], line: found[1], column: found[2] }
  }
  setMarks(container, { keyAt: placeAt, valueAt: placeAt })
  for (const [key, value] of container.entries())
    if (isDict(value) || isList(value)) mark(value, `${prefix}${String(key)}:`, places)
}

export function localPillar(options: MinionOptions, id: string, opts: Dict): PillarSource {
  let machine: PillarMachine | undefined
  return {
    async fetch(environment, grains) {
      // A minion that has a master is smaller without all this.
      const { compilePillar } = await import('../../shared/pillar/compile.ts')
      const { configuredMachine, configuredSettings } = await import(
        '../../shared/pillar-machine/configured.ts'
      )
      const { masterFunctions } = await import('../../shared/pillar-machine/master-functions.ts')
      machine ??= configuredMachine(options)
      const compiled = await compilePillar({
        tree: new FolderFiles(options.pillar_roots),
        id,
        grains,
        opts,
        settings: pillarSettings(options, configuredSettings),
        machine,
        // Here nobody but this machine chooses the words.
        host: withEngine({ functions: masterFunctions(machine, ['*']) }, options.jinja_sls_env),
        ...(environment === undefined ? {} : { environment }),
      })
      const { pillar, errors, secrets } = compiled
      return { pillar, errors: errors.map(describeError), secrets }
    },
  }
}
