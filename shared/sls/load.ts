/** Renders the SLS of a run with all that they include, included ones first, each once. */

import type { Place } from '../data/place.ts'
import type { Value } from '../data/value.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import type { RenderHost } from '../render/host.ts'
import { isGlob } from '../targeting/glob.ts'
import { type Call, named } from './call.ts'
import { type IncludeEntry, readDocument, type SlsDocument } from './document.ts'
import { mostSuggested } from './keywords.ts'
import { absoluteSls, expandSls, findSls, missingSls, plainSls, saltName } from './names.ts'
import { renderSls } from './render-sls.ts'
import type { Tree } from './tree.ts'

export interface LoadRequest {
  readonly tree: Tree
  readonly environments: readonly string[]
  readonly renderer: string
  /** id, pillar, grains, opts. */
  readonly variables: Readonly<Record<string, Value>>
  readonly host?: RenderHost | undefined
  /** Environments that the top file, or the request, gives anything of. */
  readonly matched: readonly string[]
  readonly autoOrder: boolean | undefined
  readonly saltOrder: boolean | undefined
}

/** Salt's first automatic order number. */
const firstOrder = 10_000

export class Loader {
  /** In the order in which Salt joins them: what includes comes before what is included, though its numbers are higher. */
  readonly documents: SlsDocument[] = []
  readonly errors: TsaltError[] = []
  private readonly request: LoadRequest
  private readonly known = new Set<string>()
  /** `environment:sls` → what it includes, for requisites on an SLS that only includes others. */
  readonly included = new Map<string, string[]>()
  private nextOrder = firstOrder
  private missed = 0

  constructor(request: LoadRequest) {
    this.request = request
  }

  /** @param sls a name or a glob */
  async load(environment: string, sls: string, place: Place | undefined): Promise<void> {
    const names = expandSls(this.request.tree, environment, sls, place?.file)
    for (const name of names) await this.loadOne(environment, name, place)
    if (names.length === 0) this.missing(environment, sls, place)
  }

  /** @param called what its states say that they are of */
  private async loadOne(
    environment: string,
    sls: string,
    place: Place | undefined,
    called = sls,
  ): Promise<void> {
    const key = `${environment}:${sls}`
    if (this.known.has(key)) return
    this.known.add(key)
    try {
      const file = findSls(this.request.tree, environment, sls, place)
      const content = file === undefined ? undefined : await this.request.tree.read(environment, file)
      if (file === undefined || content === undefined) {
        this.missing(environment, sls, place)
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
      const document = readDocument(value, {
        sls: called,
        environment,
        file,
        errors: this.errors,
        saltOrder: this.request.saltOrder,
      })
      this.documents.push(document)
      for (const entry of document.includes) await this.include(entry, document)
      this.number(document)
    } catch (error) {
      if (!isTsaltError(error)) throw error
      this.errors.push(error)
    }
  }

  private async include(entry: IncludeEntry, document: SlsDocument): Promise<void> {
    const wanted = absoluteSls(entry.written, plainSls(document.sls), document.file)
    if (wanted === undefined) return this.refuse(entry, document, 'leads above the root of the tree')
    const environment = this.environmentOf(entry, wanted, document)
    if (environment === undefined) return
    const { tree } = this.request
    const key = `${document.environment}:${document.sls}`
    const inside = this.included.get(key) ?? []
    this.included.set(key, inside)
    const names = expandSls(tree, environment, wanted, document.file)
    for (const name of names) {
      // A glob may match the SLS itself.
      if (name === plainSls(document.sls) && environment === document.environment) continue
      const called = saltName(name, entry.written, document.sls)
      inside.push(`${environment}:${called}`)
      await this.loadOne(environment, name, entry.place, called)
    }
    if (names.length === 0) this.missing(environment, wanted, entry.place)
  }

  private missing(environment: string, sls: string, place: Place | undefined): void {
    this.missed += 1
    const suggest = this.missed <= mostSuggested
    this.errors.push(missingSls(this.request.tree, environment, sls, place, suggest))
  }

  /** The written one, else the includer's own; `_xenv`: the only one that has it, those of the run before others. */
  private environmentOf(entry: IncludeEntry, wanted: string, document: SlsDocument): string | undefined {
    const own = document.environment
    if (entry.environment === undefined) return own
    if (entry.environment !== '_xenv') return entry.environment
    const { tree, environments, matched } = this.request
    const having = (names: readonly string[]): readonly string[] =>
      names.filter((name) =>
        isGlob(wanted)
          ? expandSls(tree, name, wanted, document.file).length > 0
          : findSls(tree, name, wanted) !== undefined,
      )
    const ofRun = having(matched)
    const found = ofRun.length > 0 ? ofRun : having(environments)
    if (found.length < 2) return found[0] ?? own
    if (found.includes(own)) return own
    this.refuse(entry, document, `is in several environments: ${found.join(', ')}`)
    return undefined
  }

  private refuse({ written, place }: IncludeEntry, { sls }: SlsDocument, reason: string): void {
    this.errors.push(new TsaltError('include-invalid', { sls, reason: `"${written}" ${reason}` }, { place }))
  }

  private number({ declarations }: SlsDocument): void {
    if (this.request.autoOrder === false) return
    for (const { calls } of declarations)
      for (let index = 0; index < calls.length; index++) {
        const call = calls[index] as Call
        if (!named(call.args, 'order')) call.auto = this.nextOrder++
      }
  }
}
