/** Templates of managed files: text and variables in, text out. Errors name the template's file, line, column. */
import type { Value } from '../data/value.ts'

export interface TemplateRequest {
  /** `handlebars`; `jinja` comes with the next part of the language and is refused by name until then. */
  readonly engine: string
  readonly text: string
  /** For errors: `salt://redis/redis.conf`. */
  readonly name: string
  /** pillar, grains, opts, sls, slspath, tpldir, and the state's context and defaults on top. */
  readonly variables: Readonly<Record<string, Value>>
}

export async function renderTemplate(request: TemplateRequest): Promise<string> {
  throw new Error(`to be written by the language slice: ${request.name}`)
}
