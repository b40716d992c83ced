/** One minion's pillar: top, render, include, merge, with the place of every value and of those that lost. */
import { Merger, type MergeSettings } from '../data/merge.ts'
import { marksOf, setMarks } from '../data/provenance.ts'
import type { Dict } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { RenderHost } from '../render/host.ts'
import type { CompileSettings } from '../sls/compiled.ts'
import { orderEnvironments } from '../sls/environments.ts'
import { loadTop } from '../sls/load-top.ts'
import { expandSls, findSls } from '../sls/names.ts'
import type { TopEntry } from '../sls/top.ts'
import type { Tree } from '../sls/tree.ts'
import { RenderingCache } from './cache.ts'
import { type PillarLoading, type Plan, planSls } from './load.ts'
import { secretPaths } from './secrets.ts'

export interface PillarRequest {
  readonly tree: Tree
  readonly id: string
  readonly grains: Dict
  readonly opts: Dict
  readonly settings: CompileSettings & PillarSettings
  readonly environment?: string
  /** Kept between minions and runs: renderings by what they read. */
  readonly cache?: PillarCache
  /** Functions that templates may call on the machine that compiles; none without it. */
  readonly host?: RenderHost | undefined
}

export interface PillarSettings {
  readonly merging: 'smart' | 'recurse' | 'overwrite' | 'list' | 'none'
  readonly mergeLists: boolean
  readonly includesOverride: boolean
}

export interface CompiledPillar {
  /** With marks (shared/data/provenance.ts) on every container, losers of merges included. */
  readonly pillar: Dict
  readonly errors: readonly TsaltError[]
  /** `:`-separated paths of values that came from !secret or whose key looks like a secret's. */
  readonly secrets: readonly string[]
}

/** Renderings of pillar SLS by what they read (grains and file hashes). Bounded. */
export interface PillarCache {
  readonly hits: number
  readonly misses: number
}

/** @param limit most files, and most merged pillars, that are kept */
export function makePillarCache(limit: number): PillarCache {
  return new RenderingCache(limit)
}

/**
 * Minions for which the same files rendered to the same data share what is below the top: it is never to be changed.
 * @throws only what is not the user's mistake
 */
export async function compilePillar(request: PillarRequest): Promise<CompiledPillar> {
  const { tree, settings, id, grains, opts } = request
  const errors: TsaltError[] = []
  const cache = request.cache instanceof RenderingCache ? request.cache : new RenderingCache(unsharedLimit)
  const variables = { id, grains, opts, pillar: noPillar }
  const environment = request.environment ?? (settings.merging === 'none' ? 'base' : undefined)
  const environments = orderEnvironments(tree, settings)
  const matched = await loadTop({
    tree,
    environments,
    environment,
    settings,
    subject: { id, grains },
    variables,
    errors,
    host: request.host,
  })
  const loading = {
    tree,
    renderer: settings.renderer,
    includesOverride: settings.includesOverride,
    variables,
    cache,
    errors,
    host: request.host,
  }
  const parts: Plan[] = []
  const order = [...environments, ...matched.keys()]
  for (const [name, entries] of [...matched].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)))
    for (const entry of entries) parts.push(...(await planEntry(loading, name, entry)))
  const merge = { strategy: settings.merging, mergeLists: settings.mergeLists }
  const key = `${merge.strategy} ${merge.mergeLists} ${parts.map((part) => part.key).join(' ')}`
  const { pillar, secrets } = cache.merge(key, () => {
    const merged = mergePlans(parts, merge)
    return { pillar: merged, secrets: secretPaths(merged) }
  })
  // A mapping of its own for each minion, in case somebody adds to it; what is below is shared.
  const own: Dict = new Map(pillar)
  const marks = marksOf(pillar)
  if (marks !== undefined) setMarks(own, marks)
  return { pillar: own, errors, secrets }
}

/** Enough for one compilation without a shared cache. */
const unsharedLimit = 1_000
const noPillar: Dict = new Map()

async function planEntry(loading: PillarLoading, environment: string, entry: TopEntry): Promise<Plan[]> {
  const { tree, errors } = loading
  const plans: Plan[] = []
  const names = expandSls(tree, environment, entry.sls)
  for (const sls of names) {
    if (entry.ignoreMissing && findSls(tree, environment, sls) === undefined) continue
    const wanted = { environment, sls, place: entry.place, defaults: undefined, inside: [] }
    const plan = await planSls(loading, wanted)
    if (plan !== undefined) plans.push(plan)
  }
  if (names.length === 0 && !entry.ignoreMissing)
    errors.push(new TsaltError('pillar-sls-missing', { sls: entry.sls, environment }, { place: entry.place }))
  return plans
}

function mergePlans(parts: readonly Plan[], settings: MergeSettings): Dict {
  const merger = new Merger(settings)
  for (const { data, parts: inner } of parts)
    merger.add(inner === undefined ? (data ?? new Map()) : mergePlans(inner, settings))
  return merger.finish()
}
