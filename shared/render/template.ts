/** Templates of managed files: text and variables in, text out. Errors name the template's file, line, column. */
import { nearest } from '../data/nearest.ts'
import type { Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { RenderHost } from './host.ts'
import { templateVariables } from './path-variables.ts'
import { renderers } from './renderers.ts'
import { TextSource } from './source-map.ts'

export interface TemplateRequest {
  /** `handlebars` or `jinja`. */
  readonly engine: string
  readonly text: string
  /** For errors: `salt://redis/redis.conf`. */
  readonly name: string
  /** pillar, grains, opts, sls, slspath, tpldir, and the state's context and defaults on top. */
  readonly variables: Readonly<Record<string, Value>>
  /** A partial by its name, from the tree that the template comes from; undefined: none. */
  readonly partial?: (name: string) => Promise<{ text: string; file: string } | undefined>
  /** Functions of the machine that it may call; none without it. */
  readonly host?: RenderHost | undefined
}

/** @throws TsaltError `template-…`, `jinja-…` */
export async function renderTemplate(request: TemplateRequest): Promise<string> {
  const renderer = Object.hasOwn(renderers, request.engine) ? renderers[request.engine] : undefined
  if (renderer?.kind !== 'template') {
    const engines = Object.keys(renderers).filter((name) => renderers[name]?.kind === 'template')
    const near = nearest(request.engine, engines)
    throw new TsaltError(
      'template-engine-unknown',
      { engine: request.engine },
      near ? { hint: `Did you mean "${near}"?` } : {},
    )
  }
  const stage = { text: request.text, source: new TextSource(request.text, request.name) }
  const path = request.name.replace(/^salt:\/\//, '')
  const rendered = await renderer.render(stage, {
    file: request.name,
    variables: { ...templateVariables(path), ...request.variables },
    partial: request.partial,
    host: request.host,
    mapped: false,
  })
  return rendered.text
}
