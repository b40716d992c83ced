/** A file of a tree to data: its first line, or its ending, says through which renderers. */
import type { Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { markOpened } from './encrypted.ts'
import { type DataRenderer, findRenderer, type RenderContext, type Stage } from './renderers.ts'
import { TextSource } from './source-map.ts'

const ownDefault = 'handlebars|yaml'

export interface RenderRequest extends RenderContext {
  readonly text: string
  /** Pipeline of files whose first line names none and that do not end in .yaml. */
  readonly renderer: string
}

/** Names that Salt had before there were pipelines. */
const oldNames: ReadonlyMap<string, string> = new Map([
  ['yaml_jinja', 'jinja|yaml'],
  ['json_jinja', 'jinja|json'],
])

const firstLine = /^\uFEFF?#!([^\n\r]*)/

/** `#!a|b` of the first line; `#!/bin/sh` is none. What stands after a name are its arguments, which none needs here. */
export function pipelineOf(text: string, file: string, fallback: string): string[] {
  const first = firstLine.exec(text)?.[1]?.trim()
  const named = first !== undefined && first !== '' && !first.startsWith('/') ? first : undefined
  const pipeline = named ?? (/\.ya?ml$/.test(file) ? ownDefault : fallback)
  const written = oldNames.get(pipeline) ?? pipeline
  return written.split('|').map((part) => part.trim().split(/\s/)[0] ?? '')
}

/**
 * The data of a file, with the places of its values in the file as written; null where it is empty.
 * @throws TsaltError of the renderers
 */
export async function renderData(request: RenderRequest): Promise<Value> {
  let stage: Stage = { text: request.text, source: new TextSource(request.text, request.file) }
  const names = pipelineOf(request.text, request.file, request.renderer)
  let value: Value | undefined
  for (const name of names) {
    const renderer = findRenderer(name, stage)
    const wrongOrder = (reason: string): TsaltError =>
      new TsaltError(
        'language-renderer-order',
        { pipeline: names.join('|'), reason },
        { place: stage.source.placeOf(0) },
      )
    if (renderer.kind === 'value' && value !== undefined) {
      value = await renderer.change(value, request)
    } else if (value !== undefined) {
      throw wrongOrder(`"${name}" wants text, and what stands before it has made data already`)
    } else if (renderer.kind === 'data') {
      if (stage.opened !== true && stage.text !== request.text)
        request.host?.rendered?.(request.file, stage.text)
      value = await load(renderer, name, stage)
    } else {
      const before = stage
      stage = await renderer.render(stage, request)
      if (before.opened || (renderer.kind === 'value' && stage !== before)) stage = { ...stage, opened: true }
    }
  }
  if (value !== undefined) return value
  throw new TsaltError(
    'language-renderer-unknown',
    { renderer: names.join('|') },
    { place: stage.source.placeOf(0), hint: 'One renderer must make data: end the line with "|yaml".' },
  )
}

async function load(renderer: DataRenderer, name: string, stage: Stage): Promise<Value> {
  const whole = withoutFirstLine(stage, name)
  if (whole.text.trim() === '') return null
  const value = await renderer.load(whole)
  if (stage.opened) markOpened(value)
  return value
}

/** To the other renderers the first line is a comment. */
function withoutFirstLine(stage: Stage, name: string): Stage {
  if (name !== 'json' && name !== 'text') return stage
  const line = firstLine.exec(stage.text)?.[0]
  if (line === undefined) return stage
  const rest = stage.text.slice(line.length)
  // Blanks keep the offsets of what follows; of a text nothing is left.
  const text = name === 'json' ? ' '.repeat(line.length) + rest : rest.replace(/^\r?\n/, '')
  return { text, source: stage.source }
}
