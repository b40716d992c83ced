/** Renders the top files of all environments with what they include, and finds what is meant for one minion. */
import type { Value } from '../data/value.ts'
import { isDict } from '../data/value.ts'
import { isTsaltError, type TsaltError } from '../errors/error.ts'
import type { RenderHost } from '../render/host.ts'
import type { Reads } from '../render/reads.ts'
import type { CompileSettings } from './compiled.ts'
import { readIncludes } from './document.ts'
import { absoluteSls, findSls, missingSls } from './names.ts'
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
  const names = environment === undefined ? environments : [environment]
  for (const name of names)
    tops.set(name, await loadTopFile(request, name, settings.stateTop.replace(/\.sls$/, '')))
  // With one environment asked for, its own top file speaks for it.
  const merged = environment === undefined ? mergeTops(tops, settings) : (tops.get(environment) ?? new Map())
  return matchTop(merged, subject, environment, errors)
}

async function loadTopFile(request: TopRequest, environment: string, first: string): Promise<TopFile> {
  const whole = new Map<string, Map<string, TopTarget>>()
  const pending = [first]
  const seen = new Set<string>()
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (seen.has(name)) continue
    seen.add(name)
    const { top, includes } = await renderTop(request, environment, name, name === first)
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
  optional: boolean,
): Promise<{ top: TopFile; includes: string[] }> {
  const nothing = { top: new Map(), includes: [] }
  const { tree, settings, variables, errors } = request
  try {
    const file = findSls(tree, environment, name)
    const content = file === undefined ? undefined : await tree.read(environment, file)
    if (file === undefined || content === undefined) {
      if (!optional) errors.push(missingSls(tree, environment, name))
      return nothing
    }
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
    const includes = entries.map(({ written }) => absoluteSls(written, name, file) ?? written)
    return { top: readTop(value, environment, errors), includes }
  } catch (error) {
    if (!isTsaltError(error)) throw error
    errors.push(error)
    return nothing
  }
}
