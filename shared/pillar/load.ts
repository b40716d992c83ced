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
import type { Tree, TreeFileText } from '../sls/tree.ts'
import type { Kept, RenderedFile, RenderingCache, Variables } from './cache.ts'
import { isWrittenAt, type Way } from './grain-secrets.ts'
import { type PillarInclude, readPillarIncludes } from './include.ts'
import type { PillarMachine } from './machine.ts'
import { secretPaths } from './secrets.ts'

/** What one file gives, or several after another. */
export interface Plan {
  /** Stands for the plan in the keys of the cache. */
  readonly key: string
  /** Absent for a plan of others. */
  readonly data?: Dict
  readonly parts?: readonly Plan[]
}

/** Marks in a plan's key something that is not to be kept. */
export const passing = '!'

export interface PillarLoading {
  readonly tree: Tree
  readonly renderer: string
  readonly includesOverride: boolean
  /** id, grains, opts and an empty pillar. */
  readonly variables: Variables
  readonly cache: RenderingCache
  readonly errors: TsaltError[]
  readonly host?: RenderHost | undefined
  readonly machine?: PillarMachine | undefined
  /** Told of every file that becomes part of the plan. */
  readonly onFile?: (sls: string, file: RenderedFile, way: Way) => void
}

interface Wanted {
  readonly environment: string
  readonly sls: string
  readonly place: Place | undefined
  readonly defaults: Dict | undefined
  /** Files that are being read, so that an include of itself ends. */
  readonly inside: readonly string[]
  /** By which includes it is reached. */
  readonly way: Way
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
    loading.onFile?.(sls, rendered.file, wanted.way)
    const key = `${rendered.passing ? passing : ''}${rendered.number}`
    const own: Plan = { key, data: rendered.file.data }
    if (rendered.file.includes.length === 0) return own
    const included: Plan[] = []
    for (const include of rendered.file.includes) {
      const from = {
        ...wanted,
        inside: [...wanted.inside, inside],
        way: wayThrough(wanted.way, rendered.file, include),
      }
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

function wayThrough({ named, read }: Way, { grains }: RenderedFile, { written, place }: PillarInclude): Way {
  const naming = isWrittenAt(place, written) ? [] : grains
  return { named: [...named, ...naming], read: [...read, ...grains] }
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
  for (const sls of expandSls(tree, from.environment, name, file)) {
    const wanted = { ...from, sls, place: include.place, defaults: include.defaults }
    const plan = await planSls(loading, wanted)
    if (plan !== undefined) plans.push(include.key === undefined ? plan : nestPlan(plan, include.key))
  }
  return plans
}

/** The plan's data below a path. */
function nestPlan(plan: Plan, path: string): Plan {
  // Quoted: a template may have made the path of a grain.
  const key = `${JSON.stringify(path)}=${plan.key}`
  if (plan.parts !== undefined) return { key, parts: plan.parts.map((part) => nestPlan(part, path)) }
  const data = plan.data === undefined ? undefined : nest(path.split(':'), plan.data, plan.data)
  return isDict(data) ? { key, data } : { key }
}

interface Rendered extends Kept {
  readonly passing: boolean
}

async function renderFile(
  loading: PillarLoading,
  { environment, sls, defaults }: Wanted,
  file: string,
): Promise<Rendered | undefined> {
  const { tree, renderer, cache, machine, host } = loading
  const content = await tree.read(environment, file)
  if (content === undefined) return undefined
  const given = defaults === undefined ? '' : dumpJson(defaults)
  const key = [environment, sls, file, content.sha256, renderer, given].join('\0')
  const known = cache.find(key, loading.variables)
  if (known !== undefined && (await partialsUnchanged(tree, environment, known.file)))
    return { ...known, passing: false }
  const reads = new Reads()
  const watched = new WatchedTree(tree)
  const variables = {
    ...loading.variables,
    ...Object.fromEntries([...(defaults ?? [])].map(([name, value]) => [String(name), value])),
  }
  const value = await renderSls({
    tree: watched,
    environment,
    sls,
    file,
    text: content.text,
    renderer,
    variables,
    reads,
    host,
    ciphers: machine?.ciphers,
  })
  const rendered = { ...readFile(value, sls, file), ...watched.seen(), grains: grainsRead(reads) }
  const kept = cache.keep(key, reads, loading.variables, rendered)
  return { ...kept, passing: reads.machine }
}

/** Names; `*` stands for all. */
export function grainsRead(reads: Reads): string[] {
  const keys = reads.variables.get('grains')
  return keys === 'all' ? ['*'] : [...(keys ?? [])].map((key) => key.split(':')[0] ?? key)
}

/** The tree, and what was looked for in it. */
class WatchedTree implements Tree {
  readonly environments: readonly string[]
  readonly #tree: Tree
  readonly #seen = new Map<string, string | undefined>()

  constructor(tree: Tree) {
    this.environments = tree.environments
    this.#tree = tree
  }

  has(environment: string, path: string): boolean {
    const found = this.#tree.has(environment, path)
    if (!found) this.#seen.set(path, undefined)
    return found
  }

  list(environment: string): readonly string[] {
    return this.#tree.list(environment)
  }

  async read(environment: string, path: string): Promise<TreeFileText | undefined> {
    const found = await this.#tree.read(environment, path)
    this.#seen.set(path, found?.sha256)
    return found
  }

  seen(): Pick<RenderedFile, 'partials'> {
    return { partials: [...this.#seen].map(([path, sha256]) => ({ path, sha256 })) }
  }
}

async function partialsUnchanged(tree: Tree, environment: string, known: RenderedFile): Promise<boolean> {
  for (const { path, sha256 } of known.partials) {
    const now = tree.has(environment, path) ? (await tree.read(environment, path))?.sha256 : undefined
    if (now !== sha256) return false
  }
  return true
}

function readFile(
  value: Value,
  sls: string,
  file: string,
): Pick<RenderedFile, 'data' | 'includes' | 'errors' | 'secrets'> {
  const errors: TsaltError[] = []
  if (value === null) return { data: new Map(), includes: [], errors, secrets: [] }
  if (!isDict(value)) {
    const reason = `it renders to a ${isList(value) ? 'list' : 'single value'}, not to a mapping`
    errors.push(
      new TsaltError('pillar-sls-invalid', { sls, reason }, { place: { file, line: 1, column: 1 } }),
    )
    return { data: new Map(), includes: [], errors, secrets: [] }
  }
  const includes = readPillarIncludes(value, sls, errors)
  // The include itself is no data; the rest keeps its marks, which go by key.
  value.delete('include')
  return { data: value, includes, errors, secrets: secretPaths(value) }
}

function missingPillar(tree: Tree, environment: string, sls: string, place: Place | undefined): TsaltError {
  const { hint } = missingSls(tree, environment, sls)
  const near = hint?.startsWith('Did you mean') ? { hint } : {}
  return new TsaltError('pillar-sls-missing', { sls, environment }, { place, ...near })
}
