/** The minion that a check is made for: its grains, its pillar and its trees, from files and folders. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Merger } from '../../shared/data/merge.ts'
import { type Dict, isDict, type Value } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { compilePillar } from '../../shared/pillar/compile.ts'
import { renderData } from '../../shared/render/pipeline.ts'
import { loadYaml } from '../../shared/render/yaml.ts'
import type { CompileSettings } from '../../shared/sls/compiled.ts'
import { findSls } from '../../shared/sls/names.ts'
import { renderSls } from '../../shared/sls/render-sls.ts'
import { AssumedCalls } from './assumed-calls.ts'
import type { Findings } from './finding.ts'
import { LocalTree, type Roots } from './local-tree.ts'
import { notePillarTop } from './quirks.ts'

export const settings: CompileSettings = {
  stateTop: 'top.sls',
  topMerging: 'merge',
  environmentOrder: [],
  defaultTop: 'base',
  renderer: 'jinja|yaml',
}

/**
 * Data in YAML or JSON; also what `salt ID grains.items --out=json` prints, which has the ID around it.
 * @throws TsaltError `migrate-input-invalid`, or of YAML
 */
export function readDict(file: string, isWrapped: (key: string, inner: Dict) => boolean): Dict {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new TsaltError('migrate-input-invalid', { file, reason: (error as Error).message })
  }
  const value = loadYaml(text, file)
  if (value === null) return new Map()
  if (!isDict(value)) throw new TsaltError('migrate-input-invalid', { file, reason: 'it is not a mapping' })
  const [[key, inner] = []] = value
  return value.size === 1 && isDict(inner) && isWrapped(String(key), inner) ? inner : value
}

export interface PillarCheck {
  readonly pillar: Dict
  /** Pillar SLS, and how many of them can be rendered. */
  readonly files: number
  readonly rendered: number
}

/** Renders every pillar SLS, and compiles those that the top file gives the minion. */
export async function checkPillar(
  roots: Roots,
  { id, grains, settings: compiling }: { id: string; grains: Dict; settings: CompileSettings },
  found: Findings,
): Promise<PillarCheck> {
  const tree = new LocalTree(roots)
  found.locate = (file) =>
    tree.environments.map((name) => tree.where(name, file)).find((where) => where !== undefined) ?? file
  const opts: Dict = new Map<string, Value>([['id', id]])
  const host = { functions: new AssumedCalls([]) }
  let files = 0
  let rendered = 0
  for (const environment of tree.environments) {
    for (const sls of tree.slsNames(environment)) {
      files += 1
      try {
        const file = findSls(tree, environment, sls)
        const text = file === undefined ? undefined : (await tree.read(environment, file))?.text
        if (file === undefined || text === undefined) continue
        const value = await renderSls({
          ...{ tree, environment, sls, file, text, renderer: compiling.renderer, host },
          variables: { id, grains, opts, pillar: new Map() },
        })
        rendered += 1
        if (sls === 'top') notePillarTop(value, found)
      } catch (error) {
        const { code, message, place, hint } = isTsaltError(error) ? error : ownMistake(error, sls)
        found.add({ group: 'compile', subject: code, message, hint, place })
      }
    }
  }
  const merging = { merging: 'smart', mergeLists: false, includesOverride: false } as const
  const compiled = await compilePillar({
    tree,
    id,
    grains,
    opts,
    host,
    settings: { ...compiling, ...merging },
  })
  for (const { code, message, place, hint } of compiled.errors)
    if (code !== 'top-no-match') found.add({ group: 'compile', subject: code, message, hint, place })
  return { pillar: compiled.pillar, files, rendered }
}

/** A mistake of tsalt's own ends one file, not the report. */
function ownMistake(error: unknown, sls: string): TsaltError {
  return new TsaltError('migrate-own-mistake', { reason: `${String(error)} (pillar SLS ${sls})` })
}

/** The example pillars of formulas, merged: what their authors show them with. */
export async function examplePillar(files: readonly string[], grains: Dict): Promise<Dict> {
  const merger = new Merger({ strategy: 'recurse', mergeLists: false })
  for (const file of files) {
    try {
      const text = readFileSync(resolve(file), 'utf8')
      const variables = { grains, pillar: new Map(), opts: new Map() }
      const value = await renderData({ text, file, renderer: settings.renderer, variables })
      if (isDict(value)) merger.add(value)
    } catch (error) {
      // An example that cannot be rendered is documentation, and no part of the tree.
      if (!isTsaltError(error)) throw error
    }
  }
  return merger.finish()
}
