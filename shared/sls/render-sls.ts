/** Renders one file of a tree, with the variables that its place gives it and partials from the same tree. */
import type { Value } from '../data/value.ts'
import type { Ciphers } from '../render/ciphers.ts'
import type { RenderHost } from '../render/host.ts'
import { pathVariables } from '../render/path-variables.ts'
import { renderData } from '../render/pipeline.ts'
import type { Reads } from '../render/reads.ts'
import type { Tree } from './tree.ts'

export interface SlsRendering {
  readonly tree: Tree
  readonly environment: string
  readonly sls: string
  /** Path under the roots. */
  readonly file: string
  readonly text: string
  /** Pipeline of files that name none. */
  readonly renderer: string
  /** id, pillar, grains, opts, and what an include gives. */
  readonly variables: Readonly<Record<string, Value>>
  readonly reads?: Reads
  readonly host?: RenderHost | undefined
  /** Opens what is encrypted: for pillars. */
  readonly ciphers?: Ciphers | undefined
  /** Called with every partial that is read. */
  readonly onFile?: (file: string, sha256: string) => void
}

/** @throws TsaltError of the renderers */
export function renderSls(rendering: SlsRendering): Promise<Value> {
  const { environment, sls, file, text, renderer } = rendering
  return renderData({
    text,
    file,
    renderer,
    variables: { ...pathVariables(sls, file), saltenv: environment, ...rendering.variables },
    reads: rendering.reads,
    host: rendering.host,
    ciphers: rendering.ciphers,
    partial: partialsOf(rendering.tree, environment, file, rendering.onFile),
  })
}

/**
 * Partials by their path from the root, or `./name` beside the file that asks; `.hbs` may be left out.
 * @param file of the template that asks
 */
export function partialsOf(
  tree: Tree,
  environment: string,
  file: string,
  onFile?: (file: string, sha256: string) => void,
): (name: string) => Promise<{ text: string; file: string } | undefined> {
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/') + 1) : ''
  return async (name) => {
    const path = name.startsWith('./') ? folder + name.slice(2) : name
    if (path.split('/').includes('..')) return undefined
    for (const candidate of [path, `${path}.hbs`]) {
      const found = tree.has(environment, candidate) ? await tree.read(environment, candidate) : undefined
      if (found === undefined) continue
      onFile?.(candidate, found.sha256)
      return { text: found.text, file: candidate }
    }
    return undefined
  }
}
