/** A file of a tree to data: its first line, or its ending, says through which renderers. */
import type { Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { findRenderer, type RenderContext, type Stage } from './renderers.ts'
import { TextSource } from './source-map.ts'

const ownDefault = 'handlebars|yaml'

export interface RenderRequest extends RenderContext {
  readonly text: string
  /** Pipeline of files whose first line names none and that do not end in .yaml. */
  readonly renderer: string
}

/** `#!a|b` of the first line; `#!/bin/sh` is none. */
export function pipelineOf(text: string, file: string, fallback: string): string[] {
  const first = /^\uFEFF?#!([^\n\r]*)/.exec(text)?.[1]?.trim()
  const named = first !== undefined && first !== '' && !first.startsWith('/') ? first : undefined
  const pipeline = named ?? (/\.ya?ml$/.test(file) ? ownDefault : fallback)
  return pipeline.split('|').map((part) => part.trim().split(/\s/)[0] ?? '')
}

/**
 * The data of a file, with the places of its values in the file as written; null where it is empty.
 * @throws TsaltError of the renderers
 */
export async function renderData(request: RenderRequest): Promise<Value> {
  let stage: Stage = { text: request.text, source: new TextSource(request.text, request.file) }
  const names = pipelineOf(request.text, request.file, request.renderer)
  for (const name of names) {
    const renderer = findRenderer(name, stage)
    if (renderer.kind === 'data') return stage.text.trim() === '' ? null : renderer.load(stage)
    stage = await renderer.render(stage, request)
  }
  throw new TsaltError(
    'language-renderer-unknown',
    { renderer: names.join('|') },
    { place: stage.source.placeOf(0), hint: 'The last renderer must make data: end the line with "|yaml".' },
  )
}
