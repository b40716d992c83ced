/** What an orchestration is asked with. */
import type { Dict } from '../../shared/data/value.ts'

export interface OrchestrationRequest {
  readonly mods: readonly string[]
  /** Environment of the SLS; `base` where absent. */
  readonly saltenv?: string | undefined
  readonly pillarenv?: string | undefined
  /** Wins over the master's own pillar. */
  readonly pillar?: Dict | undefined
  readonly test: boolean
  readonly exclude?: readonly string[] | undefined
  /** It is only looked at: states of minions, which it cannot run, are no mistake. */
  readonly amongStates?: boolean
}
