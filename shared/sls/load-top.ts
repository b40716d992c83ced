/** Renders the top files of all environments with what they include, and finds what is meant for one minion. */
import type { Value } from '../data/value.ts'
import { isDict } from '../data/value.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import type { RenderHost } from '../render/host.ts'
import type { Reads } from '../render/reads.ts'
import type { CompileSettings } from './compiled.ts'
import { type IncludeEntry, readIncludes } from './document.ts'
import { absoluteSls, expandSls, findSls, missingSls } from './names.ts'
import { renderSls } from './render-sls.ts'
import { matchTop, mergeTops, readTop, type TopEntry, type TopFile, type TopTarget } from './top.ts'
import type { TopSubject } from './top-match.ts'
import type { Tree } from './tree.ts'

export interface TopRequest {
  readonly tree: Tree
  readonly environments: readonly string[]
  /** Only this one. */
  readonly environment: string | undefined
  readonly settings: CompileSettings
  readonly subject: TopSubject
  readonly variables: Readonly<Record<string, Value>>
  readonly errors: TsaltError[]
  readonly reads?: Reads
  readonly host?: RenderHost | undefined
}

export async function loadTop(request: TopRequest): Promise<Map<string, TopEntry[]>> {
  const { environments, environment, settings, subject, errors } = request
  const tops = new Map<string, TopFile>()
  const only = environment ?? settings.topEnvironment
  const names = only === undefined ? environments : [only]
  for (const name of names)
    tops.set(name, await loadTopFile(request, name, settings.stateTop.replace(/\.sls$/, '')))
  // With one environment asked for, its own top file speaks for it.
  const merged = environment === undefined ? mergeTops(tops, settings) : (tops.get(environment) ?? new Map())
  return matchTop(merged, { subject, environment, nodegroups: settings.nodegroups, errors })
}

async function loadTopFile(request: TopRequest, environment: string, first: string): Promise<TopFile> {
  const whole = new Map<string, Map<string, TopTarget>>()
  const pending = [first]
  const seen = new Set<string>()
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (seen.has(name)) continue
    seen.add(name)
    const { top, includes } = await renderTop(request, environment, name)
    pending.push(...includes)
    for (const [section, targets] of top)
      whole.set(section, new Map([...(whole.get(section) ?? []), ...targets]))
  }
  return whole
}

async function renderTop(
  request: TopRequest,
  environment: string,
  name: string,
): Promise<{ top: TopFile; includes: string[] }> {
  const nothing = { top: new Map(), includes: [] }
  const { tree, settings, variables, errors } = request
  try {
    const file = findSls(tree, environment, name)
    const content = file === undefined ? undefined : await tree.read(environment, file)
    // Of what is included it was looked up whether it is there; the first one may be missing.
    if (file === undefined || content === undefined) return nothing
    const rendering = {
      tree,
      environment,
      sls: name,
      file,
      text: content.text,
      renderer: settings.renderer,
      variables,
      host: request.host,
    }
    const value = await renderSls(request.reads ? { ...rendering, reads: request.reads } : rendering)
    const at = { sls: name, environment, file, errors }
    const entries = isDict(value) ? readIncludes(value, at) : []
    const includes = entries.flatMap((entry) => includedTops(request, entry, { environment, name, file }))
    return { top: readTop(value, environment, errors), includes }
  } catch (error) {
    if (!isTsaltError(error)) throw error
    errors.push(error)
    return nothing
  }
}

/** Names of further top files of the same environment; patterns may stand for none. */
function includedTops(
  { tree, errors }: TopRequest,
  { written, environment, place }: IncludeEntry,
  at: { readonly environment: string; readonly name: string; readonly file: string },
): readonly string[] {
  const wanted = absoluteSls(written, at.name, at.file)
  if (wanted === undefined || (environment !== undefined && environment !== at.environment)) {
    const reason = wanted === undefined ? 'leads above the root of the tree' : 'is in another environment'
    const invalid = { sls: at.name, reason: `"${written}" ${reason}` }
    errors.push(new TsaltError('include-invalid', invalid, { place }))
    return []
  }
  const found = expandSls(tree, at.environment, wanted, at.file)
  const missing = found.find((name) => name === wanted && findSls(tree, at.environment, name) === undefined)
  if (missing === undefined) return found
  errors.push(missingSls(tree, at.environment, missing, place))
  return []
}
