/** One minion's pillar: top, render, include, merge, with the place of every value and of those that lost. */
import type { Dict } from '../data/value.ts'
import type { TsaltError } from '../errors/error.ts'
import type { CompileSettings } from '../sls/compiled.ts'
import type { Tree } from '../sls/tree.ts'

export interface PillarRequest {
  readonly tree: Tree
  readonly id: string
  readonly grains: Dict
  readonly opts: Dict
  readonly settings: CompileSettings & PillarSettings
  readonly environment?: string
  /** Kept between minions and runs: renderings by what they read. */
  readonly cache?: PillarCache
}

export interface PillarSettings {
  readonly merging: 'smart' | 'recurse' | 'overwrite' | 'list' | 'none'
  readonly mergeLists: boolean
  readonly includesOverride: boolean
}

export interface CompiledPillar {
  /** With marks (shared/data/provenance.ts) on every container, losers of merges included. */
  readonly pillar: Dict
  readonly errors: readonly TsaltError[]
  /** `:`-separated paths of values that came from !secret or whose key looks like a secret's. */
  readonly secrets: readonly string[]
}

/** Renderings of pillar SLS by what they read (grains and file hashes). Bounded. */
export interface PillarCache {
  readonly hits: number
  readonly misses: number
}

export function makePillarCache(limit: number): PillarCache {
  throw new Error(`to be written by the language slice: ${limit}`)
}

export async function compilePillar(request: PillarRequest): Promise<CompiledPillar> {
  throw new Error(`to be written by the language slice: ${request.id}`)
}
