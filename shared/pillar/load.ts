/** Renders the pillar files of one minion with what they include, as a plan of what is merged with what. */
import { nest } from '../data/merge.ts'
import type { Place } from '../data/place.ts'
import { type Dict, isDict, isList, type Value } from '../data/value.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import type { RenderHost } from '../render/host.ts'
import { Reads } from '../render/reads.ts'
import { dumpJson } from '../render/yaml-dump.ts'
import { absoluteSls, expandSls, findSls, missingSls } from '../sls/names.ts'
import { renderSls } from '../sls/render-sls.ts'
import type { Tree } from '../sls/tree.ts'
import type { Kept, RenderedFile, RenderingCache, Variables } from './cache.ts'
import { type PillarInclude, readPillarIncludes } from './include.ts'

/** What one file gives, or several after another. */
export interface Plan {
  /** Stands for the plan in the keys of the cache. */
  readonly key: string
  /** Absent for a plan of others. */
  readonly data?: Dict
  readonly parts?: readonly Plan[]
}

export interface PillarLoading {
  readonly tree: Tree
  readonly renderer: string
  readonly includesOverride: boolean
  /** id, grains, opts and an empty pillar. */
  readonly variables: Variables
  readonly cache: RenderingCache
  readonly errors: TsaltError[]
  readonly host?: RenderHost | undefined
}

interface Wanted {
  readonly environment: string
  readonly sls: string
  readonly place: Place | undefined
  readonly defaults: Dict | undefined
  /** Files that are being read, so that an include of itself ends. */
  readonly inside: readonly string[]
}

/** @returns undefined where the file is missing or cannot be rendered; `errors` has it */
export async function planSls(loading: PillarLoading, wanted: Wanted): Promise<Plan | undefined> {
  const { tree, errors, includesOverride } = loading
  const { environment, sls, place } = wanted
  const inside = `${environment}:${sls}`
  if (wanted.inside.includes(inside)) return undefined
  try {
    const file = findSls(tree, environment, sls, place)
    const rendered = file === undefined ? undefined : await renderFile(loading, wanted, file)
    if (file === undefined || rendered === undefined) {
      errors.push(missingPillar(tree, environment, sls, place))
      return undefined
    }
    errors.push(...rendered.file.errors)
    const own: Plan = { key: String(rendered.number), data: rendered.file.data }
    if (rendered.file.includes.length === 0) return own
    const included: Plan[] = []
    for (const include of rendered.file.includes) {
      const from = { ...wanted, inside: [...wanted.inside, inside] }
      included.push(...(await planInclude(loading, include, from, file)))
    }
    const parts = includesOverride ? [own, ...included] : [...included, own]
    return { key: `(${parts.map(({ key }) => key).join(' ')})`, parts }
  } catch (error) {
    if (!isTsaltError(error)) throw error
    errors.push(error)
    return undefined
  }
}

async function planInclude(
  loading: PillarLoading,
  include: PillarInclude,
  from: Wanted,
  file: string,
): Promise<Plan[]> {
  const { tree, errors } = loading
  const name = absoluteSls(include.written, from.sls, file)
  if (name === undefined) {
    const reason = `"${include.written}" leads above the root of the tree`
    errors.push(new TsaltError('pillar-include-invalid', { sls: from.sls, reason }, { place: include.place }))
    return []
  }
  const plans: Plan[] = []
  for (const sls of expandSls(tree, from.environment, name)) {
    const wanted = { ...from, sls, place: include.place, defaults: include.defaults }
    const plan = await planSls(loading, wanted)
    if (plan !== undefined) plans.push(include.key === undefined ? plan : nestPlan(plan, include.key))
  }
  return plans
}

/** The plan's data below a path. */
function nestPlan(plan: Plan, path: string): Plan {
  const key = `${path}=${plan.key}`
  if (plan.parts !== undefined) return { key, parts: plan.parts.map((part) => nestPlan(part, path)) }
  const data = plan.data === undefined ? undefined : nest(path.split(':'), plan.data, plan.data)
  return isDict(data) ? { key, data } : { key }
}

async function renderFile(
  loading: PillarLoading,
  { environment, sls, defaults }: Wanted,
  file: string,
): Promise<Kept | undefined> {
  const { tree, renderer, cache } = loading
  const content = await tree.read(environment, file)
  if (content === undefined) return undefined
  const given = defaults === undefined ? '' : dumpJson(defaults)
  const key = [environment, sls, file, content.sha256, renderer, given].join('\0')
  const known = cache.find(key, loading.variables)
  if (known !== undefined && (await partialsUnchanged(tree, environment, known.file))) return known
  const reads = new Reads()
  const partials: RenderedFile['partials'][number][] = []
  const variables = {
    ...loading.variables,
    ...Object.fromEntries([...(defaults ?? [])].map(([name, value]) => [String(name), value])),
  }
  const value = await renderSls({
    tree,
    environment,
    sls,
    file,
    text: content.text,
    renderer,
    variables,
    reads,
    host: loading.host,
    onFile: (path, sha256) => partials.push({ path, sha256 }),
  })
  return cache.keep(key, reads, loading.variables, { ...readFile(value, sls, file), partials })
}

async function partialsUnchanged(tree: Tree, environment: string, known: RenderedFile): Promise<boolean> {
  for (const { path, sha256 } of known.partials)
    if ((await tree.read(environment, path))?.sha256 !== sha256) return false
  return true
}

function readFile(value: Value, sls: string, file: string): Omit<RenderedFile, 'partials'> {
  const errors: TsaltError[] = []
  if (value === null) return { data: new Map(), includes: [], errors }
  if (!isDict(value)) {
    const reason = `it renders to a ${isList(value) ? 'list' : 'single value'}, not to a mapping`
    errors.push(
      new TsaltError('pillar-sls-invalid', { sls, reason }, { place: { file, line: 1, column: 1 } }),
    )
    return { data: new Map(), includes: [], errors }
  }
  const includes = readPillarIncludes(value, sls, errors)
  // The include itself is no data; the rest keeps its marks, which go by key.
  value.delete('include')
  return { data: value, includes, errors }
}

function missingPillar(tree: Tree, environment: string, sls: string, place: Place | undefined): TsaltError {
  const { hint } = missingSls(tree, environment, sls)
  const near = hint?.startsWith('Did you mean') ? { hint } : {}
  return new TsaltError('pillar-sls-missing', { sls, environment }, { place, ...near })
}
