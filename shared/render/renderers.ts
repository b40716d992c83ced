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
import { loadMappedJson } from './json.ts'
import type { Reads } from './reads.ts'
import { throughStage } from './through-stage.ts'
import { loadMappedYaml } from './yaml.ts'

/** A text on its way through a pipeline, with the way back to what the user wrote. */
export interface Stage {
  readonly text: string
  readonly source: SourceMap
  /** Something of it was encrypted. */
  readonly opened?: boolean
}

export interface RenderContext {
  /** For errors. */
  readonly file: string
  readonly variables: Readonly<Record<string, Value>>
  readonly reads?: Reads | undefined
  /** False: only the text is wanted, no places. */
  readonly mapped?: boolean
  readonly partial?: ((name: string) => Promise<{ text: string; file: string } | undefined>) | undefined
  /** Functions of the machine that templates may call; none without it. */
  readonly host?: RenderHost | undefined
  /** Opens what is encrypted; without it such a block is an error. */
  readonly ciphers?: Ciphers | undefined
}

export interface TemplateRenderer {
  readonly kind: 'template'
  render(stage: Stage, context: RenderContext): Promise<Stage>
}

export interface DataRenderer {
  readonly kind: 'data'
  load(stage: Stage): Value | Promise<Value>
}

/** Works on data that is there already, or on a text before it is read. */
export interface ValueRenderer {
  readonly kind: 'value'
  change(value: Value, context: RenderContext): Promise<Value>
  render(stage: Stage, context: RenderContext): Promise<Stage>
}

export type Renderer = TemplateRenderer | DataRenderer | ValueRenderer

/** Of the engines that have been loaded. */
const forgetters = new Set<(keep: number) => void>()

/** Drops compiled templates but for the newest `keep` of each engine; they can be compiled again. */
export function forgetCompiledTemplates(keep: number): void {
  for (const forget of forgetters) forget(keep)
}

const jinjaSyntax = /\{[{%#]|\r/

const jinja: TemplateRenderer = {
  kind: 'template',
  render: async (stage, context) => {
    // Text without Jinja's syntax is what Jinja would make of it.
    if (context.host?.engine === undefined && !jinjaSyntax.test(stage.text)) return stage
    const { renderJinja } = await import('./jinja/template.ts')
    const { forgetJinjaTemplates } = await import('./jinja/compile.ts')
    forgetters.add(forgetJinjaTemplates)
    return throughStage(stage, context.file, renderJinja, {
      text: stage.text,
      file: context.file,
      variables: context.variables,
      reads: context.reads,
      partial: context.partial,
      host: context.host,
      ...(context.mapped === undefined ? {} : { mapped: context.mapped }),
    })
  },
}

const handlebars: TemplateRenderer = {
  kind: 'template',
  render: async (stage, context) => {
    // Loaded when first needed: a daemon at rest does without.
    const { renderHandlebars, forgetTemplates } = await import('./handlebars/template.ts')
    forgetters.add(forgetTemplates)
    return throughStage(stage, context.file, renderHandlebars, {
      text: stage.text,
      file: context.file,
      variables: context.variables,
      ...(context.reads ? { reads: context.reads } : {}),
      ...(context.partial ? { partial: context.partial } : {}),
      host: context.host,
    })
  },
}

const yaml: DataRenderer = { kind: 'data', load: (stage) => loadMappedYaml(stage.text, stage.source) }

const yamlex: DataRenderer = {
  kind: 'data',
  load: async (stage) => (await import('./yamlex.ts')).loadYamlex(stage.text, stage.source),
}

const json: DataRenderer = { kind: 'data', load: (stage) => loadMappedJson(stage.text, stage.source) }

const toml: DataRenderer = {
  kind: 'data',
  load: async (stage) => (await import('./toml.ts')).loadToml(stage),
}

/** The text itself is the data. */
const text: DataRenderer = { kind: 'data', load: (stage) => stage.text }

export const renderers: Readonly<Record<string, Renderer>> = {
  jinja,
  handlebars,
  yaml,
  yamlex,
  json,
  toml,
  text,
  gpg: encrypted('gpg'),
  age: encrypted('age'),
}

const python = [
  'it runs Python, and there is none here',
  'Write it as a template ("#!jinja|yaml"), fetch the data with ext_pillar, or have a program write the file.',
] as const

/** Salt's renderers that are not here, with what to do instead. */
const refused: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ...Object.fromEntries(
    ['py', 'pyobjects', 'pydsl', 'cheetah', 'genshi', 'wempy'].map((name) => [name, python]),
  ),
  mako: ['Mako runs Python inside the file', python[1]],
  stateconf: [
    'it rewrites names of states',
    'Write "#!jinja|yaml", full names of states, and "require" where the order of the file mattered.',
  ],
  nacl: ['only gpg and age are', 'Encrypt the values with age ("#!jinja|yaml|age") or with gpg.'],
  pass: ['the store of pass is not read', 'Fetch it with ext_pillar: "- cmd_yaml: COMMAND".'],
  aws_kms: ['no service on the network is asked', 'Encrypt the values with age or gpg.'],
  json5: ['only JSON is', 'Write "#!yaml": YAML takes comments and unquoted keys.'],
  hjson: ['only JSON is', 'Write "#!yaml": YAML takes comments and unquoted keys.'],
  dson: ['only JSON is', 'Write "#!json".'],
  msgpack: ['files of a tree are text', 'Write "#!json".'],
}

/** @throws TsaltError `language-renderer-…` */
export function findRenderer(name: string, stage: Stage): Renderer {
  const renderer = Object.hasOwn(renderers, name) ? renderers[name] : undefined
  if (renderer !== undefined) return renderer
  const place = stage.source.placeOf(0)
  const [reason, hint] = (Object.hasOwn(refused, name) ? refused[name] : undefined) ?? []
  if (reason !== undefined && hint !== undefined)
    throw new TsaltError('language-renderer-unsupported', { renderer: name, reason }, { place, hint })
  const near = nearest(name, Object.keys(renderers))
  throw new TsaltError(
    'language-renderer-unknown',
    { renderer: name },
    { place, hint: near ? `Did you mean "${near}"?` : `There are: ${Object.keys(renderers).join(', ')}.` },
  )
}
