/** Pillars as the gateway and the runners see them: each compiled for one minion, shown to no other. */
import type { Dict } from '../../shared/data/value.ts'
import type { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import type { Body } from '../../shared/protocol/registry.ts'

export interface ShownPillar {
  readonly pillar: Dict
  /** Whole, for the operator. */
  readonly errors: readonly TsaltError[]
  /** Secrets that grains could choose. */
  readonly warnings: readonly TsaltError[]
  /** Environment → SLS names, as the top files gave them. */
  readonly top: ReadonlyMap<string, readonly string[]>
  /** `:`-separated paths of secret values. */
  readonly secrets: readonly string[]
}

export interface PillarService {
  /** For the minion itself: errors masked, since they may quote what it must not see. */
  forMinion(id: MinionId, generation: number, environment: string | undefined): Promise<Body<'pillar'>>
  /** For an operator, with the errors whole. @throws TsaltError `minion-never-seen` */
  show(id: MinionId, environment?: string): Promise<ShownPillar>
  /** For what the master runs itself. @param id its own name there @param grains of its machine */
  forMaster(id: MinionId, grains: Dict, environment?: string): Promise<ShownPillar>
}
