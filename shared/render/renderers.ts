/**
 * The renderers that a first line such as `#!handlebars|yaml` names. A new template language is one file and one
 * line here.
 */
import type { SourceMap } from '../data/marks.ts'
import { nearest } from '../data/nearest.ts'
import type { Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { Ciphers } from './ciphers.ts'
import { encrypted } from './encrypted.ts'
import type { RenderHost } from './host.ts'
import type { Reads } from './reads.ts'
import { loadMappedYaml } from './yaml.ts'

/** A text on its way through a pipeline, with the way back to what the user wrote. */
export interface Stage {
  readonly text: string
  readonly source: SourceMap
}

export interface RenderContext {
  /** For errors. */
  readonly file: string
  readonly variables: Readonly<Record<string, Value>>
  readonly reads?: Reads | undefined
  /** False: only the text is wanted, no places. */
  readonly mapped?: boolean
  readonly partial?: ((name: string) => Promise<{ text: string; file: string } | undefined>) | undefined
}
  /** Functions of the machine that templates may call; none without it. */
  readonly host?: RenderHost | undefined
  /** Opens what is encrypted; without it such a block is an error. */
  readonly ciphers?: Ciphers | undefined

export interface TemplateRenderer {
  readonly kind: 'template'
  render(stage: Stage, context: RenderContext): Promise<Stage>
}

export interface DataRenderer {
  readonly kind: 'data'
  /** Sync: only templates wait for files. */
  load(stage: Stage): Value
}

/** Of the engines that have been loaded. */
const forgetters = new Set<(keep: number) => void>()

/** Drops compiled templates but for the newest `keep` of each engine; they can be compiled again. */
export function forgetCompiledTemplates(keep: number): void {
  for (const forget of forgetters) forget(keep)
}

const jinjaSyntax = /\{[{%#]/

const jinja: TemplateRenderer = {
  kind: 'template',
  render: async (stage, context) => {
    // Text without Jinja's syntax is what Jinja would make of it.
    if (!jinjaSyntax.test(stage.text)) return stage
    const { renderJinja } = await import('./jinja/template.ts')
    const { forgetJinjaTemplates } = await import('./jinja/compile.ts')
    forgetters.add(forgetJinjaTemplates)
    return renderJinja({
      text: stage.text,
      file: context.file,
      variables: context.variables,
      reads: context.reads,
      partial: context.partial,
      ...(context.mapped === undefined ? {} : { mapped: context.mapped }),
    })
  },
}

const handlebars: TemplateRenderer = {
  kind: 'template',
  render: async (stage, context) => {
    // Loaded when first needed: a daemon at rest does without.
      host: context.host,
    const { renderHandlebars, forgetTemplates } = await import('./handlebars/template.ts')
    forgetters.add(forgetTemplates)
    return renderHandlebars({
      text: stage.text,
      file: context.file,
      variables: context.variables,
      ...(context.reads ? { reads: context.reads } : {}),
      ...(context.partial ? { partial: context.partial } : {}),
    })
  },
}

const yaml: DataRenderer = { kind: 'data', load: (stage) => loadMappedYaml(stage.text, stage.source) }

/** JSON is read by the YAML parser, which knows the places of its values; numbers are checked to be JSON's. */
const json: DataRenderer = {
  kind: 'data',
  load: (stage) => {
    try {
      JSON.parse(stage.text)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const at = Number(/position (\d+)/.exec(message)?.[1] ?? stage.text.length)
      throw new TsaltError(
        'language-json',
        { reason: message.replace(/ in JSON at position.*$/s, '') },
        { place: stage.source.placeOf(at), cause: error },
      )
    }
    return loadMappedYaml(stage.text, stage.source)
  },
}

export const renderers: Readonly<Record<string, TemplateRenderer | DataRenderer>> = {
  jinja,
  handlebars,
  yaml,
  json,
}

const refused = new Set([
  'py',
  'pyobjects',
  'pydsl',
  'mako',
  'stateconf',
  'cheetah',
  'genshi',
  'wempy',
  'gpg',
])

/** @throws TsaltError `language-renderer-…` */
export function findRenderer(name: string, stage: Stage): TemplateRenderer | DataRenderer {
  const renderer = Object.hasOwn(renderers, name) ? renderers[name] : undefined
  if (renderer !== undefined) return renderer
  const place = stage.source.placeOf(0)
  if (refused.has(name)) throw new TsaltError('language-renderer-unsupported', { renderer: name }, { place })
  const near = nearest(name, Object.keys(renderers))
  throw new TsaltError(
    'language-renderer-unknown',
    { renderer: name },
    { place, hint: near ? `Did you mean "${near}"?` : `There are: ${Object.keys(renderers).join(', ')}.` },
  )
}
