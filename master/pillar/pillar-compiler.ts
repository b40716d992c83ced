/** Pillars from the folders in pillar_roots, compiled for one minion from the grains that it sent last. */
import type { Logger } from 'pino'
import { decodeValue, encodeValue } from '../../shared/data/codec.ts'
import type { Place } from '../../shared/data/place.ts'
import { placeOfValue } from '../../shared/data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import { compilePillar, makePillarCache, type PillarRequest } from '../../shared/pillar/compile.ts'
import type { PillarMachine } from '../../shared/pillar/machine.ts'
import type { Body } from '../../shared/protocol/registry.ts'
import type { RenderHost } from '../../shared/render/host.ts'
import type { FolderTree } from '../files/folder-tree.ts'
import type { MinionStore } from '../store/minions.ts'
import type { AcceptedMinion } from '../targeting/resolve.ts'
import { groupsOf } from './group-membership.ts'
import type { PillarService, ShownPillar } from './pillar-service.ts'

export interface PillarSetup {
  readonly tree: FolderTree
  readonly minions: Pick<MinionStore, 'grains'>
  /** The generation whose grains an operator means. */
  generationOf(id: MinionId): number
  readonly settings: PillarRequest['settings']
  /** Keys, programs and the network of this machine; absent: nothing but the folders. */
  readonly machine?: PillarMachine
  /** What templates of this minion's pillar may ask. */
  readonly hostFor?: (minion: AcceptedMinion) => RenderHost
  /** What templates see as `opts`; `id` comes on top. */
  readonly opts: Dict
  /** Shown in every pillar under "master" (pillar_opts). */
  readonly masterInPillar?: Dict
  readonly logger: Logger
}

const cachedRenderings = 2_000
const longestMessage = 1_000
const mostWarned = 1_000

export function openPillarService(setup: PillarSetup): PillarService {
  const cache = makePillarCache(cachedRenderings)
  const warned = new Set<string>()

  async function compile(
    id: MinionId,
    generation: number,
    environment?: string,
    own?: Dict,
  ): Promise<ShownPillar> {
    // Whatever the minion says of its id: it is the one of its certificate.
    const grains: Dict = new Map(own ?? (await grainsOf(setup, id, generation))).set('id', id)
    await setup.tree.refresh()
    const opts: Dict = new Map<string, Value>([...(setup.opts as Map<string, Value>), ['id', id]])
    const request: PillarRequest = {
      tree: setup.tree,
      id,
      grains,
      opts,
      settings: setup.settings,
      machine: setup.machine,
      host: setup.hostFor?.({ id, generation }),
      cache,
      ...(environment === undefined ? {} : { environment }),
    }
    const compiled = await compilePillar(request)
    for (const warning of compiled.warnings) warnOnce(setup.logger, id, warning, warned)
    const { masterInPillar } = setup
    if (masterInPillar === undefined) return compiled
    // A copy on top would lose the marks of where the values came from.
    compiled.pillar.set('master', masterInPillar)
    return compiled
  }

  return {
    show: (id, environment) => compile(id, setup.generationOf(id), environment),
    forMaster: (id, grains, environment) => compile(id, Number.MAX_SAFE_INTEGER, environment, grains),
    async forMinion(id, generation, environment) {
      const { pillar, errors, secrets } = await compile(id, generation, environment)
      for (const error of errors) report(setup.logger, id, error)
      return {
        pillar: encodeValue(pillar),
        errors: [...new Set(errors.map((error) => mask(error, id)))],
        secrets: [...secrets],
        places: placesOf(pillar),
        groups: groupsOf(setup.settings.nodegroups, {
          id,
          grains: await grainsOf(setup, id, generation),
          pillar,
        }),
      }
    },
  }
}

/** @throws TsaltError `minion-never-seen` */
async function grainsOf({ minions }: PillarSetup, id: MinionId, generation: number): Promise<Dict> {
  const json = await minions.grains(id, generation)
  const grains = json === undefined ? undefined : decodeValue(json)
  if (!isDict(grains)) throw new TsaltError('minion-never-seen', { id })
  return grains
}

/** Once for each file and grain, whichever minion it was. */
function warnOnce(logger: Logger, id: MinionId, warning: TsaltError, warned: Set<string>): void {
  if (warned.has(warning.message) || warned.size > mostWarned) return
  warned.add(warning.message)
  logger.warn({ id, code: warning.code, hint: warning.hint }, warning.message)
}

/** Without the source line, which may hold a secret. */
function report(logger: Logger, id: MinionId, error: TsaltError): void {
  const { code, place, parameters } = error
  const { source, sls } = parameters
  const where = { file: place?.file, line: place?.line, source, sls }
  logger.warn({ id, code, ...where }, 'a pillar could not be compiled')
}

/** What the minion may know: which SLS or source, and who can find out more. */
function mask(error: unknown, id: MinionId): string {
  const what = isTsaltError(error) ? maskedReason(error) : 'The pillar could not be compiled.'
  return `${what} The operator finds the details with: tsalt-run pillar.show_pillar ${id}`.slice(
    0,
    longestMessage,
  )
}

function maskedReason({ code, parameters, place }: TsaltError): string {
  if (code === 'pillar-source-failed') return `The pillar source ${parameters.source} failed.`
  if (code === 'pillar-secret-chosen-by-grain') return `Pillar SLS '${parameters.sls}' is withheld.`
  return place === undefined ? 'The pillar could not be compiled.' : failedSls(place)
}

function failedSls({ file }: Place): string {
  const sls = file
    .replace(/\.(?:sls|yaml|yml)$/, '')
    .replace(/\/init$/, '')
    .replaceAll('/', '.')
  return `Rendering pillar SLS '${sls}' failed.`
}

/** File, line and column of every leaf, by its `:`-separated path. */
export function placesOf(pillar: Dict): Body<'pillar'>['places'] {
  const places: Body<'pillar'>['places'] = Object.create(null)
  const walk = (container: Value, path: string): void => {
    const items = isDict(container) ? container.entries() : isList(container) ? container.entries() : []
    for (const [key, item] of items) {
      const at = path === '' ? String(key) : `${path}:${String(key)}`
      const isBranch = (isDict(item) && item.size > 0) || (isList(item) && item.length > 0)
      if (isBranch) walk(item, at)
      else {
        const place = placeOfValue(container, key)
        if (place !== undefined) places[at] = [place.file, place.line, place.column]
      }
    }
  }
  walk(pillar, '')
  return places
}
