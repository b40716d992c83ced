/** Renders the SLS of a run with all that they include, included ones first, each once. */

import type { Place } from '../data/place.ts'
import type { Value } from '../data/value.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import type { RenderHost } from '../render/host.ts'
import { compileGlob } from '../targeting/glob.ts'
import { type Declaration, type IncludeEntry, readDocument, type SlsDocument } from './document.ts'
import { absoluteSls, expandSls, findSls, missingSls, slsNames } from './names.ts'
import { renderSls } from './render-sls.ts'
import type { Tree } from './tree.ts'

export interface LoadRequest {
  readonly tree: Tree
  readonly environments: readonly string[]
  readonly renderer: string
  /** id, pillar, grains, opts. */
  readonly variables: Readonly<Record<string, Value>>
  readonly host?: RenderHost | undefined
}

/** Salt's first automatic order number. */
const firstOrder = 10_000

export class Loader {
  /** In the order in which their states are numbered: what is included comes before. */
  readonly documents: SlsDocument[] = []
  readonly errors: TsaltError[] = []
  private readonly request: LoadRequest
  private readonly known = new Set<string>()
  /** `environment:sls` → what it includes, for requisites on an SLS that only includes others. */
  readonly included = new Map<string, string[]>()
  private nextOrder = firstOrder

  /** `environment:sls` in the order in which their rendering began: what includes comes before what is included. */
  get started(): readonly string[] {
    return [...this.known]
  }

  constructor(request: LoadRequest) {
    this.request = request
  }

  /** @param sls a name or a glob */
  async load(environment: string, sls: string, place: Place | undefined): Promise<void> {
    const names = expandSls(this.request.tree, environment, sls)
    for (const name of names) await this.loadOne(environment, name, place)
    if (names.length === 0) this.errors.push(missingSls(this.request.tree, environment, sls, place))
  }

  private async loadOne(environment: string, sls: string, place: Place | undefined): Promise<void> {
    const key = `${environment}:${sls}`
    if (this.known.has(key)) return
    this.known.add(key)
    try {
      const file = findSls(this.request.tree, environment, sls, place)
      const content = file === undefined ? undefined : await this.request.tree.read(environment, file)
      if (file === undefined || content === undefined) {
        this.errors.push(missingSls(this.request.tree, environment, sls, place))
        return
      }
      const { tree, renderer, variables, host } = this.request
      const value = await renderSls({
        tree,
        environment,
        sls,
        file,
        text: content.text,
        renderer,
        variables,
        host,
      })
      const document = readDocument(value, { sls, environment, file, errors: this.errors })
      for (const entry of document.includes) await this.include(entry, document)
      this.documents.push(this.number(document))
    } catch (error) {
      if (!isTsaltError(error)) throw error
      this.errors.push(error)
    }
  }

  private async include(entry: IncludeEntry, document: SlsDocument): Promise<void> {
    const wanted = absoluteSls(entry.written, document.sls, document.file)
    if (wanted === undefined) {
      const reason = `"${entry.written}" leads above the root of the tree`
      this.errors.push(
        new TsaltError('include-invalid', { sls: document.sls, reason }, { place: entry.place }),
      )
      return
    }
    const environment = this.environmentOf(entry, wanted, document)
    const key = `${document.environment}:${document.sls}`
    const inside = this.included.get(key) ?? []
    this.included.set(key, inside)
    for (const name of expandSls(this.request.tree, environment, wanted)) {
      // A glob may match the SLS itself.
      if (name === document.sls && environment === document.environment) continue
      inside.push(`${environment}:${name}`)
      await this.loadOne(environment, name, entry.place)
    }
    if (expandSls(this.request.tree, environment, wanted).length === 0)
      this.errors.push(missingSls(this.request.tree, environment, wanted, entry.place))
  }

  /** The written one, else the includer's own, else the only one that has it. */
  private environmentOf(entry: IncludeEntry, wanted: string, document: SlsDocument): string {
    const own = document.environment
    if (entry.environment !== undefined) return entry.environment
    const { tree, environments } = this.request
    if (environments.length < 2 || findSls(tree, own, wanted, entry.place) !== undefined) return own
    const matches = compileGlob(wanted)
    if (slsNames(tree, own).some(matches)) return own
    const having = environments.filter((name) => slsNames(tree, name).some(matches))
    return having.length === 1 && having[0] !== undefined ? having[0] : own
  }

  private number(document: SlsDocument): SlsDocument {
    const declarations = document.declarations.map(
      (declaration): Declaration => ({
        ...declaration,
        calls: declaration.calls.map((call) =>
          call.args.some(({ name }) => name === 'order') ? call : { ...call, auto: this.nextOrder++ },
        ),
      }),
    )
    return { ...document, declarations }
  }
}
