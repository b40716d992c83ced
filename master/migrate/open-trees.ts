/** The trees and the minion that a check or comparison is made for, from what the command line says. */
import type { Dict } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { CompileSettings } from '../../shared/sls/compiled.ts'
import { debianGrains } from './debian-grains.ts'
import type { Findings } from './finding.ts'
import { checkPillar, examplePillar, type PillarCheck, readDict, settings } from './inputs.ts'
import { findLayout, type Layout } from './layout.ts'
import { LocalTree, type Roots } from './local-tree.ts'
import { moreRoots } from './more-roots.ts'
import { readSaltConfig } from './salt-config.ts'

export interface TreeOptions {
  /** Files. */
  readonly grains?: string
  readonly pillar?: string
  readonly saltConfig?: string
  readonly id?: string
  /** Folders, or ENV=FOLDER. */
  readonly fileRoot?: readonly string[]
  readonly pillarRoot?: readonly string[]
}

export interface OpenTrees {
  readonly layout: Layout
  readonly tree: LocalTree
  readonly settings: CompileSettings
  readonly id: string
  readonly grains: Dict
  readonly pillar: PillarCheck
  /** `compiled`, `pillar.example`, `none`, or the file. */
  readonly pillarFrom: string
}

export const defaultId = 'minion.example.org'

/** @throws TsaltError `usage-wrong`, `migrate-…`, or of YAML */
export async function openTrees(
  folders: readonly string[],
  options: TreeOptions,
  found: Findings,
): Promise<OpenTrees> {
  const config = options.saltConfig === undefined ? undefined : readSaltConfig(options.saltConfig)
  const named = rootsOf(options.fileRoot) ?? config?.states
  if (folders.length === 0 && named === undefined)
    throw new TsaltError(
      'usage-wrong',
      { reason: 'no folder was named' },
      { hint: 'For example: tsalt migrate check /srv/salt /srv/pillar' },
    )
  const guessed = findLayout(folders)
  const layout = {
    states: named ?? (await widened(folders, guessed.states)),
    pillars: rootsOf(options.pillarRoot) ?? config?.pillars ?? guessed.pillars,
    examples: guessed.examples,
  }
  const given =
    options.grains === undefined ? undefined : readDict(options.grains, (_, inner) => inner.has('os'))
  const ownId = given?.get('id')
  const id = options.id ?? (typeof ownId === 'string' ? ownId : defaultId)
  const minion = { id, grains: given ?? debianGrains(id), settings: config?.settings ?? settings }
  const { pillar, pillarFrom } = await pillarOf(layout, options, minion, found)
  const tree = new LocalTree(layout.states, Object.values(layout.pillars).flat())
  return { layout, tree, ...minion, pillar, pillarFrom }
}

async function pillarOf(
  layout: Layout,
  { pillar: file }: TreeOptions,
  minion: Pick<OpenTrees, 'id' | 'grains' | 'settings'>,
  found: Findings,
): Promise<Pick<OpenTrees, 'pillar' | 'pillarFrom'>> {
  const nothing = { pillar: new Map(), files: 0, rendered: 0 }
  // What Salt prints has the id of the minion around it; salt-call writes `local`.
  const isMinion = (key: string): boolean => key === 'local' || key === minion.id
  const hasRoots = Object.keys(layout.pillars).length > 0
  const compiled = hasRoots ? await checkPillar(layout.pillars, minion, found) : nothing
  if (file !== undefined)
    return { pillar: { ...compiled, pillar: readDict(file, isMinion) }, pillarFrom: file }
  if (compiled.files > 0) return { pillar: compiled, pillarFrom: 'compiled' }
  if (layout.examples.length === 0) return { pillar: compiled, pillarFrom: 'none' }
  const pillar = await examplePillar(layout.examples, minion.grains)
  return { pillar: { ...compiled, pillar }, pillarFrom: 'pillar.example' }
}

async function widened(folders: readonly string[], states: Roots): Promise<Roots> {
  const { base } = states
  if (base === undefined || Object.keys(states).length > 1) return states
  return { base: [...base, ...(await moreRoots(folders, base))] }
}

function rootsOf(given: readonly string[] | undefined): Roots | undefined {
  if (given === undefined) return undefined
  const roots: Record<string, string[]> = {}
  for (const one of given) {
    const [, environment = 'base', folder = one] = /^(\w[\w-]*)=(.+)$/.exec(one) ?? []
    roots[environment] = [...(roots[environment] ?? []), folder]
  }
  return roots
}
