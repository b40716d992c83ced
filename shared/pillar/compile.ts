/** One minion's pillar: top, render, include, merge, with the place of every value and of those that lost. */
import { Merger, type MergeSettings, type MergeStrategy } from '../data/merge.ts'
import { nearest } from '../data/nearest.ts'
import { copyMarks } from '../data/provenance.ts'
import type { Dict, Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { RenderHost } from '../render/host.ts'
import { Reads } from '../render/reads.ts'
import type { CompileSettings } from '../sls/compiled.ts'
import { orderEnvironments } from '../sls/environments.ts'
import { loadTop } from '../sls/load-top.ts'
import { expandSls, findSls } from '../sls/names.ts'
import type { TopEntry } from '../sls/top.ts'
import type { Tree } from '../sls/tree.ts'
import { type MergedPillar, RenderingCache } from './cache.ts'
import { type DecryptSettings, decryptPillar } from './decrypt.ts'
import { askSources } from './ext-pillar.ts'
import { withoutGrainBlocks } from './grain-blocks.ts'
import { type BroughtFile, findGrainSecrets, type GrainSecretSettings } from './grain-secrets.ts'
import { grainsRead, type PillarLoading, type Plan, passing, planSls } from './load.ts'
import type { PillarMachine } from './machine.ts'
import { secretPaths } from './secrets.ts'
import { withTreeFunctions } from './tree-functions.ts'

export interface PillarRequest {
  readonly tree: Tree
  readonly id: string
  readonly grains: Dict
  readonly opts: Dict
  readonly settings: CompileSettings & PillarSettings
  readonly environment?: string
  /** Opens what is encrypted and asks the sources of ext_pillar. */
  readonly machine?: PillarMachine | undefined
  /** Kept between minions and runs: renderings by what they read. */
  readonly cache?: PillarCache
  /** Functions that templates may call on the machine that compiles; none without it. */
  readonly host?: RenderHost | undefined
}

export interface PillarSettings {
  readonly merging: MergeStrategy
  readonly mergeLists: boolean
  readonly includesOverride: boolean
  /** `ext_pillar` as configured, and what belongs to it. */
  readonly sources?: SourceSettings
  readonly decrypt?: DecryptSettings
  /** Absent: nobody asks who chose a secret. */
  readonly grainSecrets?: GrainSecretSettings
}

export interface SourceSettings {
  readonly configured: Value
  readonly excluded: readonly string[]
  /** Asked before the files are rendered, which see the answers as `pillar` and win over them. */
  readonly first: boolean
  /** Longest wait for one answer. */
  readonly seconds: number
}

export interface CompiledPillar {
  /** With marks (shared/data/provenance.ts) on every container, losers of merges included. */
  readonly pillar: Dict
  readonly errors: readonly TsaltError[]
  /** Environment → SLS names, as the top files gave them. */
  readonly top: ReadonlyMap<string, readonly string[]>
  /** Of who could choose secrets for itself. */
  readonly warnings: readonly TsaltError[]
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
export async function compilePillar(asked: PillarRequest): Promise<CompiledPillar> {
  const { machine: given, grains, settings } = asked
  const machine = given && { ...given, ciphers: withoutGrainBlocks(given.ciphers, grains) }
  const request = { ...asked, machine }
  const errors: TsaltError[] = []
  const warnings: TsaltError[] = []
  const cache = request.cache instanceof RenderingCache ? request.cache : new RenderingCache(unsharedLimit)
  const { sources } = settings
  const answers = sources === undefined ? [] : await ask(request, sources, errors, warnings)
  const merge = { strategy: strategyOf(settings), mergeLists: settings.mergeLists }
  const early = sources?.first === true ? mergeAll(answers, merge) : noPillar
  const { parts, top } = await planAll(request, early, { cache, errors, warnings })
  const key = `${merge.strategy} ${merge.mergeLists} ${parts.map((part) => part.key).join(' ')}`
  const make = (): MergedPillar => {
    const merged = mergePlans(parts, merge)
    return { pillar: merged, secrets: secretPaths(merged) }
  }
  const files = key.includes(passing) ? make() : cache.merge(key, make)
  const whole =
    answers.length === 0
      ? files.pillar
      : mergeAll(sources?.first === true ? [...answers, files.pillar] : [files.pillar, ...answers], merge)
  // A mapping of its own for each minion, in case somebody adds to it; what is below is shared.
  const pillar: Dict = new Map(whole)
  copyMarks(whole, pillar)
  if (settings.decrypt !== undefined) await decryptPillar(pillar, settings.decrypt, machine?.ciphers, errors)
  const changed = answers.length > 0 || settings.decrypt !== undefined
  return { pillar, errors, warnings, top, secrets: changed ? secretPaths(pillar) : files.secrets }
}

/** As in Salt `smart` goes by the option `renderer`, not by the first lines of files. */
function strategyOf({ merging, renderer }: PillarRequest['settings']): MergeStrategy {
  return merging === 'smart' && /(?:^|\|)\s*yamlex\s*$/.test(renderer) ? 'aggregate' : merging
}

/** Enough for one compilation without a shared cache. */
const unsharedLimit = 1_000
const noPillar: Dict = new Map()

function ask(
  request: PillarRequest,
  sources: SourceSettings,
  errors: TsaltError[],
  warnings: TsaltError[],
): Promise<Dict[]> {
  const { id, grains, machine, settings } = request
  return askSources({
    ...sources,
    id,
    grains,
    machine,
    grainSecrets: settings.grainSecrets,
    errors,
    warnings,
  })
}

interface Findings {
  readonly cache: RenderingCache
  readonly errors: TsaltError[]
  readonly warnings: TsaltError[]
}

/** @param pillar what templates see under that name */
async function planAll(
  { tree, settings, id, grains, opts, machine, environment: wanted, ...request }: PillarRequest,
  pillar: Dict,
  { cache, errors, warnings }: Findings,
): Promise<{ parts: Plan[]; top: CompiledPillar['top'] }> {
  const variables = { id, grains, opts, pillar }
  const host = withTreeFunctions(request.host, tree)
  const environment = wanted ?? (settings.merging === 'none' ? 'base' : undefined)
  const environments = orderEnvironments(tree, settings)
  if (wanted !== undefined && environments.length > 0 && !environments.includes(wanted))
    errors.push(missingEnvironment(wanted, environments))
  const reads = new Reads()
  const subject = { id, grains }
  const matched = await loadTop({
    tree,
    environments,
    environment,
    settings,
    subject,
    variables,
    errors,
    host,
    reads,
  })
  const { renderer, includesOverride, grainSecrets, nodegroups } = settings
  const loading = { tree, renderer, includesOverride, variables, cache, errors, host, machine }
  const topReads = grainsRead(reads)
  const plans: Plan[] = []
  const order = [...environments, ...matched.keys()]
  const sorted = [...matched].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
  for (const [name, entries] of sorted)
    for (const entry of entries) {
      const files: BroughtFile[] = []
      const onFile: PillarLoading['onFile'] = (sls, file, way) => void files.push({ sls, file, way })
      const planned = await planEntry({ ...loading, onFile }, name, entry)
      if (grainSecrets !== undefined && grainSecrets.mode !== 'allow') {
        const found = findGrainSecrets({ entry, files, topReads, subject, nodegroups }, grainSecrets)
        const refused = grainSecrets.mode === 'refuse' && found.chosen.length > 0
        if (refused) errors.push(...found.chosen)
        else warnings.push(...found.chosen)
        warnings.push(...found.beside)
        if (refused) continue
      }
      plans.push(...planned)
    }
  const top = new Map(sorted.map(([name, entries]) => [name, entries.map(({ sls }) => sls)]))
  return { parts: plans, top }
}

/** Salt compiles an empty pillar, and every look-up in it fails in its own words. */
function missingEnvironment(environment: string, known: readonly string[]): TsaltError {
  const near = nearest(environment, known)
  return new TsaltError(
    'pillar-environment-missing',
    { environment, known: known.join(', ') },
    near === undefined ? {} : { hint: `Did you mean "${near}"?` },
  )
}

async function planEntry(loading: PillarLoading, environment: string, entry: TopEntry): Promise<Plan[]> {
  const { tree, errors } = loading
  const plans: Plan[] = []
  const names = expandSls(tree, environment, entry.sls, entry.place?.file)
  for (const sls of names) {
    if (entry.ignoreMissing && findSls(tree, environment, sls) === undefined) continue
    const wanted = {
      environment,
      sls,
      place: entry.place,
      defaults: undefined,
      inside: [],
      way: { named: [], read: [] },
    }
    const plan = await planSls(loading, wanted)
    if (plan !== undefined) plans.push(plan)
  }
  if (names.length === 0 && !entry.ignoreMissing)
    errors.push(new TsaltError('pillar-sls-missing', { sls: entry.sls, environment }, { place: entry.place }))
  return plans
}

function mergeAll(parts: readonly Dict[], settings: MergeSettings): Dict {
  const merger = new Merger(settings)
  for (const part of parts) merger.add(part)
  return merger.finish()
}

function mergePlans(parts: readonly Plan[], settings: MergeSettings): Dict {
  const merger = new Merger(settings)
  for (const { data, parts: inner } of parts)
    merger.add(inner === undefined ? (data ?? new Map()) : mergePlans(inner, settings))
  return merger.finish()
}
