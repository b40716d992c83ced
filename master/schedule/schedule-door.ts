/** The schedule of the master as its runner sees it. */
import type { Dict } from '../../shared/data/value.ts'

export interface ScheduleDoor {
  /** All that is in force, name → entry; `enabled: false` where the whole is off. */
  entries(): Dict
  /** What operators keep, which lies over the configuration. */
  kept(): Dict
  configured(): Dict
  /** @param kept replaces what operators keep, durably, and is in force afterwards */
  keep(kept: Dict): Promise<void>
  /** Milliseconds since the epoch; undefined: not planned. */
  nextFireTime(name: string): number | undefined
  /** Now, beside its times. @returns false: there is no such entry */
  runNow(name: string): boolean
}
